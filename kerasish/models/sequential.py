"""Sequential: a model that is a chain of layers."""

from kerasish import dtype_policies, registry
from kerasish.core import names, tree
from kerasish.errors import explain
from kerasish.layers.core.input_layer import Input, InputLayer
from kerasish.layers.layer import Layer
from kerasish.models.functional import Functional
from kerasish.models.model import Model
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@registry.register("layers")
class Sequential(Model):
    """Layers applied one after the other.

    Args:
        layers: list of layers, or None. An `Input` as the first item fixes the input shape, so that
            the weights exist at once; else they are made at the first call.
        trainable: bool.
        name: str.

    Raises:
        TypeError: an item that is no layer.
        ValueError: two layers of one name.

    Example:
        >>> from kerasish import layers
        >>> model = Sequential([layers.Input((4,)), layers.Dense(3, activation="relu")])
        >>> model.output_shape
        (None, 3)

    Source: Keras 3 names and defaults.
    """

    _untracked = Layer._untracked | {"_functional"}

    def __init__(self, layers=None, trainable=True, name=None):
        super().__init__(trainable=trainable, name=name)
        self._functional = None
        self._first_dtype = None  # of the data that it is built for, where layers depend on it
        self._stack = []
        for layer in layers or []:
            self._append(layer)
        self._build_if_known()

    def add(self, layer, rebuild=True):
        """Append a layer (or what `Input` returns, as the first item)."""
        self._append(layer)
        if rebuild:
            self._build_if_known()
        else:
            self.built, self._functional = False, None

    def pop(self, rebuild=True):
        """Remove the last layer and return it."""
        if not self._stack:
            raise ValueError(explain(self.name, "there is no layer to remove"))
        layer = self._stack.pop()
        self.built, self._functional = False, None
        self._forget_steps()
        if rebuild:
            self._build_if_known()
        return layer

    def _append(self, layer):
        origin = getattr(layer, "node", None)
        if origin is not None and isinstance(origin.operation, InputLayer):
            layer = origin.operation
        if not isinstance(layer, Layer):
            raise TypeError(
                explain(
                    f"Sequential {self.name!r}",
                    "only layers can be added",
                    received=layer,
                    fix="layers.Lambda(function) or layers.Activation(name) for a function",
                )
            )
        if any(layer.name == other.name for other in self._stack):
            raise ValueError(
                explain(
                    f"Sequential {self.name!r}",
                    f"two layers are named {layer.name!r}",
                    fix="layers need unique names; one layer can be added only once",
                )
            )
        if isinstance(layer, InputLayer) and self._stack:
            raise ValueError(explain(self.name, "an Input must come first", received=layer.name))
        if not self._stack and not isinstance(layer, InputLayer):
            shape = layer.__dict__.get("_input_shape_argument")
            if shape is not None:
                self._stack.append(InputLayer(shape=shape, dtype=_input_dtype(layer)))
        self._stack.append(layer)
        self.built, self._functional = False, None
        self._forget_steps()

    def _build_if_known(self):
        if self._stack and isinstance(self._stack[0], InputLayer):
            if len(self._stack) > 1:
                self.build()
        elif self._stack and isinstance(self._stack[0], Functional) and len(self._stack) > 0:
            first = self._stack[0]
            if len(first.inputs) == 1:
                self.build(first.inputs[0].shape)

    def build(self, input_shape=None):
        """Make all weights.

        Args:
            input_shape: tuple with the batch size (None) first; not needed after an Input.
        """
        stack = list(self._stack)
        if not stack:
            raise ValueError(explain(f"Sequential {self.name!r}", "cannot build: it has no layers"))
        if isinstance(stack[0], InputLayer):
            given = stack.pop(0).output
        elif input_shape is None:
            raise ValueError(
                explain(
                    f"Sequential {self.name!r}",
                    "the input shape is unknown",
                    fix="build((None, ...)), or start with layers.Input(shape)",
                )
            )
        else:
            shape = tuple(input_shape)
            # The scope of this model must not become part of the name of its Input.
            given = Input(
                batch_shape=shape,
                dtype=_input_dtype(stack[0], self._first_dtype),
                name=names.unique_name("input_layer"),
            )
        x = given
        for layer in stack:
            x = layer(x)
        self._functional = Functional(given, x, name=self.name)

    def _build_for_call(self, arguments):
        first = next(iter(arguments.values()), None)
        if (
            tree.is_nested(first) or first is None
        ):  # several inputs: layers build as they are called
            self.built = True
            return
        if first.dtype == "string" or getattr(self._stack[0], "keeps_input_dtype", False):
            self._first_dtype = first.dtype
        self.build((None, *first.shape[1:]) if len(first.shape) else ())

    def call(self, inputs, training=None, mask=None):
        """Apply the layers in order."""
        functional = self._functional
        if functional is not None and not tree.is_nested(inputs):
            inputs = functional._fed_one(functional._functional_inputs[0], inputs, mask)
        for layer in self._stack:
            if not isinstance(layer, InputLayer):
                inputs = layer(inputs)
        return inputs

    @property
    def layers(self):
        """List of the layers, without the Input."""
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    def _as_functional(self, what):
        if self._functional is None:
            raise ValueError(
                explain(
                    f"Sequential {self.name!r}",
                    f"it has no {what} yet: not built",
                    fix="start with layers.Input(shape), or call it on data",
                )
            )
        return self._functional

    @property
    def inputs(self):
        """List of the input tensor."""
        return self._as_functional("inputs").inputs

    @property
    def outputs(self):
        """List of the output tensor."""
        return self._as_functional("outputs").outputs

    @property
    def input(self):
        """The input tensor."""
        return self.inputs[0]

    @property
    def output(self):
        """The output tensor."""
        return self._as_functional("output").output

    @property
    def input_shape(self):
        """Shape of the input, None for unknown sizes."""
        return self._as_functional("input_shape").input_shape

    @property
    def output_shape(self):
        """Shape of the output, None for unknown sizes."""
        return self._as_functional("output_shape").output_shape

    @property
    def output_names(self):
        """Name of the layer that makes the output."""
        return None if self._functional is None else self._functional.output_names

    def get_config(self):
        """Name and configs of the layers."""
        # Not Layer.get_config: the argument `layers` may hold what `Input` returned, a tensor.
        dtype = dtype_policies.serialize(self.dtype_policy)
        config = {"name": self.name, "trainable": self._trainable, "dtype": dtype}
        stack = list(self._stack)
        if self._functional is not None and not isinstance(stack[0], InputLayer):
            stack.insert(0, self._functional.inputs[0].node.operation)
        config["layers"] = [serialize_keras_object(layer) for layer in stack]
        if self._functional is not None:
            config["build_input_shape"] = self.input_shape
        return config

    def get_build_config(self):
        """The input shape."""
        return None if self._functional is None else {"input_shape": self.input_shape}

    def build_from_config(self, config):
        """Build from what `get_build_config` returned."""
        shape = (config or {}).get("input_shape")
        if not self.built and shape is not None:
            self.build(tuple(shape))

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Model from `get_config()`."""
        with registry.CustomObjectScope(custom_objects):
            model = cls(name=config.get("name"), trainable=config.get("trainable", True))
            if config.get("dtype") is not None:
                model.dtype_policy = dtype_policies.get(config["dtype"])
            for entry in config["layers"]:
                model._append(deserialize_keras_object(entry))
        shape = config.get("build_input_shape")
        if model._stack and isinstance(model._stack[0], InputLayer):
            model._build_if_known()
        elif shape is not None:
            model.build(tuple(shape))
        return model


def _input_dtype(layer, given=None):
    """Dtype of the Input in front of a layer: integers where it looks things up, text, floats."""
    return getattr(layer, "input_dtype", None) or given or layer.compute_dtype
