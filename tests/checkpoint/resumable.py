"""One training program for the resume tests: `python -m tests.checkpoint.resumable CASE FOLDER`.

It prints a digest of everything a user keeps of a run. With a third argument N the process kills
itself after N training batches (or with `save:N` in the N-th write of a backup).
"""

import hashlib
import os
import signal
import sys
import time

import numpy

import kerasish as keras
from kerasish import callbacks, layers, models, optimizers
from kerasish.checkpoint import step_folder
from kerasish.data import Dataset

ROWS, EPOCHS = 120, 5


class Kill(callbacks.Callback):
    """Ends the process after some batches."""

    role, reads_batch_logs = "guard", False

    def __init__(self, after, number):
        super().__init__()
        self.left, self.number = after, number

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), self.number)


class Batches(keras.utils.PyDataset):
    """Batches by index."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return self.x[index::8], self.y[index::8]


def data(kind="vector"):
    generator = numpy.random.default_rng(0)
    shape = {"vector": (6,), "image": (8, 8, 1), "sequence": (5, 3)}[kind]
    x = generator.normal(size=(ROWS, *shape)).astype("float32")
    return x, generator.integers(0, 3, ROWS)


def classifier(*inner):
    return models.Sequential([*inner, layers.Dense(3, activation="softmax")])


def dense():
    return classifier(layers.Dense(8, activation="relu"), layers.Dropout(0.4))


def convolutional():
    return classifier(
        layers.RandomFlip("horizontal"),
        layers.RandomTranslation(0.2, 0.2),
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.GlobalAveragePooling2D(),
    )


def recurrent():
    return classifier(layers.GaussianNoise(0.1), layers.LSTM(4, dropout=0.2))


class Subclassed(models.Model):
    """Layers that are built by the first batch."""

    def __init__(self):
        super().__init__()
        self.first, self.drop = layers.Dense(5, "tanh"), layers.AlphaDropout(0.2)
        self.last = layers.Dense(3, "softmax")

    def call(self, inputs, training=False):
        return self.last(self.drop(self.first(inputs), training=training))


def schedule(epoch, rate):
    return rate * 0.9


def _generator(x, y):
    while True:
        for start in range(0, ROWS, 20):
            yield x[start : start + 20], y[start : start + 20]


def _rows(x, y):
    return Dataset.from_tensor_slices((x, y)).shuffle(ROWS).batch(16)


def _threads(x, y):
    rows = Dataset.from_tensor_slices((x, y)).map(lambda a, b: (2 * a, b), 2)
    return rows.shuffle(50, seed=4).repeat().batch(16).map(lambda a, b: (a + 1, b), 2).prefetch(2)


# name -> (model, kind of data, optimizer, arguments of compile, of fit, callbacks)
CASES = {
    "sgd": (dense, "vector", lambda: optimizers.SGD(0.1, momentum=0.9), {}, {}, []),
    "adam_batches": (dense, "vector", lambda: "adam", {}, {"save_freq": 2}, []),
    "adamw_schedule": (
        dense,
        "vector",
        lambda: optimizers.AdamW(optimizers.schedules.CosineDecay(0.05, 30)),
        {},
        {"save_freq": 3},
        [],
    ),
    "rmsprop_steps": (dense, "vector", lambda: "rmsprop", {}, {"steps_per_epoch": 5}, []),
    "ema": (
        dense,
        "vector",
        lambda: optimizers.Adam(0.02, use_ema=True, ema_overwrite_frequency=7),
        {},
        {"save_freq": 4},
        [callbacks.SwapEMAWeights],
    ),
    "accumulation": (
        dense,
        "vector",
        lambda: optimizers.Adam(0.02, gradient_accumulation_steps=3),
        {},
        {"save_freq": 4},
        [],
    ),
    "clipping": (dense, "vector", lambda: optimizers.Nadam(global_clipnorm=1.0), {}, {}, []),
    "adagrad": (dense, "vector", lambda: "adagrad", {}, {"shuffle": False}, []),
    "adadelta": (dense, "vector", lambda: "adadelta", {}, {"class_weight": {0: 2.0}}, []),
    "adamax": (dense, "vector", lambda: "adamax", {}, {"batch_size": 50}, []),
    "ftrl": (dense, "vector", lambda: "ftrl", {}, {}, []),
    "lion": (dense, "vector", lambda: "lion", {}, {"validation_freq": 2}, []),
    "lamb": (dense, "vector", lambda: "lamb", {}, {"shuffle": "batch"}, []),
    "adafactor": (dense, "vector", lambda: "adafactor", {}, {}, []),
    "augmentation": (convolutional, "image", lambda: "adam", {}, {"save_freq": 2}, []),
    "recurrent": (recurrent, "sequence", lambda: "adam", {}, {"save_freq": 3}, []),
    "subclassed": (Subclassed, "vector", lambda: "adam", {}, {"save_freq": 3}, []),
    "eager": (dense, "vector", lambda: "adam", {"run_eagerly": True}, {"save_freq": 3}, []),
    "several_steps": (dense, "vector", lambda: "adam", {"steps_per_execution": 3}, {}, []),
    "plateau": (
        dense,
        "vector",
        lambda: optimizers.SGD(0.5),
        {},
        {"save_freq": 5},
        [lambda: callbacks.ReduceLROnPlateau("val_loss", patience=1, factor=0.5)],
    ),
    "early_stopping": (
        dense,
        "vector",
        lambda: optimizers.SGD(2.0),
        {},
        {},
        [lambda: callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True)],
    ),
    "rate_schedule": (
        dense,
        "vector",
        lambda: "adam",
        {},
        {"save_freq": 3},
        [lambda: callbacks.LearningRateScheduler(schedule)],
    ),
    "py_dataset": (dense, "vector", lambda: "adam", {}, {"save_freq": 3, "source": Batches}, []),
    "data_set": (dense, "vector", lambda: "adam", {}, {"save_freq": 3, "source": _rows}, []),
    "data_set_threads": (
        dense,
        "vector",
        lambda: "adam",
        {},
        {"save_freq": 3, "source": _threads, "steps_per_epoch": 7},
        [],
    ),
    "generator": (
        dense,
        "vector",
        lambda: "adam",
        {},
        {"save_freq": 3, "source": _generator, "steps_per_epoch": 7},
        [],
    ),
}


def make(name, folder):
    """(model, arguments of fit) of a case."""
    keras.set_random_seed(11)
    build, kind, optimizer, compile_arguments, arguments, more = CASES[name]
    arguments = dict(arguments)
    model = build()
    model.compile(
        optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"], **compile_arguments
    )
    x, y = data(kind)
    backup = callbacks.BackupAndRestore(f"{folder}/backup", arguments.pop("save_freq", "epoch"))
    source = arguments.pop("source", None)
    inputs = {"x": x, "y": y} if source is None else {"x": source(x, y)}
    if source is None:
        arguments.setdefault("batch_size", 16)
    calls = [
        backup,
        callbacks.CSVLogger(f"{folder}/log.csv"),
        callbacks.ModelCheckpoint(f"{folder}/best.weights.h5", "val_loss", save_best_only=True,
                                  save_weights_only=True),
        *[each() for each in more],
    ]  # fmt: skip
    validation = {"validation_data": (x[:40], y[:40])}
    return model, {**inputs, "epochs": EPOCHS, "verbose": 0, **validation, **arguments}, calls


def digest(model, history, folder):
    """sha256 of weights, optimizer, history and CSV."""
    found = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        found.update(variable.numpy().tobytes())
    found.update(repr(sorted(history.history.items())).encode())
    with open(f"{folder}/log.csv", "rb") as file:
        found.update(file.read())
    return found.hexdigest()


def _kill_in_save(number):
    """Kill the process at some moment of the n-th background write."""
    write, left = step_folder._write_file, [number]

    def killing(path, content):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        write(path, content)

    step_folder._write_file = killing


def main(name, folder, kill=None):
    model, arguments, calls = make(name, folder)
    if kill is not None and kill.startswith("save:"):
        _kill_in_save(int(kill[5:]))
    elif kill is not None and kill.startswith("term:"):
        calls.append(Kill(int(kill[5:]), signal.SIGTERM))
    elif kill is not None and kill.startswith("after:"):
        delay = float(kill[6:])
        if os.fork() == 0:  # a killer beside, so that any moment can be hit
            time.sleep(delay)
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(0)
    elif kill is not None:
        calls.append(Kill(int(kill), signal.SIGKILL))
    history = model.fit(callbacks=calls, **arguments)
    print(digest(model, history, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
