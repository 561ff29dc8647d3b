"""One training step of the MLP 4-16-3 (batch 32, Adam): the program and what is above it."""

import sys

import numpy
from common import RESULTS, describe_machine, save, time_call

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


def levels():
    """(name, call, steps in the call) from the program up to `fit`, then one sample."""
    model, x, y = make_model()
    model.train_on_batch(x, y)
    step = model.train_function
    concrete = step.traces[-1]
    yield "the generated program alone", lambda: concrete.program([x, y]), 1
    yield "`train_function(batch)`", lambda: step((x, y)), 1
    yield "`train_on_batch`, with its logs as floats", lambda: model.train_on_batch(x, y), 1
    many_x, many_y = numpy.tile(x, (500, 1)), numpy.tile(y, 500)
    yield (
        "`fit`, per step, gather and shuffle included",
        lambda: model.fit(many_x, many_y, batch_size=32, verbose=0),
        500,
    )
    one = x[:1]
    yield "`predict` of one row", lambda: model.predict(one, verbose=0), 1
    yield "`model(x)` of one row, eager", lambda: model(one), 1


def main(keep):
    """Print milliseconds a step at each level; `keep`: save them too."""
    print(describe_machine())
    for name, call, steps in levels():
        low, median = (seconds / steps * 1e3 for seconds in time_call(call))
        print(f"{name:46s} {low:8.4f} ms min {median:8.4f} ms median")
        if keep:
            save(RESULTS / "step_overhead.json", {name: {"minimum": low, "median": median}})


if __name__ == "__main__":
    main("--save" in sys.argv)
