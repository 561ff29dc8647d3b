"""Where data sets come from, what iterations share, threads and processes."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.spec import TensorSpec
from kerasish.data import Dataset, Options
from kerasish.errors import DataError

SOURCES = {
    "numbers": ([1, 2], [1, 2], "int32"),
    "floats": ([0.5, 1.0], [0.5, 1.0], "float32"),
    "array": (np.arange(2.0), [0.0, 1.0], "float64"),
    "rows": ([[1, 2], [3, 4]], [[1, 2], [3, 4]], "int32"),
    "text": (["a", "bc"], ["a", "bc"], "string"),
    "text array": (np.array(["a", "bc"]), ["a", "bc"], "string"),
    "bytes": ([b"a\0", b"bc"], [b"a\0", b"bc"], "string"),
    "tensor": (ops.convert_to_tensor([1.0, 2.0]), [1.0, 2.0], "float32"),
    "variable": (kerasish.Variable([1.0, 2.0]), [1.0, 2.0], "float32"),
    "list of arrays": ([np.int64([1]), np.int64([2])], [[1], [2]], "int64"),
    "strided": (np.arange(8)[::4], [0, 4], "int64"),
}


def values(data):
    return [e.tolist() if hasattr(e, "tolist") else e for e in data]


@pytest.mark.parametrize("name", SOURCES)
def test_from_tensor_slices_and_tensors(name):
    given, expected, dtype = SOURCES[name]
    data = Dataset.from_tensor_slices(given)
    assert values(data) == expected and len(data) == 2
    assert data.element_spec.dtype == dtype
    (batch,) = data.shuffle(2, seed=1).batch(2)
    assert sorted(batch.tolist()) == expected
    (whole,) = Dataset.from_tensors(given)
    assert whole.tolist() == expected
    assert Dataset.from_tensors(given).element_spec.dtype == dtype


FORMS = [lambda x: ({"a": x}, x), lambda x: ({"a": x},), lambda x: ((x,), x)]


@pytest.mark.parametrize("form", FORMS)
def test_nested_parts_of_one_leaf_stay_nested(form):
    data = Dataset.from_tensor_slices(form(np.arange(3)))
    assert list(data)[1] == form(1)
    batch = next(iter(data.shuffle(3, seed=0).batch(3)))
    assert kerasish.tree.map_structure(len, batch) == form(3)


def test_slices_are_not_copied_and_cannot_be_written():
    x = np.zeros((8, 3))
    batch = next(iter(Dataset.from_tensor_slices(x).batch(4)))
    assert np.shares_memory(batch, x)
    with pytest.raises(ValueError, match="read-only"):
        batch += 1


def test_lengths_that_differ():
    for wrong in (([1, 2], [1]), 3, ()):
        with pytest.raises(DataError, match="first axis of one size"):
            Dataset.from_tensor_slices(wrong)


@pytest.mark.parametrize("args", [(5,), (2, 5), (1, 10, 3), (5, 0, -2), (3, 3)])
def test_range(args):
    data = Dataset.range(*args, output_type="int32")
    assert values(data) == list(range(*args)) and len(data) == len(range(*args))
    assert all(x.dtype == "int32" for x in data)
    assert [n for b in data.batch(2) for n in b.tolist()] == list(range(*args))


def test_from_generator():
    def count(stop, step):
        yield from ((i, [i, i]) for i in range(0, int(stop), int(step)))

    signature = (TensorSpec((), "float32"), TensorSpec((None,), "int64"))
    data = Dataset.from_generator(count, args=(6, 2), output_signature=signature)
    assert data.element_spec == signature
    for _ in range(2):
        assert [(float(a), b.tolist()) for a, b in data] == [(i, [i, i]) for i in (0, 2, 4)]
    typed = Dataset.from_generator(lambda: [1, 2], output_types="float32", output_shapes=())
    assert typed.element_spec == TensorSpec((), "float32")
    assert Dataset.from_generator(lambda: [1.5], output_types="int32").element_spec.dtype == "int32"
    wrong = Dataset.from_generator(lambda: [[1, 2]], output_signature=TensorSpec((3,), "int32"))
    with pytest.raises(DataError, match="another shape"):
        list(wrong)
    wrong = Dataset.from_generator(lambda: [(1,)], output_signature=signature)
    with pytest.raises(DataError, match="another form"):
        list(wrong)
    with pytest.raises(TypeError, match="function"):
        Dataset.from_generator([1, 2])


def test_a_generator_is_closed_with_its_iterator():
    closed = []

    def generate():
        try:
            yield from range(100)
        finally:
            closed.append(True)

    for follow in (lambda d: d, lambda d: d.prefetch(2), lambda d: d.map(abs, 2)):
        iterator = iter(follow(Dataset.from_generator(generate)))
        next(iterator)
        iterator.close()
        assert closed.pop() and not closed
        del iterator


# ---- orders ----------------------------------------------------------------------------------


def test_orders_follow_seeds_and_iterations():
    def order(data):
        return values(data)

    data = Dataset.range(50).shuffle(50, seed=1)
    first, second = order(data), order(data)
    assert first != second
    again = Dataset.range(50).shuffle(50, seed=1)
    assert [order(again), order(again)] == [first, second]
    assert order(Dataset.range(50).shuffle(50, seed=2)) != first
    # Data sets made of one another count iterations together, as a loop over `data.batch` wants.
    fresh = Dataset.range(50).shuffle(50, seed=1)
    assert [n for b in fresh.batch(7) for n in b.tolist()] == first
    assert [n for b in fresh.batch(7) for n in b.tolist()] == second
    once = Dataset.range(50).shuffle(50, seed=1, reshuffle_each_iteration=False)
    assert order(once) == order(once) and order(once.repeat(2)) == 2 * order(once)
    epochs = order(Dataset.range(50).shuffle(50, seed=1).repeat(2))
    assert epochs[:50] != epochs[50:] and sorted(epochs[:50]) == sorted(epochs[50:])


def test_unseeded_orders_follow_the_seed_of_the_program():
    orders = []
    for _ in range(2):
        kerasish.utils.set_random_seed(3)
        orders.append(values(Dataset.range(50).shuffle(50)))
    assert orders[0] == orders[1] != values(Dataset.range(50).shuffle(50))


@pytest.mark.parametrize("size, buffer", [(50, 50), (50, 60), (3000, 10), (3000, 1500), (7, 1)])
def test_rows_and_elements_are_shuffled_into_one_order(size, buffer):
    rows = Dataset.range(size).shuffle(buffer, seed=4)
    elements = Dataset.range(size).map(lambda x: x).shuffle(buffer, seed=4)
    batches = Dataset.range(size).shuffle(buffer, seed=4).batch(11)
    found = values(rows)
    assert found == values(elements) == [n for b in batches for n in b.tolist()]
    assert sorted(found) == list(range(size))
    # An element leaves at the earliest when the buffer has reached it.
    assert all(n < place + buffer + 1 for place, n in enumerate(found))


def test_an_order_is_uniform():
    data = Dataset.range(4).shuffle(4, seed=1)
    counts = np.zeros((4, 4))
    for _ in range(2000):
        counts[np.arange(4), values(data)] += 1
    assert np.abs(counts / 2000 - 0.25).max() < 0.04
    windowed, counts = Dataset.range(5).map(abs).shuffle(2, seed=1), np.zeros((5, 5))
    for _ in range(2000):
        counts[np.arange(5), values(windowed)] += 1
    assert np.abs(counts[0, :2] / 2000 - 0.5).max() < 0.05


def test_sampling_keeps_weights():
    letters = [Dataset.from_tensors(c).repeat() for c in "abc"]
    data = Dataset.sample_from_datasets(letters, [0.5, 0.0, 0.5], seed=1).take(2000)
    found = list(data)
    assert abs(found.count("a") - 1000) < 100 and "b" not in found
    assert list(data) == found
    short = [Dataset.range(1), Dataset.range(100)]
    stopped = Dataset.sample_from_datasets(short, seed=1, stop_on_empty_dataset=True)
    assert len(list(stopped)) < 60
    with pytest.raises(ValueError, match="one weight for each"):
        Dataset.sample_from_datasets(short, [1.0])


# ---- reductions, mistakes --------------------------------------------------------------------


def test_reduce_and_single_elements():
    data = Dataset.range(5)
    total, count = data.reduce((0, 0), lambda state, x: (state[0] + x, state[1] + 1))
    assert (int(total), int(count)) == (10, 5)
    assert int(data.take(1).get_single_element()) == 0
    for wrong in (data, data.take(0)):
        with pytest.raises(DataError, match="get_single_element"):
            wrong.get_single_element()
    with pytest.raises(DataError, match="empty"):
        Dataset.from_generator(lambda: []).map(abs).element_spec  # noqa: B018


MISTAKES = {
    "batch": lambda d: d.batch(0),
    "shuffle": lambda d: d.shuffle(0),
    "take": lambda d: d.take(1.5),
    "shard": lambda d: d.shard(2, 2),
    "window": lambda d: d.window(0),
    "group_by_window": lambda d: d.group_by_window(abs, abs),
    "bucket_by_sequence_length": lambda d: d.bucket_by_sequence_length(len, [1], [2]),
    "function": lambda d: d.map(3),
    "flat_map": lambda d: list(d.flat_map(lambda x: x)),
    "different shapes": lambda d: list(d.map(lambda x: np.zeros(x)).batch(2)),
    "larger than": lambda d: list(d.map(lambda x: np.zeros(x)).padded_batch(2, [1])),
    "nested like": lambda d: list(d.map(lambda x: (x, x)).padded_batch(2, [[]])),
    "unbatch": lambda d: list(d.unbatch()),
    "too long": lambda d: list(
        d.map(lambda x: np.zeros(x)).bucket_by_sequence_length(
            len, [1], [2, 2], pad_to_bucket_boundary=True
        )
    ),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes(message):
    with pytest.raises((ValueError, TypeError), match=message):
        MISTAKES[message](Dataset.range(5))


def test_a_state_of_another_pipeline():
    state = iter(Dataset.range(5).batch(2)).get_state()
    with pytest.raises(DataError, match="another pipeline"):
        iter(Dataset.range(5)).set_state(state)


def test_options_choose_the_order_of_parallel_maps():
    options = Options()
    options.deterministic = False

    def wait(x):
        time.sleep(0.05 if x == 0 else 0)
        return x

    data = Dataset.range(8).with_options(options).map(wait, 2)
    assert values(data)[0] != 0 and data.options().deterministic is False
    assert values(Dataset.range(8).map(wait, 2))[0] == 0


# ---- threads and processes -------------------------------------------------------------------


def test_parallel_maps_run_in_threads_at_one_time():
    barrier = threading.Barrier(3, timeout=10)

    def meet(x):
        barrier.wait()
        return x

    assert values(Dataset.range(6).map(meet, 3)) == list(range(6))


def test_prefetch_reads_so_many_ahead():
    made = []
    iterator = iter(Dataset.range(100).map(lambda x: made.append(int(x)) or x).prefetch(3))
    assert int(next(iterator)) == 0
    deadline = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.02)
    assert made == [0, 1, 2, 3] or made == [0, 1, 2, 3, 4]
    assert iterator.get_state()["position"]["position"] == 1
    iterator.close()


def test_an_error_of_a_worker_leaves_the_rest():
    def fail(x):
        if x == 2:
            raise KeyError("two")
        return x

    for make in (lambda d: d.map(fail, 2), lambda d: d.map(fail).prefetch(2)):
        iterator = iter(make(Dataset.range(5)))
        found = []
        while True:
            try:
                found.append(int(next(iterator)))
            except KeyError:
                found.append("error")
            except StopIteration:
                break
        assert found == [0, 1, "error", 3, 4]


def test_tensors_made_in_threads_are_arrays():
    data = Dataset.range(4).map(lambda x: ops.sqrt(ops.cast(x, "float32")), 2).prefetch(1)
    assert all(isinstance(x, np.ndarray) and x.dtype == "float32" for x in data)
    np.testing.assert_allclose(list(data), np.sqrt(np.arange(4)), 1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("kind", ["prefetch", "map", "unordered"])
def test_iterators_go_on_after_a_fork(kind, recwarn):
    data = Dataset.range(20).map(abs)
    data = {
        "prefetch": data.prefetch(2),
        "map": data.map(abs, 2),
        "unordered": data.map(abs, 2, deterministic=False),
    }[kind]
    iterator = iter(data)
    first = [int(next(iterator)) for _ in range(3)]

    def work(connection):
        connection.send([int(x) for x in iterator])
        connection.send([int(x) for x in data])

    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=work, args=(there,))
    process.start()
    rest, whole = here.recv() if here.poll(20) else None, here.recv() if here.poll(20) else None
    process.join(20)
    assert sorted(first + rest) == sorted(whole) == list(range(20))
    assert sorted(first + [int(x) for x in iterator]) == list(range(20))


def test_a_program_ends_while_iterators_are_open():
    code = (
        "import time\nfrom kerasish.data import Dataset\n"
        "d = Dataset.range(1000000).map(lambda x: x)\n"
        "its = [iter(d.prefetch(2)), iter(d.map(abs, 2)), iter(d.map(abs, 2, False))]\n"
        "print([int(next(i)) >= 0 for i in its])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == "[True, True, True]\n" and done.stderr == ""


def test_dropped_data_sets_leave_no_memory():
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(20):
        data = Dataset.range(10).map(abs, 2).shuffle(3).batch(2).prefetch(2).repeat(2)
        assert len(list(data)) == 10
    del data
    gc.collect()
    assert len(gc.get_objects()) - before < 200
