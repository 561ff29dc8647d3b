"""Batches as a training step of one's own takes them: inputs, targets and weights."""

from kerasish.errors import explain


def unpack_x_y_sample_weight(data):
    """Inputs, targets and weights of a batch, None for what it lacks.

    Args:
        data: tensor, or list or tuple of one to three of them (nested).

    Returns:
        (x, y, sample_weight).

    Raises:
        ValueError: more than three.

    Example:
        >>> unpack_x_y_sample_weight(("x", "y"))
        ('x', 'y', None)

    Source: Keras 3 names and defaults.
    """
    if not isinstance(data, (list, tuple)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            explain(
                "unpack_x_y_sample_weight",
                "a batch has one to three parts",
                received=f" {len(data)}",
                expected="x, (x,), (x, y) or (x, y, sample_weight)",
            )
        )
    return (*data, *[None] * (3 - len(data)))


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """A batch of inputs, targets and weights, as short as it can be.

    Args:
        x: nested tensors.
        y: nested tensors, or None.
        sample_weight: nested tensors, or None; left out without targets.

    Returns:
        `x` alone (in a tuple if it is a list or tuple itself), or a tuple of two or three.

    Example:
        >>> pack_x_y_sample_weight("x", "y")
        ('x', 'y')

    Source: Keras 3 names and defaults.
    """
    if y is None:
        return (x,) if isinstance(x, (list, tuple)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
