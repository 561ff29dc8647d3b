"""One epoch of `fit` or `evaluate`: batches through the step, callbacks where they listen."""

import contextlib
import functools
import itertools
import warnings

from kerasish.training.step import logs_to_floats


class Place:
    """How far an epoch is.

    Args:
        within: Place of the epoch of training in which this one of validation runs, or None.

    Attributes:
        batch: int. Batches done.
        logs: dict. What the last step reported, or the metrics at the end.
        is_interrupted: bool. A signal has come: nothing more is to be started.
    """

    def __init__(self, within=None):
        self.batch, self.logs, self._within, self._is_interrupted = 0, {}, within, False

    @property
    def is_interrupted(self):
        return self._is_interrupted or (self._within is not None and self._within.is_interrupted)

    def interrupt(self):
        """Stop after the present step."""
        self._is_interrupted = True


class EpochMixin:
    """The loops over the batches of an epoch, with as little around each step as there can be."""

    def _run_epoch(self, step, data, epoch, calls, phase, place):
        """Run the batches of an epoch that lie behind a Place, and move it."""
        # What the standard steps report can be read off the metrics whenever somebody looks.
        is_silent = not calls.reads_logs(phase) and self._reports_metrics_only(phase)
        run = self._run_blocks if calls.only_counts(phase) else self._run_batches
        start = place.batch
        with contextlib.closing(data.blocks(epoch, start)) as blocks:
            run(step, blocks, calls, phase, is_silent, place)
        if is_silent and (place.batch > start or not place.logs):
            place.logs = self.get_metrics_result()
        expected, is_ended = data.steps, place.is_interrupted or self.stop_training
        if expected is not None and place.batch < expected and not is_ended:
            self.stop_training = phase == "train"
            warnings.warn(
                f"{self.name}: the data ran out after {place.batch} of {expected} batches, so this "
                "ends here. Pass fewer steps, or data that repeats.",
                stacklevel=4,
            )

    def _is_to_stop(self, phase, place):
        return place.is_interrupted or (self.stop_training and phase == "train")

    def _run_blocks(self, step, blocks, calls, phase, is_silent, place):
        """The loop where no callback wants to be called between two batches."""
        for block in blocks:
            if is_silent and not step.is_eager:
                step.run_each(block)
                place.batch += len(block)
            else:
                for batch in block:
                    place.logs = step.run(batch)
                    place.batch += 1
                    if self._is_to_stop(phase, place):  # by the step, run as it stands
                        break
            if self._is_to_stop(phase, place):  # by a signal, or another thread
                break
        if place.batch:
            getattr(calls, f"on_{phase}_batch_end")(
                place.batch - 1, self._logs_reader(place.logs, is_silent)
            )

    def _run_batches(self, step, blocks, calls, phase, is_silent, place):
        """The loop with callbacks, every `steps_per_execution` batches."""
        begin = getattr(calls, f"on_{phase}_batch_begin")
        end = getattr(calls, f"on_{phase}_batch_end")
        group = self.steps_per_execution
        for batch in itertools.chain.from_iterable(blocks):
            if place.batch % group == 0:
                begin(place.batch)
            if is_silent:
                step.run_silently(batch)
            else:
                place.logs = step.run(batch)
            place.batch += 1
            if place.batch % group == 0:
                end(place.batch - 1, self._logs_reader(place.logs, is_silent))
            if self._is_to_stop(phase, place):
                break
        if place.batch % group:
            end(place.batch - 1, self._logs_reader(place.logs, is_silent))

    def _logs_reader(self, logs, is_silent):
        """Function that gives the logs as floats, for whoever reads them."""
        return self._present_metrics if is_silent else functools.partial(logs_to_floats, logs)

    def _present_metrics(self):
        return logs_to_floats(self.get_metrics_result())
