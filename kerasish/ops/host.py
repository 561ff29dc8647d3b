"""Host calls: Python functions of NumPy arrays as operations, for what no device computes: text."""

from kerasish.arrays import device as devices
from kerasish.core.primitive import primitive


def _declared_spec(*inputs, function, output_spec):
    return output_spec(*inputs)


@primitive(spec=_declared_spec, tags=("host",), name="host_call")
def host_call(xp, *arrays, function, output_spec):
    """Result of a Python function, run on the host each time, in a compiled program too.

    There is no derivative. What the function reads besides its arguments (a vocabulary, say) it
    reads anew at every run.

    Args:
        *arrays: tensors, those of text included.
        function: hashable callable; takes a NumPy array for each tensor, and returns a new one.
        output_spec: hashable callable; takes TensorSpecs and returns that of the result.

    Returns:
        Tensor.

    Example:
        >>> from kerasish.core.structural import convert_to_tensor
        >>> words = convert_to_tensor(["to", "be"], "string")
        >>> is_be = lambda x: (x == "be").astype("int32")
        >>> host_call(words, function=is_be, output_spec=lambda s: s.with_dtype("int32")).tolist()
        [0, 1]
    """
    result = function(*[devices.to_host(a) for a in arrays])
    return result if result.dtype.kind == "O" else xp.asarray(result)


__all__ = []
