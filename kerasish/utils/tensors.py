"""Questions about tensors, dtypes and the layers that tensors of functional models come from."""

from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.calls import CallNode
from kerasish.core.tensor import SymbolicTensor


def is_keras_tensor(x):
    """Whether a value is a tensor of a functional model: an `Input`, or made from one.

    Args:
        x: any value.

    Returns:
        bool.

    Example:
        >>> from kerasish import layers, ops
        >>> is_keras_tensor(layers.Input((2,))), is_keras_tensor(ops.ones((2,)))
        (True, False)
    """
    return isinstance(x, SymbolicTensor)


def standardize_dtype(dtype):
    """Name of a dtype.

    Args:
        dtype: name, NumPy dtype, Python type, or None for floatx.

    Returns:
        str.

    Raises:
        DTypeError: an unknown dtype.

    Example:
        >>> standardize_dtype(int), standardize_dtype(None)
        ('int32', 'float32')
    """
    return dtypes.standardize(dtype)


def get_source_inputs(tensor):
    """The Input tensors that a tensor of a functional model is made from.

    Args:
        tensor: symbolic tensor.

    Returns:
        list of symbolic tensors, in the order in which they are met; a tensor without a history is
        its own.

    Example:
        >>> from kerasish import layers
        >>> x = layers.Input((2,))
        >>> get_source_inputs(layers.Dense(1)(x))[0] is x
        True
    """
    found, seen, stack = [], set(), [tensor]
    while stack:
        current = stack.pop()
        if current.key in seen:
            continue
        seen.add(current.key)
        node = current.node
        if not isinstance(node, CallNode) or not node.inputs:
            found.append(current)
        else:
            stack.extend(reversed(tree.flatten(node.inputs)))
    return found
