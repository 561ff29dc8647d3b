"""Nested structures: order, types kept, forms compared; Keras 3's results on the same values."""

import collections

import pytest

from kerasish.core import tree

Pair = collections.namedtuple("Pair", "x y")
ORDERED = collections.OrderedDict([("b", 1), ("a", 2)])
DEFAULT = collections.defaultdict(list, {"b": 1, "a": 2})


class Numbers(list):
    """A list of another name."""


# structure -> leaves, in the order of Keras 3.15.1
LEAVES = [
    (5, [5]),
    (None, [None]),
    ("abc", ["abc"]),
    ([], []),
    ({}, []),
    ([None, 1, (), {}], [None, 1]),
    ({"b": 1, "a": 2}, [2, 1]),
    (ORDERED, [1, 2]),
    (DEFAULT, [2, 1]),
    (Pair(1, [2, 3]), [1, 2, 3]),
    ([(1, {"k": [2]}), 3], [1, 2, 3]),
    (slice(1, 2), [slice(1, 2)]),
    (range(3), [range(3)]),
]


@pytest.mark.parametrize("structure,leaves", LEAVES, ids=str)
def test_flatten_and_back(structure, leaves):
    assert tree.flatten(structure) == leaves
    again = tree.unflatten(structure, leaves)
    assert again == structure and type(again) is type(structure)


def test_map_keeps_types_and_the_order_of_keys():
    for structure in ([1], (1,), {"b": 1, "a": 2}, ORDERED, DEFAULT, Pair(1, 2), Numbers([1])):
        mapped = tree.map_structure(lambda x: x + 1, structure)
        assert type(mapped) is type(structure)
        if isinstance(structure, dict):
            assert list(mapped) == list(structure)
            assert mapped == {key: value + 1 for key, value in structure.items()}
    assert tree.map_structure(lambda x: x, DEFAULT).default_factory is list


def test_map_of_several_pairs_leaves_by_key():
    pairs = tree.map_structure(lambda *x: x, ORDERED, {"a": 10, "b": 20}, DEFAULT)
    assert pairs == collections.OrderedDict([("b", (1, 20, 1)), ("a", (2, 10, 2))])
    assert tree.map_structure(lambda a, b: a + b, [1, (2,)], [3, (4,)]) == [4, (6,)]


SAME = [
    (ORDERED, {"a": 1, "b": 2}),
    (DEFAULT, {"a": 1, "b": 2}),
    (None, 1),
    ([1, (2, {"k": 3})], [0, ("x", {"k": None})]),
]
DIFFERENT = [
    ([1], (1,)),
    (Pair(1, 2), (1, 2)),
    ([1], [1, 2]),
    ([1, [2]], [1, 2]),
    (1, [1]),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, ORDERED),
    ({"a": 1}, [1]),
    ({1: 1, "a": 2}, {"a": 2}),
]


@pytest.mark.parametrize("a,b", SAME, ids=str)
def test_same_forms(a, b):
    tree.assert_same_structure(a, b)


@pytest.mark.parametrize("a,b", DIFFERENT, ids=str)
def test_different_forms(a, b):
    with pytest.raises(ValueError, match="^tree: .*Received"):
        tree.assert_same_structure(a, b)
    with pytest.raises(ValueError, match="^tree: "):
        tree.map_structure(lambda x, y: x, a, b)


def test_wrong_numbers_of_leaves():
    with pytest.raises(ValueError, match="too few leaves.*Expected: 3"):
        tree.unflatten([1, [2, 3]], [1, 2])
    with pytest.raises(ValueError, match="too many leaves.*Expected: 3"):
        tree.unflatten([1, [2, 3]], [1, 2, 3, 4])


def test_keys_of_mixed_types_keep_their_order():
    assert tree.flatten({"a": 2, 1: 1}) == [2, 1]


def test_is_nested():
    assert [tree.is_nested(x) for x in ([], (), {}, Pair(1, 2), "ab", None, 3)] == [True] * 4 + [
        False
    ] * 3


def test_structure_keys_tell_forms_apart_and_ignore_leaves():
    forms = [1, [1], (1,), [1, 1], {"a": 1}, {"b": 1}, {"a": [1]}, Pair(1, 1), []]
    keys = [tree.structure_key(form) for form in forms]
    assert len(set(keys)) == len(forms)
    assert tree.structure_key([1, {"a": 2}]) == tree.structure_key([3, {"a": None}])


def test_a_function_that_raises_is_not_taken_for_missing_leaves():
    def stop(x):
        raise StopIteration(x)

    with pytest.raises(StopIteration):
        tree.map_structure(stop, [1])
