"""Every transformation of Dataset: values, size, specs, positions, errors, threads; from rows."""

import gc
import itertools
import threading
import time
import traceback

import numpy as np
import pytest

from kerasish.core import tree
from kerasish.data import Dataset
from tests.data.cases import CASES, N

FOLLOWED = {
    "alone": lambda d: d,
    "prefetch": lambda d: d.prefetch(2),
    "parallel map": lambda d: d.map(lambda *e: e[0] if len(e) == 1 else e, 2),
    "unordered map": lambda d: d.map(lambda *e: e[0] if len(e) == 1 else e, 2, False),
    "repeat": lambda d: d.repeat(2),
    "shuffle": lambda d: d.shuffle(3, seed=5),
    "flat_map": lambda d: Dataset.range(2).flat_map(lambda i: d),
}


def plain(element):
    """An element as nested Python values."""
    return tree.map_structure(
        lambda leaf: leaf.tolist() if hasattr(leaf, "tolist") else leaf, element
    )


def sortable(elements):
    """Elements, or numbers of all batches, in an order that can be compared."""
    found = []
    for element in elements:
        found += element if isinstance(element, list) else [element]
    return sorted(found, key=repr)


def made(case):
    return case.make(Dataset.range(N))


def collected(case, iterator):
    return [plain(e) for e in itertools.islice(iterator, case.limit)]


def check_values(case, found):
    if case.any_order:
        assert sortable(found) == sortable(case.expected)
    else:
        assert found == case.expected


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    data = made(case)
    for _ in range(2):
        check_values(case, collected(case, data))
    check_values(case, collected(case, data.as_numpy_iterator()))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cardinality(case):
    size = len(case.expected) if case.cardinality is None else case.cardinality
    data = made(case)
    assert data.cardinality() == size
    if size >= 0:
        assert len(data) == size
    else:
        with pytest.raises(TypeError, match="infinite" if size == -1 else "unknown"):
            len(data)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_element_spec(case):
    data = made(case)
    assert str(data.element_spec) == case.spec
    for element in itertools.islice(data, case.limit):
        specs, leaves = tree.flatten(data.element_spec), tree.flatten(element)
        for spec, leaf in zip(specs, leaves, strict=True):
            shape = np.shape(leaf)
            assert len(spec.shape) == len(shape)
            if case.name != "bucket_to_boundary":  # its sizes differ by bucket: seen ones are told
                assert all(s is None or s == n for s, n in zip(spec.shape, shape, strict=True))
            if not isinstance(leaf, str):
                assert (spec.dtype == "string") == (leaf.dtype == object)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_iterations_do_not_disturb_each_other(case):
    data = made(case)
    alone = collected(case, data)
    pairs = list(itertools.islice(zip(data, data, strict=True), case.limit))
    for found in zip(*pairs, strict=True):
        check_values(case, [plain(e) for e in found])
    assert len(pairs) == len(alone)


def is_storable(state):
    if isinstance(state, dict):
        return all(isinstance(k, str) and is_storable(v) for k, v in state.items())
    if isinstance(state, (list, tuple)):
        return all(is_storable(v) for v in state)
    if isinstance(state, np.ndarray):
        return state.dtype != object or is_storable(state.tolist())
    return state is None or isinstance(state, (bool, int, float, str, bytes, np.generic))


@pytest.mark.parametrize("follow", FOLLOWED)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_position_gives_the_elements_that_are_left(case, follow):
    """In the same pipeline, and in one made anew, as another process does."""
    make = FOLLOWED[follow]
    size = 2 * (case.limit or 20)
    steps = range(size) if follow == "alone" else (0, 1, 2, 7, 11)
    by_chance = "unordered" in case.name or "unordered" in follow
    data = make(made(case))
    iterator, states, found = iter(data), [], []
    for element in itertools.chain([None], itertools.islice(iterator, size)):
        found += [plain(element)] if states else []
        states.append(iterator.get_state())
    iterator.close()
    for position in steps:
        if position >= len(states):
            break
        assert "window" in case.name or is_storable(states[position])
        for pipeline in (data, make(made(case))):
            again = iter(pipeline)
            again.set_state(states[position])
            rest = [plain(e) for e in itertools.islice(again, len(found) - position)]
            if by_chance:
                assert sortable(rest) == sortable(found[position:])
            else:
                assert rest == found[position:]
            if len(found) < size:
                assert next(again, None) is None
            again.close()


class Broken(Exception):
    """Raised by a function of the tests."""


def break_at_four(x):
    if x == 4:
        raise Broken("four")
    return x


@pytest.mark.parametrize("follow", ["alone", "prefetch", "parallel map", "unordered map"])
@pytest.mark.parametrize("case", [c for c in CASES if c.reads_all], ids=str)
def test_an_error_arrives_with_its_traceback(case, follow):
    before = threading.active_count()
    data = FOLLOWED[follow](case.make(Dataset.range(N).map(break_at_four)))
    with pytest.raises(Broken) as caught:
        for _ in itertools.islice(data, 100):
            pass
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-1] == "break_at_four"
    del caught
    assert_threads(before)


def assert_threads(count):
    if threading.active_count() > count:
        gc.collect()  # what an exception's traceback holds
    deadline = time.monotonic() + 20  # other programs may have the processors
    while threading.active_count() > count and time.monotonic() < deadline:
        time.sleep(0.001)
    assert threading.active_count() <= count


@pytest.mark.parametrize("follow", ["alone", "prefetch", "parallel map", "unordered map"])
@pytest.mark.parametrize("case", [c for c in CASES if c.expected], ids=str)
def test_an_iterator_that_is_dropped_leaves_no_threads(case, follow):
    before = threading.active_count()
    iterator = iter(FOLLOWED[follow](made(case)))
    next(iterator)
    del iterator
    assert_threads(before)
