"""ModelCheckpoint: saves the model, or its weights, as training goes on."""

import math
import os
import warnings

from kerasish import registry
from kerasish.callbacks.callback import restore
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.callbacks.progress_bar import announce
from kerasish.errors import explain


@registry.register("callbacks")
class ModelCheckpoint(MonitorCallback):
    """Save at the end of epochs, or every so many batches.

    Files appear whole or not at all, and an error in saving ends training. Weights of an epoch
    whose loss is not finite are not saved: they would replace the last usable ones.

    Args:
        filepath: str or path-like. May hold "{epoch:02d}", "{batch:02d}" (both from 1) and names of
            metrics, such as "{val_loss:.2f}". It ends in ".keras" or ".h5", or with
            `save_weights_only` in ".weights.h5".
        monitor: str. Name of the metric, for `save_best_only`.
        verbose: 0 or 1 (print what is done).
        save_best_only: bool. Save only when the metric is better than ever before.
        save_weights_only: bool. Save weights instead of the whole model.
        mode: "min", "max" or "auto".
        save_freq: "epoch", or int: number of batches.
        initial_value_threshold: float or None. Best value of an earlier run, to be beaten.

    Raises:
        ValueError: an unusable path, frequency or mode; when saving, a metric or a name in the path
            that is not among the logs.

    Example:
        >>> ModelCheckpoint("best.keras", "val_accuracy", save_best_only=True).save_freq
        'epoch'

    Source: Keras 3 names and defaults.
    """

    role = "save"

    def __init__(self, filepath, monitor="val_loss", verbose=0, save_best_only=False,
                 save_weights_only=False, mode="auto", save_freq="epoch",
                 initial_value_threshold=None):  # fmt: skip
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose, self.save_best_only = verbose, save_best_only
        self.save_weights_only, self.save_freq = save_weights_only, save_freq
        self._batches_since_save, self._last_batch, self._epoch = 0, None, 0
        is_count = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not is_count:
            raise ValueError(
                explain("ModelCheckpoint", "save_freq must be 'epoch' or a positive int",
                        received=save_freq)
            )  # fmt: skip
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ValueError(
                explain("ModelCheckpoint", f"filepath must end in {' or '.join(endings)}",
                        received=self.filepath)
            )  # fmt: skip

    def uses_hook(self, hook):
        """Batches are counted only when they decide when to save."""
        return super().uses_hook(hook) and (self.save_freq != "epoch" or "batch" not in hook)

    def on_epoch_begin(self, epoch, logs=None):
        """Note the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Save when enough batches have passed."""
        # With several steps an execution the hook sees only some batches.
        is_new_epoch = self._last_batch is None or batch <= self._last_batch
        self._batches_since_save += batch + 1 if is_new_epoch else batch - self._last_batch
        self._last_batch = batch
        if self._batches_since_save >= self.save_freq:
            self._batches_since_save = 0
            self._save_if_wanted(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch, logs=None):
        """Save, unless saving goes by batches."""
        if self.save_freq == "epoch":
            self._save_if_wanted(epoch, None, logs or {})

    def _save_if_wanted(self, epoch, batch, logs):
        loss = logs.get("loss")
        if loss is not None and not math.isfinite(loss):
            warnings.warn(
                explain("ModelCheckpoint", f"nothing is saved at epoch {epoch + 1}",
                        received=f" a loss of {loss}",
                        fix="lower the learning rate, or stop at once by TerminateOnNaN()"),
                stacklevel=4,
            )  # fmt: skip
            return
        path = self._path(epoch, batch, logs)
        if self.save_best_only and not self._is_best(epoch, logs):
            return
        if os.path.isdir(path):
            raise ValueError(explain("ModelCheckpoint", "filepath is a folder", received=path))
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            announce(f"Epoch {epoch + 1}: saved to {path}")

    def _is_best(self, epoch, logs):
        value = self.monitored(epoch, logs)
        if value is None:
            return False
        if not self.is_improvement(value, self.best):
            if self.verbose > 0:
                announce(f"Epoch {epoch + 1}: {self.monitor} {value:.5f} is not better than "
                         f"{self.best}")  # fmt: skip
            return False
        self.best = value
        return True

    def _path(self, epoch, batch, logs):
        numbers = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1})}
        try:
            return self.filepath.format(**{**numbers, **logs})
        except (KeyError, IndexError) as error:
            raise ValueError(
                explain("ModelCheckpoint", f"filepath {self.filepath!r} names what is not logged",
                        received=f" {error}", expected=f"some of {sorted({*numbers, *logs})}")
            ) from error  # fmt: skip

    def get_state(self):
        """Best value so far, and the count of batches."""
        names = ("best", "_batches_since_save", "_last_batch", "_was_logged")
        return {name: getattr(self, name) for name in names}

    def set_state(self, state):
        """Continue from `get_state()`."""
        restore(self, state, "best", "_batches_since_save", "_last_batch", "_was_logged")
