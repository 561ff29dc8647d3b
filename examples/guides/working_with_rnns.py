"""Recurrent layers: outputs, states, encoder-decoder, stateful, both directions, own cells."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def outputs_and_states():
    """Last output, all outputs, and the states."""
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    assert layers.SimpleRNN(4)(x).shape == (2, 4)
    whole, last = layers.GRU(4, return_sequences=True, return_state=True)(x)
    np.testing.assert_allclose(whole[:, -1], last, atol=1e-6)
    output, state_h, state_c = layers.LSTM(4, return_state=True)(x)
    np.testing.assert_allclose(output, state_h, atol=1e-6)
    assert state_c.shape == (2, 4)
    backwards = layers.LSTM(4, go_backwards=True)
    np.testing.assert_allclose(
        backwards(x), layer_with_weights_of(backwards, go_backwards=False)(x[:, ::-1]), atol=1e-6
    )


def layer_with_weights_of(layer, **changes):
    """A copy of a layer with some arguments changed."""
    copy = type(layer).from_config({**layer.get_config(), **changes})
    copy.build((None, None, layer.weights[0].shape[0]))
    copy.set_weights(layer.get_weights())
    return copy


def encoder_decoder():
    """The states of one layer start another: reverse a sequence."""
    words, steps, units = 8, 5, 48
    encoder_input = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(words, 16)(encoder_input)
    _, state_h, state_c = layers.LSTM(units, return_state=True, name="encoder")(embedded)
    decoder_input = keras.Input((None,), dtype="int32")
    decoded = layers.Embedding(words + 1, 16)(decoder_input)
    decoded = layers.LSTM(units, return_sequences=True, name="decoder")(
        decoded, initial_state=[state_h, state_c]
    )
    output = layers.Dense(words)(decoded)
    model = keras.Model([encoder_input, decoder_input], output)
    generator = np.random.default_rng(0)
    x = generator.integers(words, size=(3000, steps)).astype("int32")
    y = x[:, ::-1]
    shifted = np.concatenate([np.full((len(y), 1), words), y[:, :-1]], axis=1).astype("int32")
    model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit([x, shifted], y, epochs=8, batch_size=64, verbose=0).history
    print(f"reversing sequences: accuracy {history['accuracy'][-1]:.3f} (chance {1 / words:.3f})")
    assert history["accuracy"][-1] > 0.6


def stateful():
    """A long sequence in parts gives what it gives in one."""
    x = np.random.default_rng(1).normal(size=(4, 12, 3)).astype("float32")
    layer = layers.LSTM(5, stateful=True)
    for part in np.split(x, 3, axis=1):
        in_parts = layer(part)
    whole = layer_with_weights_of(layer, stateful=False)(x)
    np.testing.assert_allclose(in_parts, whole, atol=1e-6)
    layer.reset_state()
    np.testing.assert_allclose(layer(x), whole, atol=1e-6)
    print("stateful layer: three parts give the state of the whole")


def both_directions():
    """A wrapper that reads forwards and backwards."""
    model = keras.Sequential(
        [
            keras.Input((5, 10)),
            layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(4), merge_mode="concat"),
            layers.Dense(2),
        ]
    )
    model.summary()
    assert model.layers[1].output.shape == (None, 8)


class MinimalCell(keras.layers.Layer):
    """A cell of one's own: h' = tanh(x w + h u)."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="orthogonal", name="recurrent_kernel"
        )

    def call(self, inputs, states):
        hidden = ops.tanh(
            ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel)
        )
        return hidden, [hidden]


class PairCell(keras.layers.Layer):
    """A cell with two inputs and two states."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shapes):
        self.kernels = [
            self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name=name)
            for shape, name in zip(input_shapes, ("first", "second"), strict=True)
        ]

    def call(self, inputs, states):
        new = [
            ops.tanh(0.9 * state + ops.matmul(x, kernel))
            for x, state, kernel in zip(inputs, states, self.kernels, strict=True)
        ]
        return new[0] * new[1], new


def own_cells():
    """Two cells, stacked, in `RNN`."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(512, 8, 2)).astype("float32")
    y = (x[:, :, 0].sum(axis=1) > 0).astype("float32")
    inputs = keras.Input((None, 2))
    rnn = layers.RNN([MinimalCell(16), MinimalCell(8)])
    outputs = layers.Dense(1, activation="sigmoid")(rnn(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    accuracy = model.fit(x, y, epochs=8, verbose=0).history["accuracy"][-1]
    print(f"own cells, stacked: accuracy {accuracy:.3f}")
    assert accuracy > 0.85


def nested_states():
    """A cell with two states."""
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    layer = layers.RNN(PairOfOne(5), return_state=True)
    output, first, second = layer(x)
    assert output.shape == first.shape == second.shape == (2, 5)


class PairOfOne(PairCell):
    """The same on one input, used twice."""

    def build(self, input_shape):
        super().build([input_shape, input_shape])

    def call(self, inputs, states):
        return super().call([inputs, inputs], states)


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    outputs_and_states()
    encoder_decoder()
    stateful()
    both_directions()
    own_cells()
    nested_states()


if __name__ == "__main__":
    main()
