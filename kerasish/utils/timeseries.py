"""Windows over a series, as a data set."""

import numpy

from kerasish.data.dataset import Dataset
from kerasish.data.stages.stage import AUTOTUNE
from kerasish.errors import DataError, explain


def timeseries_dataset_from_array(
    data, targets, sequence_length, sequence_stride=1, sampling_rate=1, batch_size=128,
    shuffle=False, seed=None, start_index=None, end_index=None, format="tf",
):  # fmt: skip
    """Windows over consecutive points: window i is data[p + k * sampling_rate], p = i * stride.

    Args:
        data: array (points, ...).
        targets: array, whose row p belongs to the window that begins at point p; None for none.
        sequence_length: int. Points of a window.
        sequence_stride: int. How many points the next window begins later.
        sampling_rate: int. Distance of the points of a window.
        batch_size: int, or None for single windows.
        shuffle: bool. Whether each iteration has an order of its own.
        seed: int or None.
        start_index, end_index: int or None. The points to use: from one to before the other.
        format: "tf"; the data set is a `kerasish.data.Dataset`.

    Returns:
        Dataset of windows, or of (windows, targets).

    Raises:
        ValueError: a number out of range.
        DataError: there is not one window.

    Example:
        >>> data = timeseries_dataset_from_array(numpy.arange(6), [0, 10, 20, 30], 3)
        >>> windows, targets = next(iter(data))
        >>> windows.tolist(), targets.tolist()
        ([[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [0, 10, 20, 30])

    Source: Keras 3 names and defaults.
    """
    where = "timeseries_dataset_from_array"
    if format != "tf":
        raise ValueError(explain(where, "unknown format", received=format, expected='"tf"'))
    data = numpy.asarray(data)
    targets = None if targets is None else numpy.asarray(targets)
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
    ):
        if not 0 < value <= len(data):
            raise ValueError(
                explain(where, f"{name} out of range", received=value, expected=f"1 to {len(data)}")
            )
    start = 0 if start_index is None else start_index
    end = len(data) if end_index is None else end_index
    if not 0 <= start < end <= len(data):
        raise ValueError(
            explain(
                where, "start_index and end_index must lie in the data", received=(start, end),
                expected=f"from 0 to {len(data)}",
            )
        )  # fmt: skip
    count = end - start - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets) - start)
    if count <= 0:
        raise DataError(explain(where, "the data is too short for one window", received=data))
    first = numpy.arange(start, start + count, sequence_stride)
    offsets = numpy.arange(sequence_length) * sampling_rate

    def gather(points):
        windows = data[points[..., None] + offsets]
        return windows if targets is None else (windows, targets[points])

    made = Dataset.from_tensor_slices(first)
    made = made.shuffle(None, seed=seed) if shuffle else made
    made = made.map(gather, vectorized=True)
    return made if batch_size is None else made.batch(batch_size).prefetch(AUTOTUNE)
