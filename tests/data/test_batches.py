"""Array data as batches: the same rows however they are gathered, and no copy of the whole."""

import contextlib
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish
from kerasish.data import array_adapter, row_buffers
from kerasish.data.adapters import IterableAdapter, make_adapter
from kerasish.data.array_adapter import ArrayAdapter
from kerasish.data.batches import Batch, Fixed, signature_of

DTYPES = ("float32", "float64", "float16", ">f4", "int32", "int64", "uint8", "bool", "complex64")


def kept(blocks):
    """Copies of the parts of all batches."""
    with contextlib.closing(blocks):
        return [copied(batch.parts) for block in blocks for batch in block]


def copied(parts):
    return kerasish.tree.map_structure(lambda a: None if a is None else np.array(a), parts)


def same(a, b):
    kerasish.tree.assert_same_structure(a, b)
    for x, y in zip(kerasish.tree.flatten(a), kerasish.tree.flatten(b), strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            assert x.dtype == y.dtype and x.shape == y.shape and np.array_equal(x, y)


def laid_out(array, layout):
    """The same values in another layout in memory."""
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "strided":
        return np.repeat(array, 2, axis=0)[::2]
    if layout == "reversed":
        return array[::-1].copy()[::-1]
    if layout == "unaligned":
        memory = np.empty(array.nbytes + 1, np.uint8)[1:]
        moved = memory.view(array.dtype).reshape(array.shape)
        moved[...] = array
        return moved
    return array


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 45), st.sampled_from([False, True, "batch"]),
    st.sampled_from(DTYPES), st.sampled_from(DTYPES), st.sampled_from([(), (3,), (2, 2), (0,)]),
    st.sampled_from(["plain", "fortran", "strided", "reversed", "unaligned"]),
    st.one_of(st.none(), st.integers(1, 30)), st.integers(0, 3), st.sampled_from([1, 100, 65536]),
)  # fmt: skip
def test_blocks_hold_the_batches_of_the_epoch(
    size, batch_size, shuffle, x_dtype, y_dtype, shape, layout, steps, epoch, block_bytes
):
    generator = np.random.default_rng(size)
    x = generator.integers(0, 2, (size, *shape)).astype(x_dtype)
    y = generator.integers(0, 2, size).astype(y_dtype)
    data = ArrayAdapter(
        {"a": laid_out(x, layout), "b": [y]}, y, batch_size=batch_size, shuffle=shuffle, seed=7,
        steps=steps,
    )  # fmt: skip
    before = row_buffers._BLOCK_BYTES
    row_buffers._BLOCK_BYTES = block_bytes
    try:
        blocks, batches = kept(data.blocks(epoch)), list(data.epoch(epoch))
    finally:
        row_buffers._BLOCK_BYTES = before
    assert len(blocks) == len(batches)
    for block, batch in zip(blocks, batches, strict=True):
        same(block, batch)


@pytest.mark.parametrize("parts", ["x", "xy", "xw", "xyw"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_absent_parts_stay_absent(parts, shuffle):
    x, y, w = np.arange(10.0), np.arange(10), np.ones(10)
    data = ArrayAdapter(
        x, y if "y" in parts else None, w if "w" in parts else None, batch_size=4, shuffle=shuffle
    )
    expected = {"x": 1, "xy": 2, "xw": 3, "xyw": 3}[parts]
    for block, batch in zip(kept(data.blocks()), data.epoch(), strict=True):
        same(block, batch)
        assert len(block) == expected and (parts != "xw" or block[1] is None)


@pytest.mark.parametrize("labels", ["flat", "column", "one-hot"])
@pytest.mark.parametrize("weighted", [False, True])
def test_class_weights_are_gathered_with_their_rows(labels, weighted):
    y = np.arange(20) % 3
    shaped = {"flat": y, "column": y[:, None], "one-hot": np.eye(3)[y]}[labels]
    weights = np.arange(20.0) if weighted else None
    data = ArrayAdapter(
        np.arange(20.0), shaped, weights, batch_size=6, shuffle=True, seed=1,
        class_weight={0: 2.0, 2: 5.0},
    )  # fmt: skip
    for block, batch in zip(kept(data.blocks(2)), data.epoch(2), strict=True):
        same(block, batch)
        rows = block[0].astype(int)
        expected = np.array([2.0, 1.0, 5.0])[y[rows]] * (rows if weighted else 1)
        assert np.array_equal(block[2], expected) and block[2].dtype == "float32"


def test_batches_of_an_epoch_may_be_kept():
    data = ArrayAdapter(np.arange(100.0), batch_size=10, shuffle=True, seed=3)
    batches = list(data.epoch())
    assert sorted(np.concatenate([b[0] for b in batches])) == list(range(100))


def test_small_batches_share_their_memory_and_their_signature():
    data = ArrayAdapter(np.arange(1000.0), np.arange(1000), batch_size=10, shuffle=True)
    first = {id(b) for block in data.blocks(0) for b in block}
    second = [b for block in data.blocks(1) for b in block]
    assert {id(b) for b in second} == first
    assert len({id(b.signature) for b in second}) == 1
    assert all(isinstance(b.arrays, Fixed) for b in second)
    for batch in second:
        assert batch.arrays.addresses == [a.ctypes.data for a in batch.arrays]
        assert batch.arrays[0].flags.c_contiguous and batch.signature == signature_of(batch.parts)


def test_groups_of_a_block_are_those_of_one_signature():
    data = ArrayAdapter(np.arange(25.0), batch_size=10)
    (block,) = data.blocks()
    (full, arrays), (rest, last) = block.groups()
    assert [len(b.parts[0]) for b in full] == [10, 10] and len(rest) == 1
    assert arrays.addresses.dtype == "uint64" and arrays.addresses.flags.c_contiguous
    assert arrays.addresses.tolist() == [[b.arrays[0].ctypes.data] for b in full]
    assert last.addresses.shape == (1, 1) and block.groups() is block.groups()


def test_large_batches_in_their_own_order_are_views():
    x, y = np.zeros((64, 5000), np.float32), np.arange(64)
    for number, block in enumerate(ArrayAdapter(x, y, batch_size=8).blocks()):
        (batch,) = block
        assert np.shares_memory(batch.parts[0], x)
        assert batch.parts[1].tolist() == list(range(number * 8, number * 8 + 8))


def test_a_batch_larger_than_the_data_takes_no_memory_of_its_size():
    data = ArrayAdapter(np.arange(5.0), batch_size=2**50, shuffle=True)
    ((batch,),) = data.blocks()
    assert sorted(batch.parts[0]) == [0, 1, 2, 3, 4]


@pytest.fixture
def big(tmp_path):
    """Memory map of 64 MiB in float64."""
    path = tmp_path / "big.npy"
    shape = (16_384, 512)
    array = np.lib.format.open_memmap(path, "w+", "float64", shape)
    for i in range(0, len(array), 1024):
        array[i : i + 1024] = np.arange(i, i + 1024)[:, None]
    array.flush()
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("batch_size", [4, 64, 2048])
@pytest.mark.parametrize("shuffle", [False, True])
def test_rows_are_converted_batch_by_batch_and_never_as_a_whole(big, shuffle, batch_size):
    data = ArrayAdapter(big, batch_size=batch_size, shuffle=shuffle)
    tracemalloc.start()
    total = count = 0
    try:
        for block in data.blocks():
            for batch in block:
                assert batch.parts[0].dtype == "float32"
                total += batch.parts[0][:, 0].sum(dtype="float64")
                count += len(batch.parts[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == len(big) and total == sum(range(len(big)))
    limit = 3 * 512 * (4 + 8) * max(batch_size, 32) + 2**20
    assert peak < limit < big.nbytes


@pytest.mark.parametrize("layout", ["fortran", "strided"])
def test_arrays_in_other_layouts_are_not_copied_as_a_whole(layout):
    x = laid_out(np.zeros((20_000, 100), np.float32), layout)
    data = ArrayAdapter(x, batch_size=32, shuffle=True)
    tracemalloc.start()
    try:
        for _ in data.blocks():
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < x.nbytes / 8


def prefetching(monkeypatch):
    monkeypatch.setattr(array_adapter, "_PREFETCH_FROM_FILE", 1)
    monkeypatch.setattr(array_adapter, "_PREFETCH_CONVERTED", 1)
    monkeypatch.setattr(array_adapter.os, "cpu_count", lambda: 2)


def prefetch_threads():
    return [t for t in threading.enumerate() if t.name == "kerasish-prefetch"]


@pytest.mark.parametrize("shuffle", [False, True])
def test_prefetched_batches_are_those_without_a_thread(big, shuffle, monkeypatch):
    data = ArrayAdapter(big, np.arange(len(big)), batch_size=1000, shuffle=shuffle, seed=4)
    plain = kept(data.blocks(1))
    prefetching(monkeypatch)
    blocks = data.blocks(1)
    next(blocks)
    assert len(prefetch_threads()) == 1
    blocks.close()
    assert not prefetch_threads()
    for a, b in zip(kept(data.blocks(1)), plain, strict=True):
        same(a, b)
    assert not prefetch_threads()


def test_an_iterator_that_is_dropped_ends_its_thread(big, monkeypatch):
    prefetching(monkeypatch)
    data = ArrayAdapter(big, batch_size=1000)
    blocks = data.blocks()
    next(blocks)
    del blocks
    assert not prefetch_threads()


def test_an_error_in_the_thread_is_raised_in_its_turn(big, monkeypatch):
    prefetching(monkeypatch)
    data = ArrayAdapter(big, batch_size=1000)
    real, calls = data._columns[0].fill, []

    def fill(out, rows):
        calls.append(1)
        if len(calls) == 3:
            raise OSError("the disk is gone")
        real(out, rows)

    monkeypatch.setattr(data._columns[0], "fill", fill)
    seen = 0
    with pytest.raises(OSError, match="the disk is gone") as caught:
        for _ in data.blocks():
            seen += 1
    assert seen == 2
    assert any(entry.name == "fill" for entry in caught.traceback)
    assert not prefetch_threads()


def test_numpy_error_settings_hold_in_the_thread_too(big, monkeypatch):
    prefetching(monkeypatch)
    data = ArrayAdapter(np.full((64, 512), 1e300), batch_size=20)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        list(data.blocks())


def test_generators_are_asked_for_no_batch_early():
    asked = []

    def generate():
        for i in range(5):
            asked.append(i)
            yield np.full((2, 3), float(i))

    for number, block in enumerate(IterableAdapter(generate()).blocks()):
        assert asked == list(range(number + 1))
        (batch,) = block
        assert batch.parts[0].dtype == "float32" and batch.parts[0][0, 0] == number


def test_buffers_go_with_their_adapter():
    data = ArrayAdapter(np.arange(100.0), batch_size=10, shuffle=True)
    list(data.blocks())
    buffer = weakref.ref(data._buffers[0])
    del data
    assert buffer() is None


def test_matrices_and_masked_arrays_are_plain_rows():
    masked = np.ma.masked_array(np.arange(12.0).reshape(4, 3), mask=False)
    data = make_adapter(masked, batch_size=2, shuffle=True)
    for block in data.blocks():
        assert all(type(b.parts[0]) is np.ndarray and b.parts[0].shape == (2, 3) for b in block)


def test_batch_of_tensors_shows_their_arrays():
    x = kerasish.ops.ones((2, 3))
    batch = Batch((x, None, [np.zeros(2)]))
    assert batch.arrays[0] is x._array and len(batch.arrays) == 2
    assert batch.signature == signature_of((np.ones((2, 3), np.float32), None, [np.zeros(2)]))
    assert batch.signature != signature_of((np.ones((2, 3), np.float32), [np.zeros(2)], None))
