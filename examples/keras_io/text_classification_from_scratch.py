"""Raw text to a class: TextVectorization, embedding, 1D convolutions, and one model for strings."""

import numpy as np

import kerasish as keras
from kerasish import layers

GOOD = "a great film|i loved it|truly wonderful acting|the best story|great fun and great music"
BAD = "a dull film|i hated it|truly terrible acting|the worst story|no fun and awful music"
FILLER = "we saw this on monday|with my family|at the cinema|in the evening|it was raining"


def reviews(count, seed):
    """Made-up reviews: filler, an opinion, filler."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, 2, count)
    texts = []
    for label in y:
        opinion = generator.choice((BAD, GOOD)[label].split("|"))
        before, after = generator.choice(FILLER.split("|"), 2)
        texts.append(f"{before}, {opinion}!<br />{after.upper()}.")
    return np.array(texts), y.astype("float32")


def main():
    """Adapt, train on numbers, use on strings."""
    keras.utils.set_random_seed(0)
    texts, y = reviews(600, seed=0)
    test_texts, y_test = reviews(200, seed=1)
    vectorize = layers.TextVectorization(
        max_tokens=100,
        standardize="lower_and_strip_punctuation",
        output_mode="int",
        output_sequence_length=20,
    )
    vectorize.adapt(texts)
    vocabulary = vectorize.get_vocabulary()
    print(len(vocabulary), "words, most frequent:", [str(word) for word in vocabulary[:6]])
    assert [str(word) for word in vocabulary[:2]] == ["", "[UNK]"]
    inputs = keras.Input(shape=(None,), dtype="int64")
    x = layers.Embedding(100, 16)(inputs)
    x = layers.Dropout(0.3)(x)
    x = layers.Conv1D(16, 3, padding="valid", activation="relu")(x)
    x = layers.GlobalMaxPooling1D()(x)
    predictions = layers.Dense(1, activation="sigmoid", name="predictions")(x)
    model = keras.Model(inputs, predictions)
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(np.asarray(vectorize(texts)), y, epochs=5, verbose=0)

    text_input = keras.Input(shape=(1,), dtype="string", name="text")
    end_to_end = keras.Model(text_input, model(vectorize(text_input)))
    end_to_end.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    by_numbers = model.evaluate(np.asarray(vectorize(test_texts)), y_test, verbose=0)[1]
    probabilities = end_to_end(keras.ops.convert_to_tensor(test_texts[:, None]))
    by_text = np.mean((np.asarray(probabilities)[:, 0] > 0.5) == y_test)
    print(f"accuracy from numbers {by_numbers:.3f}, from raw text {by_text:.3f}")
    assert by_numbers > 0.95 and by_text > 0.95


if __name__ == "__main__":
    main()
