"""BackupAndRestore: a run that was killed goes on, bit for bit, when it is started again."""

import os

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.checkpoint import CheckpointManager
from kerasish.errors import explain


@registry.register("callbacks")
class BackupAndRestore(Callback):
    """Keep the whole state of a run in a directory, and continue from it.

    The state is everything on which later steps depend: weights, optimizer, random numbers (of
    layers, of Python and NumPy), the place in the data, metrics, the other callbacks and the
    history. A run that is killed at any moment and started again with the same program ends with
    the same bits as one that was not. It is written in the background; a signal (SIGINT, SIGTERM)
    ends training after the current step with a last backup.

    Data must come in the same order again: arrays, a PyDataset, or a Dataset. Other iterables and
    generators are read again from their start, up to the place.

    Args:
        backup_dir: str or path-like. A directory for this run alone.
        save_freq: "epoch", or int: number of batches.
        double_checkpoint: bool. Keep the last two backups, not one.
        delete_checkpoint: bool. Remove the backup when training has ended by itself.

    Raises:
        ValueError: no directory, or an unusable frequency.
        CheckpointError: at the start of `fit`, a backup of another model.

    Example:
        >>> BackupAndRestore("backup", save_freq=100).save_freq
        100

    Source: Keras 3 names and defaults.
    """

    role = "backup"
    reads_batch_logs = False

    def __init__(self, backup_dir, save_freq="epoch", double_checkpoint=False,
                 delete_checkpoint=True):  # fmt: skip
        super().__init__()
        if not backup_dir:
            raise ValueError(
                explain("BackupAndRestore", "backup_dir is empty", received=backup_dir)
            )
        is_count = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not is_count:
            raise ValueError(
                explain("BackupAndRestore", "save_freq must be 'epoch' or a positive int",
                        received=save_freq)
            )  # fmt: skip
        self.backup_dir, self.save_freq = os.fspath(backup_dir), save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._manager, self._unsaved = None, 0

    def uses_hook(self, hook):
        """Batches are counted only when they decide when to save."""
        return super().uses_hook(hook) and (self.save_freq != "epoch" or "batch" not in hook)

    def on_train_begin(self, logs=None):
        """Continue from a backup, if there is one."""
        self._manager = CheckpointManager(
            self.backup_dir, max_to_keep=2 if self.double_checkpoint else 1
        )
        self._unsaved, self._last_batch = 0, None
        state = self._manager.restore()
        if state is not None:
            self.model.training_run.set_state(state)

    def on_train_batch_end(self, batch, logs=None):
        """Save when enough batches have passed."""
        # With several steps an execution the hook sees only some batches.
        is_new_epoch = self._last_batch is None or batch <= self._last_batch
        self._unsaved += batch + 1 if is_new_epoch else batch - self._last_batch
        self._last_batch = batch
        if self._unsaved >= self.save_freq:
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        """Save, unless saving goes by batches."""
        if self.save_freq == "epoch":
            self._save()

    def on_train_interrupted(self):
        """Save where training stops."""
        self._save()

    def on_train_end(self, logs=None):
        """Wait for the last backup; remove it when training has ended by itself."""
        manager, self._manager = self._manager, None
        try:
            if self.model.training_run.is_complete and self.delete_checkpoint:
                manager.delete()
        finally:
            manager.close()

    def _save(self):
        self._unsaved = 0
        latest = self._manager.latest_step()
        step = 0 if self.model.optimizer is None else int(self.model.optimizer.iterations)
        self._manager.save(max(step, latest or 0), self.model.training_run.get_state())
