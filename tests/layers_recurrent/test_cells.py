"""Cells of recurrent layers: cells of one's own, first biases, arguments, dropout."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core import tree
from kerasish.core.function import function
from kerasish.core.rng import set_random_seed

BUILT_IN = ["SimpleRNN", "GRU", "LSTM"]


def _sequences(batch=3, time=6, features=4):
    array = np.random.default_rng(0).standard_normal((batch, time, features))
    return ops.convert_to_tensor(array.astype("float32"))


def _close(actual, expected, atol=1e-6):
    for a, b in zip(tree.flatten(actual), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=atol)


class PlainCell:
    """A cell that is no layer: output and state are running sums."""

    state_size = 4

    def call(self, inputs, states):
        total = states[0] + inputs
        return total, (total,)


class LayerCell(layers.Layer):
    """A cell with two states of different sizes, one of them a count."""

    state_size = (4, 1)
    output_size = 4

    def call(self, inputs, states):
        total, count = states
        return (total + inputs) / (count + 1), (total + inputs, count + 1)


@pytest.mark.parametrize("is_traced", [False, True])
def test_custom_cells_run(is_traced):
    x = _sequences(time=40)
    sums = layers.RNN(PlainCell(), return_sequences=True)
    means = layers.RNN(LayerCell(), return_sequences=True, return_state=True)
    call = function(lambda x: (sums(x), means(x))) if is_traced else lambda x: (sums(x), means(x))
    total, (mean, last, count) = call(x)
    expected = np.cumsum(np.asarray(x), axis=1)
    _close(total, expected, atol=1e-5)
    _close(mean, expected / np.arange(1, 41)[:, None], atol=1e-5)
    _close([last, count], [expected[:, -1], np.full((3, 1), 40)], atol=1e-5)


def test_what_is_no_cell_is_refused():
    with pytest.raises(ValueError, match="a cell needs 'state_size'"):
        layers.RNN(layers.Dense(3))
    with pytest.raises(ValueError, match="a cell needs 'call'"):
        layers.RNN([layers.LSTMCell(3), "lstm"])


def test_forget_gate_bias_starts_as_one():
    layer = layers.LSTM(2)
    layer.build((None, 5, 3))
    np.testing.assert_array_equal(layer.cell.bias, [0, 0, 1, 1, 0, 0, 0, 0])
    plain = layers.LSTM(2, unit_forget_bias=False, bias_initializer="ones")
    plain.build((None, 5, 3))
    np.testing.assert_array_equal(plain.cell.bias, np.ones(8))


def test_arguments_of_the_cell_are_read_only_attributes():
    layer = layers.GRU(3, reset_after=False, dropout=0.5, implementation=1)
    assert (layer.units, layer.reset_after, layer.dropout) == (3, False, 0.5)
    with pytest.raises(AttributeError, match="units is fixed when the layer is made"):
        layer.units = 4


@pytest.mark.parametrize("name", BUILT_IN)
def test_bad_arguments_are_refused(name):
    make = getattr(layers, name)
    with pytest.raises(ValueError, match="units must be a positive int"):
        make(0)
    with pytest.raises(ValueError, match="dropout must be a number from 0 to 1"):
        make(3, dropout=1.5)
    with pytest.raises(TypeError, match="unknown arguments"):
        make(3, unit=4)
    with pytest.raises(ValueError, match="wrong number of axes"):
        make(3)(ops.ones((2, 5)))


# ---- dropout -----------------------------------------------------------------------------------

RATES = [{"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dropout": 0.3, "recurrent_dropout": 0.3}]


@pytest.mark.parametrize("name", [*BUILT_IN, "ConvLSTM1D"])
@pytest.mark.parametrize("rates", RATES, ids=str)
def test_dropout_acts_in_training_and_follows_the_seed(name, rates):
    def make():
        if name == "ConvLSTM1D":
            return layers.ConvLSTM1D(3, 2, padding="same", seed=5, **rates)
        return getattr(layers, name)(3, seed=5, **rates)

    x = _sequences(features=4)
    x = ops.expand_dims(x, -1) if name == "ConvLSTM1D" else x
    first, second = make(), make()
    first(x), second(x)
    second.set_weights(first.get_weights())
    plain, dropped = first(x), first(x, training=True)
    assert not np.allclose(plain, dropped)
    _close(second(x, training=True), dropped)
    assert not np.allclose(first(x, training=True), dropped)
    _close(first(x), plain)


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("rates", RATES, ids=str)
def test_traced_dropout_equals_eager(name, rates):
    layer = getattr(layers, name)(3, seed=5, **rates)
    x = _sequences(time=40)
    layer(x)
    traced = function(lambda x: layer(x, training=True))
    state = layer.cell.seed_generator.state
    start = state.numpy()
    expected = [np.asarray(layer(x, training=True)) for _ in range(2)]
    state.assign(start)
    _close([traced(x) for _ in range(2)], expected)


def test_dropout_mask_is_the_same_at_every_step():
    class Echo(layers.SimpleRNNCell):
        def call(self, inputs, states, training=False):
            masks, _ = self._current_masks(inputs, training)
            return ops.multiply(inputs, masks[0]), states

    layer = layers.RNN(Echo(4, dropout=0.5, seed=1), return_sequences=True)
    set_random_seed(1)
    y = np.asarray(layer(ops.ones((8, 5, 4)), training=True))
    assert set(np.unique(y)) == {0.0, 2.0}
    np.testing.assert_array_equal(y, np.repeat(y[:, :1], 5, axis=1))


def test_a_cell_called_by_hand_draws_new_masks():
    cell = layers.LSTMCell(16, dropout=0.5, seed=1)
    x, states = ops.ones((2, 8)), cell.get_initial_state(2)
    first, second = (cell(x, states, training=True)[0] for _ in range(2))
    assert not np.allclose(first, second)
