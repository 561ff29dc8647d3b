"""One training step of the MLP 4-16-3 (batch 32, Adam): the program and what is above it."""

import time

import numpy
from common import describe_machine, time_call

import kerasish
from kerasish import layers


def make_model():
    """The compiled tiny MLP and 32 samples for it."""
    kerasish.utils.set_random_seed(0)
    model = kerasish.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    generator = numpy.random.default_rng(0)
    return (
        model,
        generator.random((32, 4), numpy.float32),
        generator.integers(0, 3, 32).astype("int32"),
    )


def main():
    """Print milliseconds a step at each level."""
    print(describe_machine())
    model, x, y = make_model()
    model.train_on_batch(x, y)
    step = model.train_function
    concrete = step.traces[-1]
    lines = concrete.program.source().count("\n")
    print(f"program: {lines} lines, {concrete.program.buffer_bytes} bytes of buffers")
    for name, call in (
        ("program", lambda: concrete.program([x, y])),
        ("compiled step", lambda: step((x, y))),
        ("train_on_batch", lambda: model.train_on_batch(x, y)),
    ):
        low, median = time_call(call)
        print(f"{name:16s} {low * 1e3:8.4f} ms min {median * 1e3:8.4f} ms median")
    many_x, many_y = numpy.tile(x, (500, 1)), numpy.tile(y, 500)
    model.fit(many_x, many_y, batch_size=32, verbose=0)
    runs = []
    for _ in range(5):
        start = time.perf_counter()
        model.fit(many_x, many_y, batch_size=32, verbose=0)
        runs.append((time.perf_counter() - start) / 500)
    print(
        f"{'fit, a step':16s} {min(runs) * 1e3:8.4f} ms min {sorted(runs)[2] * 1e3:8.4f} ms median"
    )
    one = x[:1]
    model.predict(one, verbose=0)
    for name, call in (
        ("predict, 1 row", lambda: model.predict(one, verbose=0)),
        ("model(x), 1 row", lambda: model(one)),
    ):
        low, median = time_call(call)
        print(f"{name:16s} {low * 1e3:8.4f} ms min {median * 1e3:8.4f} ms median")


if __name__ == "__main__":
    main()
