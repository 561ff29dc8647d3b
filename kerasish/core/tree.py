"""Nested structures (lists, tuples, dicts, None) as flat lists of leaves and back."""

import collections

from kerasish.errors import explain


def is_nested(structure):
    """Whether a value is a list, tuple or dict.

    Args:
        structure: any value.

    Returns:
        bool.
    """
    return isinstance(structure, (list, tuple, dict))


def flatten(structure):
    """Leaves of a nested structure, in order; dicts by sorted key, an OrderedDict by its own order.

    Example:
        >>> flatten({"b": 1, "a": [2, (3,)]})
        [2, 3, 1]
    """
    leaves = []
    _collect(structure, leaves)
    return leaves


def _collect(structure, leaves):
    if isinstance(structure, dict):
        for key in sorted_keys(structure):
            _collect(structure[key], leaves)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _collect(item, leaves)
    else:
        leaves.append(structure)


def sorted_keys(mapping):
    """Keys of a dict in the order of `flatten`."""
    if isinstance(mapping, collections.OrderedDict):
        return list(mapping)
    try:
        return sorted(mapping)
    except TypeError:  # keys of mixed types keep their insertion order
        return list(mapping)


def unflatten(structure, leaves):
    """Rebuild `structure` with new leaves, in the order of `flatten`.

    Raises:
        ValueError: too few or too many leaves.
    """
    iterator = iter(leaves)
    try:
        result = _rebuild(structure, iterator)
    except StopIteration:
        raise ValueError(
            explain("tree.unflatten", "too few leaves", expected=str(len(flatten(structure))))
        ) from None
    if next(iterator, _END) is not _END:
        raise ValueError(
            explain("tree.unflatten", "too many leaves", expected=str(len(flatten(structure))))
        )
    return result


_END = object()


def _rebuild(structure, iterator):
    if isinstance(structure, dict):
        built = {key: _rebuild(structure[key], iterator) for key in sorted_keys(structure)}
        if isinstance(structure, collections.defaultdict):
            return type(structure)(structure.default_factory, ((k, built[k]) for k in structure))
        return type(structure)((key, built[key]) for key in structure)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*[_rebuild(item, iterator) for item in structure])
    if isinstance(structure, (list, tuple)):
        items = []
        for item in structure:  # a loop, since a generator would turn StopIteration into an error
            items.append(_rebuild(item, iterator))
        return type(structure)(items)
    # Plain next() raising StopIteration is what tells unflatten that leaves ran out.
    return next(iterator)


def map_structure(function, *structures):
    """Apply a function leaf by leaf to structures of one form.

    Example:
        >>> map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
        {'x': 3}
    """
    first = structures[0]
    if len(structures) == 1:
        return unflatten(first, [function(leaf) for leaf in flatten(first)])
    for other in structures[1:]:
        assert_same_structure(first, other)
    columns = [_flatten_like(first, s) for s in structures]
    return unflatten(first, [function(*leaves) for leaves in zip(*columns, strict=True)])


def _flatten_like(first, other):
    """Leaves of `other` in the order of `first`, whose dicts may be ordered in another way."""
    if isinstance(first, dict):
        return [x for key in sorted_keys(first) for x in _flatten_like(first[key], other[key])]
    if is_nested(first):
        return [x for a, b in zip(first, other, strict=True) for x in _flatten_like(a, b)]
    return [other]


def assert_same_structure(a, b):
    """Raise an error where two nested structures differ in form, types or keys.

    All kinds of dict count as one type, whatever the order of their keys.

    Args:
        a, b: nested structures.

    Raises:
        ValueError: they differ.
    """
    if _form(a) is not _form(b):
        raise ValueError(explain("tree", "structures differ", received=(type(a), type(b))))
    if isinstance(a, dict):
        if set(a) != set(b):
            raise ValueError(
                explain("tree", "dicts differ in keys", received=list(b), expected=str(list(a)))
            )
        for key in a:
            assert_same_structure(a[key], b[key])
    elif is_nested(a):
        if len(a) != len(b):
            raise ValueError(
                explain("tree", "lengths differ", received=len(b), expected=str(len(a)))
            )
        for x, y in zip(a, b, strict=True):
            assert_same_structure(x, y)


def _form(structure):
    if isinstance(structure, dict):
        return dict
    return type(structure) if isinstance(structure, (list, tuple)) else None


def structure_key(structure):
    """Hashable description of a structure's form, without its leaves."""
    if isinstance(structure, dict):
        return ("d", tuple((k, structure_key(structure[k])) for k in sorted_keys(structure)))
    if isinstance(structure, (list, tuple)):
        return (type(structure).__name__, tuple(structure_key(item) for item in structure))
    return None
