"""What `adapt` accepts: arrays, lists, tensors, data sets and other iterables, as batches."""

import itertools

import numpy

from kerasish.arrays import device as devices
from kerasish.core.tensor import Tensor


def batches_of(data, steps=None, lists_are_data=True):
    """Iterator over the batches of whatever `adapt` was given.

    Args:
        data: array, tensor or list (one batch), an indexable data set, or an iterable of batches,
            of which tuples (x, y) give their first part.
        steps: int or None. How many batches to take of an iterable.
        lists_are_data: bool. False: a list is an iterable of batches.

    Example:
        >>> list(batches_of(iter([["a"], ["b"], ["c"]]), steps=2))
        [['a'], ['b']]
    """
    if is_whole(data) and (lists_are_data or not isinstance(data, (list, tuple))):
        return iter([data])
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not hasattr(data, "__iter__"):
        data = map(data.__getitem__, range(len(data)))
    return (_features(batch) for batch in itertools.islice(iter(data), steps))


def is_whole(data):
    """Whether data is one array, tensor or list, and not an iterable of batches."""
    is_plain = isinstance(data, (Tensor, list, tuple, str, bytes))
    return is_plain or devices.is_array(data) or hasattr(data, "to_numpy")


def _features(batch):
    """x of (x, y) and (x, y, sample_weight); a tuple of single values is data itself."""
    if not isinstance(batch, tuple) or not batch:
        return batch
    is_single = isinstance(batch[0], (str, bytes, int, float, numpy.generic))
    return batch if is_single else batch[0]
