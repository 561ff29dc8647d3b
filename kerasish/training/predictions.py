"""Predictions: the outputs of consecutive batches as arrays for all samples."""

import numpy

from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.core.tensor import Tensor


class Predictions:
    """Collects outputs batch by batch, in arrays of the final size where that is known.

    Args:
        samples: int, number of samples in all, or None.
    """

    def __init__(self, samples=None):
        self._samples, self._done = samples, 0
        self._structure = self._arrays = None
        self._parts = []  # lists of leaves that wait for being joined

    def add(self, outputs):
        """Take the outputs of the next batch: nested tensors."""
        leaves = [_on_host(leaf) for leaf in tree.flatten(outputs)]
        if self._structure is None:
            self._structure = outputs
            self._allocate(leaves)
        if self._arrays is None:
            self._parts.append([numpy.array(leaf) for leaf in leaves])
        elif self._fits(leaves):
            stop = self._done + len(leaves[0])
            for array, leaf in zip(self._arrays, leaves, strict=True):
                array[self._done : stop] = leaf
            self._done = stop
        else:
            self._parts = [[array[: self._done] for array in self._arrays]]
            self._arrays = None
            self._parts.append([numpy.array(leaf) for leaf in leaves])

    def _allocate(self, leaves):
        if self._samples is not None and leaves and all(_has_rows(leaf) for leaf in leaves):
            shapes = [(self._samples, *leaf.shape[1:]) for leaf in leaves]
            self._arrays = [
                numpy.empty(shape, leaf.dtype) for shape, leaf in zip(shapes, leaves, strict=True)
            ]

    def _fits(self, leaves):
        rows = len(leaves[0]) if _has_rows(leaves[0]) else 0
        return all(
            leaf.shape == (rows, *array.shape[1:]) and self._done + rows <= self._samples
            for leaf, array in zip(leaves, self._arrays, strict=True)
        )

    def whole(self):
        """Nested arrays of all samples."""
        if self._arrays is not None and self._done == self._samples:
            return tree.unflatten(self._structure, self._arrays)
        if self._arrays is not None:
            self._parts = [[array[: self._done] for array in self._arrays]]
        columns = zip(*self._parts, strict=True)
        return tree.unflatten(self._structure, [numpy.concatenate(c) for c in columns])


def _on_host(leaf):
    return devices.to_host(leaf._array) if isinstance(leaf, Tensor) else leaf


def _has_rows(leaf):
    return isinstance(leaf, numpy.ndarray) and leaf.ndim > 0


def host_copies(outputs):
    """NumPy arrays of nested tensors, of the caller's own; anything else as it is."""
    if type(outputs) is Tensor:
        return _host_copy(outputs)
    return tree.map_structure(_host_copy, outputs)


def _host_copy(leaf):
    return numpy.array(devices.to_host(leaf._array)) if isinstance(leaf, Tensor) else leaf
