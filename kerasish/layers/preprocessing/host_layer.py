"""HostLayer: the base of layers that compute on the host, on text or on tables of tokens."""

import numpy

from kerasish import ops
from kerasish.arrays.text import is_text
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import as_data_tensor
from kerasish.layers.layer import Layer
from kerasish.ops.host import host_call

_PLAIN = (str, bytes, int, float, list, tuple, numpy.generic)


class TakesData:
    """Mixin of layers whose calls accept single values and lists, text included."""

    def _convert(self, value):
        is_plain = isinstance(value, _PLAIN) and not isinstance(value, bool)
        return super()._convert(as_data(value) if is_plain else value)


class HostLayer(TakesData, Layer):
    """Base of layers that take text: subclasses define `compute` and `output_spec`.

    Calls accept str, lists of str or numbers, arrays and tensors. In a model the computation is a
    call of a Python function in the midst of the compiled program; see docs/design/0004-strings.md.
    """

    keeps_input_dtype = True  # a Sequential makes its Input of the dtype of the data

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)  # ids given as floats must keep every digit

    def compute(self, *arrays):
        """A new NumPy array, from NumPy arrays."""
        raise NotImplementedError(f"{type(self).__name__}.compute")

    def output_spec(self, *specs):
        """TensorSpec of what `compute` returns."""
        raise NotImplementedError(f"{type(self).__name__}.output_spec")

    def run_on_host(self, *inputs):
        """`compute`, as an operation on tensors."""
        return host_call(*inputs, function=self.compute, output_spec=self.output_spec)

    def call(self, inputs):
        """Compute on the host."""
        return self.run_on_host(inputs)

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return self.output_spec(TensorSpec(input_shape, self.compute_dtype)).shape


def as_data(value):
    """Tensor of text or numbers, from arrays, tensors, nested lists and single values."""
    leaf = value
    while isinstance(leaf, (list, tuple)) and leaf:
        leaf = leaf[0]
    if isinstance(leaf, (str, bytes)) or is_text(leaf):
        return ops.convert_to_tensor(value, "string")
    return (
        ops.convert_to_tensor(value) if isinstance(value, (list, tuple)) else as_data_tensor(value)
    )
