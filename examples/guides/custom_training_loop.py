"""A training loop from scratch, twice: with a tape, and stateless with functions of weights."""

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


def loop_without_state(epochs=3):
    """All state goes in and comes out: of the model, the optimizer and the metric."""
    x, y, x_val, y_val = digits()
    model = make_model()
    optimizer = keras.optimizers.Adam(learning_rate=3e-3)
    optimizer.build(model.trainable_variables)
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = keras.metrics.SparseCategoricalAccuracy()

    def compute_loss(trainable, non_trainable, x, y):
        y_pred, non_trainable, losses = model.stateless_call(
            trainable, non_trainable, x, training=True, return_losses=True
        )
        return loss_fn(y, y_pred) + sum(losses), y_pred, non_trainable

    def train_step(state, x, y):
        trainable, non_trainable, optimizer_variables, metric_variables = state
        trainable = [ops.convert_to_tensor(v) for v in trainable]
        with keras.GradientTape() as tape:
            for tensor in trainable:
                tape.watch(tensor)
            loss, y_pred, non_trainable = compute_loss(trainable, non_trainable, x, y)
        grads = tape.gradient(loss, trainable)
        trainable, optimizer_variables = optimizer.stateless_apply(
            optimizer_variables, grads, trainable
        )
        metric_variables = metric.stateless_update_state(metric_variables, y, y_pred)
        return loss, (trainable, non_trainable, optimizer_variables, metric_variables)

    def values(variables):
        return [ops.convert_to_tensor(v.value) for v in variables]

    state = (
        values(model.trainable_variables),
        values(model.non_trainable_variables),
        values(optimizer.variables),
        values(metric.variables),
    )
    for epoch in range(epochs):
        for x_batch, y_batch in batches(x, y, 64, seed=epoch):
            loss, state = train_step(state, x_batch, y_batch)
        accuracy = float(metric.stateless_result(state[3]))
        state = (*state[:3], metric.stateless_reset_state())
        print(f"stateless, epoch {epoch}: loss {float(loss):.3f}, accuracy {accuracy:.3f}")
    untouched = model.predict(x_val, verbose=0).argmax(axis=1)
    for variable, value in zip(model.trainable_variables, state[0], strict=True):
        variable.assign(value)
    trained = model.predict(x_val, verbose=0).argmax(axis=1)
    before, after = np.mean(untouched == y_val), np.mean(trained == y_val)
    print(f"the model learned only when its weights were assigned: {before:.3f} -> {after:.3f}")
    assert before < 0.4 and after > 0.85


def main():
    """Both loops."""
    keras.utils.set_random_seed(0)
    loop_with_a_tape()
    loop_without_state()


if __name__ == "__main__":
    main()
