"""Attention layers: against formulas in NumPy, masks, heads that share, dropout, errors."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function
from kerasish.core.masks import get_mask, set_mask
from kerasish.core.spec import TensorSpec


def _tensor(*shape, seed=0):
    array = np.random.default_rng(seed).standard_normal(shape)
    return ops.convert_to_tensor(array.astype("float32"))


def _close(actual, expected, atol=2e-6):
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-5, atol=atol)


def _softmax(scores):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _by_hand(layer, query, value, allowed=None):
    """Outputs and scores of MultiHeadAttention, head by head."""
    w = [x.numpy() for x in layer.weights]
    q, k, v = (
        np.einsum("btf,fnh->bnth", np.asarray(x), w[2 * i]) + w[2 * i + 1][:, None]
        for i, x in enumerate((query, value, value))
    )
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    if allowed is not None:
        scores = np.where(allowed, scores, -np.inf)
    scores = _softmax(scores)
    return np.einsum("bnth,nhf->btf", scores @ v, w[6]) + w[7], scores


@pytest.mark.parametrize("return_scores", [False, True])
@pytest.mark.parametrize("masking", ["none", "causal", "given", "window", "padding"])
def test_multi_head_attention_is_its_formula(masking, return_scores):
    window = 2 if masking == "window" else None
    layer = layers.MultiHeadAttention(2, 3, sliding_window=window, bias_initializer="normal")
    query, value = _tensor(2, 5, 4), _tensor(2, 5, 6, seed=1)
    rows, columns = np.mgrid[:5, :5]
    kwargs, allowed = {}, None
    if masking == "causal":
        kwargs, allowed = {"use_causal_mask": True}, rows >= columns
    elif masking == "window":
        allowed = np.abs(rows - columns) < 2
    elif masking == "given":
        given = np.random.default_rng(2).random((2, 5, 5)) > 0.5
        given[..., 0] = True
        kwargs, allowed = {"attention_mask": given}, given[:, None]
    elif masking == "padding":
        real = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
        kwargs, allowed = {"value_mask": real}, real[:, None, None]
    result = layer(query, value, return_attention_scores=return_scores, **kwargs)
    outputs, scores = _by_hand(layer, query, value, allowed)
    _close(result[0] if return_scores else result, outputs)
    if return_scores:
        _close(result[1], scores)


def test_key_of_its_own_and_output_shapes():
    layer = layers.MultiHeadAttention(2, 3, value_dim=5, output_shape=(2, 7))
    query, value, key = _tensor(2, 5, 4), _tensor(2, 3, 6), _tensor(2, 3, 8)
    assert layer(query, value, key).shape == (2, 5, 2, 7)
    assert layer.key_dense.kernel.shape == (8, 2, 3)
    assert layer.value_dense.kernel.shape == (6, 2, 5)
    assert layer.get_build_config() == {
        "shapes_dict": {"query_shape": (2, 5, 4), "value_shape": (2, 3, 6), "key_shape": (2, 3, 8)}
    }


def test_projections_start_from_different_values():
    layer = layers.MultiHeadAttention(2, 3)
    layer(_tensor(1, 3, 4), _tensor(1, 3, 4))
    kernels = [d.kernel.numpy() for d in (layer.query_dense, layer.key_dense, layer.value_dense)]
    assert not np.allclose(kernels[0], kernels[1])
    assert not np.allclose(kernels[1], kernels[2])


def test_causal_positions_do_not_see_later_ones():
    layer, x = layers.MultiHeadAttention(2, 3), _tensor(1, 6, 4)
    before = layer(x, x, use_causal_mask=True)
    changed = np.array(x)
    changed[:, 4:] += 1
    changed = ops.convert_to_tensor(changed)
    after = layer(changed, changed, use_causal_mask=True)
    _close(after[:, :4], before[:, :4])
    assert not np.allclose(after[:, 4:], before[:, 4:])


@pytest.mark.parametrize("make", [
    lambda: layers.MultiHeadAttention(2, 3), lambda: layers.GroupQueryAttention(3, 4, 2)
])  # fmt: skip
def test_masks_of_the_tensors_are_used_and_the_querys_goes_on(make):
    layer, x = make(), _tensor(2, 5, 4)
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
    set_mask(x, ops.convert_to_tensor(mask))
    y = layer(x, x)
    np.testing.assert_array_equal(get_mask(y), mask)
    _close(y[0, :3], layer(x[:1, :3], x[:1, :3])[0])


def test_attention_along_given_axes_is_attention_of_each_row():
    rows = layers.MultiHeadAttention(2, 3, attention_axes=2)
    plain = layers.MultiHeadAttention(2, 3)
    x = _tensor(2, 3, 4, 5)
    y = rows(x, x)
    plain(x[:, 0], x[:, 0])
    plain.set_weights(rows.get_weights())
    for i in range(3):
        _close(y[:, i], plain(x[:, i], x[:, i]))
    assert rows.get_config()["attention_axes"] == (2,)
    everywhere = layers.MultiHeadAttention(2, 3)
    assert everywhere(x, x, return_attention_scores=True)[1].shape == (2, 2, 3, 4, 3, 4)


def test_gate_multiplies_the_heads():
    layer, x = layers.MultiHeadAttention(2, 3, use_gate=True), _tensor(1, 3, 4)
    y = layer(x, x)
    bias = layer._gate_dense.bias
    bias.assign(ops.full(bias.shape, -100.0))
    _close(layer(x, x), np.broadcast_to(layer.output_dense.bias, (1, 3, 4)))
    assert np.any(np.asarray(y) != 0)


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("shared", [1, 2, 4])
def test_grouped_query_attention_repeats_key_and_value_heads(shared, scores):
    grouped = layers.GroupQueryAttention(3, 4, shared)
    full = layers.MultiHeadAttention(4, 3)
    query, value = _tensor(2, 5, 6), _tensor(2, 4, 6, seed=1)
    kwargs = {"return_attention_scores": scores, "use_causal_mask": True}
    grouped(query, value), full(query, value)
    weights = grouped.get_weights()
    for i in (2, 3, 4, 5):  # kernel and bias of key and value
        weights[i] = np.repeat(weights[i], 4 // shared, axis=-2)
    full.set_weights(weights)
    expected, actual = full(query, value, **kwargs), grouped(query, value, **kwargs)
    for a, b in zip(actual, expected, strict=True) if scores else [(actual, expected)]:
        _close(a, b)


@pytest.mark.parametrize("make", [
    lambda rate: layers.MultiHeadAttention(2, 3, dropout=rate, seed=1),
    lambda rate: layers.GroupQueryAttention(3, 4, 2, dropout=rate, seed=1),
])  # fmt: skip
def test_dropout_of_scores_acts_in_training_only(make):
    layer, plain, x = make(0.5), make(0.0), _tensor(2, 5, 6)
    y = layer(x, x)
    plain(x, x)
    plain.set_weights(layer.get_weights())
    _close(y, plain(x, x))
    assert not np.allclose(layer(x, x, training=True), y)
    _close(plain(x, x, training=True), y)


@pytest.mark.parametrize("kwargs", [{}, {"use_causal_mask": True, "return_attention_scores": True}])
def test_unknown_lengths_in_a_trace(kwargs):
    layer = layers.MultiHeadAttention(2, 3, sliding_window=3)
    specs = [TensorSpec((None, None, 4), "float32")] * 2
    layer(_tensor(1, 2, 4), _tensor(1, 2, 4))
    traced = function(lambda q, v: layer(q, v, **kwargs), input_signature=specs)
    for lengths in ((5, 4), (1, 1)):
        query, value = (_tensor(2, n, 4) for n in lengths)
        expected, actual = layer(query, value, **kwargs), traced(query, value)
        for a, b in zip(actual, expected, strict=True) if kwargs else [(actual, expected)]:
            _close(a, b)


def test_regularizer_of_outputs_counts_each_projection():
    x = _tensor(2, 3, 4)
    layer = layers.MultiHeadAttention(2, 3, activity_regularizer="l2")
    y = layer(x, x)
    assert len(layer.losses) == 4
    assert float(layer.losses[-1]) == pytest.approx(0.01 * np.sum(np.square(y)) / 2, rel=1e-5)
    grouped = layers.GroupQueryAttention(3, 2, 1, activity_regularizer="l2")
    grouped(x, x)
    assert len(grouped.losses) == 5  # as in Keras, the layer's own output counts once more


BAD = {
    "num_heads must be a positive int": lambda: layers.MultiHeadAttention(0, 3),
    "key_dim must be a positive int": lambda: layers.MultiHeadAttention(2, 3.0),
    "value_dim must be a positive int": lambda: layers.MultiHeadAttention(2, 3, value_dim=-1),
    "sliding_window must be a positive int": lambda: layers.MultiHeadAttention(
        2, 3, sliding_window=0
    ),
    "does not go with dropout": lambda: layers.MultiHeadAttention(
        2, 3, dropout=0.1, flash_attention=True
    ),
    "does not return attention scores": lambda: layers.MultiHeadAttention(
        2, 3, flash_attention=True
    )(_tensor(1, 2, 3), _tensor(1, 2, 3), return_attention_scores=True),
    "key and value differ in length": lambda: layers.MultiHeadAttention(2, 3)(
        _tensor(1, 2, 3), _tensor(1, 2, 3), _tensor(1, 4, 3)
    ),
    "must divide num_query_heads": lambda: layers.GroupQueryAttention(3, 4, 3),
    "need 3 axes": lambda: layers.GroupQueryAttention(3, 4, 2)(
        _tensor(1, 2, 2, 3), _tensor(1, 2, 2, 3)
    ),
    "unknown score_mode": lambda: layers.Attention(score_mode="cosine"),
    "inputs must be a list of 2 or 3": lambda: layers.Attention()(_tensor(1, 2, 3)),
    "mask must be a list of 2 or 3": lambda: layers.AdditiveAttention()(
        [_tensor(1, 2, 3), _tensor(1, 2, 3)], mask=np.ones((1, 2), bool)
    ),
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_arguments_are_refused(problem):
    with pytest.raises(ValueError, match=problem):
        BAD[problem]()


# ---- without projections -----------------------------------------------------------------------


@pytest.mark.parametrize("make", [
    layers.Attention, layers.AdditiveAttention, lambda: layers.Attention(score_mode="concat")
])  # fmt: skip
def test_masked_values_get_no_weight_and_masked_queries_give_zero(make):
    layer, query, value = make(), _tensor(2, 5, 4), _tensor(2, 3, 4, seed=1)
    query_mask = np.array([[1, 1, 1, 0, 0], [1] * 5], bool)
    value_mask = np.array([[1, 1, 0], [1, 1, 1]], bool)
    outputs, weights = layer(
        [query, value], mask=[query_mask, value_mask], return_attention_scores=True
    )
    np.testing.assert_array_equal(np.asarray(weights)[0, :, 2], np.zeros(5))
    np.testing.assert_array_equal(np.asarray(outputs)[0, 3:], np.zeros((2, 4)))
    _close(np.asarray(weights).sum(axis=-1), np.ones((2, 5)))
    _close(outputs[0, :3], layer([query[:1], value[:1, :2]])[0, :3])
    np.testing.assert_array_equal(get_mask(outputs), query_mask)


def test_dot_product_attention_layer_is_its_formula():
    query, value, key = _tensor(2, 5, 4), _tensor(2, 3, 6, seed=1), _tensor(2, 3, 4, seed=2)
    layer = layers.Attention(use_scale=True)
    layer([query, value, key])
    layer.scale.assign(0.5)
    weights = _softmax(0.5 * np.asarray(query) @ np.asarray(key).swapaxes(-1, -2))
    _close(layer([query, value, key]), weights @ np.asarray(value))


def test_attention_dropout_follows_the_seed():
    layer, x = layers.Attention(dropout=0.5, seed=3), _tensor(2, 5, 4)
    twin = layers.Attention.from_config(layer.get_config())
    dropped = layer([x, x], training=True)
    _close(twin([x, x], training=True), dropped)
    assert not np.allclose(dropped, layer([x, x]))
