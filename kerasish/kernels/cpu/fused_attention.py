"""Attention and its gradient as one operation each: what rewrites put into a program.

The forwards here are the oracles of the kernels. Unlike `dot_product_attention`, whose matrix of
weights is a value like any other, the kernels keep two numbers for each row of it and make the
weights again for the gradient, tile by tile.
"""

from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec

MASKED = -2.3e38  # as in ops/attention.py for float32, and MASKED in native/attention.h


def _spec(query, key, value, bias, mask, scale, is_causal):
    batch, queries, heads, _ = query.shape
    result = query.with_shape((batch, queries, heads, value.shape[-1]))
    return result, TensorSpec((batch, heads, queries, 2), "float32")


@primitive(spec=_spec, tags=("fresh",))
def attention(xp, query, key, value, bias=None, mask=None, /, scale=1.0, is_causal=False):
    """softmax(scale * query @ key^T + bias) @ value for each head.

    Args:
        query: float tensor (batch, queries, heads, size).
        key: float tensor (batch, keys, heads, size), keys > 0.
        value: float tensor (batch, keys, heads, value_size).
        bias: float tensor that broadcasts to (batch, heads, queries, keys), or None.
        mask: bool tensor that broadcasts like that, or None; False forbids a key.
        scale: float.
        is_causal: bool. Also forbid keys after the query.

    Returns:
        tuple: result (batch, queries, heads, value_size); statistics (batch, heads, queries, 2),
        the largest score of each row, and the sum of exp(score - largest).
    """
    scores = _scores(xp, query, key, bias, mask, scale, is_causal)
    peak = scores.max(-1, keepdims=True)
    weights = xp.exp(scores - peak)
    total = weights.sum(-1, keepdims=True)
    result = xp.matmul(weights / total, value.transpose(0, 2, 1, 3))
    return result.transpose(0, 2, 1, 3), xp.concatenate([peak, total], -1)


def _scores(xp, query, key, bias, mask, scale, is_causal):
    scores = xp.matmul(query.transpose(0, 2, 1, 3), key.transpose(0, 2, 3, 1)) * scale
    if bias is not None:
        scores = scores + bias
    allowed = _allowed(xp, scores.shape, mask, is_causal)
    return scores if allowed is None else xp.where(allowed, scores, scores.dtype.type(MASKED))


def _allowed(xp, shape, mask, is_causal):
    if not is_causal:
        return mask
    earlier = xp.tri(*shape[-2:], dtype=bool)
    return earlier if mask is None else earlier & mask


def _gradient_spec(g, query, key, value, result, statistics, bias, mask, scale, is_causal):
    return tuple(x.with_shape(x.shape) for x in (query, key, value))


@primitive(spec=_gradient_spec, tags=("fresh",))
def attention_gradient(xp, g, query, key, value, result, statistics, bias=None, mask=None, /,
                       scale=1.0, is_causal=False):  # fmt: skip
    """Gradients of query, key and value, from the gradient `g` of the result of `attention`."""
    scores = _scores(xp, query, key, bias, mask, scale, is_causal)
    weights = xp.exp(scores - statistics[..., :1]) / statistics[..., 1:]
    g, result = g.transpose(0, 2, 1, 3), result.transpose(0, 2, 1, 3)
    shift = (g * result).sum(-1, keepdims=True)
    slopes = weights * (xp.matmul(g, value.transpose(0, 2, 3, 1)) - shift) * scale
    allowed = _allowed(xp, scores.shape, mask, is_causal)
    if allowed is not None:
        slopes = xp.where(allowed, slopes, slopes.dtype.type(0))
    gradients = (
        xp.matmul(slopes, key.transpose(0, 2, 1, 3)),
        xp.matmul(slopes.transpose(0, 1, 3, 2), query.transpose(0, 2, 1, 3)),
        xp.matmul(weights.transpose(0, 1, 3, 2), g),
    )
    return tuple(xp.ascontiguousarray(x.transpose(0, 2, 1, 3)) for x in gradients)
