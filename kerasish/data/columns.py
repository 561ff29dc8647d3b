"""Columns: the arrays of a data set as sources of rows, written into memory that is given."""

import numpy

from kerasish.data.sources import batch_dtype, standardize, weigh_classes


class Column:
    """One array of the data set. Floats become floatx row by row, never the array as a whole.

    Args:
        source: array (samples, ...).

    Attributes:
        row_shape, dtype: of the rows that come out.
        is_sliceable: bool. Whether consecutive rows are a view that needs no conversion.
        is_converted: bool. Whether rows come out in another dtype than the array's.
        is_mapped: bool. Whether the array is a file, read when its rows are.
    """

    def __init__(self, source):
        self.is_mapped = _is_mapped(source)
        self.source = numpy.asarray(source) if self.is_mapped else source
        self.row_shape, self.dtype = source.shape[1:], batch_dtype(source.dtype)
        is_whole = isinstance(source, numpy.ndarray) and source.flags.c_contiguous
        self.is_sliceable = is_whole and source.dtype is self.dtype
        self.is_converted = source.dtype is not self.dtype
        # Where the array is not in C order, `take` would first copy all of it.
        self._can_take = is_whole and source.flags.aligned
        self._scratch = None

    def rows(self, rows):
        """The rows of a slice or an array of indices, as an array of their own or a view."""
        return standardize(self.source[rows])

    def fill(self, out, rows):
        """Write rows, given by a slice or an array of indices, into `out`."""
        if not self._can_take or type(rows) is slice:
            numpy.copyto(out, self.source[rows], casting="unsafe")
        elif self.is_sliceable:
            # "clip", since with "raise" NumPy goes through a copy of `out`
            self.source.take(rows, 0, out, "clip")
        else:
            if self._scratch is None or len(self._scratch) < len(rows):
                self._scratch = numpy.empty((len(rows), *self.row_shape), self.source.dtype)
            taken = self.source.take(rows, 0, self._scratch[: len(rows)], "clip")
            numpy.copyto(out, taken, casting="unsafe")


class ClassWeightColumn:
    """Sample weights that follow from the labels, times those that are given.

    Args:
        y: array of labels (n,) or (n, 1), or one-hot (n, classes).
        sample_weight: array (n,) or (n, 1), or None.
        class_weight: dict from label to weight.
    """

    is_sliceable = is_mapped = is_converted = False
    row_shape = ()

    def __init__(self, y, sample_weight, class_weight):
        self._sources = [y] if sample_weight is None else [y, sample_weight]
        self._class_weight = class_weight
        self.dtype = self.rows(slice(0, 1)).dtype

    def rows(self, rows):
        """The weights of the rows of a slice or an array of indices."""
        batch = (None, *[standardize(source[rows]) for source in self._sources])
        return weigh_classes(batch, self._class_weight)[2]

    def fill(self, out, rows):
        """Write the weights of rows into `out`."""
        out[...] = self.rows(rows)


def _is_mapped(array):
    while isinstance(array, numpy.ndarray):
        if isinstance(array, numpy.memmap):
            return True
        array = array.base
    return False
