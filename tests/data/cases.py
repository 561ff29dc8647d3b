"""One row per transformation of Dataset: how to make it, and what comes out in plain Python."""

import itertools
import operator
from typing import NamedTuple

import numpy as np

from kerasish import ops
from kerasish.data import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset

N = 10
SCALAR = "TensorSpec(shape=(), dtype=int64)"
ROW = "TensorSpec(shape=(None,), dtype=int64)"


class Case(NamedTuple):
    """A transformation.

    `make` takes a data set of the numbers 0 to 9; `expected` is what comes out, as lists, of the
    first `limit` elements. `any_order`: only the elements are known, not their order.
    """

    name: str
    make: callable
    expected: list
    cardinality: int | None = None  # None: the number of expected elements
    spec: str = SCALAR
    any_order: bool = False
    limit: int | None = None
    reads_all: bool = True  # whether it reads all of its input

    def __str__(self):
        return self.name


def chunks(numbers, size):
    numbers = list(numbers)
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]


def up_to(x):
    return Dataset.range(int(x) % 4)


def turns(cycle, block):
    """Interleaved `up_to(x)`: slots in turn, a slot filled again when its turn comes."""
    source, slots, out = iter(range(N)), [None] * cycle, []
    place, done = 0, False
    while not done or any(s is not None for s in slots):
        if slots[place] is None and not done:
            following = next(source, None)
            done = following is None
            slots[place] = None if done else iter(range(following % 4))
        if slots[place] is not None:
            found = list(itertools.islice(slots[place], block))
            out += found
            if len(found) < block:
                slots[place] = None
        place = (place + 1) % cycle
    return out


def double(x):
    return x * 2


def pair(x):
    return {"a": x, "b": (ops.cast(x, "float32") / 2, str(x))}


PAIR = "{{'a': {0}int64), 'b': ({0}float32), {0}string))}}"


def padded(size, longest=None):
    rows = []
    for group in chunks(range(N), size):
        width = longest or max(x % 4 for x in group)
        rows.append([[x] * (x % 4) + [0] * (width - x % 4) for x in group])
    return rows


def full(x):
    return np.full(int(x) % 4, x, np.int64)


def buckets(pad):
    """`full(x)` in buckets of lengths below 2, and below 5, in batches of 3 and 2."""
    held, out = {0: [], 1: []}, []

    def flush(key):
        group, held[key] = held[key], []
        width = (1, 4)[key] if pad else max(x % 4 for x in group)
        out.append([[x] * (x % 4) + [0] * (width - x % 4) for x in group])

    for x in range(N):
        key = int(x % 4 >= 2)
        held[key].append(x)
        if len(held[key]) == (3, 2)[key]:
            flush(key)
    for key in (0, 1):
        if held[key]:
            flush(key)
    return out


def bucketed(data, **options):
    return data.map(full).bucket_by_sequence_length(len, [2, 5], [3, 2, 1], **options)


numbers = list(range(N))
BATCH = chunks(numbers, 4)
UNKNOWN, INFINITE = UNKNOWN_CARDINALITY, INFINITE_CARDINALITY

CASES = [
    Case("plain", lambda d: d, numbers),
    Case("map", lambda d: d.map(double), [2 * x for x in numbers]),
    Case("map_ops", lambda d: d.map(lambda x: ops.add(x, 1)), [x + 1 for x in numbers]),
    Case("map_numpy", lambda d: d.map(np.square), [x * x for x in numbers]),
    Case("map_nested", lambda d: d.map(pair), [{"a": x, "b": (x / 2, str(x))} for x in numbers],
         spec=PAIR.format("TensorSpec(shape=(), dtype=")),
    Case("map_list", lambda d: d.map(lambda x: [x, x]), [(x, x) for x in numbers],
         spec=f"({SCALAR}, {SCALAR})"),
    Case("map_parallel", lambda d: d.map(double, 3), [2 * x for x in numbers]),
    Case("map_autotune", lambda d: d.map(double, AUTOTUNE), [2 * x for x in numbers]),
    Case("map_unordered", lambda d: d.map(double, 3, deterministic=False),
         [2 * x for x in numbers], any_order=True),
    Case("map_vectorized", lambda d: d.map(double, vectorized=True), [2 * x for x in numbers]),
    Case("map_vectorized_batch", lambda d: d.map(double, vectorized=True).batch(4),
         [[2 * x for x in b] for b in BATCH], spec=ROW),
    Case("batch", lambda d: d.batch(4), BATCH, spec=ROW),
    Case("batch_drop", lambda d: d.batch(4, drop_remainder=True), BATCH[:2],
         spec="TensorSpec(shape=(4,), dtype=int64)"),
    Case("batch_nested", lambda d: d.map(pair).batch(4),
         [{"a": b, "b": ([x / 2 for x in b], [str(x) for x in b])} for b in BATCH],
         spec=PAIR.format("TensorSpec(shape=(None,), dtype=")),
    Case("batch_map", lambda d: d.batch(4).map(double), [[2 * x for x in b] for b in BATCH],
         spec=ROW),
    Case("batch_twice", lambda d: d.batch(2).batch(2, True), chunks(chunks(range(8), 2), 2),
         spec="TensorSpec(shape=(2, None), dtype=int64)"),
    Case("padded_batch", lambda d: d.map(full).padded_batch(4), padded(4),
         spec="TensorSpec(shape=(None, None), dtype=int64)"),
    Case("padded_batch_shape", lambda d: d.map(full).padded_batch(4, [6]), padded(4, 6),
         spec="TensorSpec(shape=(None, 6), dtype=int64)"),
    Case("padded_batch_rows", lambda d: d.batch(1).padded_batch(3, [2], -1),
         [[[x, -1] for x in b] for b in chunks(numbers, 3)],
         spec="TensorSpec(shape=(None, 2), dtype=int64)"),
    Case("padded_batch_scalars", lambda d: d.padded_batch(4), BATCH, spec=ROW),
    Case("unbatch", lambda d: d.batch(4).unbatch(), numbers, cardinality=UNKNOWN),
    Case("unbatch_whole", lambda d: d.batch(5, True).unbatch(), numbers),
    Case("rebatch", lambda d: d.batch(4).rebatch(3), chunks(numbers, 3), cardinality=UNKNOWN,
         spec=ROW),
    Case("shuffle", lambda d: d.shuffle(4, seed=1), numbers, any_order=True),
    Case("shuffle_all", lambda d: d.shuffle(100, seed=1), numbers, any_order=True),
    Case("shuffle_none", lambda d: d.shuffle(None, seed=3), numbers, any_order=True),
    Case("shuffle_elements", lambda d: d.map(double).shuffle(4, seed=1),
         [2 * x for x in numbers], any_order=True),
    Case("shuffle_once", lambda d: d.shuffle(4, seed=1, reshuffle_each_iteration=False), numbers,
         any_order=True),
    Case("shuffle_repeat", lambda d: d.shuffle(10, seed=1).repeat(3), 3 * numbers, any_order=True),
    Case("shuffle_batch", lambda d: d.shuffle(3, seed=2).repeat(2).batch(20), [2 * numbers],
         cardinality=1, any_order=True, spec=ROW),
    Case("repeat_shuffle", lambda d: d.repeat(2).shuffle(6, seed=1), 2 * numbers, any_order=True),
    Case("repeat", lambda d: d.repeat(3), 3 * numbers),
    Case("repeat_none", lambda d: d.repeat(0), [], reads_all=False),
    Case("repeat_batch", lambda d: d.repeat(2).batch(8), chunks(2 * numbers, 8), spec=ROW),
    Case("repeat_elements", lambda d: d.map(double).repeat(2), 2 * [2 * x for x in numbers]),
    Case("repeat_forever", lambda d: d.repeat(), 3 * numbers, cardinality=INFINITE, limit=30),
    Case("repeat_empty", lambda d: d.take(0).repeat(), [], reads_all=False),
    Case("take", lambda d: d.take(3), numbers[:3], reads_all=False),
    Case("take_batch", lambda d: d.take(5).batch(3), [[0, 1, 2], [3, 4]], spec=ROW,
         reads_all=False),
    Case("take_all", lambda d: d.take(-1), numbers),
    Case("take_repeated", lambda d: d.repeat().take(13), (numbers * 2)[:13]),
    Case("skip", lambda d: d.skip(3), numbers[3:]),
    Case("skip_elements", lambda d: d.map(double).skip(3), [2 * x for x in numbers[3:]]),
    Case("skip_batch", lambda d: d.skip(3).batch(4), chunks(numbers[3:], 4), spec=ROW),
    Case("skip_all", lambda d: d.skip(20), []),
    Case("shard", lambda d: d.shard(3, 1), [1, 4, 7]),
    Case("shard_batch", lambda d: d.shard(4, 0).batch(2), [[0, 4], [8]], spec=ROW),
    Case("shard_elements", lambda d: d.map(double).shard(3, 0), [0, 6, 12, 18]),
    Case("shard_shuffled", lambda d: d.shuffle(10, seed=1).shard(1, 0), numbers, any_order=True),
    Case("filter", lambda d: d.filter(lambda x: x % 2 == 0), numbers[::2], cardinality=UNKNOWN),
    Case("take_while", lambda d: d.take_while(lambda x: x < 4), numbers[:4], cardinality=UNKNOWN,
         reads_all=False),
    Case("unique", lambda d: d.map(lambda x: x % 3).unique(), [0, 1, 2], cardinality=UNKNOWN),
    Case("cache", lambda d: d.map(double).cache(), [2 * x for x in numbers]),
    Case("cache_repeat", lambda d: d.map(double).cache().repeat(3), 3 * [2 * x for x in numbers]),
    Case("cache_ragged", lambda d: d.map(full).cache().repeat(2),
         2 * [[x] * (x % 4) for x in numbers], spec=ROW),
    Case("cache_shuffle", lambda d: d.map(double).cache().shuffle(10, seed=1).repeat(2).batch(5),
         chunks(2 * [2 * x for x in numbers], 5), any_order=True, spec=ROW),
    Case("shuffle_cache", lambda d: d.map(double).shuffle(10, seed=1).cache().repeat(2),
         2 * [2 * x for x in numbers], any_order=True),
    Case("prefetch", lambda d: d.map(double).prefetch(2), [2 * x for x in numbers]),
    Case("prefetch_autotune", lambda d: d.batch(4).prefetch(AUTOTUNE), BATCH, spec=ROW),
    Case("flat_map", lambda d: d.flat_map(up_to), [y for x in numbers for y in range(x % 4)],
         cardinality=UNKNOWN),
    Case("interleave", lambda d: d.interleave(up_to, 3), turns(3, 1), cardinality=UNKNOWN),
    Case("interleave_blocks", lambda d: d.interleave(up_to, 2, 2), turns(2, 2),
         cardinality=UNKNOWN),
    Case("interleave_parallel",
         lambda d: d.interleave(lambda x: up_to(x).map(double), 3, 2, num_parallel_calls=3),
         [2 * x for x in turns(3, 2)], cardinality=UNKNOWN),
    Case("window", lambda d: d.window(4).flat_map(lambda w: w.batch(4)), BATCH,
         cardinality=UNKNOWN, spec=ROW),
    Case("window_shift",
         lambda d: d.window(3, 2, 2, True).flat_map(lambda w: w.batch(3)),
         [[0, 2, 4], [2, 4, 6], [4, 6, 8]], cardinality=UNKNOWN, spec=ROW),
    Case("window_gaps", lambda d: d.window(2, 5).flat_map(lambda w: w), [0, 1, 5, 6],
         cardinality=UNKNOWN),
    Case("window_rest", lambda d: d.skip(6).window(3, 1).flat_map(lambda w: w.batch(3)),
         [[6, 7, 8], [7, 8, 9], [8, 9], [9]], cardinality=UNKNOWN, spec=ROW),
    Case("window_nested",
         lambda d: d.map(lambda x: (x, -x)).window(5).flat_map(lambda a, b: Dataset.zip(a, b)),
         [(x, -x) for x in numbers], cardinality=UNKNOWN, spec=f"({SCALAR}, {SCALAR})"),
    Case("group_by_window",
         lambda d: d.group_by_window(lambda x: x % 3, lambda k, g: g.batch(2), 2),
         [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]], cardinality=UNKNOWN, spec=ROW),
    Case("group_by_window_func",
         lambda d: d.group_by_window(lambda x: x % 2, lambda k, g: g,
                                     window_size_func=lambda k: k + 2),
         [0, 2, 1, 3, 5, 4, 6, 8, 7, 9], cardinality=UNKNOWN),
    Case("bucket_by_sequence_length", bucketed, buckets(False), cardinality=UNKNOWN,
         spec="TensorSpec(shape=(None, None), dtype=int64)"),
    Case("bucket_to_boundary", lambda d: bucketed(d, pad_to_bucket_boundary=True), buckets(True),
         cardinality=UNKNOWN, spec="TensorSpec(shape=(None, 1), dtype=int64)"),
    Case("scan", lambda d: d.scan(0, lambda s, x: (s + x, s + x)),
         list(itertools.accumulate(numbers))),
    Case("enumerate", lambda d: d.map(double).enumerate(5), [(x + 5, 2 * x) for x in numbers],
         spec=f"({SCALAR}, {SCALAR})"),
    Case("concatenate", lambda d: d.concatenate(d.take(2)), [*numbers, 0, 1]),
    Case("concatenate_batch", lambda d: d.concatenate(d).batch(20), [2 * numbers], spec=ROW),
    Case("zip", lambda d: Dataset.zip({"x": d, "y": (d.map(double),)}),
         [{"x": x, "y": (2 * x,)} for x in numbers],
         spec="{'x': " + SCALAR + ", 'y': (" + SCALAR + ",)}"),
    Case("zip_short", lambda d: Dataset.zip(d, d.skip(7)),
         [(x, x + 7) for x in numbers[:3]], spec=f"({SCALAR}, {SCALAR})", reads_all=False),
    Case("zip_endless", lambda d: Dataset.zip(d, Dataset.counter(3, 2)),
         [(x, 3 + 2 * x) for x in numbers], spec=f"({SCALAR}, {SCALAR})"),
    Case("sample", lambda d: Dataset.sample_from_datasets([d, d.map(double)], [0.3, 0.7], seed=1),
         sorted(numbers + [2 * x for x in numbers]), any_order=True),
    Case("choose", lambda d: Dataset.choose_from_datasets(
        [d, d.skip(5)], Dataset.range(2).repeat()),
         [0, 5, 1, 6, 2, 7, 3, 8, 4, 9, 5], cardinality=UNKNOWN, reads_all=False),
    Case("choose_all", lambda d: Dataset.choose_from_datasets(
        [d.take(2), d.skip(8)], Dataset.range(2).repeat(9), stop_on_empty_dataset=False),
         [0, 8, 1, 9], cardinality=UNKNOWN, reads_all=False),
    Case("ignore_errors", lambda d: d.map(lambda x: 12 // operator.index(x)).ignore_errors(),
         [12, 6, 4, 3, 2, 2, 1, 1, 1], cardinality=UNKNOWN,
         spec="TensorSpec(shape=(), dtype=int32)", reads_all=False),
    Case("apply", lambda d: d.apply(lambda data: data.batch(4)), BATCH, spec=ROW),
    Case("options", lambda d: d.with_options(d.options()).batch(4), BATCH, spec=ROW),
    Case("assert_cardinality", lambda d: d.filter(lambda x: True).assert_cardinality(10), numbers),
    Case("random", lambda d: Dataset.zip(d, Dataset.random(seed=1).map(lambda r: r >= 0)),
         [(x, True) for x in numbers],
         spec=f"({SCALAR}, TensorSpec(shape=(), dtype=bool))"),
]  # fmt: skip
