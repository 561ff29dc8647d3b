"""`kerasish.tree`: nested structures (lists, tuples, dicts), under Keras's names."""

import warnings

from kerasish.core import tree as core
from kerasish.core.tree import flatten, is_nested
from kerasish.errors import explain

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


class MAP_TO_NONE:
    """What a function of `traverse` returns to put None in the place of a part."""


def assert_same_structure(a, b, check_types=None):
    """Raise an error where two nested structures differ in form, types or keys.

    All kinds of dict count as one type, whatever the order of their keys.

    Args:
        a: nested structure.
        b: nested structure.
        check_types: without effect since Keras 3.4; warns.

    Raises:
        ValueError: they differ.

    Example:
        >>> assert_same_structure([1, {"a": 2}], [3, {"a": 4}])
    """
    if check_types is not None:
        warnings.warn("check_types has no effect", DeprecationWarning, stacklevel=2)
    core.assert_same_structure(a, b)


def pack_sequence_as(structure, flat_sequence):
    """A structure like the given one, with other leaves.

    Args:
        structure: nested structure.
        flat_sequence: sequence of as many leaves, in the order of `flatten`.

    Returns:
        nested structure.

    Raises:
        ValueError: too few or too many leaves.

    Example:
        >>> pack_sequence_as({"b": 0, "a": [0]}, [1, 2])
        {'b': 2, 'a': [1]}
    """
    return core.unflatten(structure, flat_sequence)


def map_structure(func, *structures, none_is_leaf=True):
    """Apply a function leaf by leaf to structures of one form.

    Args:
        func: callable of as many leaves as there are structures.
        *structures: nested structures.
        none_is_leaf: bool. When False, None stays None and `func` does not see it.

    Returns:
        nested structure.

    Raises:
        TypeError: no structure, or a function that cannot be called.
        ValueError: structures of different forms.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    if not callable(func) or not structures:
        raise TypeError(explain("map_structure", "needs a callable and a structure", received=func))

    def on_leaves(*leaves):
        if not none_is_leaf and all(leaf is None for leaf in leaves):
            return None
        return func(*leaves)

    return core.map_structure(on_leaves, *structures)


def flatten_with_path(structure):
    """Leaves of a nested structure with their paths: tuples of places and keys.

    Args:
        structure: nested structure.

    Returns:
        list of pairs (path, leaf).

    Example:
        >>> flatten_with_path([{"foo": 42}])
        [((0, 'foo'), 42)]
    """
    return list(_walk(structure, ()))


def _walk(structure, path):
    if isinstance(structure, dict):
        for key in core.sorted_keys(structure):
            yield from _walk(structure[key], (*path, key))
    elif isinstance(structure, (list, tuple)):
        for i, item in enumerate(structure):
            yield from _walk(item, (*path, i))
    else:
        yield path, structure


def assert_same_paths(a, b):
    """Raise an error where two nested structures have leaves at other places; types may differ.

    Args:
        a: nested structure.
        b: nested structure.

    Raises:
        ValueError: they differ; the text has the paths.

    Example:
        >>> assert_same_paths([0, 1], (2, 3))
    """
    first = {path for path, _ in flatten_with_path(a)}
    second = {path for path, _ in flatten_with_path(b)}
    if first != second:
        raise ValueError(
            explain(
                "tree",
                "structures have leaves at other places",
                received=f" only in the second: {sorted(second - first, key=str)}",
                expected=f"only in the first: {sorted(first - second, key=str)}",
            )
        )


def lists_to_tuples(structure):
    """The structure with tuples in the place of lists.

    Args:
        structure: nested structure.

    Returns:
        nested structure.

    Example:
        >>> lists_to_tuples({"a": [1, [2]]})
        {'a': (1, (2,))}
    """

    def as_tuple(part):
        return tuple(part) if type(part) is list else None

    return traverse(as_tuple, structure, top_down=False)


def map_shape_structure(func, structure):
    """Apply a function to shapes: lists and tuples of ints and None count as leaves.

    Args:
        func: callable of a shape.
        structure: nested structure of shapes.

    Returns:
        nested structure of results.

    Raises:
        ValueError: a leaf that is no shape.

    Example:
        >>> map_shape_structure(len, [(2, 3), {"a": (None,)}])
        [2, {'a': 1}]
    """
    is_sequence = isinstance(structure, (list, tuple))
    if is_sequence and all(n is None or isinstance(n, int) for n in structure):
        return func(tuple(structure))
    if isinstance(structure, dict):
        return {key: map_shape_structure(func, structure[key]) for key in structure}
    if is_sequence:
        return type(structure)([map_shape_structure(func, item) for item in structure])
    raise ValueError(explain("map_shape_structure", "a leaf is no shape", received=structure))


def map_structure_up_to(shallow_structure, func, *structures):
    """Apply a function to structures where a shallow one has its leaves.

    Args:
        shallow_structure: nested structure that the others share at its depth.
        func: callable of as many parts as there are structures.
        *structures: nested structures, as deep or deeper.

    Returns:
        structure like the shallow one.

    Raises:
        TypeError: no structure, or a function that cannot be called.
        ValueError: a structure that differs from the shallow one.

    Example:
        >>> map_structure_up_to([None, None], len, [[1, 1], [2]])
        [2, 1]
    """
    if not callable(func) or not structures:
        raise TypeError(
            explain("map_structure_up_to", "needs a callable and a structure", received=func)
        )
    columns = [[_part(s, path) for path, _ in flatten_with_path(shallow_structure)]
               for s in structures]  # fmt: skip
    for structure in structures:
        _require_up_to(shallow_structure, structure)
    return core.unflatten(shallow_structure, [func(*parts) for parts in zip(*columns, strict=True)])


def _part(structure, path):
    for key in path:
        try:
            structure = structure[key]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(
                explain("map_structure_up_to", f"there is nothing at {path}", received=structure)
            ) from error
    return structure


def _require_up_to(shallow, structure):
    if not is_nested(shallow):
        return
    if not is_nested(structure) or len(shallow) != len(structure):
        raise ValueError(
            explain(
                "map_structure_up_to",
                "a structure differs from the shallow one",
                received=structure,
                expected=str(shallow),
            )
        )
    keys = shallow if isinstance(shallow, dict) else range(len(shallow))
    for key in keys:
        _require_up_to(shallow[key], structure[key])


def traverse(func, structure, top_down=True):
    """Walk through a nested structure, parts and leaves, replacing what a function replaces.

    Args:
        func: callable of a part; None means "as it is" (and, from the top, "go on inside"), any
            other result takes the part's place, `MAP_TO_NONE` as None.
        structure: nested structure.
        top_down: bool. Whether a part comes before what is inside it.

    Returns:
        nested structure.

    Raises:
        TypeError: a function that cannot be called.

    Example:
        >>> traverse(lambda x: x + 1 if isinstance(x, int) else None, [(1, 2), {"a": 3}])
        [(2, 3), {'a': 4}]
    """
    if not callable(func):
        raise TypeError(explain("traverse", "not a callable", received=func))
    if top_down:
        result = func(structure)
        if result is not None:
            return _unmasked(result)
        return _with_parts(structure, lambda part: traverse(func, part, True))
    rebuilt = _with_parts(structure, lambda part: traverse(func, part, False))
    result = func(rebuilt)
    return rebuilt if result is None else _unmasked(result)


def _unmasked(result):
    return None if result is MAP_TO_NONE or isinstance(result, MAP_TO_NONE) else result


def _with_parts(structure, function):
    """The structure with every part replaced by its image."""
    if isinstance(structure, dict):
        images = {key: function(structure[key]) for key in core.sorted_keys(structure)}
        return type(structure)((key, images[key]) for key in structure)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*[function(part) for part in structure])
    if isinstance(structure, (list, tuple)):
        return type(structure)([function(part) for part in structure])
    return structure
