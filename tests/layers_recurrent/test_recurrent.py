"""Recurrent layers at the edges: lengths, masks, states, directions, loops in traces."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core import names, tree
from kerasish.core.function import function
from kerasish.core.masks import get_mask
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape

BUILT_IN = ["SimpleRNN", "GRU", "LSTM"]
# The same layer run in one operation, and step by step because of its activation.
WAYS = [(name, activation) for name in BUILT_IN for activation in ("tanh", "elu")]
every_way = pytest.mark.parametrize(("name", "activation"), WAYS)


def _sequences(batch=3, time=6, features=4, seed=0):
    array = np.random.default_rng(seed).standard_normal((batch, time, features))
    return ops.convert_to_tensor(array.astype("float32"))


def _states(name, batch=3, units=3):
    rng = np.random.default_rng(9)
    count = 2 if name == "LSTM" else 1
    arrays = [rng.standard_normal((batch, units)).astype("float32") for _ in range(count)]
    return [ops.convert_to_tensor(a) for a in arrays]


def _close(actual, expected, atol=1e-6):
    for a, b in zip(tree.flatten(actual), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=atol)


# ---- lengths, shapes, directions ---------------------------------------------------------------


@every_way
def test_one_step_equals_the_cell(name, activation):
    layer = getattr(layers, name)(3, activation=activation, return_state=True)
    x, states = _sequences(time=1), _states(name)
    output, *after = layer(x, initial_state=states)
    expected, cell_states = layer.cell(x[:, 0], states)
    _close([output, *after], [expected, *cell_states])


@every_way
def test_state_and_sequence_shapes(name, activation):
    layer = getattr(layers, name)(
        3, activation=activation, return_sequences=True, return_state=True
    )
    sequence, *states = layer(_sequences())
    assert sequence.shape == (3, 6, 3)
    assert [s.shape for s in states] == [(3, 3)] * (2 if name == "LSTM" else 1)
    np.testing.assert_array_equal(sequence[:, -1], states[0])


@every_way
def test_backwards_is_forwards_over_the_flipped_sequence(name, activation):
    forward = getattr(layers, name)(3, activation=activation, return_sequences=True)
    backward = getattr(layers, name)(
        3, activation=activation, return_sequences=True, go_backwards=True
    )
    x = _sequences()
    forward(x), backward(x)
    backward.set_weights(forward.get_weights())
    _close(backward(x), forward(ops.flip(x, axis=1)))


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_steps_are_refused(name):
    layer = layers.RNN(getattr(layers, f"{name}Cell")(3))
    with pytest.raises(ValueError, match="the sequences have no steps"):
        layer(ops.zeros((2, 0, 4)))


def test_stacked_cells_return_nested_states():
    layer = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)], return_state=True)
    output, lstm_states, gru_state = layer(_sequences())
    assert output.shape == gru_state.shape == (3, 3)
    assert [s.shape for s in lstm_states] == [(3, 4), (3, 4)]
    again = layer(_sequences(), initial_state=[lstm_states, gru_state])
    flat = layer(_sequences(), initial_state=[*lstm_states, gru_state])
    _close(again, flat)
    names.reset()
    twin = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])
    twin.build((None, 6, 4))
    assert [w.path for w in twin.weights][::3] == [
        "rnn/stacked_rnn_cells/lstm_cell/kernel",
        "rnn/stacked_rnn_cells/gru_cell/kernel",
    ]


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("mask", [None, "padding"])
def test_whole_sequence_equals_cell_by_cell_with_gradients(name, mask):
    whole = getattr(layers, name)(3, return_sequences=True, return_state=True)
    by_cell = layers.RNN(
        getattr(layers, f"{name}Cell")(3), return_sequences=True, return_state=True
    )
    x, states = _sequences(), _states(name)
    if mask:
        mask = np.array([[1, 1, 0, 1, 1, 0], [0, 0, 1, 1, 0, 1], [0] * 6], bool)
    results = []
    for layer in (whole, by_cell):
        layer(x)
        layer.set_weights(whole.get_weights())
        with GradientTape() as tape:
            tape.watch([x, *states])
            outputs = layer(x, initial_state=states, mask=mask)
            total = sum(ops.sum(ops.sin(y)) for y in outputs)
        results.append([*outputs, *tape.gradient(total, [x, *states, *layer.weights])])
    _close(*results)


@every_way
def test_gradient_by_initial_state_is_that_of_differences(name, activation):
    layer = getattr(layers, name)(3, activation=activation, dtype="float64")
    x, states = ops.cast(_sequences(), "float64"), [ops.cast(s, "float64") for s in _states(name)]
    with GradientTape() as tape:
        tape.watch(states)
        total = ops.sum(ops.square(layer(x, initial_state=states)))
    gradients = tape.gradient(total, states)

    def value(shift):
        moved = [s + shift * d for s, d in zip(states, directions, strict=True)]
        return float(ops.sum(ops.square(layer(x, initial_state=moved))))

    rng = np.random.default_rng(1)
    directions = [rng.standard_normal(s.shape) for s in states]
    slope = sum(np.sum(np.asarray(g) * d) for g, d in zip(gradients, directions, strict=True))
    assert slope == pytest.approx((value(1e-5) - value(-1e-5)) / 2e-5, rel=1e-6)


# ---- masks -------------------------------------------------------------------------------------


@every_way
def test_padding_at_the_end_changes_nothing(name, activation):
    layer = getattr(layers, name)(3, activation=activation, return_state=True)
    x, mask = _sequences(), np.ones((3, 6), bool)
    mask[:, 4:] = False
    _close(layer(x, mask=mask), layer(x[:, :4]))


@every_way
def test_fully_masked_rows_keep_the_state_and_give_zero(name, activation):
    layer = getattr(layers, name)(
        3, activation=activation, return_sequences=True, return_state=True
    )
    mask, states = np.ones((3, 6), bool), _states(name)
    mask[1] = False
    sequence, *after = layer(_sequences(), initial_state=states, mask=mask)
    np.testing.assert_array_equal(sequence[1], np.zeros((6, 3)))
    for before, end in zip(states, after, strict=True):
        np.testing.assert_array_equal(end[1], before[1])
        assert np.all(np.asarray(end[0]) != np.asarray(before[0]))


@every_way
@pytest.mark.parametrize("zero", [False, True])
def test_masked_steps_repeat_the_output_or_give_zero(name, activation, zero):
    layer = getattr(layers, name)(
        3, activation=activation, return_sequences=True, zero_output_for_mask=zero
    )
    mask = np.array([[1, 1, 0, 0, 1, 0]] * 3, bool)
    y = np.asarray(layer(_sequences(), mask=mask))
    np.testing.assert_array_equal(y[:, 2], np.zeros((3, 3)) if zero else y[:, 1])
    np.testing.assert_array_equal(y[:, 3], y[:, 2])
    np.testing.assert_array_equal(y[:, 5], np.zeros((3, 3)) if zero else y[:, 4])


def test_masks_go_on_with_sequences_only():
    x = layers.Masking()(_sequences())
    assert get_mask(layers.LSTM(3, return_sequences=True)(x)) is not None
    sequence, h, c = layers.LSTM(3, return_sequences=True, return_state=True)(x)
    assert get_mask(sequence) is not None
    assert get_mask(h) is None
    assert get_mask(c) is None
    assert get_mask(layers.LSTM(3)(x)) is None
    explicit = layers.GRU(3, return_sequences=True)(_sequences(), mask=np.ones((3, 6), bool))
    assert get_mask(explicit) is not None


def test_mask_of_wrong_rank_is_refused():
    with pytest.raises(ValueError, match="the mask has the wrong number of axes"):
        layers.RNN(layers.GRUCell(3))(_sequences(), mask=np.ones((3,), bool))


# ---- states over batches -----------------------------------------------------------------------


@every_way
def test_stateful_layer_continues_and_starts_again_after_reset(name, activation):
    kwargs = {"activation": activation, "return_sequences": True}
    stateful = getattr(layers, name)(3, stateful=True, **kwargs)
    plain = getattr(layers, name)(3, **kwargs)
    x = _sequences()
    stateful(x), plain(x)
    stateful.set_weights(plain.get_weights())
    stateful.reset_states()
    parts = [stateful(x[:, :2]), stateful(x[:, 2:])]
    _close(ops.concatenate(parts, axis=1), plain(x))
    stateful.reset_state()
    _close(stateful(x), plain(x))


@every_way
def test_traced_stateful_layer_keeps_its_state(name, activation):
    layer = getattr(layers, name)(3, activation=activation, stateful=True)
    x = _sequences()
    layer(x)
    layer.reset_states()
    expected = [np.asarray(layer(x)) for _ in range(3)]
    layer.reset_states()
    traced = function(layer)
    _close([traced(x) for _ in range(3)], expected)
    assert not np.allclose(expected[0], expected[1])


def test_states_are_no_weights():
    layer = layers.LSTM(3, stateful=True)
    layer(_sequences())
    assert [w.name for w in layer.weights] == ["kernel", "recurrent_kernel", "bias"]
    assert len(layer.states) == 2
    assert layer.states[0].path == f"{layer.name}/rnn_state"


def test_stateful_layer_refuses_other_batch_sizes():
    layer = layers.GRU(3, stateful=True)
    layer(_sequences())
    before = layer.states[0].numpy()
    with pytest.raises(ValueError, match="states for another batch size"):
        layer(_sequences(batch=2))
    np.testing.assert_array_equal(layer.states[0], before)
    with pytest.raises(ValueError, match="needs a known batch size"):
        layers.GRU(3, stateful=True).build((None, 5, 4))


def test_wrong_number_of_initial_states_is_refused():
    with pytest.raises(ValueError, match="another number of tensors than the cell"):
        layers.LSTM(3)(_sequences(), initial_state=_states("GRU"))


# ---- loops in traces ---------------------------------------------------------------------------


def _value_and_gradients(layer):
    def run(x, mask):
        with GradientTape() as tape:
            tape.watch(x)
            outputs = tree.flatten(layer(x, mask=mask))
            total = sum(ops.sum(ops.sin(y)) for y in outputs)
        return [*outputs, *tape.gradient(total, [x, *layer.weights])]

    return run


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
def test_long_traced_loop_equals_eager(zero, unroll):
    layer = layers.RNN(
        [layers.LSTMCell(3), layers.SimpleRNNCell(2)], return_sequences=True, return_state=True,
        go_backwards=True, unroll=unroll, zero_output_for_mask=zero,
    )  # fmt: skip
    x = _sequences(time=40)
    mask = ops.convert_to_tensor(np.random.default_rng(0).random((3, 40)) > 0.4)
    layer(x)
    run = _value_and_gradients(layer)
    traced = function(run)
    _close(traced(x, mask), run(x, mask), atol=5e-5)
    operations = {node.operation.name for node in traced.traces[0].graph.nodes}
    assert ("run_steps" in operations) == (not unroll)


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("activation", ["tanh", "elu"])
def test_unknown_length_and_batch_in_a_trace(name, activation):
    layer = getattr(layers, name)(3, activation=activation, return_sequences=True)
    layer(_sequences())
    run = _value_and_gradients(layer)
    specs = [TensorSpec((None, None, 4), "float32"), TensorSpec((None, None), "bool")]
    traced = function(run, input_signature=specs)
    for batch, time in ((3, 6), (2, 1), (1, 40)):
        x, mask = _sequences(batch, time), ops.ones((batch, time), dtype="bool")
        _close(traced(x, mask), run(x, mask), atol=5e-5)


def test_unroll_of_unknown_length_is_refused():
    layer = layers.LSTM(3, unroll=True)
    with pytest.raises(ValueError, match="unroll needs a known number of steps"):
        layer(layers.Input((None, 4)))


@pytest.mark.parametrize("name", [*BUILT_IN, "Bidirectional"])
def test_functional_inputs_give_symbolic_outputs(name):
    make = layers.LSTM if name == "Bidirectional" else getattr(layers, name)
    layer = make(3, return_sequences=True)
    layer = layers.Bidirectional(layer) if name == "Bidirectional" else layer
    units = 6 if name == "Bidirectional" else 3
    assert layer(layers.Input((None, 4))).shape == (None, None, units)
    assert layer.compute_output_shape((None, 5, 4)) == (None, 5, units)
