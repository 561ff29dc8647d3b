"""EinsumDense: a dense layer over any axes, written as an Einstein summation."""

import re

from kerasish import activations, constraints, initializers, ops, registry, regularizers
from kerasish.errors import ShapeError, explain
from kerasish.initializers import VarianceScaling
from kerasish.layers.core.low_rank import LowRankAdaptation, refuse_quantization
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import serialize_keras_object


@registry.register("layers")
class EinsumDense(LowRankAdaptation, Layer):
    """Dense layer by summation: output = activation(einsum(equation, inputs, kernel) + bias).

    Args:
        equation: str "ab,bc->ac", "...ab,bc->...ac" or "ab...,bc->ac...": axes of the inputs, of
            the kernel, and of the output.
        output_shape: int or tuple, less the batch axis; None where a size is the input's.
        activation: name, callable or None (identity).
        bias_axes: str or None. Output axes that the bias has, such as "c".
        kernel_initializer, bias_initializer: name or initializer.
        kernel_regularizer, bias_regularizer: regularizer or None.
        kernel_constraint, bias_constraint: constraint or None.
        lora_rank: int or None. Freeze the kernel and learn a product of this rank added to it.
        lora_alpha: number. The product is scaled by lora_alpha / lora_rank; `lora_rank` when None.
        gptq_unpacked_column_size: only None; there is no quantization.
        quantization_config: only None.

    Call arguments:
        inputs: float tensor.

    Returns:
        float tensor of the axes that the equation names.

    Raises:
        ValueError: a malformed equation, or sizes that do not fit it.

    Example:
        >>> EinsumDense("abc,cd->abd", (None, 4), bias_axes="d")(ops.ones((2, 3, 5))).shape
        (2, 3, 4)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, equation, output_shape, activation=None, bias_axes=None,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros",
                 kernel_regularizer=None, bias_regularizer=None, kernel_constraint=None,
                 bias_constraint=None, lora_rank=None, lora_alpha=None,
                 gptq_unpacked_column_size=None, quantization_config=None, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.equation = equation
        is_one = isinstance(output_shape, int)
        self.partial_output_shape = (output_shape,) if is_one else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.gptq_unpacked_column_size = refuse_quantization(gptq_unpacked_column_size, self.name)
        self.quantization_config = refuse_quantization(quantization_config, self.name)
        self.set_low_rank(lora_rank, lora_alpha)
        self._axes = EinsumAxes(equation, bias_axes, self.name)

    def build(self, input_shape):
        """Make `kernel` and `bias` in the shapes that the equation gives."""
        kernel_shape, bias_shape, _ = self._axes.shapes(input_shape, self.partial_output_shape)
        self._kernel = self.add_weight(kernel_shape, self._fan_aware_initializer(), name="kernel",
                                       regularizer=self.kernel_regularizer,
                                       constraint=self.kernel_constraint)  # fmt: skip
        self.bias = None
        if bias_shape is not None:
            self.bias = self.add_weight(bias_shape, self.bias_initializer, name="bias",
                                        regularizer=self.bias_regularizer,
                                        constraint=self.bias_constraint)  # fmt: skip
        self.input_spec = InputSpec(ndim=len(input_shape))
        self.build_low_rank()

    def _fan_aware_initializer(self):
        """The initializer, told which kernel axes are inputs and outputs unless it knows."""
        initializer = self.kernel_initializer
        if not isinstance(initializer, VarianceScaling):
            return initializer
        if initializer.input_axes is not None and initializer.output_axes is not None:
            return initializer
        axes = {"input_axes": self._axes.kernel_inputs, "output_axes": self._axes.kernel_outputs}
        config = {**initializer.get_config(), "seed": initializer.seed, **axes}
        return type(initializer).from_config(config)

    def call(self, inputs, training=None):
        """Contract with the kernel, add the bias, apply the activation."""
        outputs = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape):
        """Shape of the output that the equation gives."""
        return self._axes.shapes(input_shape, self.partial_output_shape)[2]

    def get_config(self):
        """Constructor arguments, as Keras writes them."""
        config = super().get_config()
        config["output_shape"] = self.partial_output_shape
        config["activity_regularizer"] = serialize_keras_object(self.activity_regularizer)
        del config["gptq_unpacked_column_size"]
        return self.without_low_rank_defaults(config)


class EinsumAxes:
    """What the equation of an EinsumDense says about its axes.

    Args:
        equation: str.
        bias_axes: str or None.
        where: str. Names the layer in errors.

    Raises:
        ValueError: a malformed equation, or bias axes that the output does not have.
    """

    _FORMS = (
        r"(?P<x>[a-zA-Z]+),(?P<kernel>[a-zA-Z]+)->(?P<y>[a-zA-Z]+)",
        r"(?P<left>\.\.\.)(?P<x>[a-zA-Z]+),(?P<kernel>[a-zA-Z]+)->\.\.\.(?P<y>[a-zA-Z]+)",
        r"(?P<x>[a-zA-Z]{2,})\.\.\.,(?P<kernel>[a-zA-Z]+)->(?P<y>[a-zA-Z]+)\.\.\.",
    )

    def __init__(self, equation, bias_axes, where):
        found = [m for form in self._FORMS if (m := re.fullmatch(form, equation))]
        if not found:
            raise ValueError(
                explain(
                    where,
                    "not an equation of a dense layer",
                    received=equation,
                    expected="'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...'",
                )
            )
        parts = found[0].groupdict()
        self.where, self.equation, self.bias_axes = where, equation, bias_axes
        self.x, self.kernel, self.y = parts["x"], parts["kernel"], parts["y"]
        self.is_left_elided = bool(parts.get("left"))
        unknown = [c for c in bias_axes or "" if c not in self.y]
        if unknown:
            raise ValueError(
                explain(
                    where,
                    "bias_axes names an axis that the output does not have",
                    received=bias_axes,
                    expected=f"letters of {self.y!r}",
                )
            )
        stray = [c for c in self.kernel if c not in self.x and c not in self.y]
        stray += [c for c in self.y if c not in self.x and c not in self.kernel]
        if stray:
            raise ValueError(
                explain(
                    where,
                    f"axis {stray[0]!r} is in only one of inputs, kernel and output",
                    received=equation,
                )
            )
        self.kernel_inputs = [i for i, c in enumerate(self.kernel) if c not in self.y]
        self.kernel_outputs = [i for i, c in enumerate(self.kernel) if c in self.y]

    def shapes(self, input_shape, output_shape):
        """Shapes of kernel, bias (or None) and output, for an input and the sizes asked for.

        Raises:
            ShapeError: ranks or sizes that do not fit the equation, or an unknown kernel size.
        """
        elided = len(input_shape) - len(self.x)
        if elided < 0:
            raise ShapeError(
                explain(
                    self.where,
                    f"the input has too few axes for {self.equation!r}",
                    received=f" shape {tuple(input_shape)}",
                )
            )
        start = elided if self.is_left_elided else 0
        sizes = dict(zip(self.x, input_shape[start : start + len(self.x)], strict=True))
        has_batch = not (self.is_left_elided and elided)  # else the batch axis is an elided one
        wanted = (input_shape[0], *output_shape) if has_batch else tuple(output_shape)
        if len(wanted) != len(self.y):
            raise ShapeError(
                explain(
                    self.where,
                    "output_shape has another number of axes than the output",
                    received=output_shape,
                    expected=f"{len(self.y) - has_batch} sizes, those of "
                    f"{self.y[has_batch:]!r} in {self.equation!r}",
                )
            )
        named = dict(zip(self.y, wanted, strict=True))
        for axis, size in named.items():
            if sizes.get(axis) is not None and size is not None and sizes[axis] != size:
                raise ShapeError(
                    explain(
                        self.where,
                        f"output_shape differs from the input along axis {axis!r}",
                        received=size,
                        expected=str(sizes[axis]),
                    )
                )
            if sizes.get(axis) is None:
                sizes[axis] = size
        missing = [c for c in self.kernel if sizes.get(c) is None]
        if missing:
            raise ShapeError(
                explain(
                    self.where,
                    f"the size of kernel axis {missing[0]!r} is unknown",
                    received=f" input shape {tuple(input_shape)}, output_shape {output_shape}",
                    fix="give its size in output_shape or in the input's shape",
                )
            )
        output = [sizes.get(c) for c in self.y]
        if self.is_left_elided:
            output = [*input_shape[:elided], *output]
        elif elided:
            output = [*output, *input_shape[len(self.x) :]]
        return tuple(sizes[c] for c in self.kernel), self._bias_shape(sizes, elided), tuple(output)

    def _bias_shape(self, sizes, elided):
        if not self.bias_axes:
            return None
        first = min(self.y.index(c) for c in self.bias_axes)
        shape = [sizes[c] if c in self.bias_axes else 1 for c in self.y[first:]]
        return tuple(shape) + (1,) * (0 if self.is_left_elided else elided)
