"""Input and InputLayer: where a functional model begins."""

from kerasish import registry
from kerasish.arrays import dtypes
from kerasish.config import settings
from kerasish.core.calls import CallNode
from kerasish.core.spec import standardize_shape
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import ShapeError, explain
from kerasish.layers.layer import Layer


@registry.register("layers")
class InputLayer(Layer):
    """The operation behind an `Input` tensor: it computes nothing, a model feeds it.

    Args:
        shape: tuple of int or None, less the batch axis.
        batch_size: int or None.
        dtype: dtype name; floatx when None.
        sparse: only False or None; there are no sparse tensors.
        ragged: only False or None.
        batch_shape: tuple, with the batch axis; instead of `shape` and `batch_size`.
        input_tensor: symbolic tensor to use instead of a new one.
        optional: bool. The model may be fed None here.
        name: str.

    Raises:
        ValueError: no shape, or contradictory arguments.
        TypeError: `input_tensor` is not symbolic.

    Example:
        >>> InputLayer((3,)).output.shape
        (None, 3)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, shape=None, batch_size=None, dtype=None, sparse=None, ragged=None,
                 batch_shape=None, input_tensor=None, optional=False, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(name=name)
        if "input_shape" in kwargs:
            shape = kwargs.pop("input_shape")
        if "batch_input_shape" in kwargs:  # as Keras 2 wrote it
            batch_shape = kwargs.pop("batch_input_shape")
        if kwargs:
            raise TypeError(explain("InputLayer", "unknown arguments", received=sorted(kwargs)))
        if sparse or ragged:
            raise ValueError(
                explain(
                    self.name,
                    "sparse and ragged inputs are not supported",
                    fix="pass dense tensors and leave sparse and ragged out",
                )
            )
        if input_tensor is not None:
            batch_shape, dtype = self._checked(input_tensor, shape, batch_size, batch_shape, dtype)
        else:
            batch_shape = self._whole_shape(shape, batch_size, batch_shape)
        self.batch_shape = standardize_shape(batch_shape)
        self._dtype = dtypes.standardize(dtype or settings.floatx)
        self.sparse, self.ragged, self.optional = False, False, bool(optional)
        self._output = input_tensor
        if input_tensor is None:
            self._output = SymbolicTensor(self.batch_shape, self._dtype, name=self.name)
        CallNode(self, (), {}, self._output)
        self.built = True

    def _whole_shape(self, shape, batch_size, batch_shape):
        if batch_shape is not None:
            if shape is not None or batch_size is not None:
                raise ValueError(
                    explain(
                        self.name,
                        "batch_shape says it all",
                        received=f" shape={shape}, batch_size={batch_size}",
                        fix="pass either batch_shape, or shape and batch_size",
                    )
                )
            return batch_shape
        if shape is None:
            raise ValueError(
                explain(
                    self.name, "a shape is needed", fix="Input((28, 28, 1)), less the batch axis"
                )
            )
        return (batch_size, *standardize_shape(shape))

    def _checked(self, tensor, shape, batch_size, batch_shape, dtype):
        """Shape and dtype of a tensor that is given, with which the other arguments must agree."""
        if not isinstance(tensor, SymbolicTensor):
            raise TypeError(
                explain(
                    self.name,
                    "input_tensor must be symbolic",
                    received=tensor,
                    expected="a tensor made by Input or by layers called on one",
                )
            )
        agrees = (
            (shape is None or tuple(shape) == tensor.shape[1:])
            and (batch_size is None or batch_size == tensor.shape[0])
            and (batch_shape is None or tuple(batch_shape) == tensor.shape)
            and (dtype is None or dtypes.standardize(dtype) == tensor.dtype)
        )
        if not agrees:
            raise ShapeError(
                explain(self.name, "the other arguments contradict input_tensor", received=tensor)
            )
        return tensor.shape, tensor.dtype

    @property
    def output(self):
        """The symbolic tensor that models start from."""
        return self._output

    @property
    def dtype(self):
        """Dtype of the tensor."""
        return self._dtype

    def call(self):
        """Compute nothing: the value comes from outside."""
        return

    def get_config(self):
        """Constructor arguments."""
        keys = ("batch_shape", "dtype", "sparse", "ragged", "name", "optional")
        return {key: getattr(self, key) for key in keys}

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`."""
        return cls(**config)


def Input(shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None,
          name=None, tensor=None, optional=False):  # fmt: skip
    """Symbolic tensor that a functional model starts from; call layers on it.

    Args:
        shape: tuple of int or None, less the batch axis.
        batch_size: int or None.
        dtype: dtype name; floatx when None.
        sparse: only False or None; there are no sparse tensors.
        ragged: only False or None.
        batch_shape: tuple, with the batch axis; instead of `shape` and `batch_size`.
        name: str.
        tensor: symbolic tensor to use instead of a new one.
        optional: bool. The model may be fed None here.

    Returns:
        symbolic tensor.

    Raises:
        ValueError: no shape, or contradictory arguments.
        TypeError: `tensor` is not symbolic.

    Example:
        >>> from kerasish import ops
        >>> x = Input((3,))
        >>> ops.square(x).shape
        (None, 3)

    Source: Keras 3 names and defaults.
    """
    layer = InputLayer(
        shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name=name
    )
    return layer.output
