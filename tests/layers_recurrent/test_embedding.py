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


# ---- low-rank adaptation ----


def adapted_embedding(cls=layers.Embedding, **arguments):
    layer = cls(5, 3, lora_rank=2, lora_alpha=4, name="words", **arguments)
    layer.build()
    layer.lora_embeddings_b.assign(np.arange(6.0).reshape(2, 3))
    return layer


def test_an_adapted_embedding_looks_up_the_sum():
    layer = adapted_embedding()
    assert [(w.path, w.trainable) for w in layer.weights] == [
        ("words/embeddings", False),
        ("words/lora_embeddings_a", True),
        ("words/lora_embeddings_b", True),
    ]
    table, a, b = layer.get_weights()
    whole = table + 2 * a @ b
    np.testing.assert_allclose(layer.embeddings, whole, rtol=1e-6)
    np.testing.assert_allclose(layer(np.array([[4, 0]])), whole[[[4, 0]]], rtol=1e-6)
    config = layer.get_config()
    assert (config["lora_rank"], config["lora_alpha"]) == (2, 4)
    assert "lora_rank" not in layers.Embedding(3, 2).get_config()


def test_only_the_update_of_an_embedding_is_trained():
    layer = adapted_embedding()
    with GradientTape() as tape:
        total = ops.sum(ops.square(layer(np.array([1, 1, 3]))))
    assert [w.name for w in layer.trainable_weights] == ["lora_embeddings_a", "lora_embeddings_b"]
    in_a, in_b = tape.gradient(total, layer.trainable_weights)
    assert np.abs(in_a.numpy()[[1, 3]]).min() > 0
    assert not in_a.numpy()[[0, 2, 4]].any()
    assert np.abs(in_b.numpy()).max() > 0


@pytest.mark.parametrize("cls", [layers.Embedding, layers.ReversibleEmbedding])
def test_files_hold_the_sum(cls):
    more = {"tie_weights": False} if cls is layers.ReversibleEmbedding else {}
    layer, store = adapted_embedding(cls, **more), {}
    layer.save_own_variables(store)
    plain = cls(5, 3, **more)
    plain.build()
    plain.load_own_variables(store)
    ids = np.array([0, 4, 2])
    np.testing.assert_allclose(plain(ids), layer(ids), rtol=1e-6)
    layer.load_own_variables(store)
    np.testing.assert_allclose(plain(ids), layer(ids), rtol=1e-6)
    with pytest.raises(ValueError, match="other weights"):
        layer.load_own_variables({"0": np.ones((2, 2))})


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda: layers.Embedding(3, 2).enable_lora(1), "must be built"),
        (lambda: adapted_embedding().enable_lora(1), "enabled already"),
        (lambda: adapted_embedding(embeddings_constraint="non_neg"), "embeddings constraint"),
        (lambda: layers.Embedding(3, 2).embeddings, "has no embeddings"),
    ],
)
def test_bad_adaptation_is_explained(use, problem):
    with pytest.raises(ValueError, match=problem):
        use()


# ---- the way back ----


@pytest.mark.parametrize("tie_weights", [True, False])
@pytest.mark.parametrize("cap", [None, 0.5])
def test_reversible_embedding_projects_back(tie_weights, cap):
    layer = layers.ReversibleEmbedding(
        5, 3, tie_weights, mask_zero=True, logit_soft_cap=cap, embeddings_initializer="normal",
    )  # fmt: skip
    ids = np.array([[1, 0, 4]])
    hidden = layer(ids)
    np.testing.assert_array_equal(get_mask(hidden), ids != 0)
    logits = layer(hidden, reverse=True)
    back = layer.embeddings.numpy().T if tie_weights else layer.reverse_embeddings.numpy()
    expected = hidden.numpy() @ back
    expected = expected if cap is None else cap * np.tanh(expected / cap)
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-6)
    assert len(layer.weights) == (1 if tie_weights else 2)
    twin = layers.deserialize(layers.serialize(layer))
    assert twin.get_config() == layer.get_config()


def test_the_way_back_has_a_dtype_of_its_own():
    layer = layers.ReversibleEmbedding(5, 3, dtype="mixed_float16", reverse_dtype="float32")
    hidden = layer(np.array([[1, 0]]))
    assert hidden.dtype == "float16"
    assert layer(hidden, reverse=True).dtype == "float32"
    plain = layers.ReversibleEmbedding(5, 3, dtype="mixed_float16")
    assert plain(plain(np.array([[1, 0]])), reverse=True).dtype == "float16"
