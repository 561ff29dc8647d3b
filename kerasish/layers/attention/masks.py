"""Masks of attention: which positions of a query may look at which positions of keys and values."""

from kerasish import ops


def causal_mask(query_length, key_length):
    """Bool tensor (1, query_length, key_length): position i sees positions 0 to i.

    Args:
        query_length, key_length: int, or scalar tensor where the length is unknown.

    Returns:
        bool tensor.

    Example:
        >>> causal_mask(2, 3).tolist()
        [[[True, False, False], [True, True, False]]]
    """
    rows, columns = _positions(query_length, key_length)
    return ops.greater_equal(rows, columns)


def window_mask(query_length, key_length, width):
    """Bool tensor (1, query_length, key_length): positions less than `width` apart see another."""
    rows, columns = _positions(query_length, key_length)
    return ops.less(ops.abs(ops.subtract(rows, columns)), width)


def _positions(query_length, key_length):
    rows = ops.reshape(ops.arange(query_length, dtype="int32"), (1, -1, 1))
    columns = ops.reshape(ops.arange(key_length, dtype="int32"), (1, 1, -1))
    return rows, columns


def combined(*masks):
    """Logical and of the masks that are not None; None where there is none.

    Args:
        *masks: tensors that broadcast with each other, or None.

    Returns:
        bool tensor or None.
    """
    present = [ops.cast(m, "bool") for m in masks if m is not None]
    if not present:
        return None
    result = present[0]
    for mask in present[1:]:
        result = ops.logical_and(result, mask)
    return result


def attention_mask(query, value, *, query_mask=None, value_mask=None, key_mask=None,
                   attention_mask=None, use_causal_mask=False, sliding_window=None):  # fmt: skip
    """All masks of an attention layer as one of shape (batch, query length, key length).

    Args:
        query: tensor (batch, query length, ...).
        value: tensor (batch, key length, ...).
        query_mask: (batch, query length), or None.
        value_mask, key_mask: (batch, key length), or None.
        attention_mask: (batch, query length, key length), or None.
        use_causal_mask: bool.
        sliding_window: int or None.

    Returns:
        bool tensor that broadcasts to that shape, or None.
    """
    lengths = ops.shape(query)[1], ops.shape(value)[1]
    return combined(
        attention_mask,
        None if query_mask is None else ops.expand_dims(query_mask, -1),
        None if value_mask is None else ops.expand_dims(value_mask, -2),
        None if key_mask is None else ops.expand_dims(key_mask, -2),
        causal_mask(*lengths) if use_causal_mask else None,
        None if sliding_window is None else window_mask(*lengths, sliding_window),
    )
