"""Random numbers: determined by the seed, of the right distribution, the same on every device."""

import math
import statistics

import numpy as np
import pytest

import kerasish
from kerasish import ops, random
from kerasish.arrays import device as devices
from kerasish.core import rng
from kerasish.core.spec import TensorSpec
from kerasish.ops import random as primitives
from tests.ops.strict_arrays import strict_gpu

COUNT = 40_000

# name, draw, mean, standard deviation, lowest, highest
DRAWS = [
    ("uniform", lambda s: random.uniform((COUNT,), seed=s), 0.5, 12**-0.5, 0, 1),
    (
        "uniform-range",
        lambda s: random.uniform((COUNT,), -3.0, 1.0, seed=s),
        -1,
        4 / 12**0.5,
        -3,
        1,
    ),
    (
        "uniform-float64",
        lambda s: random.uniform((COUNT,), dtype="float64", seed=s),
        0.5,
        12**-0.5,
        0,
        1,
    ),
    (
        "uniform-float16",
        lambda s: random.uniform((COUNT,), dtype="float16", seed=s),
        0.5,
        12**-0.5,
        0,
        1,
    ),
    ("normal", lambda s: random.normal((COUNT,), 1.0, 2.0, seed=s), 1, 2, -12, 14),
    ("normal-odd", lambda s: random.normal((COUNT - 1,), seed=s), 0, 1, -7, 7),
    ("normal-float64", lambda s: random.normal((COUNT,), dtype="float64", seed=s), 0, 1, -9, 9),
    ("truncated_normal", lambda s: random.truncated_normal((COUNT,), seed=s), 0, 0.87962, -2, 2),
    ("gamma-half", lambda s: random.gamma((COUNT,), 0.5, seed=s), 0.5, 0.5**0.5, 0, 50),
    ("gamma", lambda s: random.gamma((COUNT,), 3.0, seed=s), 3, 3**0.5, 0, 50),
    ("beta", lambda s: random.beta((COUNT,), 2.0, 3.0, seed=s), 0.4, 0.2, 0, 1),
    ("binomial", lambda s: random.binomial((COUNT,), 10, 0.3, seed=s), 3, 2.1**0.5, 0, 10),
    ("randint", lambda s: random.randint((COUNT,), -2, 3, seed=s), 0, 2**0.5, -2, 2),
    (
        "randint-wide",
        lambda s: random.randint((COUNT,), 0, 2**40, dtype="int64", seed=s),
        2.0**39,
        2.0**40 / 12**0.5,
        0,
        2**40,
    ),
    (
        "dropout",
        lambda s: random.dropout(np.ones(COUNT, "float32"), 0.25, seed=s),
        1,
        3**-0.5,
        0,
        1.34,
    ),
]


@pytest.mark.parametrize("row", DRAWS, ids=[r[0] for r in DRAWS])
def test_draws_have_mean_deviation_and_range(row):
    _, draw, mean, deviation, low, high = row
    values = draw(11).numpy().astype("float64")
    assert abs(values.mean() - mean) < 4 * deviation / math.sqrt(len(values))
    assert abs(values.std() / deviation - 1) < 0.03
    assert values.min() >= low and values.max() <= high
    neighbours = np.corrcoef(values[:-1], values[1:])[0, 1]
    assert abs(neighbours) < 4 / math.sqrt(len(values))


@pytest.mark.parametrize("row", DRAWS, ids=[r[0] for r in DRAWS])
def test_draws_are_determined_by_the_seed(row):
    draw = row[1]
    np.testing.assert_array_equal(draw(5), draw(5))
    assert np.any(draw(5).numpy() != draw(6).numpy())


@pytest.mark.parametrize("row", DRAWS, ids=[r[0] for r in DRAWS])
def test_draws_on_strict_arrays_equal_the_cpu(row):
    expected = row[1](3).numpy()
    with strict_gpu():
        found = row[1](3).numpy()
    np.testing.assert_allclose(found.astype("float64"), expected.astype("float64"), 1e-6)


def test_array_form_of_philox_equals_numpy():
    xp = devices.cpu.xp
    for seed, counter in ((0, 0), (7, 1), (2**32 - 1, 2**32 - 1)):
        state = np.array([seed, counter], np.uint32)
        for count in (0, 1, 4, 103):
            np.testing.assert_array_equal(
                rng.philox_words(xp, state, count), rng.philox_words_plain(xp, state, count)
            )


def test_normal_quantile_equals_the_standard_library():
    p = np.linspace(0.001, 0.999, 500)
    expected = [statistics.NormalDist().inv_cdf(v) for v in p]
    np.testing.assert_allclose(
        primitives._normal_quantile(devices.cpu.xp, p), expected, 1e-13, 1e-15
    )


def test_generator_moves_on_and_integer_seed_does_not():
    generator = random.SeedGenerator(3)
    first, second = (random.normal((4,), seed=generator).numpy() for _ in range(2))
    assert np.any(first != second)
    again = random.SeedGenerator(3)
    np.testing.assert_array_equal(first, random.normal((4,), seed=again))


def test_set_random_seed_repeats_draws_without_seed():
    rng.set_random_seed(1)
    first = random.uniform((3,)).numpy()
    rng.set_random_seed(1)
    np.testing.assert_array_equal(first, random.uniform((3,)))


def test_shuffle_permutes_slices():
    x = np.arange(24).reshape(4, 6)
    rows = random.shuffle(x, seed=1).numpy()
    columns = random.shuffle(x, axis=1, seed=2).numpy()
    assert sorted(rows.tolist()) == x.tolist() and rows.tolist() != x.tolist()
    assert sorted(columns.T.tolist()) == x.T.tolist() and columns.tolist() != x.tolist()


def test_categorical_frequencies_follow_the_logits():
    shares = np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        drawn = random.categorical(np.log(shares), 20_000, seed=1).numpy()
    found = np.stack([np.bincount(row, minlength=3) / len(row) for row in drawn])
    np.testing.assert_allclose(found, shares, atol=0.015)


def test_dropout_noise_shape_shares_draws_along_axes_of_size_one():
    y = random.dropout(np.ones((50, 8), "float32"), 0.5, noise_shape=(None, 1), seed=1).numpy()
    assert np.all(y == y[:, :1]) and set(y[:, 0]) == {0.0, 2.0}


def test_dropout_at_rates_zero_and_one():
    x = np.arange(4, dtype="float32")
    assert random.dropout(x, 0.0, seed=1).tolist() == x.tolist()
    assert random.dropout(x, 1.0, seed=1).tolist() == [0.0] * 4


def test_traced_dropout_with_unknown_batch_draws_anew_at_each_call():
    generator = random.SeedGenerator(9)
    call = kerasish.function(
        lambda x: random.dropout(x, 0.5, seed=generator),
        input_signature=[TensorSpec((None, 3), "float32")],
    )
    x = np.ones((20, 3), "float32")
    first, second = call(x).numpy(), call(x).numpy()
    assert first.shape == (20, 3) and np.any(first != second)
    other = random.SeedGenerator(9)
    np.testing.assert_array_equal(first, random.dropout(x, 0.5, seed=other))
    assert generator.state.numpy().tolist() == [9, 2]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: random.uniform((2,), dtype="int32"), "float type"),
        (lambda: random.randint((2,), 0, 3, dtype="float32"), "integer type"),
        (lambda: random.randint((2,), 3, 3), "maxval must be above minval"),
        (lambda: random.dropout(ops.ones((2,)), 1.5), "rate must be from 0 to 1"),
        (lambda: random.dropout(ops.ones((2,)), 0.5, noise_shape=(2, 1)), "rank of the inputs"),
        (lambda: random.normal((2,), seed="seed"), "not usable as a seed"),
    ],
)
def test_bad_arguments_are_explained(call, text):
    with pytest.raises(ValueError, match=text):
        call()
