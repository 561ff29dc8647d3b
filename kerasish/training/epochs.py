"""One epoch of `fit` or `evaluate`: batches through the step, callbacks where they listen."""

import contextlib
import functools
import itertools
import warnings

from kerasish.training.step import logs_to_floats


class EpochMixin:
    """The loops over the batches of an epoch, with as little around each step as there can be."""

    def _run_epoch(self, step, data, epoch, calls, phase):
        """Run all batches of an epoch; returns (logs of the last one, number of batches)."""
        # What the standard steps report can be read off the metrics whenever somebody looks.
        is_silent = not calls.reads_logs(phase) and self._reports_metrics_only(phase)
        run = self._run_blocks if calls.only_counts(phase) else self._run_batches
        with contextlib.closing(data.blocks(epoch)) as blocks:
            logs, number = run(step, blocks, calls, phase, is_silent)
        if number and is_silent:
            logs = self.get_metrics_result()
        expected = data.steps
        if expected is not None and number < expected and not self.stop_training:
            self.stop_training = phase == "train"
            warnings.warn(
                f"{self.name}: the data ran out after {number} of {expected} batches, so this ends "
                "here. Pass fewer steps, or data that repeats.",
                stacklevel=4,
            )
        return logs, number

    def _run_blocks(self, step, blocks, calls, phase, is_silent):
        """The loop where no callback wants to be called between two batches."""
        logs, number = {}, 0
        for block in blocks:
            if is_silent and not step.is_eager:
                step.run_each(block)
                number += len(block)
            else:
                for batch in block:
                    logs = step.run(batch)
                    number += 1
                    if self.stop_training and phase == "train":  # by the step, run as it stands
                        break
            if self.stop_training and phase == "train":  # by a signal, or another thread
                break
        if number:
            getattr(calls, f"on_{phase}_batch_end")(number - 1, self._logs_reader(logs, is_silent))
        return logs, number

    def _run_batches(self, step, blocks, calls, phase, is_silent):
        """The loop with callbacks, every `steps_per_execution` batches."""
        begin = getattr(calls, f"on_{phase}_batch_begin")
        end = getattr(calls, f"on_{phase}_batch_end")
        group = self.steps_per_execution
        logs, number = {}, 0
        for batch in itertools.chain.from_iterable(blocks):
            if number % group == 0:
                begin(number)
            if is_silent:
                step.run_silently(batch)
            else:
                logs = step.run(batch)
            number += 1
            if number % group == 0:
                end(number - 1, self._logs_reader(logs, is_silent))
            if self.stop_training and phase == "train":
                break
        if number % group:
            end(number - 1, self._logs_reader(logs, is_silent))
        return logs, number

    def _logs_reader(self, logs, is_silent):
        """Function that gives the logs as floats, for whoever reads them."""
        return self._present_metrics if is_silent else functools.partial(logs_to_floats, logs)

    def _present_metrics(self):
        return logs_to_floats(self.get_metrics_result())
