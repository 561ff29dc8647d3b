"""Dot-product attention with masks, grouped heads and a causal form."""

import math

from kerasish.core.composite import composite
from kerasish.core.primitive import as_float_input, as_input, primitive, same_spec
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import tanh, where
from kerasish.ops.linalg import matmul
from kerasish.ops.nn import softmax
from kerasish.ops.regrouping import merge_axes, split_axis
from kerasish.ops.shape import expand_dims, transpose

__all__ = ["dot_product_attention"]

# Far below any logit, yet finite: a row without any allowed key gives equal weights, not NaN.
_MASKED = {"float16": -4.5e4, "bfloat16": -2.3e38, "float32": -2.3e38, "float64": -1.2e308}


@primitive(spec=same_spec, vjp=lambda g: causal_fill(g, value=0.0))
def causal_fill(xp, x, /, value=0.0):
    """`x` (..., queries, keys) with `value` where the key comes after the query."""
    return xp.where(xp.tri(x.shape[-2], x.shape[-1], dtype=bool), x, x.dtype.type(value))


@composite(name="dot_product_attention")
def _attention(query, key, value, bias, mask, /, scale=1.0, is_causal=False, soft_cap=None):
    """Tensors are (batch, heads, length, dim); 16-bit logits are handled in float32."""
    logits = matmul(query, transpose(key, (*range(key.ndim - 2), key.ndim - 1, key.ndim - 2)))
    if logits.dtype in ("float16", "bfloat16"):
        logits = cast(logits, "float32")
    logits = logits * scale
    if soft_cap is not None:
        logits = soft_cap * tanh(logits / soft_cap)
    if bias is not None:
        logits = logits + cast(bias, logits.dtype)
    masked = _MASKED[logits.dtype]
    if mask is not None:
        logits = where(mask, logits, masked)
    if is_causal:
        logits = causal_fill(logits, value=masked)
    return matmul(cast(softmax(logits, axis=-1), value.dtype), value)


def dot_product_attention(query, key, value, bias=None, mask=None, scale=None, is_causal=False,
                          flash_attention=None, attn_logits_soft_cap=None):  # fmt: skip
    """Attention: `softmax(scale * query @ key.T + bias) @ value`, for each head.

    Args:
        query: float tensor (batch, queries, heads, dim).
        key: float tensor (batch, keys, key_heads, dim); `key_heads` divides `heads`.
        value: float tensor (batch, keys, key_heads, value_dim).
        bias: tensor that broadcasts to (batch, heads, queries, keys), or None.
        mask: bool tensor that broadcasts to (batch, heads, queries, keys); false forbids a key.
        scale: float; `1 / sqrt(dim)` when None.
        is_causal: bool. Also forbid keys after the query.
        flash_attention: bool or None. Keras's choice of kernel; results do not depend on it.
        attn_logits_soft_cap: float or None. Logits become `cap * tanh(logits / cap)`.

    Returns:
        float tensor (batch, queries, heads, value_dim).

    Raises:
        ShapeError: tensors of another rank, or heads that do not divide.

    Example:
        >>> from kerasish import ops
        >>> dot_product_attention(ops.ones((2, 3, 4, 8)), ops.ones((2, 5, 4, 8)),
        ...                       ops.ones((2, 5, 4, 8))).shape
        (2, 3, 4, 8)

    Source: Vaswani et al., 2017; Keras 3 names and defaults.
    """
    query, key, value = as_float_input(query), as_float_input(key), as_float_input(value)
    shapes = [tuple(t.shape) for t in (query, key, value)]
    if any(len(s) != 4 for s in shapes):
        raise ShapeError(
            explain(
                "ops.dot_product_attention",
                "query, key and value need the axes (batch, length, heads, dim)",
                received=f" {shapes}",
            )
        )
    heads, key_heads = shapes[0][2], shapes[1][2]
    if heads % key_heads or shapes[2][2] != key_heads or shapes[0][3] != shapes[1][3]:
        raise ShapeError(
            explain(
                "ops.dot_product_attention",
                "the heads of key and value must be equal and "
                "divide those of query, and query and key have one dim",
                received=f" {shapes}",
            )
        )
    scale = 1 / math.sqrt(shapes[0][3]) if scale is None else float(scale)
    mask = None if mask is None else cast(as_input(mask), "bool")
    bias = None if bias is None else as_input(bias)
    query, key, value = (transpose(t, (0, 2, 1, 3)) for t in (query, key, value))
    grouped = query
    if heads != key_heads:  # neighbouring query heads share a key head
        grouped = split_axis(query, axis=1, groups=key_heads)
        key, value = expand_dims(key, 2), expand_dims(value, 2)
        bias, mask = (_grouped(t, key_heads) for t in (bias, mask))
    y = _attention(
        grouped, key, value, bias, mask, scale=scale, is_causal=bool(is_causal),
        soft_cap=attn_logits_soft_cap,
    )  # fmt: skip
    if grouped is not query:
        y = merge_axes(y, axis=1)
    return transpose(y, (0, 2, 1, 3))


def _grouped(x, key_heads):
    """A bias or mask of (batch, heads, queries, keys) with the heads split in two axes."""
    if x is None or len(x.shape) < 3:
        return x
    axis = len(x.shape) - 3
    return (
        expand_dims(x, axis) if x.shape[axis] == 1 else split_axis(x, axis=axis, groups=key_heads)
    )
