"""Runs a workload through the Keras API: kerasish, or Keras on one of its backends."""

import time

import numpy

from workloads import arrays, keras_models


class KerasRun:
    """A model with its data, ready to be timed.

    Args:
        keras: module with the Keras API.
        workload: Workload.
        variant: dict. `layout` of images, and options of `compile`.
    """

    def __init__(self, keras, workload, variant):
        variant = dict(variant)
        layout = variant.pop("layout", "channels_last")
        self.keras, self.workload = keras, workload
        keras.utils.set_random_seed(1)
        self.model = keras_models.build(keras, workload, layout)
        count = workload.batch * workload.steps if workload.measure == "train" else 1
        self.x, self.y = arrays.data_set(workload, count)
        if layout == "channels_first" and self.x.ndim == 4:
            self.x = numpy.ascontiguousarray(numpy.moveaxis(self.x, -1, 1))
        if workload.measure == "train":
            keras_models.compile_model(keras, self.model, **variant)
        elif workload.measure == "predict":
            self.model.compile(**variant)

    def first_losses(self, steps=(20, 20)):
        """Mean losses of the first steps, in the order of the data: the same for everyone."""
        losses = []
        for count in steps:
            count = min(count, self.workload.steps) * self.workload.batch
            history = self.model.fit(
                self.x[:count],
                self.y[:count],
                batch_size=self.workload.batch,
                shuffle=False,
                verbose=0,
            )
            losses.append(float(history.history["loss"][0]))
        return losses

    def times(self, seconds):
        """Milliseconds of a step (or a call), one figure for each epoch (or run of calls)."""
        if self.workload.measure == "train":
            return self._epoch_times(seconds)
        if self.workload.measure == "predict":
            return call_times(lambda: self.model.predict(self.x, verbose=0), seconds)
        convert = self.keras.ops.convert_to_numpy
        return call_times(lambda: convert(self.model(self.x)), seconds)

    def _epoch_times(self, seconds):
        ends = []

        def watch():
            ends.append(time.perf_counter())
            return len(ends) > 1 and ends[-1] - ends[0] >= seconds

        self.train(1_000_000, watch)
        return epoch_milliseconds(ends, self.workload.steps)

    def train(self, epochs, watch):
        """One `fit` of at most `epochs`; `watch()` is called after each, and stops if true."""

        class Watcher(self.keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = bool(watch())

        self.model.fit(
            self.x,
            self.y,
            batch_size=self.workload.batch,
            epochs=epochs,
            verbose=0,
            callbacks=[Watcher()],
        )


def epoch_milliseconds(ends, steps):
    """Milliseconds a step of each epoch but the first, from the times at which epochs ended."""
    return [(b - a) / steps * 1e3 for a, b in zip(ends[:-1], ends[1:], strict=True)]


def call_times(call, seconds, runs=5):
    """Milliseconds of a call, for each of `runs` runs that together take about `seconds`."""
    count, elapsed = 1, 0.0
    while elapsed < seconds / (4 * runs):
        count *= 2
        elapsed = _time(call, count)
    count = max(1, int(count * seconds / runs / elapsed))
    return [_time(call, count) / count * 1e3 for _ in range(runs)]


def _time(call, count):
    start = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - start
