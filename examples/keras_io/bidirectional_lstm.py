"""Two bidirectional LSTMs on word numbers: does a text hold a word before another?"""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """The order of two words decides; bags of words cannot tell."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.integers(3, 30, size=(1200, 16))
    places = np.stack([generator.permutation(16)[:2] for _ in range(len(x))])
    rows = np.arange(len(x))
    x[rows, places[:, 0]], x[rows, places[:, 1]] = 1, 2
    y = (places[:, 0] < places[:, 1]).astype("float32")
    inputs = keras.Input(shape=(None,), dtype="int32")
    hidden = layers.Embedding(30, 16)(inputs)
    hidden = layers.Bidirectional(layers.LSTM(16, return_sequences=True))(hidden)
    hidden = layers.Bidirectional(layers.LSTM(16))(hidden)
    outputs = layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs, outputs)
    model.summary()
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    train, test = slice(0, 1000), slice(1000, None)
    model.fit(
        x[train], y[train], batch_size=50, epochs=6, validation_data=(x[test], y[test]), verbose=2
    )
    _, accuracy = model.evaluate(x[test], y[test], verbose=0)
    print(f"accuracy {accuracy:.3f}")
    assert accuracy > 0.9


if __name__ == "__main__":
    main()
