"""TensorBoard: event files of a training, which the program tensorboard shows."""

import contextlib
import os
import time

import numpy as np

from kerasish import registry, summary
from kerasish.callbacks.callback import Callback, restore
from kerasish.callbacks.embeddings_projector import EmbeddingsProjector
from kerasish.callbacks.learning_rates import log_rates
from kerasish.errors import explain
from kerasish.summary import state
from kerasish.summary.door import tensorboard
from kerasish.summary.run_files import RunFiles

_MAX_CHANNELS = 4


@registry.register("callbacks")
class TensorBoard(Callback):
    """Record metrics, weights and the model's graph for TensorBoard.

    The folder gets a run "train" and, with validation, a run "validation". Look at them with
    `tensorboard --logdir logs`. The package tensorboard is needed, TensorFlow is not.

    While `fit` runs with an `update_freq` other than "epoch", `kerasish.summary.scalar` and the
    like record to the run, too, at the number of the batch, when it is due.

    Args:
        log_dir: str or path-like.
        histogram_freq: int. Epochs between histograms of all weights; 0: none.
        write_graph: bool. Record the graph of layers.
        write_images: bool. Record weights as images, along with their histograms.
        write_steps_per_second: bool. Record the speed.
        update_freq: "epoch"; "batch"; or int, batches between records of losses and metrics.
        profile_batch: 0. Profiles are not TensorBoard's here: see `function.profile`.
        embeddings_freq: int. Epochs between tables of Embedding layers for the projector; 0: none.
        embeddings_metadata: str, or dict from name of layer to str: file below `log_dir` with
            labels, one a line.

    Raises:
        ImportError: tensorboard is not installed.
        ValueError: an unusable frequency, a `profile_batch`, or metadata of unknown layers.

    Example:
        model.fit(x, y, epochs=5, callbacks=[TensorBoard("logs", histogram_freq=1)])

    Source: Keras 3 names and defaults.
    """

    role = "record"
    reads_batch_logs = False  # it asks for them itself, when a record is due

    def __init__(self, log_dir="logs", histogram_freq=0, write_graph=True, write_images=False,
                 write_steps_per_second=False, update_freq="epoch", profile_batch=0,
                 embeddings_freq=0, embeddings_metadata=None):  # fmt: skip
        super().__init__()
        tensorboard("callbacks.TensorBoard")
        self.log_dir, self.histogram_freq = os.fspath(log_dir), histogram_freq
        self.write_graph, self.write_images = write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq, self.embeddings_metadata = embeddings_freq, embeddings_metadata
        _check(self, profile_batch)
        self._files, self._context = RunFiles(self.log_dir), contextlib.ExitStack()
        self._is_fitting = False
        self._start_counting()

    def _start_counting(self):
        self._batches, self._last_batch, self._is_drawn, self._is_due = 0, None, False, False
        self._epoch_start = self._batch_start = self._first_iteration = None
        self._projector = None

    def uses_hook(self, hook):
        """Batches are followed only where they are recorded."""
        return super().uses_hook(hook) and (self.update_freq != "epoch" or "batch" not in hook)

    # ---- training ----

    def on_train_begin(self, logs=None):
        """Start new files."""
        self._start_counting()
        self._files.begin()
        self._is_fitting = True
        self._record_to("train", 0)

    def on_train_end(self, logs=None):
        """Close the files."""
        self._is_fitting = False
        self._context.close()
        self._files.close()

    def on_epoch_begin(self, epoch, logs=None):
        """Record the graph, if the model is built, and note the time."""
        self._record_graph()
        self._epoch_start = time.perf_counter()
        self._first_iteration = self._iterations()

    def on_train_batch_begin(self, batch, logs=None):
        """Set the step of the user's own summaries."""
        self._is_due = (self._batches + 1) % self.update_freq == 0
        state.set_step(self._batches + 1)
        if self._batch_start is None:
            self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Record losses and metrics if it is time."""
        # With several steps an execution the hook sees only some batches.
        before = self._batches
        is_new_epoch = self._last_batch is None or batch <= self._last_batch
        self._batches += batch + 1 if is_new_epoch else batch - self._last_batch
        self._last_batch = batch
        if self._batches // self.update_freq > before // self.update_freq:
            logs = logs() if callable(logs) else dict(logs or {})
            values = {f"batch_{name}": value for name, value in logs.items()}
            if self.write_steps_per_second:
                seconds = time.perf_counter() - self._batch_start
                values["batch_steps_per_second"] = (self._batches - before) / max(seconds, 1e-9)
            self._record("train", values, self._batches)
        self._batch_start = None

    def on_epoch_end(self, epoch, logs=None):
        """Record metrics, and weights and tables if it is time."""
        self._record_graph()
        logs = dict(logs or {})
        if self.model.optimizer is not None:
            log_rates(self.model.optimizer, logs)
        train = {f"epoch_{k}": v for k, v in logs.items() if not k.startswith("val_")}
        if self.write_steps_per_second and self._epoch_start is not None:
            seconds = time.perf_counter() - self._epoch_start
            steps = self._iterations() - self._first_iteration
            train["epoch_steps_per_second"] = steps / max(seconds, 1e-9)
        self._record("train", train, epoch)
        validation = {f"epoch_{k[4:]}": v for k, v in logs.items() if k.startswith("val_")}
        self._record("validation", validation, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._record_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        self._files.flush()

    # ---- evaluation ----

    def on_test_begin(self, logs=None):
        """From here on summaries belong to the validation."""
        self._record_to("validation", self._iterations())

    def on_test_end(self, logs=None):
        """Record the results against the number of updates so far."""
        values = {f"evaluation_{k}_vs_iterations": v for k, v in (logs or {}).items()}
        self._record("validation", values, self._iterations())
        if self._is_fitting:
            self._record_to("train", self._batches)
        else:
            self._context.close()
            self._files.flush()

    # ---- what is recorded ----

    def _record_to(self, run, step):
        """Let the functions of `summary` record to a run, where batches are followed."""
        self._context.close()
        if self.update_freq == "epoch":
            return
        self._is_due = run == "validation"
        self._context.enter_context(self._files.writer(run).as_default(step))
        self._context.enter_context(summary.record_if(lambda: self._is_due))

    def _record(self, run, values, step):
        """Record scalars; what has no one value, such as a confusion matrix, is left out."""
        values = {name: value for name, value in values.items() if np.size(value) == 1}
        if values:
            with _recording(self._files.writer(run)):
                for name, value in values.items():
                    summary.scalar(name, value, step)

    def _record_graph(self):
        if self.write_graph and not self._is_drawn and getattr(self.model, "built", False):
            self._is_drawn = True
            with _recording(self._files.writer("train")):
                summary.graph(self.model)

    def _record_weights(self, epoch):
        with _recording(self._files.writer("train")):
            for weight in self.model.weights:
                values = weight.numpy()
                summary.histogram(f"{weight.path}/histogram", values, epoch)
                images = weight_images(values) if self.write_images else None
                if images is not None:
                    summary.image(f"{weight.path}/image", images, epoch)

    def _write_embeddings(self):
        if self._projector is None:
            self._projector = EmbeddingsProjector(
                self.log_dir, self.model, self.embeddings_metadata
            )
            self._projector.configure()
        self._projector.write()

    def _iterations(self):
        optimizer = self.model.optimizer
        return 0 if optimizer is None else int(optimizer.iterations)

    # ---- resuming ----

    def get_state(self):
        """Counts, and the names and sizes of the files."""
        names = ("_batches", "_last_batch", "_is_drawn")
        return {"files": self._files.get_state(), **{name: getattr(self, name) for name in names}}

    def set_state(self, state):
        """Continue from `get_state()`: records made after it are removed."""
        rest = {key: value for key, value in state.items() if key != "files"}
        restore(self, rest, "_batches", "_last_batch", "_is_drawn")
        self._context.close()
        self._files.set_state(state["files"])
        self._record_to("train", self._batches)


@contextlib.contextmanager
def _recording(writer):
    """Context in which a writer records, whatever else is set."""
    before = state.current_writer()
    state.set_writer(writer)
    try:
        with summary.record_if(True):
            yield
    finally:
        state.set_writer(before)


def weight_images(values):
    """Images (count, height, width, 1) of a weight, its range from black to white; or None.

    A vector is one row, a matrix lies on its longer side, of three axes the last one is the number
    of images; more axes than these remain only if the last is a number of channels.
    """
    values = np.squeeze(np.asarray(values, np.float32))
    if values.ndim == 1:
        values = values[None, None, :, None]
    elif values.ndim == 2:
        values = values.T if values.shape[0] > values.shape[1] else values
        values = values[None, :, :, None]
    elif values.ndim == 3:
        values = np.moveaxis(values, -1, 0)[..., None]
    if values.ndim != 4 or not values.size or values.shape[-1] not in (1, 3, _MAX_CHANNELS):
        return None
    low, high = np.nanmin(values), np.nanmax(values)
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _check(callback, profile_batch):
    def is_count(value, least):
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    for name in ("histogram_freq", "embeddings_freq"):
        if not is_count(getattr(callback, name), 0):
            raise ValueError(
                explain("TensorBoard", f"{name} must be a number of epochs",
                        received=getattr(callback, name))
            )  # fmt: skip
    if callback.update_freq != "epoch" and not is_count(callback.update_freq, 1):
        raise ValueError(
            explain("TensorBoard", "update_freq must be 'epoch', 'batch' or a number of batches",
                    received=callback.update_freq)
        )  # fmt: skip
    if profile_batch:
        raise ValueError(
            explain("TensorBoard", "batches are not profiled here", received=profile_batch,
                    expected="profile_batch=0",
                    fix="time the calls of a compiled step by `profile()` of `kerasish.function`")
        )  # fmt: skip
