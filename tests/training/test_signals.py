"""SIGINT and SIGTERM end `fit` after the current step, with everything kept; a second one at once."""

import os
import signal
import subprocess
import sys
import threading

import numpy
import pytest

from kerasish import callbacks, layers, models
from tests.support import REPOSITORY

X, Y = numpy.zeros((40, 3), "float32"), numpy.zeros((40, 1), "float32")


class Raise(callbacks.Callback):
    """Raises a signal in some batch, and records what is called."""

    def __init__(self, number, batch=2, phase="train"):
        super().__init__()
        self.number, self.batch, self.phase, self.seen = number, batch, phase, []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(batch)
        if self.phase == "train" and batch == self.batch:
            signal.raise_signal(self.number)

    def on_test_batch_begin(self, batch, logs=None):
        self.seen.append("test")
        if self.phase == "test":
            signal.raise_signal(self.number)

    def on_train_interrupted(self):
        self.seen.append("interrupted")

    def on_train_end(self, logs=None):
        self.seen.append("end")


@pytest.fixture(autouse=True)
def heeded():
    """SIGINT acts as in a terminal; a shell lets programs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def model():
    model = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_interrupt_ends_after_the_step_with_history(model):
    calls, before = Raise(signal.SIGINT), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=3, batch_size=10, verbose=0, callbacks=[calls])
    assert calls.seen == [0, 1, 2, "interrupted", "end"]
    assert int(model.optimizer.iterations) == 3
    assert model.history.epoch == []
    assert signal.getsignal(signal.SIGINT) is before


def test_validation_ends_too(model):
    calls = Raise(signal.SIGINT, phase="test")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=20, verbose=0, validation_data=(X, Y), callbacks=[calls])
    assert calls.seen == [0, 1, "test", "interrupted", "end"]


def test_a_second_signal_acts_at_once(model):
    class Twice(Raise):
        def on_train_batch_begin(self, batch, logs=None):
            self.seen.append(batch)
            signal.raise_signal(self.number)
            signal.raise_signal(self.number)

    calls = Twice(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, verbose=0, callbacks=[calls])
    assert calls.seen == [0, "end"]
    assert int(model.optimizer.iterations) == 0


def test_a_handler_of_the_user_is_called_afterwards(model):
    seen = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append("mine"))
    try:
        model.fit(X, Y, batch_size=10, verbose=0, callbacks=[Raise(signal.SIGTERM)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == ["mine"]


def test_ignored_signals_stay_ignored(model):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        history = model.fit(X, Y, batch_size=10, verbose=0, callbacks=[Raise(signal.SIGTERM)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert history.epoch == [0]


def test_fit_in_another_thread_leaves_signals_alone(model):
    thread = threading.Thread(target=model.fit, args=(X, Y), kwargs={"verbose": 0})
    thread.start()
    thread.join()
    assert model.history.epoch == [0]


_PROGRAM = """
import os, signal, sys
import numpy
signal.signal(signal.SIGINT, signal.default_int_handler)
from kerasish import callbacks, layers, models
class Kill(callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        os.kill(os.getpid(), int(sys.argv[1]))
model = models.Sequential([layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(numpy.zeros((40, 3), "f4"), numpy.zeros(40, "f4"), verbose=0, callbacks=[Kill()])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_ends_as_the_signal_says(number):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(int(number))], env=environment, capture_output=True
    )
    assert done.returncode == -number  # a shell shows 130 and 143
