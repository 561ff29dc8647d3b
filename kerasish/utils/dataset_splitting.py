"""Split a data set, or arrays, into two data sets."""

import random

import numpy

from kerasish.core import tree
from kerasish.data.dataset import Dataset
from kerasish.data.elements import as_element, unstack
from kerasish.data.stages.sources import Elements
from kerasish.errors import explain


def split_dataset(
    dataset, left_size=None, right_size=None, shuffle=False, seed=None, preferred_backend=None
):
    """Two data sets of the first and the last samples.

    Arrays stay where they are; of a Dataset or another iterable all elements are kept in memory, so
    that none is in both parts. Batches are split sample by sample.

    Args:
        dataset: array, tuple or list or dict of arrays, Dataset, PyDataset, or an iterable.
        left_size: int (samples) or float (share) of the first; what the other leaves when None.
        right_size: the same of the last.
        shuffle: bool. Whether to shuffle samples before.
        seed: int or None.
        preferred_backend: ignored.

    Returns:
        (Dataset, Dataset).

    Raises:
        ValueError: neither size is given, or they do not fit the data.
        TypeError: a size that is no number.

    Example:
        >>> left, right = split_dataset(numpy.arange(10), left_size=0.8)
        >>> len(left), [int(x) for x in right]
        (8, [8, 9])

    Source: Keras 3 names and defaults.
    """
    samples, batch_size = _samples(dataset)
    total = samples if isinstance(samples, int) else len(samples)
    left, right = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:
        random.Random(seed).shuffle(order)
    parts = [order[:left], order[total - right :]]
    if isinstance(samples, int):
        arrays = as_element(tuple(dataset) if isinstance(dataset, list) else dataset)
        indices = [numpy.array(part, "int64") for part in parts]
        if not shuffle:
            indices = [slice(left), slice(total - right, None)]
        return tuple(
            Dataset.from_tensor_slices(tree.map_structure(lambda a: a[index], arrays))
            for index in indices
        )
    made = [Dataset(Elements([samples[i] for i in part])) for part in parts]
    return tuple(made if batch_size is None else [data.batch(batch_size) for data in made])


def _samples(dataset):
    """(number of rows of arrays, or list of samples; size of a batch or None)."""
    is_arrays = hasattr(dataset, "__array__") or (
        isinstance(dataset, (list, tuple, dict))
        and all(hasattr(part, "__array__") for part in tree.flatten(dataset))
    )
    if is_arrays:
        leaves = tree.flatten(dataset)
        sizes = {len(leaf) for leaf in leaves}
        if len(sizes) != 1:
            raise ValueError(explain("split_dataset", "arrays of one length are needed"))
        return sizes.pop(), None
    if getattr(dataset, "is_dataset", False):
        iterator = dataset.as_numpy_iterator()
    elif hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__"):
        iterator = (dataset[i] for i in range(len(dataset)))
    elif hasattr(dataset, "__iter__"):
        iterator = iter(dataset)
    else:
        raise TypeError(explain("split_dataset", "not a data set", received=dataset))
    elements = [as_element(element) for element in iterator]
    is_batched = _has_batches(dataset)
    if not is_batched or not elements:
        return elements, None
    batch_size = len(tree.flatten(elements[0])[0])
    return [sample for batch in elements for sample in unstack(batch)], batch_size


def _has_batches(dataset):
    """Whether the elements of a data set are batches: it ends in one, or is read by index."""
    if getattr(dataset, "is_dataset", False):
        return dataset.is_batched
    return hasattr(dataset, "num_batches")


def _sizes(left, right, total):
    if left is None and right is None:
        raise ValueError(explain("split_dataset", "give left_size or right_size"))
    counts = [_count(size, name, total) for size, name in ((left, "left"), (right, "right"))]
    if counts[0] is None:
        counts[0] = total - counts[1]
    if counts[1] is None:
        counts[1] = total - counts[0]
    is_too_much = isinstance(left, float) and isinstance(right, float) and left + right > 1
    if is_too_much or sum(counts) > total:
        raise ValueError(
            explain(
                "split_dataset", "the parts are larger than the data", received=(left, right),
                expected=f"at most {total} samples",
            )
        )  # fmt: skip
    if 0 in counts:
        raise ValueError(
            explain(
                "split_dataset", "a part would be empty", received=f" sizes {tuple(counts)}",
                expected=f"sizes for {total} samples",
            )
        )  # fmt: skip
    return counts


def _count(size, name, total):
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float, numpy.number)):
        raise TypeError(explain("split_dataset", f"{name}_size must be a number", received=size))
    is_share = isinstance(size, (float, numpy.floating))
    if not (0 < size <= 1 if is_share else 0 < size < total):
        raise ValueError(
            explain(
                "split_dataset", f"{name}_size out of range", received=size,
                expected=f"a share between 0 and 1, or an int from 1 to {total - 1}",
            )
        )  # fmt: skip
    return round(size * total) if is_share else int(size)
