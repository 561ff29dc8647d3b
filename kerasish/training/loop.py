"""The loops of `fit`, `evaluate` and `predict` over batches, epochs and callbacks."""

import contextlib
import itertools
import warnings

import numpy

from kerasish.callbacks import CallbackList
from kerasish.core.rng import make_default_seed
from kerasish.data.adapters import ArrayAdapter, make_adapter, split_validation
from kerasish.data.batches import lone_batch
from kerasish.data.sources import is_one_batch, standardize
from kerasish.errors import DataError, explain
from kerasish.switches import filtered, max_epochs, max_steps_per_epoch
from kerasish.training.epochs import EpochMixin, Place
from kerasish.training.predictions import Predictions, host_copies
from kerasish.training.run import Run
from kerasish.training.signals import StopSignals
from kerasish.training.step import logs_to_floats


class LoopMixin(EpochMixin):
    """`fit`, `evaluate`, `predict` and the `*_on_batch` methods of a model."""

    @filtered
    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Train for a number of epochs.

        Args:
            x: arrays (nested for several inputs), a generator, an iterable of batches, or an
                indexable data set.
            y: targets, for arrays.
            batch_size: int; 32 when None.
            epochs: int. Epoch at which to stop.
            verbose: "auto", 0 (silent), 1 (bar) or 2 (a line an epoch).
            callbacks: list of callbacks, or a CallbackList.
            validation_split: float. Share of the last samples (unshuffled) kept for validation.
            validation_data: (x, y), (x, y, sample_weight), or an iterable of batches.
            shuffle: bool. New order each epoch, determined by the seed.
            class_weight: dict from label to weight.
            sample_weight: array of weights, one a sample (or a step).
            initial_epoch: int. Epoch at which to start.
            steps_per_epoch: int or None. Batches an epoch.
            validation_steps: int or None.
            validation_batch_size: int; `batch_size` when None.
            validation_freq: int, or list of epochs.

        Returns:
            History, with a dict `history` of lists, one value an epoch.

        Raises:
            ValueError, DataError, ShapeError: what does not fit, named with its layer.

        Source: Keras 3 names and defaults.
        """
        self._require_compiled("fit")
        _check_epochs(epochs, initial_epoch)
        epochs = _limited("epochs", epochs, max_epochs(), initial_epoch)
        steps_per_epoch = _limited_steps(steps_per_epoch)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split_validation(
                (x, y, sample_weight), validation_split
            )
        seed = make_default_seed()
        data = make_adapter(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight, seed
        )
        validation = self._validation_adapter(
            validation_data,
            validation_batch_size or batch_size,
            _limited_steps(validation_steps),
        )
        self.stop_training = False
        calls = self._callback_list(
            callbacks,
            verbose,
            epochs,
            steps_per_epoch or data.num_batches,
            True,
            None if validation is None else validation_freq,
        )
        run = Run(self, self.make_train_function(), data, calls, initial_epoch)
        with StopSignals(run.interrupt) as signals:
            self.training_run = run
            calls.on_train_begin()
            try:
                while run.epoch < epochs and not self._is_to_stop("train", run):
                    self._train_epoch(run, validation, validation_freq)
                run.is_complete = not run.is_interrupted
                if run.is_interrupted:
                    calls.on_train_interrupted()
                elif self.optimizer is not None:
                    self.optimizer.finalize_variable_values(self.trainable_variables)
            finally:
                calls.on_train_end(run.last_logs)
                self.training_run = None
        signals.deliver()
        return self.history

    def _train_epoch(self, run, validation, validation_freq):
        """Train the epoch that a Run is in, or the rest of it, and validate."""
        calls, epoch = run.calls, run.epoch
        if run.batch == 0:
            self.reset_metrics()
            run.logs = {}
            calls.on_epoch_begin(epoch)
        self._run_epoch(run.step, run.data, epoch, calls, "train", run)
        if run.is_interrupted:
            return
        if run.batch == 0:
            raise DataError(
                explain(
                    f"{self.name}.fit",
                    "the data gave no batch",
                    received=run.data.source,
                    fix="a generator can be used up only once: pass a fresh one, or a "
                    "function of a Dataset that can be iterated again",
                )
            )
        run.logs = logs = logs_to_floats(run.logs)
        if validation is not None and _is_due(epoch, validation_freq):
            results = self._evaluate_adapter(validation, calls, run)
            if run.is_interrupted:
                return
            logs = {**logs, **{f"val_{k}": v for k, v in results.items()}}
        run.epoch, run.batch, run.last_logs = epoch + 1, 0, logs
        calls.on_epoch_end(epoch, logs)

    def _callback_list(self, callbacks, verbose, epochs, steps, is_training, validation_freq=None):
        if isinstance(callbacks, CallbackList):
            if is_training and self.__dict__.get("history") is None:
                raise ValueError(
                    explain(
                        "fit",
                        "the CallbackList has no History",
                        fix="CallbackList(..., add_history=True)",
                    )
                )
            return callbacks
        return CallbackList(
            callbacks,
            add_history=is_training,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=steps,
            model=self,
            validation_freq=validation_freq,
        )

    def _validation_adapter(self, data, batch_size, steps):
        if data is None:
            return None
        if isinstance(data, (tuple, list)) and 1 <= len(data) <= 3 and not _is_batches(data):
            return (
                make_adapter(*data, batch_size=batch_size, steps=steps)
                if len(data) < 3
                else (make_adapter(data[0], data[1], data[2], batch_size=batch_size, steps=steps))
            )
        return make_adapter(data, batch_size=batch_size, steps=steps)

    @filtered
    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """Loss and metrics on data, without training.

        Args:
            x, y, batch_size, sample_weight, callbacks: as in `fit`.
            verbose: "auto", 0, 1 or 2.
            steps: int or None. Number of batches.
            return_dict: bool. A dict by name instead of a list in the order of `metrics_names`.

        Returns:
            float (a lone loss), list of floats, or dict.

        Source: Keras 3 names and defaults.
        """
        if kwargs:
            raise ValueError(explain("evaluate", "unknown arguments", received=sorted(kwargs)))
        self._require_compiled("evaluate")
        steps = _limited_steps(steps)
        data = make_adapter(x, y, sample_weight, batch_size, steps)
        calls = self._callback_list(callbacks, verbose, 1, steps or data.num_batches, False)
        logs = self._evaluate_adapter(data, calls)
        if return_dict:
            return logs
        values = list(logs.values())
        return values[0] if len(values) == 1 else values

    def _evaluate_adapter(self, data, calls, run=None):
        step, place = self.make_test_function(), Place(run)
        self.reset_metrics()
        calls.on_test_begin()
        self._run_epoch(step, data, 0, calls, "test", place)
        if place.batch == 0 and not place.is_interrupted:
            raise DataError(explain(f"{self.name}.evaluate", "the data gave no batch"))
        logs = logs_to_floats(place.logs)
        calls.on_test_end(logs)
        return logs

    @filtered
    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """Outputs for all samples, as NumPy arrays.

        Args:
            x: as in `fit`.
            batch_size: int; 32 when None.
            verbose: "auto", 0, 1 or 2.
            steps: int or None. Number of batches.
            callbacks: list or None.

        Returns:
            array, or nested arrays like the model's outputs; first axis: samples.

        Source: Keras 3 names and defaults.
        """
        step = self.make_predict_function()
        steps = _limited_steps(steps)
        # One batch needs no bar and no list of callbacks: this is the path of serving.
        if callbacks is None and steps is None and is_one_batch(x, batch_size):
            return host_copies(step.run(lone_batch(standardize(x))))
        data = make_adapter(x, None, None, batch_size, steps)
        is_array = isinstance(data, ArrayAdapter)
        if callbacks is None and is_array and data.num_batches == 1 and steps is None:
            return host_copies(step(data.batch(None, 0)))
        calls = self._callback_list(callbacks, verbose, 1, steps or data.num_batches, False)
        calls.on_predict_begin()
        is_quiet, number = calls.only_counts("predict"), 0
        results = Predictions(data.size if is_array and steps is None else None)
        with contextlib.closing(data.blocks()) as blocks:
            for batch in itertools.chain.from_iterable(blocks):
                if not is_quiet:
                    calls.on_predict_batch_begin(number)
                outputs = step.run(batch)
                results.add(outputs)
                number += 1
                if not is_quiet:
                    calls.on_predict_batch_end(number - 1, lambda: _outputs_log(outputs))
        if number and is_quiet:
            calls.on_predict_batch_end(number - 1)
        calls.on_predict_end()
        if not number:
            raise DataError(explain(f"{self.name}.predict", "the data gave no batch", received=x))
        return results.whole()

    # ---- single batches ----

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One update from one batch; returns the metrics since the last `reset_metrics`."""
        self._require_compiled("train_on_batch")
        batch = _one_batch(x, y, sample_weight, class_weight)
        return _report(self.make_train_function()(batch), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """Loss and metrics of one batch, added to those since the last `reset_metrics`."""
        self._require_compiled("test_on_batch")
        batch = _one_batch(x, y, sample_weight, None)
        return _report(self.make_test_function()(batch), return_dict)

    def predict_on_batch(self, x):
        """Outputs for one batch, as NumPy arrays."""
        batch = _one_batch(x, None, None, None)
        return host_copies(self.make_predict_function()(batch))


def _limited(what, value, limit, least=0):
    """A number of epochs, or a smaller limit, of which the user is told."""
    if limit is None or limit >= value:
        return value
    warnings.warn(f"fit makes {limit} {what} instead of {value}: kerasish.config", stacklevel=4)
    return max(limit, least)


def _limited_steps(steps):
    limit = max_steps_per_epoch()
    return steps if limit is None else min(limit, steps or limit)


def _one_batch(x, y, sample_weight, class_weight):
    adapter = ArrayAdapter(x, y, sample_weight, batch_size=2**62, class_weight=class_weight)
    return adapter.batch(None, 0)


def _report(logs, return_dict):
    logs = logs_to_floats(logs)
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _outputs_log(outputs):
    return {"outputs": host_copies(outputs)}


def _is_due(epoch, frequency):
    if isinstance(frequency, (list, tuple, set)):
        return epoch + 1 in frequency
    return (epoch + 1) % frequency == 0


def _is_batches(data):
    """Whether a list is a list of batches rather than (x, y)."""
    return isinstance(data, list) and all(isinstance(item, tuple) for item in data)


def _check_epochs(epochs, initial_epoch):
    if not isinstance(epochs, (int, numpy.integer)) or isinstance(epochs, bool) or epochs < 1:
        raise ValueError(explain("fit", "epochs must be a positive int", received=epochs))
    if not 0 <= initial_epoch <= epochs:
        raise ValueError(
            explain(
                "fit",
                "initial_epoch must lie between 0 and epochs",
                received=initial_epoch,
                expected=f"0 to {epochs}",
            )
        )
