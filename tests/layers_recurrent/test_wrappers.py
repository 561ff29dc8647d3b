"""TimeDistributed and Bidirectional: against the same thing written by hand."""

import json

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function
from kerasish.core.masks import get_mask
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape


def _tensor(*shape, seed=0):
    array = np.random.default_rng(seed).standard_normal(shape)
    return ops.convert_to_tensor(array.astype("float32"))


def _close(actual, expected, atol=1e-6):
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=1e-5, atol=atol)


# ---- TimeDistributed ---------------------------------------------------------------------------


@pytest.mark.parametrize("inner", [layers.Dense(3), layers.Flatten(), layers.GRU(3)], ids=str)
def test_time_distributed_applies_the_layer_to_each_step(inner):
    layer, x = layers.TimeDistributed(inner), _tensor(2, 4, 3, 5)
    _close(layer(x), np.stack([inner(x[:, t]) for t in range(4)], axis=1))


@pytest.mark.parametrize(
    "shape", [(None, 4, 3, 5), (2, None, 3, 5), (None, None, None, 5)], ids=str
)
def test_time_distributed_with_unknown_sizes(shape):
    layer, x = layers.TimeDistributed(layers.Dense(3)), _tensor(2, 4, 3, 5)
    expected = layer(x)
    traced = function(layer, input_signature=[TensorSpec(shape, "float32")])
    _close(traced(x), expected)
    assert layer(layers.Input(shape[1:])).shape == (None, *shape[1:-1], 3)


def test_time_distributed_keeps_the_mask_of_the_steps():
    mask = np.array([[1, 1, 0, 0], [1, 0, 1, 1]], bool)
    y = layers.TimeDistributed(layers.Dense(3))(_tensor(2, 4, 5), mask=mask)
    np.testing.assert_array_equal(get_mask(y), mask)


def test_time_distributed_recurrent_layer_over_padded_words():
    ids = np.array([[[1, 2, 0], [3, 0, 0], [0, 0, 0]], [[4, 5, 6], [7, 8, 0], [9, 0, 0]]])
    words = layers.Embedding(10, 4, mask_zero=True)(ids)
    inner = layers.LSTM(3)
    y = layers.TimeDistributed(inner)(words)
    np.testing.assert_array_equal(get_mask(y), [[True, True, False], [True, True, True]])
    embedded = np.asarray(words)
    for i, j, length in ((0, 0, 2), (0, 1, 1), (1, 0, 3), (1, 1, 2)):
        _close(y[i, j], inner(ops.convert_to_tensor(embedded[i : i + 1, j, :length]))[0])


def test_time_distributed_batch_normalization_updates_at_every_step():
    together, alone = layers.BatchNormalization(), layers.BatchNormalization()
    layer, x = layers.TimeDistributed(together), _tensor(6, 3, 4)
    y = layer(x, training=True)
    steps = [alone(x[:, t], training=True) for t in range(3)]
    _close(y, np.stack(steps, axis=1))
    for a, b in zip(together.weights, alone.weights, strict=True):
        _close(a, b)


def test_time_distributed_refuses_bad_input():
    with pytest.raises(ValueError, match="the input has too few axes"):
        layers.TimeDistributed(layers.Dense(3))(_tensor(2, 4))
    with pytest.raises(ValueError, match="the mask does not fit"):
        layers.TimeDistributed(layers.Dense(3))(_tensor(2, 4, 5), mask=np.ones((2, 3), bool))
    with pytest.raises(ValueError, match="it wraps a layer"):
        layers.TimeDistributed("dense")


# ---- Bidirectional -----------------------------------------------------------------------------

MERGES = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
}


@pytest.mark.parametrize("mode", [*MERGES, None])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_bidirectional_is_two_layers(mode, sequences, padded):
    layer = layers.Bidirectional(layers.LSTM(3, return_sequences=sequences), merge_mode=mode)
    x, mask = _tensor(3, 5, 4), None
    if padded:
        mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)
    y = layer(x, mask=mask)
    forward, backward = layer.forward_layer(x, mask=mask), layer.backward_layer(x, mask=mask)
    assert layer.backward_layer.go_backwards
    backward = ops.flip(backward, axis=1) if sequences else backward
    if mode is None:
        _close(y[0], forward)
        _close(y[1], backward)
    else:
        _close(y, MERGES[mode](np.asarray(forward), np.asarray(backward)))
    if padded and sequences:
        found = y if mode is not None else y[0]
        assert np.all(np.asarray(found)[~mask] == 0)


def test_bidirectional_padding_changes_nothing():
    layer, x = layers.Bidirectional(layers.GRU(3, return_sequences=True)), _tensor(2, 6, 4)
    mask = np.array([[True] * 4 + [False] * 2] * 2)
    _close(layer(x, mask=mask)[:, :4], layer(x[:, :4]))


def test_bidirectional_states_go_in_and_out():
    layer = layers.Bidirectional(layers.LSTM(3, return_sequences=True, return_state=True))
    x, states = _tensor(3, 5, 4), [_tensor(3, 3, seed=i) for i in range(4)]
    y, *after = layer(x, initial_state=states)
    assert y.shape == (3, 5, 6)
    assert len(after) == 4
    _, *forward = layer.forward_layer(x, initial_state=states[:2])
    _, *backward = layer.backward_layer(x, initial_state=states[2:])
    for a, b in zip(after, [*forward, *backward], strict=True):
        _close(a, b)
    separate = layers.Bidirectional(
        layers.GRU(3, return_sequences=True, return_state=True), merge_mode=None
    )
    assert [t.shape for t in separate(x)] == [(3, 5, 3)] * 2 + [(3, 3)] * 2


def test_nested_bidirectional_stack_trains_with_masks():
    cells = [layers.GRUCell(3), layers.LSTMCell(2)]
    stack = [
        layers.Embedding(9, 4, mask_zero=True),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.Bidirectional(layers.RNN(cells, return_sequences=True)),
        layers.Bidirectional(layers.SimpleRNN(2), merge_mode="sum"),
    ]
    ids = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]])

    def run(x):
        for layer in stack:
            x = layer(x)
        return x

    with GradientTape() as tape:
        y = run(ids)
        total = ops.sum(ops.square(y))
    weights = [w for layer in stack for w in layer.weights]
    gradients = tape.gradient(total, weights)
    assert all(g is not None and np.any(np.asarray(g)) for g in gradients)
    longer = np.pad(ids, [(0, 0), (0, 2)])
    _close(run(longer), y)
    _close(function(run)(longer), y)


def test_bidirectional_layers_get_names_and_weights():
    kernels = [np.full((4, 3), 1.0), np.eye(3), np.full((4, 3), 2.0), -np.eye(3)]
    layer = layers.Bidirectional(
        layers.SimpleRNN(3, use_bias=False, name="rnn"), weights=kernels, name="both"
    )
    config = json.loads(json.dumps(layer.get_config()))
    layer(_tensor(2, 5, 4))
    assert [w.path for w in layer.weights][::2] == [
        "both/forward_rnn/simple_rnn_cell/kernel",
        "both/backward_rnn/simple_rnn_cell/kernel",
    ]
    for weight, kernel in zip(layer.weights, kernels, strict=True):
        np.testing.assert_array_equal(weight, kernel)
    assert "weights" not in config
    assert layers.Bidirectional.from_config(config).get_config() == config


def test_bidirectional_with_a_backward_layer_of_its_own():
    backward = layers.GRU(5, go_backwards=True, name="other")
    layer = layers.Bidirectional(layers.LSTM(3), backward_layer=backward)
    assert layer(_tensor(2, 5, 4)).shape == (2, 8)
    assert layer.backward_layer is backward


def test_stateful_bidirectional_resets():
    layer, x = layers.Bidirectional(layers.GRU(3, stateful=True)), _tensor(2, 5, 4)
    first, second = layer(x), layer(x)
    assert not np.allclose(first, second)
    layer.reset_states()
    _close(layer(x), first)


def test_bidirectional_refuses_what_does_not_match():
    with pytest.raises(ValueError, match="layer must be a layer"):
        layers.Bidirectional("lstm")
    with pytest.raises(ValueError, match="unknown merge_mode"):
        layers.Bidirectional(layers.LSTM(3), merge_mode="add")
    with pytest.raises(ValueError, match="both layers run in the same direction"):
        layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(3))
    other = layers.LSTM(3, go_backwards=True, return_sequences=True)
    with pytest.raises(ValueError, match="the layers differ in return_sequences"):
        layers.Bidirectional(layers.LSTM(3), backward_layer=other)
