"""Shapes, dtypes and known values of every `load_data`, embedded sets and local files."""

import warnings

import numpy as np
import pytest

from kerasish import datasets
from tests.support import shared_path

PART = pytest.mark.filterwarnings("ignore:.* is (a part of|the same)")

# name, arguments, shape and dtype of x_train, of y_train, rows of the test part, file it needs
ARRAYS = [
    ("digits", {}, (1438, 8, 8), "uint8", (1438,), "uint8", 359, None),
    ("iris", {}, (120, 4), "float32", (120,), "uint8", 30, None),
    ("iris", {"test_split": 0.5}, (75, 4), "float32", (75,), "uint8", 75, None),
    ("mnist", {}, (60000, 28, 28), "uint8", (60000,), "uint8", 10000, "mnist.npz"),
    (
        "fashion_mnist",
        {},
        (60000, 28, 28),
        "uint8",
        (60000,),
        "uint8",
        10000,
        "train-images-idx3-ubyte.gz",
    ),
    (
        "cifar10",
        {},
        (10000, 32, 32, 3),
        "uint8",
        (10000, 1),
        "uint8",
        2000,
        "cifar10_10k_2k.npz",
    ),
    ("boston_housing", {}, (404, 13), "float64", (404,), "float64", 102, "boston_housing.npz"),
    (
        "california_housing",
        {},
        (16512, 8),
        "float32",
        (16512,),
        "float32",
        4128,
        "california_housing.npz",
    ),
    (
        "california_housing",
        {"version": "small", "test_split": 0.25},
        (450, 8),
        "float32",
        (450,),
        "float32",
        150,
        "california_housing.npz",
    ),
    ("imdb", {}, (10000,), "object", (10000,), "int64", 5000, "imdb.npz"),
    ("reuters", {}, (6863,), "object", (6863,), "int64", 1716, "reuters.npz"),
]


@pytest.fixture
def load(monkeypatch):
    """Load a set with the files of the shared test data; skips where they are absent."""

    def load_named(name, needs, **arguments):
        if needs is not None:
            folder = shared_path(f"data/{needs}").parent
            monkeypatch.setenv("KERASISH_DATA_DIR", str(folder))
        return getattr(datasets, name).load_data(**arguments)

    return load_named


@PART
@pytest.mark.parametrize(
    ("name", "arguments", "x_shape", "x_dtype", "y_shape", "y_dtype", "num_test", "needs"),
    ARRAYS,
    ids=[f"{row[0]}-{'-'.join(map(str, row[1].values())) or 'default'}" for row in ARRAYS],
)
def test_load_data_gives_stated_shapes_and_dtypes(
    load, name, arguments, x_shape, x_dtype, y_shape, y_dtype, num_test, needs
):
    (x_train, y_train), (x_test, y_test) = load(name, needs, **arguments)
    assert (x_train.shape, str(x_train.dtype)) == (x_shape, x_dtype)
    assert (y_train.shape, str(y_train.dtype)) == (y_shape, y_dtype)
    assert (x_test.shape, str(x_test.dtype)) == ((num_test, *x_shape[1:]), x_dtype)
    assert (y_test.shape, str(y_test.dtype)) == ((num_test, *y_shape[1:]), y_dtype)


@pytest.mark.parametrize(("name", "classes"), [("digits", 10), ("iris", 3)])
def test_embedded_split_is_stratified_complete_and_repeatable(name, classes):
    module = getattr(datasets, name)
    (x_train, y_train), (x_test, y_test) = module.load_data()
    for label in range(classes):
        total = np.sum(y_train == label) + np.sum(y_test == label)
        assert np.sum(y_test == label) == round(0.2 * total)
    (x_again, y_again), _ = module.load_data()
    np.testing.assert_array_equal(x_again, x_train)
    np.testing.assert_array_equal(y_again, y_train)
    (x_other, y_other), (x_rest, y_rest) = module.load_data(seed=7)
    assert not np.array_equal(x_other, x_train)

    def rows(x, y):
        return sorted(map(tuple, np.column_stack([x.reshape(len(x), -1), y]).tolist()))

    whole = rows(np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test]))
    other = rows(np.concatenate([x_other, x_rest]), np.concatenate([y_other, y_rest]))
    assert whole == other


def test_mnist_has_known_class_counts_and_mean(load):
    (x_train, y_train), _ = load("mnist", "mnist.npz")
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_train).tolist() == counts
    assert x_train.mean() / 255 == pytest.approx(0.13066, abs=1e-5)


def test_fashion_mnist_has_known_mean_and_is_writable(load):
    (x_train, y_train), _ = load("fashion_mnist", "train-images-idx3-ubyte.gz")
    assert x_train.mean() / 255 == pytest.approx(0.28604, abs=1e-5)
    assert np.bincount(y_train).tolist() == [6000] * 10
    x_train[0, 0, 0] = y_train[0] = 1


def test_boston_split_gives_kerass_first_targets(load):
    (_, y_train), _ = load("boston_housing", "boston_housing.npz")
    assert y_train[:3].tolist() == [15.2, 42.3, 50.0]


def test_cifar10_part_is_announced_and_follows_the_image_layout(load, monkeypatch):
    with pytest.warns(UserWarning, match=r"cifar10_10k_2k\.npz is a part of CIFAR-10"):
        (x_last, _), _ = load("cifar10", "cifar10_10k_2k.npz")
    monkeypatch.setattr("kerasish.config.image_data_format", lambda: "channels_first")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (x_first, _), _ = load("cifar10", "cifar10_10k_2k.npz")
    assert x_first.shape == (10000, 3, 32, 32)
    np.testing.assert_array_equal(x_first[5].transpose(1, 2, 0), x_last[5])


@PART
def test_imdb_arguments_limit_words_and_lengths(load):
    (plain, _), _ = load("imdb", "imdb.npz")
    arguments = {"num_words": 1000, "skip_top": 20, "oov_char": 2}
    (limited, y_train), (x_test, _) = load("imdb", "imdb.npz", maxlen=150, **arguments)
    assert plain[0][0] == 1
    assert len(limited) == len(y_train) < len(plain)
    assert max(map(len, limited)) == 149
    words = set().union(*limited, *x_test)
    assert words - {2} == set(range(20, 1000)) & words
    assert 1 not in words  # the mark itself lies under skip_top, as in Keras
    (bare, _), _ = load("imdb", "imdb.npz", start_char=None, index_from=0)
    assert [w + 3 for w in bare[0]] == plain[0][1:]
    (cut, _), _ = load("imdb", "imdb.npz", num_words=1000, oov_char=None)
    assert cut[0] == [w for w in plain[0] if w < 1000]


@PART
def test_imdb_maxlen_that_keeps_nothing_is_refused(load):
    with pytest.raises(ValueError, match="no train review is shorter than maxlen"):
        load("imdb", "imdb.npz", maxlen=2)


@PART
def test_reuters_words_and_topics(load):
    (x_train, y_train), _ = load("reuters", "reuters.npz", num_words=500, maxlen=80)
    assert max(map(max, x_train)) == 499
    names = datasets.reuters.get_label_names()
    assert len(names) == 46
    assert set(np.unique(y_train)) <= set(range(46))
    assert names[np.bincount(y_train).argmax()] == "earn"


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_word_index_ranks_the_most_frequent_word_first(monkeypatch, name):
    folder = shared_path(f"data/{name}_word_index.json").parent
    monkeypatch.setenv("KERASISH_DATA_DIR", str(folder))
    assert getattr(datasets, name).get_word_index()["the"] == 1


@pytest.mark.parametrize(
    ("name", "arguments", "match"),
    [
        ("digits", {"test_split": 1}, "test_split is not a fraction"),
        ("iris", {"test_split": -0.1}, "test_split is not a fraction"),
        ("boston_housing", {"test_split": 2}, "test_split is not a fraction"),
        ("reuters", {"test_split": 1.0}, "test_split is not a fraction"),
        ("california_housing", {"version": "medium"}, "'large' or 'small'"),
        ("cifar100", {"label_mode": "middle"}, "'fine' or 'coarse'"),
    ],
)
def test_load_data_refuses_bad_arguments(name, arguments, match):
    with pytest.raises(ValueError, match=match):
        getattr(datasets, name).load_data(**arguments)
