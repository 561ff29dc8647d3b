"""Batches and blocks of them, taken apart for a compiled step: found out once, used often."""

import numpy

from kerasish.core import tree
from kerasish.core.tensor import Tensor


class Batch:
    """A batch `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    The memory of the arrays may be filled anew once the step has run: whoever shows the values to
    user code copies them (as making tensors of them does).

    Args:
        parts: tuple of nested arrays, tensors and None.
        arrays: list of the arrays among the leaves, in their order, where it is at hand.
        signature: what `signature_of` says of the parts, where it is at hand.

    Attributes:
        parts: the tuple.
        arrays: list of arrays, the leaves less None.
        signature: hashable; equal for batches of one form, with the same shapes and dtypes.
    """

    __slots__ = ("parts", "arrays", "signature")

    def __init__(self, parts, arrays=None, signature=None):
        self.parts = parts
        self.arrays = _arrays_of(parts) if arrays is None else arrays
        self.signature = signature_of(parts) if signature is None else signature


def _arrays_of(parts):
    leaves = tree.flatten(parts)
    return [x._array if isinstance(x, Tensor) else x for x in leaves if x is not None]


def signature_of(parts):
    """Form of a nested structure, and shape and dtype of each leaf (None for None)."""
    leaves = [x._array if isinstance(x, Tensor) else x for x in tree.flatten(parts)]
    kinds = [None if x is None else (x.shape, x.dtype) for x in leaves]
    return tree.structure_key(parts), tuple(kinds)


_LONE = tree.structure_key((None,))


def lone_batch(array):
    """The Batch `(array,)`, without the search for what is nested in it."""
    return Batch((array,), [array], (_LONE, ((array.shape, array.dtype),)))


class Layout:
    """Where the arrays of a batch go among its parts: call it with a list of them.

    Args:
        parts: tuple of nested leaves, of any kind.
        is_there: list of bool, one for each leaf: an array, or None.
    """

    def __init__(self, parts, is_there):
        self._parts, self._is_there = parts, is_there
        self._is_flat = all(is_there) and not any(map(tree.is_nested, parts))

    def __call__(self, arrays):
        if self._is_flat:
            return tuple(arrays)
        arrays = iter(arrays)
        leaves = [next(arrays) if is_there else None for is_there in self._is_there]
        return tree.unflatten(self._parts, leaves)


class Fixed(list):
    """A list of arrays in row-major order that stay where they are, or a list of such lists.

    Attributes:
        addresses: list of int; for a list of lists an array of uint64, a row for each list.
    """

    __slots__ = ("addresses",)

    def __init__(self, items, addresses):
        super().__init__(items)
        self.addresses = addresses


class Block(list):
    """Batches that follow each other and lie in memory at the same time."""

    __slots__ = ("_groups",)

    def groups(self):
        """[(batches, the list of arrays of each)] for those that follow in one signature."""
        try:
            return self._groups
        except AttributeError:
            self._groups = self._grouped()
            return self._groups

    def _grouped(self):
        groups = []
        for batch in self:
            if not groups or groups[-1][-1].signature is not batch.signature:
                groups.append([])
            groups[-1].append(batch)
        return [(batches, _joined([b.arrays for b in batches])) for batches in groups]


def _joined(batches):
    if not all(isinstance(arrays, Fixed) for arrays in batches):
        return batches
    return Fixed(batches, numpy.array([arrays.addresses for arrays in batches], numpy.uint64))
