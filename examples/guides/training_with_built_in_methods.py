"""compile, fit, evaluate, predict: losses, metrics, weights, data, callbacks, many outputs."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def digits():
    """Training, validation and test parts of the digits, as rows of 64 numbers in [0, 1]."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64).astype("float32") / 16, x_test.reshape(-1, 64) / 16
    y, y_test = y.astype("float32"), y_test.astype("float32")
    return (x[:-300], y[:-300]), (x[-300:], y[-300:]), (x_test.astype("float32"), y_test)


def make_model():
    """Two hidden layers."""
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(32, activation="relu", name="dense_1")(inputs)
    x = layers.Dense(32, activation="relu", name="dense_2")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="predictions")(x))


def compiled_model(**options):
    """The same, ready for training."""
    model = make_model()
    options = {
        "optimizer": keras.optimizers.RMSprop(learning_rate=3e-3),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["sparse_categorical_accuracy"],
        **options,
    }
    model.compile(**options)
    return model


class CategoricalTruePositives(keras.metrics.Metric):
    """How many classes were right: a metric of one's own."""

    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_variable(shape=(), name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        values = ops.equal(y_true, ops.cast(ops.argmax(y_pred, axis=1), "int32"))
        values = ops.cast(values, "float32")
        if sample_weight is not None:
            values = ops.multiply(values, ops.cast(sample_weight, "float32"))
        self.true_positives.assign_add(ops.sum(values))

    def result(self):
        return self.true_positives.value

    def reset_state(self):
        self.true_positives.assign(0.0)


class CustomMSE(keras.losses.Loss):
    """A loss with an argument."""

    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        mse = ops.mean(ops.square(y_true - y_pred), axis=-1)
        reg = ops.mean(ops.square(0.5 - y_pred), axis=-1)
        return mse + reg * self.regularization_factor


class LogisticEndpoint(keras.layers.Layer):
    """Takes logits and targets, adds the loss itself, and gives probabilities."""

    def __init__(self, name=None):
        super().__init__(name=name)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    def call(self, targets, logits, sample_weights=None):
        self.add_loss(self.loss_fn(targets, logits, sample_weights))
        return ops.softmax(logits)


class Batches(keras.utils.PyDataset):
    """Data made batch by batch."""

    def __init__(self, x, y, batch_size=32, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return int(np.ceil(len(self.x) / self.batch_size))

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.x[rows], self.y[rows]


def from_first_to_last():
    """fit with validation data, history, evaluate, predict."""
    train, validation, test = digits()
    model = compiled_model()
    history = model.fit(*train, batch_size=64, epochs=5, validation_data=validation, verbose=2)
    assert set(history.history) == {
        "loss", "sparse_categorical_accuracy", "val_loss", "val_sparse_categorical_accuracy"
    }  # fmt: skip
    results = model.evaluate(*test, batch_size=128, verbose=0)
    predictions = model.predict(test[0][:3], verbose=0)
    print(f"test loss and accuracy: {results[0]:.3f}, {results[1]:.3f}; ", predictions.shape)
    assert results[1] > 0.8 and predictions.shape == (3, 10)


def own_losses_and_metrics():
    """A function, a Loss, a Metric, and what layers add."""
    train, _, _ = digits()

    def mean_squared(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    one_hot = ops.one_hot(train[1].astype("int32"), 10)
    for loss in (mean_squared, CustomMSE()):
        model = compiled_model(loss=loss, metrics=[])
        first, *_, last = model.fit(train[0], one_hot, epochs=3, verbose=0).history["loss"]
        assert last < first
    model = compiled_model(metrics=[CategoricalTruePositives()])
    right = model.fit(*train, epochs=3, verbose=0).history["categorical_true_positives"]
    print("right of", len(train[0]), "in three epochs:", [int(r) for r in right])
    assert right[-1] > 0.5 * len(train[0])

    inputs, targets = keras.Input((3,), name="inputs"), keras.Input((10,), name="targets")
    logits = layers.Dense(10)(inputs)
    outputs = LogisticEndpoint(name="predictions")(targets, logits)
    model = keras.Model([inputs, targets], outputs)
    data = {"inputs": np.ones((3, 3), "float32"), "targets": np.ones((3, 10), "float32")}
    model.compile(optimizer="adam")
    losses = model.fit(data, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def weights_of_classes_and_samples():
    """Class 5 counts double, by class_weight and by sample_weight: the same training."""
    train, _, _ = digits()
    class_weight = {i: 2.0 if i == 5 else 1.0 for i in range(10)}
    sample_weight = np.where(train[1] == 5, 2.0, 1.0).astype("float32")
    results = []
    for options in ({"class_weight": class_weight}, {"sample_weight": sample_weight}):
        keras.utils.set_random_seed(0)
        model = compiled_model(weighted_metrics=["accuracy"])
        results.append(model.fit(*train, epochs=2, verbose=0, **options).history["loss"][-1])
    print(f"loss with class weights {results[0]:.4f}, with sample weights {results[1]:.4f}")
    assert abs(results[0] - results[1]) < 1e-4


def other_sources():
    """PyDataset, generator, steps per epoch."""
    train, validation, _ = digits()
    model = compiled_model()
    model.fit(Batches(*train), validation_data=Batches(*validation), epochs=2, verbose=0)

    def forever():
        generator = np.random.default_rng(0)
        while True:
            rows = generator.integers(len(train[0]), size=32)
            yield train[0][rows], train[1][rows]

    history = model.fit(forever(), steps_per_epoch=20, epochs=2, verbose=0).history
    print("loss from a generator:", [round(v, 3) for v in history["loss"]])
    assert history["loss"][-1] < history["loss"][0]


def callbacks_and_schedules():
    """Early stopping, a schedule, and a learning rate that falls on a plateau."""
    train, _, _ = digits()
    schedule = keras.optimizers.schedules.ExponentialDecay(
        0.01, decay_steps=50, decay_rate=0.9, staircase=True
    )
    model = compiled_model(optimizer=keras.optimizers.RMSprop(learning_rate=schedule))
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=0.02, patience=1)
    history = model.fit(
        *train, epochs=20, batch_size=64, callbacks=[stop], validation_split=0.2, verbose=0
    )
    rate = float(ops.convert_to_numpy(model.optimizer.learning_rate))
    print(f"stopped after {len(history.epoch)} epochs at learning rate {rate:.5f}")
    assert len(history.epoch) < 20 and rate < 0.01


def several_inputs_and_outputs():
    """Losses, weights and metrics by list and by name."""
    image = keras.Input((8, 8, 3), name="img_input")
    series = keras.Input((None, 10), name="ts_input")
    x1 = layers.GlobalMaxPooling2D()(layers.Conv2D(3, 3)(image))
    x2 = layers.GlobalMaxPooling1D()(layers.Conv1D(3, 3)(series))
    x = layers.concatenate([x1, x2])
    score = layers.Dense(1, name="score_output")(x)
    classes = layers.Dense(5, name="class_output")(x)
    model = keras.Model(inputs=[image, series], outputs=[score, classes])
    generator = np.random.default_rng(0)
    images = generator.random((100, 8, 8, 3)).astype("float32")
    rows = generator.random((100, 12, 10)).astype("float32")
    scores = images.max(axis=(1, 2, 3))[:, None]
    labels = np.eye(5, dtype="float32")[generator.integers(5, size=100)]
    losses = [keras.losses.MeanSquaredError(), keras.losses.CategoricalCrossentropy(True)]
    metrics = [
        [keras.metrics.MeanAbsolutePercentageError(), keras.metrics.MeanAbsoluteError()],
        [keras.metrics.CategoricalAccuracy()],
    ]
    model.compile(keras.optimizers.RMSprop(1e-3), losses, metrics=metrics, loss_weights=[2.0, 1.0])
    history = model.fit([images, rows], [scores, labels], epochs=2, verbose=0).history
    print(sorted(history))
    model.compile(
        keras.optimizers.RMSprop(1e-3),
        loss={"score_output": "mse", "class_output": losses[1]},
        metrics={"score_output": ["mae"], "class_output": ["accuracy"]},
        loss_weights={"score_output": 2.0, "class_output": 1.0},
    )
    data = {"img_input": images, "ts_input": rows}
    named = {"score_output": scores, "class_output": labels}
    again = model.fit(data, named, epochs=3, batch_size=32, verbose=0).history
    assert again["loss"][-1] < history["loss"][0]
    model.get_layer("score_output").trainable = False
    model.compile(keras.optimizers.RMSprop(1e-3), loss=[None, losses[1]])  # the class alone counts
    model.fit(data, [scores, labels], verbose=0)


def main():
    """All of it."""
    keras.utils.set_random_seed(0)
    from_first_to_last()
    own_losses_and_metrics()
    weights_of_classes_and_samples()
    other_sources()
    callbacks_and_schedules()
    several_inputs_and_outputs()


if __name__ == "__main__":
    main()
