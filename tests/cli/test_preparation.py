"""Raw data to model inputs and targets."""

import numpy as np
import pytest

from kerasish.cli import preparation, sources
from kerasish.cli.preparation import Preparation
from kerasish.cli.schema import ConfigError, check


def data_section(**keys):
    config = {
        "data": {"name": "iris", **keys},
        "model": {"layers": [{"class_name": "Dense"}]},
        "compile": {"loss": "mse"},
    }
    return check(config, "test")["data"]


def test_images_get_a_channel_axis_and_are_scaled():
    images = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
    x = Preparation("image", scale=16.0).inputs(images)
    assert (x.shape, x.dtype) == ((2, 4, 4, 1), np.float32)
    np.testing.assert_allclose(x[..., 0], images / 16)


def test_colour_images_keep_their_shape():
    assert Preparation("image").inputs(np.zeros((2, 4, 4, 3))).shape == (2, 4, 4, 3)


def test_tables_are_standardized_by_the_training_part(rng):
    train = rng.normal(5, 3, (100, 3))
    train[:, 2] = 7  # a constant column must stay finite
    plan = Preparation("table")
    preparation.measure(plan, train)
    x = plan.inputs(train)
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(0), [1, 1, 0], atol=1e-6)
    again = Preparation(**plan.as_dict())
    np.testing.assert_array_equal(again.inputs(train[:5]), x[:5])


def test_text_is_cut_and_padded_at_the_front():
    sequences = [[1, 2, 3, 4, 5], [6], []]
    assert Preparation("text", maxlen=3).inputs(sequences).tolist() == [
        [3, 4, 5],
        [0, 0, 6],
        [0, 0, 0],
    ]


@pytest.mark.parametrize(
    ("plan", "labels", "expected", "dtype"),
    [
        (Preparation("image", num_classes=3), [[2], [0]], [2, 0], np.int32),
        (Preparation("text", num_classes=2), [1, 0], [[1], [0]], np.int32),
        (
            Preparation("table", num_classes=3, one_hot=True),
            [2, 0],
            [[0, 0, 1], [1, 0, 0]],
            np.float32,
        ),
        (Preparation("table", target_scale=100.0), [50.0, 200.0], [[0.5], [2.0]], np.float32),
    ],
    ids=["labels", "two-classes", "one-hot", "regression"],
)
def test_targets(plan, labels, expected, dtype):
    y = plan.targets(np.array(labels))
    assert y.dtype == dtype
    assert y.tolist() == expected


@pytest.mark.parametrize(
    ("name", "keys", "match"),
    [
        ("iris", {"num_words": 5}, "num_words does not apply"),
        ("iris", {"maxlen": 5}, "maxlen does not apply"),
        ("iris", {"target_scale": 5}, "target_scale does not apply"),
        ("digits", {"standardize": True}, "standardize does not apply"),
        ("imdb", {}, "maxlen is missing"),
    ],
)
def test_keys_that_do_not_fit_the_data_are_refused(name, keys, match):
    with pytest.raises(ConfigError, match=match):
        preparation.plan(sources.find(name), data_section(**keys))


def test_limits_take_the_first_rows():
    (x, y), (x_test, y_test) = preparation.load(
        sources.find("iris"), data_section(train_limit=10, test_limit=4)
    )
    assert (len(x), len(y), len(x_test), len(y_test)) == (10, 10, 4, 4)


def test_linear_regression_error_is_zero_on_linear_data_and_known_on_a_step(rng):
    x = rng.normal(size=(50, 3))
    y = x @ [1.0, -2.0, 3.0] + 4
    assert preparation.linear_regression_error(x[:40], y[:40], x[40:], y[40:]) < 1e-10
    assert preparation.linear_regression_error(x, np.ones(50), x, np.full(50, 3.0)) == (
        pytest.approx(2.0)
    )


def test_unknown_data_set_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'fashion_mnist'"):
        sources.find("fashion-mnist")


@pytest.mark.parametrize("source", sources.SOURCES.values(), ids=lambda source: source.name)
def test_source_row_names_a_data_set(source):
    assert callable(source.load)
    assert source.kind in ("image", "table", "text")
    assert source.about
    assert bool(source.class_names) != bool(source.unit)


@pytest.mark.parametrize("name", ["digits", "iris"])
def test_source_row_agrees_with_the_embedded_data(name):
    source = sources.find(name)
    (x, y), _ = source.load()
    assert Preparation(source.kind).inputs(x).shape[1:] == source.shape
    assert len(np.unique(y)) == len(source.class_names)
    if source.kind == "image":
        assert x.max() == source.pixel_max
