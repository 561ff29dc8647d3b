"""Methods of Dataset that put elements together, in batches, windows and groups."""

import bisect

import numpy

from kerasish.core import tree
from kerasish.data.elements import as_element
from kerasish.data.stages.batching import Batch, PaddedBatch, Unbatch
from kerasish.data.stages.windows import GroupByWindow, Window
from kerasish.data.user_functions import whole_number
from kerasish.errors import DataError, explain, quote


class BatchesMixin:
    """Transformations of several elements."""

    def batch(
        self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None,
        name=None,
    ):  # fmt: skip
        """Consecutive elements along a new first axis.

        Rows of arrays are gathered at once.

        Args:
            batch_size: int.
            drop_remainder: bool. Whether a last batch that is smaller is left out.
            num_parallel_calls, deterministic, name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> [b.tolist() for b in Dataset.range(5).batch(2)]
            [[0, 1], [2, 3], [4]]
        """
        size = whole_number(batch_size, "batch")
        return self._derive(Batch(self._stage, size, bool(drop_remainder)))

    def padded_batch(
        self, batch_size, padded_shapes=None, padding_values=None, drop_remainder=False, name=None
    ):
        """Consecutive elements along a new first axis, filled up at their ends to one shape.

        Args:
            batch_size: int.
            padded_shapes: nested shapes; sizes None, or None as a whole, for the largest of the
                batch.
            padding_values: nested fillers, or one for all; 0 and "" when None.
            drop_remainder: bool. Whether a last batch that is smaller is left out.
            name: ignored.

        Raises:
            DataError: an element is larger than padded_shapes (while iterating).

        Example:
            >>> from kerasish.data import Dataset
            >>> import numpy
            >>> data = Dataset.range(1, 4).map(lambda n: numpy.full(n, n))
            >>> next(iter(data.padded_batch(3))).tolist()
            [[1, 0, 0], [2, 2, 0], [3, 3, 3]]
        """
        size = whole_number(batch_size, "padded_batch")
        stage = PaddedBatch(self._stage, size, padded_shapes, padding_values, bool(drop_remainder))
        return self._derive(stage)

    def unbatch(self, name=None):
        """The elements along the first axis of each element."""
        return self._derive(Unbatch(self._stage))

    def rebatch(self, batch_size, drop_remainder=False, name=None):
        """Batches of another size.

        Args:
            batch_size: int.
            drop_remainder: bool. Whether a last batch that is smaller is left out.
            name: ignored.
        """
        return self.unbatch().batch(batch_size, drop_remainder)

    def window(self, size, shift=None, stride=1, drop_remainder=False, name=None):
        """Runs of elements, each as a data set; for nested elements a data set for each leaf.

        Args:
            size: int. Elements of a run.
            shift: int. How many elements the next run begins later; `size` when None.
            stride: int. Distance of the elements of a run.
            drop_remainder: bool. Whether runs that lack elements are left out.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.range(5).window(3, shift=1, drop_remainder=True)
            >>> [b.tolist() for b in data.flat_map(lambda run: run.batch(3))]
            [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
        """
        size = whole_number(size, "window")
        shift = size if shift is None else whole_number(shift, "window")
        stride = whole_number(stride, "window")
        return self._derive(
            Window(self._stage, size, shift, stride, bool(drop_remainder), self._derive)
        )

    def group_by_window(
        self, key_func, reduce_func, window_size=None, window_size_func=None, name=None
    ):
        """What a function makes of groups of elements that have one key.

        Args:
            key_func: function from an element to an int.
            reduce_func: function of a key and a data set that returns a data set.
            window_size: int. Elements of a group; the last groups may be smaller.
            window_size_func: function from a key to the size of its groups, in place of
                window_size.
            name: ignored.

        Example:
            >>> from kerasish.data import Dataset
            >>> data = Dataset.range(7).group_by_window(
            ...     lambda x: x % 2, lambda key, group: group.batch(3), window_size=3)
            >>> [b.tolist() for b in data]
            [[0, 2, 4], [1, 3, 5], [6]]
        """
        if (window_size is None) == (window_size_func is None):
            raise ValueError(
                explain("group_by_window", "give window_size or window_size_func, not both")
            )
        key_function = self._function(key_func)

        def key(element):
            return int(as_element(key_function.call(element)))

        def size(key):
            wanted = window_size if window_size_func is None else window_size_func(key)
            return whole_number(as_element(wanted), "group_by_window")

        def reduce(key, stage):
            made = reduce_func(numpy.int64(key), self._derive(stage))
            if not getattr(made, "is_dataset", False):
                problem = "reduce_func must return a data set"
                raise TypeError(explain("group_by_window", problem, received=quote(made)))
            return made._stage

        return self._derive(GroupByWindow(self._stage, key, size, reduce))

    def bucket_by_sequence_length(
        self, element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes=None,
        padding_values=None, pad_to_bucket_boundary=False, no_padding=False, drop_remainder=False,
        name=None,
    ):  # fmt: skip
        """Padded batches of elements of about one length.

        Args:
            element_length_func: function from an element to its length.
            bucket_boundaries: list of int, ascending: where the next bucket begins.
            bucket_batch_sizes: list of int, one more than there are boundaries.
            padded_shapes, padding_values: as of `padded_batch`.
            pad_to_bucket_boundary: bool. Whether unknown sizes are filled up to one less than the
                end of the bucket, in place of the longest of the batch.
            no_padding: bool. Whether elements of a bucket are of one shape already.
            drop_remainder: bool. Whether batches that lack elements are left out.
            name: ignored.

        Raises:
            ValueError: not one batch size more than boundaries.
            DataError: an element is too long for pad_to_bucket_boundary (while iterating).
        """
        boundaries, sizes = list(bucket_boundaries), list(bucket_batch_sizes)
        if len(sizes) != len(boundaries) + 1:
            raise ValueError(
                explain(
                    "bucket_by_sequence_length",
                    "one batch size more than boundaries is needed",
                    received=(boundaries, sizes),
                )
            )
        length = self._function(element_length_func)

        def key(*element):
            found = int(as_element(length.call(element if len(element) > 1 else element[0])))
            return bisect.bisect_right(boundaries, found)

        def reduce(key, group):
            size = sizes[int(key)]
            if no_padding:
                return group.batch(size, drop_remainder)
            shapes = padded_shapes
            if pad_to_bucket_boundary:
                if key == len(boundaries):
                    raise DataError(
                        explain(
                            "bucket_by_sequence_length",
                            "an element is too long for pad_to_bucket_boundary",
                            expected=f"shorter than {boundaries[-1]}",
                        )
                    )
                shapes = _filled(shapes, group._stage.probe()[0], boundaries[int(key)] - 1)
            return group.padded_batch(size, shapes, padding_values, drop_remainder)

        return self.group_by_window(key, reduce, window_size_func=lambda key: sizes[int(key)])


def _filled(shapes, element, size):
    """Nested shapes in which unknown sizes have a value; first axes of arrays, where none given."""
    if shapes is None:
        return tree.map_structure(
            lambda leaf: (size, *numpy.shape(leaf)[1:]) if numpy.ndim(leaf) else (), element
        )
    if not isinstance(element, (tuple, dict)):
        sizes = shapes.as_list() if hasattr(shapes, "as_list") else shapes
        return [size if s is None else s for s in sizes]
    keys = list(element) if isinstance(element, dict) else range(len(element))
    parts = {key: _filled(shapes[key], element[key], size) for key in keys}
    return parts if isinstance(element, dict) else tuple(parts.values())
