"""Sequences of unequal length: padding, masks that layers make, pass on, use, or change."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class TemporalSplit(keras.layers.Layer):
    """Splits a sequence in the middle, and its mask with it."""

    def call(self, inputs):
        return ops.split(inputs, 2, axis=1)

    def compute_mask(self, inputs, mask=None):
        return None if mask is None else ops.split(mask, 2, axis=1)


class CustomEmbedding(keras.layers.Layer):
    """Makes a mask from its input: 0 is padding."""

    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        self.input_dim, self.output_dim, self.mask_zero = input_dim, output_dim, mask_zero

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim),
            initializer="random_normal",
            dtype="float32",
        )

    def call(self, inputs):
        return ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0)

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0) if self.mask_zero else None


class MyActivation(keras.layers.Layer):
    """Lets the mask through."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        return ops.relu(inputs)


class TemporalSoftmax(keras.layers.Layer):
    """Uses the mask: padded steps get no weight."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        broadcast = ops.cast(ops.expand_dims(mask, -1), "float32")
        exponents = ops.exp(inputs) * broadcast
        return exponents / ops.sum(exponents, axis=1, keepdims=True)


def masks():
    """Where masks come from and where they go."""
    raw = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]
    padded = keras.utils.pad_sequences(raw, padding="post")
    assert padded.shape == (3, 6) and padded[0].tolist() == [711, 632, 71, 0, 0, 0]

    embedded = layers.Embedding(5000, 16, mask_zero=True)(padded)
    mask = ops.convert_to_numpy(embedded._keras_mask)
    assert mask.sum(axis=1).tolist() == [3, 5, 6]
    masked = layers.Masking()(np.where(padded[..., None] > 0, 1.0, 0.0).astype("float32"))
    assert np.array_equal(ops.convert_to_numpy(masked._keras_mask), mask)
    print("lengths by the mask:", mask.sum(axis=1).tolist())

    first, second = TemporalSplit()(embedded)
    assert ops.convert_to_numpy(first._keras_mask).sum() == 9
    assert ops.convert_to_numpy(second._keras_mask).sum() == 5

    own = CustomEmbedding(5000, 4, mask_zero=True)(padded)
    assert np.array_equal(ops.convert_to_numpy(own._keras_mask), mask)
    passed = MyActivation()(own)
    assert np.array_equal(ops.convert_to_numpy(passed._keras_mask), mask)

    lstm = layers.LSTM(8)
    with_mask = lstm(embedded)
    by_hand = lstm(ops.convert_to_tensor(ops.convert_to_numpy(embedded)), mask=mask)
    short = lstm(ops.convert_to_tensor(ops.convert_to_numpy(embedded)[:1, :3]))
    np.testing.assert_allclose(with_mask, by_hand, atol=1e-6)
    np.testing.assert_allclose(with_mask[0], short[0], atol=1e-6)

    inputs = keras.Input((None,), dtype="int32")
    x = CustomEmbedding(input_dim=30, output_dim=8, mask_zero=True)(inputs)
    x = MyActivation()(x)
    outputs = TemporalSoftmax()(layers.Dense(1)(x))
    model = keras.Model(inputs, outputs)
    y = model(np.array([[3, 4, 0, 0], [1, 2, 3, 4]], "int32"))
    y = ops.convert_to_numpy(y)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)
    assert (y[0, 2:] == 0).all() and (y[1] > 0).all()


def learn():
    """Count a word in texts of unequal length; padding adds neither to state nor to loss."""
    generator = np.random.default_rng(0)
    texts = [generator.integers(1, 5, size=generator.integers(2, 13)) for _ in range(800)]
    x = keras.utils.pad_sequences(texts, padding="post", value=0)
    y = np.array([[np.sum(text == 1)] for text in texts], "float32")
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(5, 4, mask_zero=True),
            layers.GRU(12),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "mse")
    history = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    longer = np.pad(x, ((0, 0), (0, 10)))
    np.testing.assert_allclose(
        model.predict(x, verbose=0), model.predict(longer, verbose=0), atol=1e-4
    )
    print(f"counting a word: error {history[0]:.3f} -> {history[-1]:.3f}")
    assert history[-1] < 0.3

    tagger = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(5, 4, mask_zero=True),
            layers.LSTM(8, return_sequences=True),
            layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    tagger.compile(keras.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    tagger.fit(x, (x == 2).astype("int32"), epochs=3, verbose=0)
    wrong_in_padding = np.where(x == 0, 1, x == 2).astype("int32")
    _, accuracy = tagger.evaluate(x, wrong_in_padding, verbose=0)
    print(f"tagging, with wrong labels where only padding is: accuracy {accuracy:.3f}")
    assert accuracy > 0.95


def main():
    """Both parts."""
    keras.utils.set_random_seed(0)
    masks()
    learn()


if __name__ == "__main__":
    main()
