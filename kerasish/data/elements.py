"""Elements of data sets: nested tuples and dicts of arrays, NumPy scalars and text.

A leaf is an array, a NumPy scalar, a `str` or `bytes`, None, or a data set (an element of `window`
holds some). Text in arrays is always of dtype object: NumPy's own text types cut NUL bytes off.
"""

import numpy

from kerasish.arrays import dtypes
from kerasish.arrays.conversion import to_array
from kerasish.config import settings
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor
from kerasish.errors import DataError, explain

_TEXT = (str, bytes)


def as_element(value):
    """An element of whatever a user hands over: tensors and lists become arrays."""
    kind = type(value)
    if kind is numpy.ndarray and value.dtype.kind not in "US":
        return value
    if isinstance(value, tuple):
        parts = [as_element(item) for item in value]
        return kind(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {key: as_element(value[key]) for key in value}
    return _as_leaf(value, kind)


def _as_leaf(value, kind):
    if kind is str or kind is bytes or value is None or getattr(value, "is_dataset", False):
        return value
    if kind in _PYTHON:
        return _PYTHON[kind](value)
    if isinstance(value, _TEXT):  # also NumPy's
        return str(value) if isinstance(value, str) else bytes(value)
    if isinstance(value, numpy.generic):
        return value
    if hasattr(value, "_as_tensor"):
        value = value._as_tensor()
    if isinstance(value, Tensor):
        return value.numpy()
    if not isinstance(value, numpy.ndarray):
        array = _as_array(value)
    else:
        array = numpy.asarray(value)
    return array.astype(object) if array.dtype.kind in "US" else array


def _as_array(value):
    if isinstance(value, list) and _is_text(value):
        return numpy.array(value, dtype=object)
    if isinstance(value, list) and any([hasattr(item, "dtype") for item in value]):
        return stack([as_element(item) for item in value])  # keeps their dtype
    if hasattr(value, "to_numpy"):  # pandas
        value = value.to_numpy()
        if value.dtype.kind in "OUS":
            return value
    array = to_array(value)
    return array if isinstance(array, numpy.ndarray) else array.get()


def _is_text(value):
    while isinstance(value, (list, tuple)) and len(value):
        value = value[0]
    return isinstance(value, _TEXT)


def _small_int(value):
    return numpy.int32(value) if -(2**31) <= value < 2**31 else numpy.int64(value)


_PYTHON = {
    bool: numpy.bool_,
    int: _small_int,
    float: lambda value: dtypes.to_numpy(settings.floatx).type(value),
    complex: numpy.complex64,
}


def read_only(element):
    """The element with arrays that cannot be written: for what is kept and handed out again."""
    if isinstance(element, numpy.ndarray):
        return _read_only(element)
    if isinstance(element, (tuple, dict)):
        return tree.map_structure(_read_only, element)
    return element


def _read_only(leaf):
    if not isinstance(leaf, numpy.ndarray) or not leaf.flags.writeable:
        return leaf
    view = leaf.view()
    view.flags.writeable = False
    return view


def stack(elements):
    """One element with a new first axis, from a list of elements of one form.

    Raises:
        DataError: shapes differ.
    """
    first = elements[0]
    if not isinstance(first, (tuple, dict)):
        return _stack_leaves(elements, 0)
    if type(first) is tuple and not any(isinstance(part, (tuple, dict)) for part in first):
        columns = zip(*elements, strict=True)
        return tuple([_stack_leaves(c, i) for i, c in enumerate(columns)])
    columns = zip(*map(tree.flatten, elements), strict=True)
    return tree.unflatten(first, [_stack_leaves(c, i) for i, c in enumerate(columns)])


def _stack_leaves(leaves, component):
    first = leaves[0]
    if isinstance(first, numpy.ndarray):
        shape, count = first.shape, len(leaves)
        if not shape or not first.size:
            _require_one_shape(leaves, component)
            return numpy.stack(leaves)
        if any([leaf.shape != shape for leaf in leaves]):
            _require_one_shape(leaves, component)
        # Far quicker than numpy.stack, which makes a view of each array first.
        return numpy.concatenate(leaves).reshape(count, *shape)
    if isinstance(first, _TEXT):
        column = numpy.empty(len(leaves), object)
        column[:] = leaves
        return column
    if first is None:
        return None
    if getattr(first, "is_dataset", False):
        raise DataError(
            explain("batch", "data sets cannot be stacked", fix="flat_map(lambda w: w.batch(n))")
        )
    if any([isinstance(leaf, numpy.ndarray) for leaf in leaves]):
        _require_one_shape(leaves, component)
    return numpy.array(leaves)


def _require_one_shape(leaves, component):
    shapes = [numpy.shape(leaf) for leaf in leaves]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise DataError(
                explain(
                    "batch",
                    f"arrays of different shapes in component {component}",
                    received=f" element 0 has shape {shapes[0]}, element {number} shape {shape}",
                    fix="padded_batch(...)",
                )
            )


def unstack(element):
    """Elements along the first axis of all leaves.

    Raises:
        DataError: a leaf has no axis, or sizes differ.
    """
    leaves = tree.flatten(element)
    sizes = {len(leaf) if numpy.ndim(leaf) else None for leaf in leaves if leaf is not None}
    if len(sizes) != 1 or None in sizes:
        raise DataError(
            explain(
                "unbatch",
                "leaves need a first axis of one size",
                received=f" shapes {[numpy.shape(leaf) for leaf in leaves]}",
            )
        )
    for i in range(sizes.pop()):
        yield tree.unflatten(element, [None if leaf is None else leaf[i] for leaf in leaves])


def spec_of(element):
    """Nested specs of an element: shape and dtype of each leaf."""
    return tree.map_structure(_leaf_spec, element)


def _leaf_spec(leaf):
    if leaf is None:
        return None
    if getattr(leaf, "is_dataset", False):
        return DatasetSpec(leaf.element_spec)
    if isinstance(leaf, _TEXT):
        return TensorSpec((), "string")
    return TensorSpec(leaf.shape, dtypes.name_of(leaf.dtype))


class DatasetSpec:
    """Spec of an element that is a data set itself.

    Args:
        element_spec: nested specs of its elements.
    """

    def __init__(self, element_spec):
        self.element_spec = element_spec

    def __eq__(self, other):
        return isinstance(other, DatasetSpec) and self.element_spec == other.element_spec

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        return f"DatasetSpec({self.element_spec!r})"


def add_axis(spec, size):
    """Specs with a new first axis."""

    def widen(leaf):
        return leaf if leaf is None else TensorSpec((size, *leaf.shape), leaf.dtype)

    return tree.map_structure(widen, spec)


def drop_axis(spec):
    """Specs without their first axis."""

    def narrow(leaf):
        return leaf if leaf is None else TensorSpec(leaf.shape[1:], leaf.dtype)

    return tree.map_structure(narrow, spec)


def merge_specs(a, b):
    """Specs that both fit: sizes which differ are None."""

    def merge(x, y):
        if not isinstance(x, TensorSpec) or not isinstance(y, TensorSpec) or x.ndim != y.ndim:
            return x
        sizes = [p if p == q else None for p, q in zip(x.shape, y.shape, strict=True)]
        return TensorSpec(sizes, x.dtype)

    return tree.map_structure(merge, a, b)
