"""CheckpointManager: writes states by step in the background, keeps the newest and the best."""

import math
import os
import pathlib
import threading
import warnings

from kerasish.checkpoint import step_folder
from kerasish.errors import CheckpointError, explain
from kerasish.saving.lock import DirectoryLock
from kerasish.saving.state_tree import PackedTree


class CheckpointManager:
    """Checkpoints of one run in one directory, each a folder that appears whole or not at all.

    `save` copies the state and returns; a thread writes it. When a state is waiting for the thread
    while another comes, the newer takes its place: training is never held up by more than the copy.
    An error of the thread is raised by the next `save`, `wait` or `close`. One manager at a time
    may write to a directory; any number may read.

    Args:
        directory: str or path-like; made when the first state is saved.
        max_to_keep: int >= 1, or None for all. How many of the newest are kept, beside the best.
        best: str or None. Name of the metric that tells the best checkpoint, which is kept, too.
        mode: "min" or "max". Which values of that metric are better.
        background: bool. Write in a thread.

    Attributes:
        replaced: int. States that were never written because a newer one came.

    Raises:
        ValueError: unusable arguments.

    Example:
        >>> import tempfile
        >>> import numpy
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with CheckpointManager(folder, max_to_keep=2, best="loss") as manager:
        ...         for step, loss in enumerate([0.9, 0.2, 0.5, 0.4]):
        ...             manager.save(step, {"w": numpy.full(2, loss)}, {"loss": loss})
        ...             manager.wait()
        ...     manager.steps(), manager.best_step(), manager.restore()["w"].tolist()
        ([1, 2, 3], 1, [0.4, 0.4])

    Source: the names of Orbax's and TensorFlow's managers.
    """

    def __init__(self, directory, max_to_keep=3, best=None, mode="min", background=True):
        if max_to_keep is not None and (not isinstance(max_to_keep, int) or max_to_keep < 1):
            raise ValueError(
                explain("CheckpointManager", "max_to_keep must be a positive int or None",
                        received=max_to_keep)
            )  # fmt: skip
        if mode not in ("min", "max"):
            raise ValueError(
                explain("CheckpointManager", "unknown mode", received=mode,
                        expected='"min" or "max"')
            )  # fmt: skip
        self.directory = pathlib.Path(directory)
        self.max_to_keep, self.best, self.mode, self.background = (
            max_to_keep,
            best,
            mode,
            background,
        )
        self.replaced = 0
        self._lock = DirectoryLock(self.directory)
        self._condition = threading.Condition()
        self._waiting = self._thread = self._error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.close()

    # ---- writing ----

    def save(self, step, state, metrics=None):
        """Write a state as the checkpoint of a step.

        Args:
            step: int >= 0.
            state: nested dicts (with str keys), lists and tuples of plain values, arrays, tensors
                and variables.
            metrics: dict from name to number.

        Raises:
            ValueError: a value that cannot be written, or the metric `best` is missing.
            OSError: this one (without `background`) or an earlier one could not be written.
        """
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise ValueError(
                explain("CheckpointManager.save", "step must be an int >= 0", received=step)
            )
        metrics = {str(k): float(v) for k, v in (metrics or {}).items()}
        if self.best is not None and self.best not in metrics:
            raise ValueError(
                explain("CheckpointManager.save", f"the metric {self.best!r} is missing",
                        received=sorted(metrics))
            )  # fmt: skip
        self._raise_error()
        self._take_lock()
        job = step, PackedTree(state), metrics
        if not self.background:
            self._write(*job)
            return
        with self._condition:
            self.replaced += self._waiting is not None
            self._waiting = job
            if self._thread is None:
                # Not a daemon: a process that ends waits until its last checkpoint is written.
                self._thread = threading.Thread(target=self._work, name="kerasish-checkpoint")
                self._thread.start()

    def _take_lock(self):
        if not self._lock.is_held:
            os.makedirs(self.directory, exist_ok=True)
            self._lock.acquire()
            step_folder.remove_unfinished(self.directory)

    def _work(self):
        while True:
            with self._condition:
                job, self._waiting = self._waiting, None
                if job is None:
                    self._thread = None
                    self._condition.notify_all()
                    return
            try:
                self._write(*job)
            except BaseException as error:  # noqa: BLE001 (raised where the user sees it)
                self._error = error

    def _write(self, step, packed, metrics):
        step_folder.write(self.directory, step, packed, metrics)
        self._remove_old()

    def _remove_old(self):
        """Remove what need not be kept, now that a newer one is durable."""
        found = step_folder.find(self.directory)
        newest = {step: path for step, _, path in found}  # the last of each step
        kept = set(newest.values())
        if self.max_to_keep is not None:
            kept = {newest[step] for step in sorted(newest)[-self.max_to_keep :]}
            best = self.best_step()
            if best is not None:
                kept.add(newest[best])
        for _, _, path in found:
            if path not in kept:
                step_folder.remove(path)

    def wait(self):
        """Wait until everything is written.

        Raises:
            OSError: something could not be.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._thread is None)
        self._raise_error()

    def close(self):
        """Wait until everything is written, and let other managers write to the directory."""
        try:
            self.wait()
        finally:
            self._lock.release()

    def delete(self):
        """Remove all checkpoints, and the directory when nothing else is in it."""
        self.wait()
        if not self.directory.is_dir():
            return
        self._take_lock()
        for _, _, path in step_folder.find(self.directory):
            step_folder.remove(path)
        self._lock.release(remove=True)
        if not os.listdir(self.directory):
            os.rmdir(self.directory)

    def _raise_error(self):
        error, self._error = self._error, None
        if error is not None:
            raise error

    # ---- reading ----

    def steps(self):
        """Steps of all checkpoints, in order."""
        return sorted({step for step, _, _ in step_folder.find(self.directory)})

    def latest_step(self):
        """Step of the newest checkpoint, or None."""
        return max(self.steps(), default=None)

    def best_step(self):
        """Step with the best value of the metric `best`, or None; among equals the newest."""
        if self.best is None:
            return None
        sign = 1 if self.mode == "max" else -1
        values = {}
        for step, _, path in step_folder.find(self.directory):
            value = step_folder.read_metrics(path).get(self.best, math.nan)
            values[step] = -math.inf if math.isnan(value) else sign * value
        return max(values, key=lambda step: (values[step], step), default=None)

    def metrics(self, step):
        """Dict of the metrics saved with a step."""
        return step_folder.read_metrics(self._path(step))

    def restore(self, step=None):
        """State of a checkpoint.

        Args:
            step: int; None for the newest one that is whole. One that is damaged is told of by a
                warning, and the one before it is taken.

        Returns:
            what `save` was given, with arrays for tensors and variables; None when `step` is None
            and there is no checkpoint.

        Raises:
            CheckpointError: the step has none, or it is damaged; no checkpoint at all is whole.
        """
        if step is not None:
            return step_folder.read(self._path(step))
        found = step_folder.find(self.directory)
        problem = None
        for _, _, path in reversed(found):
            try:
                return step_folder.read(path)
            except CheckpointError as error:
                problem = error
                warnings.warn(f"A checkpoint is damaged and left out: {error}", stacklevel=2)
        if problem is not None:
            raise CheckpointError(
                explain(str(self.directory), "none of the checkpoints is whole")
            ) from problem
        return None

    def _path(self, step):
        paths = [path for s, _, path in step_folder.find(self.directory) if s == step]
        if not paths:
            raise CheckpointError(
                explain(str(self.directory), f"there is no checkpoint of step {step}",
                        received=step, expected=f"one of {self.steps()[-20:]}")
            )  # fmt: skip
        return paths[-1]
