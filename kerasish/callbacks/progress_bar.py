"""The one place that shows progress: a tqdm bar on a terminal, plain lines anywhere else."""

import functools
import shutil
import sys
import threading
import time

from kerasish.config import settings

REFRESH_SECONDS = 0.1


@functools.cache
def _bar_class():
    """tqdm without its watcher thread and its lock between processes: one process draws here.

    Imported when the first bar is drawn: it takes as long to import as all layers together.
    """
    from tqdm.std import tqdm

    bar = type("Bar", (tqdm,), {"monitor_interval": 0})
    bar.set_lock(threading.RLock())
    return bar


def is_interactive():
    """Whether standard output can redraw a line: a terminal, or a notebook."""
    if not settings.is_interactive:
        return False
    is_terminal = getattr(sys.stdout, "isatty", None)
    return bool(is_terminal and is_terminal()) or "ipykernel" in sys.modules


def announce(text):
    """Print a line; an open bar is moved below it."""
    if is_interactive():
        _bar_class().write(text, file=sys.stdout)
    else:
        print(text)


def metrics_text(logs):
    """Logs in the form "accuracy: 0.9000 - loss: 0.3000".

    Example:
        >>> metrics_text({"loss": 0.25, "learning_rate": 1e-5})
        'loss: 0.2500 - learning_rate: 1.0000e-05'
    """
    return " - ".join(f"{_visible(key)}: {_number_text(value)}" for key, value in logs.items())


def _visible(text):
    """Text whose control characters, which a loaded model may have put there, show as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def _number_text(value):
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return _visible(value)
    return f"{value:.4f}" if abs(value) > 1e-3 or value == 0 else f"{value:.4e}"


class ProgressBar:
    """Progress of one epoch, `evaluate` or `predict`.

    Args:
        total: int, number of steps; None when it is not known.
        label: str in front, such as "Epoch 1/5"; may be empty.
        verbose: 0 (silent), 1 (a bar; on a plain stream, as 2) or 2 (one line at the end).
        unit: str. What a step is called.
    """

    def __init__(self, total, label, verbose, unit="step"):
        self.total, self.label, self.verbose, self.unit = total, label, verbose, unit
        self._start = self._drawn = time.monotonic()
        self._bar = None
        if verbose == 1 and is_interactive():
            # Not left to tqdm, which draws nothing on a terminal that does not tell its size.
            width = shutil.get_terminal_size((100, 24)).columns - 1
            self._bar = _bar_class()(
                total=total,
                desc=label or None,
                file=sys.stdout,
                unit=unit,
                ncols=width,
                nrows=20,
                mininterval=0,
                miniters=1,
                leave=True,
            )

    def advance(self, done, logs=None):
        """Show that `done` steps are done, unless the last drawing was just now.

        Args:
            done: int.
            logs: dict, or a function that returns one; it is called only to draw.
        """
        if self._bar is None:
            return
        now = time.monotonic()
        if now - self._drawn >= REFRESH_SECONDS:
            self._drawn = now
            self._bar.n = done
            shown = logs() if callable(logs) else logs
            self._bar.set_postfix_str(metrics_text(shown or {}), refresh=True)

    def finish(self, done, logs=None):
        """Put a line with the final state in the place of the bar, whole, however long it is."""
        if self._bar is not None:
            self._bar.leave = False
            self.close()
        if self.verbose:
            print(self._line(done, logs or {}))

    def close(self):
        """Leave the bar as it is; nothing happens when it is closed already."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _line(self, done, logs):
        elapsed = time.monotonic() - self._start
        per_step = elapsed / max(done, 1)
        count = f"{done}/{self.total}" if self.total else str(done)
        parts = [self.label, count, f"{elapsed:.0f}s", f"{_duration_text(per_step)}/{self.unit}"]
        parts += [metrics_text(logs)]
        return " - ".join(part for part in parts if part)


def _duration_text(seconds):
    if seconds >= 1:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"
