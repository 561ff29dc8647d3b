"""Reading strips of digits with CTC: a convolution, a recurrent layer, no places given."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def strips(x, y, count, generator, length=3):
    """Images of `length` digits side by side, with gaps that vary."""
    width = 10 * length + 4
    images, labels = np.zeros((count, 8, width, 1), "float32"), np.zeros((count, length), "int32")
    for i in range(count):
        place = generator.integers(0, 3)
        for j, row in enumerate(generator.integers(len(x), size=length)):
            images[i, :, place : place + 8, 0], labels[i, j] = x[row] / 16, y[row]
            place += 8 + generator.integers(1, 3)
    return images, labels


def ctc(y_true, y_pred):
    """Losses of one batch; class 0 is the blank, so digits count from 1."""
    batch = ops.shape(y_pred)[0]
    lengths = ops.ones((batch,), "int32")
    return ops.ctc_loss(
        ops.cast(y_true, "int32") + 1,
        y_pred,
        target_length=lengths * y_true.shape[1],
        output_length=lengths * y_pred.shape[1],
        mask_index=0,
    )


def main():
    """Two of the ten digits' classes are enough to see it learn: 0 to 4."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    images, labels = strips(x[y < 5], y[y < 5], 800, generator)
    test_images, test_labels = strips(x_test[y_test < 5], y_test[y_test < 5], 100, generator)
    inputs = keras.Input((8, None, 1))
    by_column = layers.Permute((2, 1, 3))(inputs)
    hidden = layers.Conv2D(24, 3, padding="same", activation="relu")(by_column)
    hidden = layers.MaxPooling2D((2, 2))(hidden)
    hidden = layers.TimeDistributed(layers.Flatten())(hidden)
    hidden = layers.Dense(32, activation="relu")(hidden)
    hidden = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(hidden)
    model = keras.Model(inputs, layers.Dense(6)(hidden))
    model.compile(keras.optimizers.Adam(0.01), loss=ctc)
    history = model.fit(images, labels, epochs=15, batch_size=40, verbose=0).history["loss"]
    logits = model.predict(test_images, verbose=0)
    lengths = np.full(len(logits), logits.shape[1], "int32")
    (decoded, *_), _ = ops.ctc_decode(logits, lengths, strategy="greedy", mask_index=0)
    decoded = np.asarray(decoded)[:, :3] - 1
    right = np.mean((decoded == test_labels).all(axis=1)) if decoded.shape[1] == 3 else 0.0
    print(f"loss {history[0]:.2f} -> {history[-1]:.2f}; whole strips read right: {right:.2f}")
    print("read", decoded[:3].tolist(), "truth", test_labels[:3].tolist())
    assert right > 0.6


if __name__ == "__main__":
    main()
