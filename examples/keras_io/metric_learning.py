"""Metric learning: a model of distances, trained with its own step on anchors and positives."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


class EmbeddingModel(keras.Model):
    """Anchors should be nearest to the positive of their own class."""

    def train_step(self, data):
        if isinstance(data, tuple):
            data = data[0]
        anchors, positives = data[0], data[1]
        with keras.GradientTape() as tape:
            anchor_embeddings = self(anchors, training=True)
            positive_embeddings = self(positives, training=True)
            similarities = ops.einsum("ae,pe->ap", anchor_embeddings, positive_embeddings)
            similarities /= 0.2
            sparse_labels = ops.arange(10)
            loss = self.compute_loss(y=sparse_labels, y_pred=similarities)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(sparse_labels, similarities)
        return {m.name: m.result() for m in self.metrics}


class AnchorPositivePairs(keras.utils.PyDataset):
    """Batches of one anchor and one positive for each class."""

    def __init__(self, x, y, num_batches):
        super().__init__()
        self.x, self.count = x, num_batches
        self.by_class = [np.flatnonzero(y == digit) for digit in range(10)]
        self.generator = np.random.default_rng(0)

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        batch = np.empty((2, 10, 8, 8, 1), "float32")
        for digit, rows in enumerate(self.by_class):
            anchor, positive = self.generator.choice(rows, 2, replace=False)
            batch[0, digit], batch[1, digit] = self.x[anchor], self.x[positive]
        return batch


def main():
    """Are neighbours of a test image images of its class?"""
    keras.utils.set_random_seed(0)
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = (x[..., None] / 16).astype("float32"), (x_test[..., None] / 16).astype("float32")
    inputs = layers.Input(shape=(8, 8, 1))
    hidden = layers.Conv2D(filters=16, kernel_size=3, strides=1, activation="relu")(inputs)
    hidden = layers.Conv2D(filters=32, kernel_size=3, strides=2, activation="relu")(hidden)
    embeddings = layers.Dense(units=8)(layers.GlobalAveragePooling2D()(hidden))
    embeddings = layers.UnitNormalization()(embeddings)
    model = EmbeddingModel(inputs, embeddings)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(AnchorPositivePairs(x, y, num_batches=150), epochs=5, verbose=0).history
    vectors = model.predict(x_test, verbose=0)
    gram = vectors @ vectors.T
    np.fill_diagonal(gram, -1)
    neighbours = np.argsort(gram, axis=1)[:, -5:]
    share = np.mean(y_test[neighbours] == y_test[:, None])
    print({name: round(float(values[-1]), 3) for name, values in history.items()})
    print(f"share of the five nearest test images that are of the class: {share:.3f} (chance 0.1)")
    assert share > 0.75 and history["accuracy"][-1] > history["accuracy"][0]


if __name__ == "__main__":
    main()
