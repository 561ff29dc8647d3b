"""A training loop from scratch with a tape: record, differentiate, apply, measure."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def digits():
    """Rows of 64 numbers with labels, for training and validation."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64).astype("float32") / 16, x_test.reshape(-1, 64) / 16
    return x, y.astype("int32"), x_test.astype("float32"), y_test.astype("int32")


def batches(x, y, batch_size, seed):
    """Shuffled whole batches of one epoch."""
    order = np.random.default_rng(seed).permutation(len(x))
    for start in range(0, len(x) - batch_size + 1, batch_size):
        rows = order[start : start + batch_size]
        yield x[rows], y[rows]


class ActivityRegularization(layers.Layer):
    """Adds a loss inside the model, which the loop has to add up."""

    def call(self, inputs):
        self.add_loss(1e-3 * ops.mean(inputs))
        return inputs


def make_model():
    """Two hidden layers, logits out."""
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = ActivityRegularization()(x)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    return keras.Model(inputs=inputs, outputs=layers.Dense(10, name="predictions")(x))


def loop_with_a_tape(epochs=3):
    """Record, differentiate, apply; a compiled step does the same faster."""
    x, y, x_val, y_val = digits()
    model = make_model()
    optimizer = keras.optimizers.Adam(learning_rate=3e-3)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
    val_acc_metric = keras.metrics.SparseCategoricalAccuracy()

    @keras.function
    def train_step(x, y):
        with keras.GradientTape() as tape:
            logits = model(x, training=True)
            loss_value = loss_fn(y, logits) + sum(model.losses)
        grads = tape.gradient(loss_value, model.trainable_weights)
        optimizer.apply(grads, model.trainable_weights)
        train_acc_metric.update_state(y, logits)
        return loss_value

    @keras.function
    def test_step(x, y):
        val_acc_metric.update_state(y, model(x, training=False))

    optimizer.build(model.trainable_weights)
    for epoch in range(epochs):
        for x_batch, y_batch in batches(x, y, 64, seed=epoch):
            loss_value = train_step(x_batch, y_batch)
        train_acc = float(train_acc_metric.result())
        train_acc_metric.reset_state()
        for x_batch, y_batch in batches(x_val, y_val, 64, seed=0):
            test_step(x_batch, y_batch)
        val_acc = float(val_acc_metric.result())
        val_acc_metric.reset_state()
        print(
            f"tape, epoch {epoch}: loss {float(loss_value):.3f}, "
            f"accuracy {train_acc:.3f}, validation {val_acc:.3f}"
        )
    assert val_acc > 0.85


def main():
    """Train for three epochs."""
    keras.utils.set_random_seed(0)
    loop_with_a_tape()


if __name__ == "__main__":
    main()
