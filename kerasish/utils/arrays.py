"""Array helpers: one-hot labels, padded sequences, unit norms."""

import numpy

from kerasish.errors import explain


def to_categorical(x, num_classes=None):
    """One-hot rows of integer labels: row i is 1 at x[i], 0 elsewhere.

    Args:
        x: int array-like of any shape; a last axis of size 1 is dropped.
        num_classes: int; the largest label + 1 when None.

    Returns:
        float64 array of shape (*x.shape, num_classes), as Keras returns.

    Raises:
        ValueError: a label outside 0 ... num_classes - 1.

    Example:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """
    labels = numpy.asarray(x, dtype="int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(labels.max()) + 1 if num_classes is None else int(num_classes)
    if labels.size and (labels.min() < 0 or labels.max() >= count):
        raise ValueError(
            explain(
                "to_categorical",
                "a label is out of range",
                received=f" labels from {labels.min()} to {labels.max()}",
                expected=f"0 to {count - 1}",
            )
        )
    return numpy.eye(count)[labels]


def normalize(x, axis=-1, order=2):
    """`x` divided by its norm along an axis; zero rows stay zero.

    Args:
        x: array-like.
        axis: int.
        order: int or float. Order of the norm.

    Returns:
        array.

    Example:
        >>> normalize([[3.0, 4.0]]).tolist()
        [[0.6, 0.8]]

    Source: Keras 3 names and defaults.
    """
    x = numpy.asarray(x)
    norms = numpy.atleast_1d(numpy.linalg.norm(x, order, axis, keepdims=x.ndim > 1))
    norms = numpy.where(norms == 0, 1, norms)
    return x / norms


def pad_sequences(
    sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0
):
    """Array of sequences cut or filled to one length.

    Args:
        sequences: list of lists.
        maxlen: int; the longest length when None.
        dtype: NumPy dtype.
        padding: "pre" or "post": where values are added.
        truncating: "pre" or "post": where values are removed.
        value: filler.

    Returns:
        array (number of sequences, maxlen, ...).

    Raises:
        ValueError: sequences of different inner shapes, or an unknown mode.

    Example:
        >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
        [[0, 1], [3, 4]]

    Source: Keras 3 names and defaults.
    """
    for label, mode in (("padding", padding), ("truncating", truncating)):
        if mode not in ("pre", "post"):
            raise ValueError(
                explain(
                    "pad_sequences", f"unknown {label}", received=mode, expected='"pre" or "post"'
                )
            )
    try:
        lengths = [len(s) for s in sequences]
    except TypeError:
        raise ValueError(
            explain("pad_sequences", "an item is no sequence", received=sequences)
        ) from None
    if maxlen is None:
        maxlen = max(lengths, default=0)
    shapes = {numpy.shape(s)[1:] for s in sequences if len(s)}
    if len(shapes) > 1:
        raise ValueError(explain("pad_sequences", "items have different shapes", received=shapes))
    inner = shapes.pop() if shapes else ()
    result = numpy.full((len(lengths), maxlen, *inner), value, dtype=dtype)
    for row, sequence in zip(result, sequences, strict=True):
        if not len(sequence) or not maxlen:
            continue
        kept = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        kept = numpy.asarray(kept, dtype=dtype)
        if padding == "post":
            row[: len(kept)] = kept
        else:
            row[-len(kept) :] = kept
    return result
