"""Characters to characters: encoder and decoder for training, taken apart for writing."""

import numpy as np

import kerasish as keras
from kerasish import layers

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
INPUT_CHARACTERS = "0123456789"
TARGET_CHARACTERS = "\t\n efghinorstuvwxz"


def one_hot(texts, characters, length):
    """Texts as (count, length, characters), padded with zeros."""
    data = np.zeros((len(texts), length, len(characters)), "float32")
    for i, text in enumerate(texts):
        for t, character in enumerate(text):
            data[i, t, characters.index(character)] = 1.0
    return data


def main():
    """Spell numbers out, digit by digit."""
    keras.utils.set_random_seed(0)
    numbers = [f"{n:02d}" for n in range(100)]
    spelled = ["\t" + " ".join(WORDS[int(d)] for d in number) + "\n" for number in numbers]
    longest, units = max(map(len, spelled)), 64
    encoder_data = one_hot(numbers, INPUT_CHARACTERS, 2)
    decoder_data = one_hot(spelled, TARGET_CHARACTERS, longest)
    target_data = np.concatenate([decoder_data[:, 1:], 0 * decoder_data[:, :1]], axis=1)

    encoder_inputs = keras.Input(shape=(None, len(INPUT_CHARACTERS)))
    _, state_h, state_c = layers.LSTM(units, return_state=True)(encoder_inputs)
    decoder_inputs = keras.Input(shape=(None, len(TARGET_CHARACTERS)))
    decoder_lstm = layers.LSTM(units, return_sequences=True, return_state=True)
    decoded, _, _ = decoder_lstm(decoder_inputs, initial_state=[state_h, state_c])
    decoder_dense = layers.Dense(len(TARGET_CHARACTERS), activation="softmax")
    model = keras.Model([encoder_inputs, decoder_inputs], decoder_dense(decoded))
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    weights = target_data.sum(axis=-1)
    history = model.fit(
        [encoder_data, decoder_data], target_data, sample_weight=weights, epochs=70,
        batch_size=25, verbose=0,
    ).history  # fmt: skip
    print(f"loss {history['loss'][0]:.3f} -> {history['loss'][-1]:.3f}")

    encoder = keras.Model(encoder_inputs, [state_h, state_c])
    given = [keras.Input(shape=(units,)), keras.Input(shape=(units,))]
    step, new_h, new_c = decoder_lstm(decoder_inputs, initial_state=given)
    decoder = keras.Model([decoder_inputs, *given], [decoder_dense(step), new_h, new_c])

    def spell(row):
        states = encoder.predict(encoder_data[row : row + 1], verbose=0)
        text = "\t"
        while not text.endswith("\n") and len(text) < longest:
            last = one_hot([text[-1]], TARGET_CHARACTERS, 1)
            probabilities, *states = decoder.predict([last, *states], verbose=0)
            text += TARGET_CHARACTERS[int(probabilities[0, -1].argmax())]
        return text

    rows = (7, 42, 95)
    print({numbers[row]: spell(row).strip() for row in rows})
    assert sum(spell(row) == spelled[row] for row in rows) >= 2


if __name__ == "__main__":
    main()
