"""Bindings of attention and its gradient."""

from kerasish.core.tensor import Tensor
from kerasish.kernels.cpu import fused_attention  # noqa: F401  (declares the operations)
from kerasish.kernels.cpu.binding import Call, binds, strides_of


@binds("attention")
def _attention(node):
    common = _common(node, first=0)
    if common is None:
        return None
    values, integers, flops = common
    return Call(
        "attention", (*values, *node.outputs), integers, (float(node.scale),), flops=2 * flops
    )


@binds("attention_gradient")
def _attention_gradient(node):
    common = _common(node, first=1)
    if common is None:
        return None
    values, integers, flops = common
    g, strides = _heads(node, 0)
    result, statistics = node.inputs[4:6]
    return Call(
        "attention_gradient",
        (*values, result, statistics, g, *node.outputs),
        (*integers, *strides),
        (float(node.scale),),
        flops=5 * flops,
    )


def _common(node, first):
    """Values, integers (native/attention.h) and the cost of one of the products of both kernels.

    Args:
        node: NodeView.
        first: int. Place of the query among the inputs.
    """
    query, key, value = node.inputs[first : first + 3]
    bias, mask = node.inputs[-2:]
    batch, queries, heads, size = query.shape
    keys, value_size = key.shape[1], value.shape[3]
    tensors = [t for t in (*node.inputs[:-1], *node.outputs) if isinstance(t, Tensor)]
    fits = all(t.dtype == "float32" for t in tensors) and (mask is None or mask.dtype == "bool")
    if not fits or 0 in (keys, size, value_size):
        return None
    shape = batch, heads, queries, keys
    placed = [_heads(node, i) for i in range(first, first + 3)]
    placed += [_grid(node, len(node.inputs) - 2, shape), _grid(node, len(node.inputs) - 1, shape)]
    integers = [batch, heads, queries, keys, size, value_size, int(node.is_causal)]
    integers += [step for _, strides in placed for step in strides]
    return [x for x, _ in placed], integers, 2 * batch * heads * queries * keys * size


def _heads(node, i):
    """The tensor that is read for input `i`, and its strides but the last, which must be 1."""
    view = node.layout(i)
    if view.strides[-1] == 1 or view.shape[-1] == 1:
        return view.base, view.strides[:-1]
    return node.inputs[i], strides_of(view.shape)[:-1]


def _grid(node, i, shape):
    """The same for a bias or mask, with strides of 0 where it is broadcast to `shape`."""
    if node.inputs[i] is None:
        return None, (0, 0, 0, 0)
    view = node.layout(i)
    strides = [0 if n == 1 else s for n, s in zip(view.shape, view.strides, strict=True)]
    return view.base, [0] * (len(shape) - len(strides)) + strides
