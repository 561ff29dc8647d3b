"""Rows: elements that lie in memory, gathered many at a time by their numbers."""

import numpy

from kerasish.core import tree
from kerasish.data.elements import read_only, stack, unstack


class ArrayRows:
    """Rows of nested arrays.

    Args:
        arrays: nested arrays of one length.
    """

    def __init__(self, arrays):
        self.arrays = read_only(arrays)
        self._leaves = tree.flatten(self.arrays)
        # Where an array is not in C order, `take` would first copy all of it.
        self._can_take = [
            type(a) is numpy.ndarray and a.flags.c_contiguous and a.flags.aligned
            for a in self._leaves
        ]
        # The two commonest forms need no walk through the structure.
        self._is_lone = isinstance(self.arrays, numpy.ndarray)
        self._is_flat = type(arrays) is tuple and not any(map(tree.is_nested, arrays))

    def at(self, index):
        """One element, of views where it has axes."""
        if self._is_lone:
            return self.arrays[index]
        return self._build([leaf[index] for leaf in self._leaves])

    def gather(self, chosen):
        """Elements in one, along a new first axis: views where the rows follow each other."""
        if isinstance(chosen, range):
            index = slice(chosen.start, chosen.stop, chosen.step)
            return self._build([leaf[index] for leaf in self._leaves])
        pairs = zip(self._leaves, self._can_take, strict=True)
        return self._build(
            [leaf.take(chosen, 0) if can_take else leaf[chosen] for leaf, can_take in pairs]
        )

    def _build(self, leaves):
        if self._is_lone:
            return leaves[0]
        if self._is_flat:
            return tuple(leaves)
        return tree.unflatten(self.arrays, leaves)


class ElementRows:
    """Rows that are a list of elements, of shapes that may differ.

    Args:
        elements: list.
    """

    def __init__(self, elements):
        self._elements = elements

    def at(self, index):
        """One element."""
        return self._elements[index]

    def gather(self, chosen):
        """Elements in one, along a new first axis."""
        return stack([self._elements[i] for i in chosen])


class RangeRows:
    """The numbers `start + step * index`.

    Args:
        start, step: int.
        dtype: NumPy dtype.
    """

    def __init__(self, start, step, dtype):
        self._start, self._step, self._dtype = start, step, dtype

    def at(self, index):
        """One number."""
        return self._dtype.type(self._start + self._step * int(index))

    def gather(self, chosen):
        """Array of numbers."""
        if isinstance(chosen, range):
            chosen = numpy.arange(chosen.start, chosen.stop, chosen.step)
        return (self._start + self._step * chosen).astype(self._dtype)


class MappedRows:
    """Rows that a function makes of others, many at a time.

    Args:
        rows: rows to read.
        function: from the gathered element to one with the same first axis.
    """

    def __init__(self, rows, function):
        self._rows, self._function = rows, function

    def at(self, index):
        """One element."""
        return next(unstack(self.gather(range(index, index + 1))))

    def gather(self, chosen):
        """Elements in one, along a new first axis."""
        return self._function(self._rows.gather(chosen))
