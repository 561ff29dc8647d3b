"""A training loop without state: weights, optimizer and metric are values, in and out."""

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


def make_model():
    """Two hidden layers with what a stateless call has to carry along: moving means."""
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    x = layers.Dense(10, activity_regularizer=keras.regularizers.L2(1e-4), name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=x)


def train(epochs=3):
    """Nothing is changed in place until the very end."""
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
    variables = (*model.trainable_variables, *model.non_trainable_variables)
    for variable, value in zip(variables, (*state[0], *state[1]), strict=True):
        variable.assign(value)
    trained = model.predict(x_val, verbose=0).argmax(axis=1)
    before, after = np.mean(untouched == y_val), np.mean(trained == y_val)
    print(f"the model learned only when its weights were assigned: {before:.3f} -> {after:.3f}")
    assert before < 0.4 and after > 0.85


def main():
    """Train for three epochs."""
    keras.utils.set_random_seed(0)
    train()


if __name__ == "__main__":
    main()
