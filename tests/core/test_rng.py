"""Random numbers: NumPy's Philox word for word, streams that never meet, repeatable runs."""

import os
import random
import subprocess
import sys
import threading

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.arrays import device as devices
from kerasish.core import rng
from kerasish.core.rng import SeedGenerator, draw_seed, philox_words, philox_words_plain

SEEDS = [(0, 0), (1, 0), (0, 1), (7, 3), (2**32 - 1, 2**32 - 1), (123456789, 987654321)]


@pytest.mark.parametrize("seed,counter", SEEDS)
@pytest.mark.parametrize("count", [0, 1, 4, 5, 1000])
def test_words_are_those_of_numpys_philox(seed, counter, count):
    key = seed + (int.from_bytes(b"kerasish", "big") << 64)
    wanted = np.random.Philox(counter=counter << 64, key=key).random_raw(count)
    state = np.array([seed, counter], np.uint32)
    for words in (philox_words, philox_words_plain):
        found = words(devices.cpu.xp, state, count)
        assert found.dtype == np.uint64 and np.array_equal(found, wanted), words.__name__


def test_known_answers_of_the_plain_rounds(monkeypatch):
    # Random123's kat_vectors: philox4x64-10, counter and key all zero, which NumPy never draws.
    monkeypatch.setattr(rng, "_KEY_1", 0)
    xp = devices.cpu.xp
    monkeypatch.setattr(xp, "arange", lambda a, b, dtype: np.zeros(b - a, dtype), raising=False)
    words = philox_words_plain(xp, np.zeros(2, np.uint32), 4)
    assert [f"{int(w):016x}" for w in words] == [
        "16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b",
    ]  # fmt: skip


def test_streams_of_different_draws_do_not_overlap():
    drawn = [
        philox_words(devices.cpu.xp, np.array([seed, counter], np.uint32), 2000)
        for seed in range(4)
        for counter in range(4)
    ]
    assert len(np.unique(np.concatenate(drawn))) == 16 * 2000


def test_the_shared_bit_generator_serves_many_threads():
    states = [np.array([i, 0], np.uint32) for i in range(8)]
    wanted = [philox_words(devices.cpu.xp, s, 5000) for s in states]
    wrong = []

    def work(i):
        for _ in range(30):
            if not np.array_equal(philox_words(devices.cpu.xp, states[i], 5000), wanted[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


# ---- seeds -----------------------------------------------------------------------------------


def test_a_generator_counts_its_draws():
    generator = SeedGenerator(5)
    assert [generator.next().tolist() for _ in range(3)] == [[5, 0], [5, 1], [5, 2]]
    assert generator.state.numpy().tolist() == [5, 3]
    assert not generator.state.trainable and generator.state.dtype == "uint32"
    assert generator.get_config() == {"seed": 5}
    assert SeedGenerator.from_config({"seed": 5}).next().tolist() == [5, 0]
    assert SeedGenerator(2**32 + 5).next().tolist() == [5, 0]


def test_a_generator_counts_in_traces_too():
    generator = SeedGenerator(5)

    @kerasish.function
    def draw():
        return [kerasish.random.uniform((3,), seed=generator) for _ in range(2)]

    drawn = [t.tolist() for _ in range(2) for t in draw()]
    again = SeedGenerator(5)
    assert drawn == [kerasish.random.uniform((3,), seed=again).tolist() for _ in range(4)]
    assert generator.state.numpy().tolist() == [5, 4]


def test_a_generator_under_a_tape_goes_on_once_per_draw():
    generator, v = SeedGenerator(5), kerasish.Variable([1.0, 1.0])

    @kerasish.function
    def slope():
        with kerasish.GradientTape() as tape:
            y = ops.sum(v * kerasish.random.uniform((2,), seed=generator))
        return tape.gradient(y, v)

    first, second = slope(), slope()
    again = SeedGenerator(5)
    for g in (first, second):
        np.testing.assert_array_equal(g, kerasish.random.uniform((2,), seed=again))


def test_what_draws_with_an_int_repeats():
    a = kerasish.random.normal((4,), seed=3)
    assert a.tolist() == kerasish.random.normal((4,), seed=3).tolist()
    assert a.tolist() == kerasish.random.normal((4,), seed=np.int64(3)).tolist()
    assert a.tolist() != kerasish.random.normal((4,), seed=4).tolist()


@pytest.mark.parametrize("seed", [1.5, "a", True, [1, 2, 3]], ids=str)
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="not usable as a seed"):
        draw_seed(seed)
    with pytest.raises(ValueError, match="seed must be an int"):
        SeedGenerator(seed)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match="unknown argument.*'sead'"):
        SeedGenerator(sead=1)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, None, True])
def test_seeds_of_everything_are_checked_before_anything_is_seeded(seed):
    state = random.getstate()
    with pytest.raises(ValueError, match="from 0 to"):
        kerasish.utils.set_random_seed(seed)
    assert random.getstate() == state


def test_one_seed_repeats_python_numpy_and_kerasish():
    def draw():
        return (random.random(), np.random.rand(), kerasish.random.uniform((2,)).tolist(),
                SeedGenerator().get_config()["seed"])  # fmt: skip

    kerasish.utils.set_random_seed(11)
    first = [draw(), draw()]
    kerasish.utils.set_random_seed(11)
    assert [draw(), draw()] == first and first[0] != first[1]


RUN = """
import kerasish
from kerasish import layers, ops
kerasish.utils.set_random_seed(7)
model = kerasish.Sequential([kerasish.Input((3,)), layers.Dense(4), layers.Dropout(0.5),
                             layers.Dense(1)])
model.compile("adam", "mse")
x = kerasish.random.normal((16, 3)).numpy()
model.fit(x, x.sum(1, keepdims=True), epochs=2, batch_size=4, verbose=0)
print([float(w.numpy().astype("float64").sum()).hex() for w in model.weights])
"""


def test_fresh_processes_repeat_a_training_whatever_the_hash_seed():
    found = set()
    for hash_seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", RUN]
        found.add(subprocess.run(command, env=environment, capture_output=True, text=True,
                                 check=True).stdout)  # fmt: skip
    assert len(found) == 1 and "0x" in found.pop()
