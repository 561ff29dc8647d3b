"""A siamese network: two images through one tower, a distance, a contrastive loss."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def make_pairs(x, y, generator):
    """Every image with one of its class (target 0) and one of another (target 1)."""
    pairs, targets = [], []
    by_class = [np.flatnonzero(y == digit) for digit in range(10)]
    for i, digit in enumerate(y):
        other = (digit + generator.integers(1, 10)) % 10
        pairs += [[x[i], x[generator.choice(by_class[digit])]]]
        pairs += [[x[i], x[generator.choice(by_class[other])]]]
        targets += [0, 1]
    return np.array(pairs, "float32"), np.array(targets, "float32")


def euclidean_distance(vectors):
    """Distance of two batches of vectors."""
    first, second = vectors
    total = ops.sum(ops.square(first - second), axis=1, keepdims=True)
    return ops.sqrt(ops.maximum(total, keras.config.epsilon()))


def contrastive_loss(margin=1):
    """Equal pairs attract, others repel within a margin."""

    def loss(y_true, y_pred):
        square_pred = ops.square(y_pred)
        margin_square = ops.square(ops.maximum(margin - y_pred, 0))
        return ops.mean((1 - y_true) * square_pred + y_true * margin_square)

    return loss


def main():
    """Same digit or not?"""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    pairs, targets = make_pairs(x[..., None] / 16, y, generator)
    test_pairs, test_targets = make_pairs(x_test[..., None] / 16, y_test, generator)
    inputs = keras.Input((8, 8, 1))
    hidden = layers.Conv2D(16, 3, activation="tanh")(layers.BatchNormalization()(inputs))
    hidden = layers.Flatten()(layers.AveragePooling2D(pool_size=(2, 2))(hidden))
    hidden = layers.BatchNormalization()(hidden)
    tower = keras.Model(inputs, layers.Dense(10, activation="tanh")(hidden))
    input_1, input_2 = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    merge = layers.Lambda(euclidean_distance, output_shape=(1,))([tower(input_1), tower(input_2)])
    normal = layers.BatchNormalization()(merge)
    outputs = layers.Dense(1, activation="sigmoid")(normal)
    siamese = keras.Model(inputs=[input_1, input_2], outputs=outputs)
    siamese.compile(loss=contrastive_loss(), optimizer="RMSprop", metrics=["accuracy"])
    siamese.summary()
    siamese.fit([pairs[:, 0], pairs[:, 1]], targets, batch_size=32, epochs=6, verbose=0)
    results = siamese.evaluate([test_pairs[:, 0], test_pairs[:, 1]], test_targets, verbose=0)
    print(f"test loss {results[0]:.3f}, accuracy {results[1]:.3f} (chance 0.5)")
    assert results[1] > 0.85


if __name__ == "__main__":
    main()
