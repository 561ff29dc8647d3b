"""An RNN that adds: characters of a sum in, characters of the result out."""

import numpy as np

import kerasish as keras
from kerasish import layers

CHARACTERS = "0123456789+ "


def encode(texts):
    """Texts of one length as one-hot characters."""
    index = np.array([[CHARACTERS.index(c) for c in text] for text in texts])
    return np.eye(len(CHARACTERS), dtype="float32")[index]


def main():
    """Sums of two digits; the question is reversed, which helps."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    pairs = [(a, b) for a in range(40) for b in range(40)]
    generator.shuffle(pairs)
    questions = [f"{a}+{b}".ljust(5)[::-1] for a, b in pairs]
    answers = [str(a + b).ljust(2) for a, b in pairs]
    x, y = encode(questions), encode(answers)
    model = keras.Sequential()
    model.add(keras.Input((5, len(CHARACTERS))))
    model.add(layers.LSTM(64))
    model.add(layers.RepeatVector(2))
    model.add(layers.LSTM(64, return_sequences=True))
    model.add(layers.TimeDistributed(layers.Dense(len(CHARACTERS), activation="softmax")))
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x[:1400],
        y[:1400],
        epochs=30,
        batch_size=64,
        validation_data=(x[1400:], y[1400:]),
        verbose=0,
    ).history
    guesses = model.predict(x[1400:1405], verbose=0).argmax(axis=-1)
    for question, guess, answer in zip(questions[1400:], guesses, answers[1400:], strict=False):
        print(question[::-1].strip(), "=", "".join(CHARACTERS[i] for i in guess), f"({answer})")
    print(f"accuracy of characters {history['val_accuracy'][-1]:.3f}")
    assert history["val_accuracy"][-1] > 0.6


if __name__ == "__main__":
    main()
