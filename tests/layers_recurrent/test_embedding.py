"""Embedding and Masking: lookups, gradients of repeated ids, masks on their way."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.masks import get_mask
from kerasish.core.tape import GradientTape


def test_embedding_looks_up_rows_of_any_shape():
    layer = layers.Embedding(5, 3)
    ids = np.array([[[0, 4], [2, 2]]])
    y = layer(ids)
    np.testing.assert_array_equal(y, layer.embeddings.numpy()[ids])
    np.testing.assert_array_equal(layer(ids.astype("float64")), y)
    assert get_mask(y) is None
    assert layer(layers.Input((None,), dtype="int32")).shape == (None, None, 3)


def test_gradients_of_repeated_ids_add_up():
    layer = layers.Embedding(4, 2)
    with GradientTape() as tape:
        total = ops.sum(layer(np.array([[1, 1, 3]])))
    gradient = tape.gradient(total, layer.embeddings)
    np.testing.assert_array_equal(gradient, [[0, 0], [2, 2], [0, 0], [1, 1]])


@pytest.mark.parametrize("as_list", [False, True])
def test_embedding_starts_from_given_weights(as_list):
    table = np.arange(6, dtype="float32").reshape(3, 2)
    layer = layers.Embedding(3, 2, weights=[table] if as_list else table, name="words")
    assert layer.built
    assert layer.embeddings.path == "words/embeddings"
    np.testing.assert_array_equal(layer(np.array([2, 0])), table[[2, 0]])
    assert "weights" not in layer.get_config()
    with pytest.raises(ValueError, match="wrong shape"):
        layers.Embedding(3, 2, weights=table.T)


def test_mask_of_zeros_reaches_the_layers_behind():
    ids = np.array([[3, 1, 0, 0], [2, 0, 1, 0]])
    embedded = layers.Embedding(5, 3, mask_zero=True)(ids)
    np.testing.assert_array_equal(get_mask(embedded), ids != 0)
    hidden = layers.GRU(3, return_sequences=True)(layers.Dense(4)(embedded))
    np.testing.assert_array_equal(get_mask(hidden), ids != 0)


@pytest.mark.parametrize("kwargs", [
    {"input_dim": 0}, {"input_dim": 3.0}, {"output_dim": True}, {"quantization_config": {}}
])  # fmt: skip
def test_embedding_refuses_bad_arguments(kwargs):
    with pytest.raises(ValueError, match="must be a positive int|quantization"):
        layers.Embedding(**{"input_dim": 3, "output_dim": 2, **kwargs})


def test_embedding_constraint_and_regularizer_belong_to_the_table():
    layer = layers.Embedding(
        3, 2, embeddings_regularizer="l2", embeddings_constraint="non_neg",
        embeddings_initializer="ones",
    )  # fmt: skip
    layer(np.array([1]))
    assert float(sum(layer.losses)) == pytest.approx(0.06)
    assert layer.embeddings.constraint is layer.embeddings_constraint


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_masking_marks_steps_of_one_value(value):
    x = np.ones((2, 3, 2), "float32")
    x[0, 1], x[1, 2, 0] = value, value
    y = layers.Masking(value)(x)
    np.testing.assert_array_equal(get_mask(y), [[True, False, True], [True, True, True]])
    np.testing.assert_array_equal(y, np.where(np.asarray(get_mask(y))[..., None], x, 0))
