"""Initializers: shapes, dtypes, distributions, seeds."""

import math

import numpy as np
import pytest

from kerasish import SeedGenerator, Variable, initializers, ops, set_random_seed
from kerasish.errors import ShapeError
from tests.building_blocks.cases import INITIALIZERS, RANDOM

IDS = [case[0] for case in INITIALIZERS]
RANDOM_IDS = [case[0] for case in RANDOM]


@pytest.mark.parametrize("dtype", [None, "float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize(("name", "cls", "arguments"), INITIALIZERS, ids=IDS)
def test_shape_and_dtype(name, cls, arguments, dtype):
    value = cls(**arguments)((6, 4), dtype=dtype)
    assert value.shape == (6, 4)
    assert value.dtype == (dtype or "float32")


@pytest.mark.parametrize(("name", "cls", "arguments"), RANDOM, ids=RANDOM_IDS)
def test_int_seed_gives_the_same_values_each_time(name, cls, arguments):
    first = cls(**arguments)
    a = first((8, 8)).numpy()
    np.testing.assert_array_equal(a, first((8, 8)).numpy())
    np.testing.assert_array_equal(a, cls(**arguments)((8, 8)).numpy())
    np.testing.assert_array_equal(a, first.clone()((8, 8)).numpy())
    other = cls(**{**arguments, "seed": 4})
    assert not np.array_equal(a, other((8, 8)).numpy())


@pytest.mark.parametrize(("name", "cls", "arguments"), RANDOM, ids=RANDOM_IDS)
def test_seed_generator_gives_new_values_each_time(name, cls, arguments):
    drawn = cls(**{**arguments, "seed": SeedGenerator(5)})
    assert not np.array_equal(drawn((8, 8)).numpy(), drawn((8, 8)).numpy())


@pytest.mark.parametrize(("name", "cls", "arguments"), RANDOM, ids=RANDOM_IDS)
def test_without_a_seed_the_global_one_decides(name, cls, arguments):
    arguments = {**arguments, "seed": None}
    drawn = []
    for seed in (11, 11, 12):
        set_random_seed(seed)
        drawn.append((cls(**arguments)((8, 8)).numpy(), cls(**arguments)((8, 8)).numpy()))
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(*drawn[0])
    assert cls(**arguments).get_config()["seed"] is None


@pytest.mark.parametrize("seed", ["1", 1.5, True])
def test_unusable_seed_raises(seed):
    with pytest.raises(ValueError, match="seed must be an int, a SeedGenerator or None"):
        initializers.RandomNormal(seed=seed)


SHAPE = (80, 120)
DISTRIBUTIONS = [  # class, arguments, mean, standard deviation, largest distance from the mean
    (initializers.RandomNormal, {"mean": 0.5, "stddev": 2.0}, 0.5, 2.0, 20.0),
    (initializers.RandomUniform, {"minval": -1.0, "maxval": 3.0}, 1.0, 4 / math.sqrt(12), 2.0),
    (initializers.TruncatedNormal, {"mean": 0.5, "stddev": 2.0}, 0.5, 2 * 0.8796, 4.0),
    (initializers.GlorotUniform, {}, 0.0, math.sqrt(2 / 200), math.sqrt(6 / 200)),
    (initializers.GlorotNormal, {}, 0.0, math.sqrt(2 / 200), 2 / 0.8796 * math.sqrt(2 / 200)),
    (initializers.HeUniform, {}, 0.0, math.sqrt(2 / 80), math.sqrt(6 / 80)),
    (initializers.HeNormal, {}, 0.0, math.sqrt(2 / 80), 2 / 0.8796 * math.sqrt(2 / 80)),
    (initializers.LecunUniform, {}, 0.0, math.sqrt(1 / 80), math.sqrt(3 / 80)),
    (initializers.LecunNormal, {}, 0.0, math.sqrt(1 / 80), 2 / 0.8796 * math.sqrt(1 / 80)),
    (initializers.VarianceScaling, {"scale": 3.0, "mode": "fan_out",
     "distribution": "untruncated_normal"}, 0.0, math.sqrt(3 / 120), 10.0),
    (initializers.HeNormal, {"input_axes": [1], "output_axes": [0]}, 0.0, math.sqrt(2 / 120), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "arguments", "mean", "stddev", "reach"),
    DISTRIBUTIONS,
    ids=[f"{case[0].__name__}-{i}" for i, case in enumerate(DISTRIBUTIONS)],
)
def test_distribution(cls, arguments, mean, stddev, reach):
    values = cls(**arguments, seed=1)(SHAPE).numpy().astype(np.float64)
    error = stddev / math.sqrt(values.size)  # of the mean
    assert abs(values.mean() - mean) < 4 * error
    assert abs(values.std() / stddev - 1) < 0.03
    assert np.abs(values - mean).max() <= reach * 1.001


@pytest.mark.parametrize(
    ("shape", "fans"),
    [
        ((), (1, 1)),
        ((5,), (5, 5)),
        ((3, 4), (3, 4)),
        ((3, 16, 32), (48, 96)),
        ((3, 3, 16, 32), (144, 288)),
        ((2, 3, 4, 5, 6), (120, 144)),
    ],
)
def test_fans(shape, fans):
    assert initializers.compute_fans(shape) == fans


def test_fans_of_chosen_axes():
    assert initializers.compute_fans((2, 3, 4), input_axes=[0, 1], output_axes=[2]) == (6, 4)


@pytest.mark.parametrize("shape", [(5, 5), (9, 4), (4, 9), (3, 3, 2, 8), (2, 2, 3)])
def test_orthogonal_rows_or_columns(shape):
    matrix = initializers.Orthogonal(gain=2.0, seed=1)(shape).numpy().reshape(-1, shape[-1])
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(matrix.T @ matrix, 4 * np.eye(matrix.shape[1]), atol=1e-5)


def test_identity_of_a_rectangle():
    wanted = [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]]
    assert initializers.Identity(3.0)((2, 3)).tolist() == wanted


def test_constant_array_broadcasts():
    value = initializers.Constant(np.array([1.0, 2.0]))((3, 2))
    assert value.tolist() == [[1.0, 2.0]] * 3
    config = initializers.serialize(initializers.Constant(np.array([1.0, 2.0])))
    assert initializers.deserialize(config)((2,)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("initializer", "shape", "match"),
    [
        (initializers.Identity(), (3,), "that of a matrix"),
        (initializers.Orthogonal(seed=1), (3,), "two axes or more"),
        (initializers.STFT(window=np.ones(3)), (4, 1, 3), "not as long as a frame"),
        (initializers.get(np.ones((2, 2))), (3,), r"another shape.*\(2, 2\)"),
    ],
    ids=["identity", "orthogonal", "stft", "array"],
)
def test_shape_that_does_not_fit_raises(initializer, shape, match):
    with pytest.raises(ShapeError, match=match):
        initializer(shape)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"scale": 0.0}, "scale must be positive"),
        ({"mode": "fan"}, "unknown mode"),
        ({"distribution": "cauchy"}, "unknown distribution"),
    ],
)
def test_variance_scaling_checks_its_arguments(arguments, match):
    with pytest.raises(ValueError, match=match):
        initializers.VarianceScaling(**arguments)


def test_array_as_initializer():
    given = np.arange(6.0).reshape(2, 3)
    value = initializers.get(given)((2, 3), dtype="float32")
    assert value.dtype == "float32"
    assert value.tolist() == given.tolist()


def test_initializer_of_a_variable():
    v = Variable(initializers.HeNormal(seed=1), shape=(3, 4))
    np.testing.assert_array_equal(v.numpy(), initializers.HeNormal(seed=1)((3, 4)).numpy())


def test_stft_is_the_transform_of_numpy():
    frame, size = 8, 16
    rng = np.random.default_rng(1)
    signal = rng.normal(size=frame)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
    wanted = np.fft.rfft(np.pad(signal * window, (0, size - frame))) / np.sum(window)
    parts = []
    for side in ("real", "imag"):
        kernel = initializers.STFT(side, "hann", "spectrum", periodic=True)((frame, 1, 9))
        parts.append(np.einsum("t,tcf->f", signal, kernel.numpy().astype(np.float64)))
    np.testing.assert_allclose(parts[0] + 1j * parts[1], wanted, atol=1e-6)


def test_stft_density_scaling_and_config():
    first = initializers.STFT("imag", np.array([1.0, 2.0, 2.0]), "density")
    assert ops.max(ops.abs(first((3, 1, 2)))).item() <= 2 / 3 + 1e-6
    second = initializers.deserialize(initializers.serialize(first))
    np.testing.assert_array_equal(first((3, 1, 2)).numpy(), second((3, 1, 2)).numpy())
    for arguments in ({"side": "left"}, {"window": "triangle"}, {"scaling": "none"}):
        with pytest.raises(ValueError, match="unknown"):
            initializers.STFT(**arguments)
