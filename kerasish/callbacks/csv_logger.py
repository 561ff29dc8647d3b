"""CSVLogger: the logs of every epoch as a row of a CSV file."""

import csv
import io
import os

from kerasish import registry
from kerasish.callbacks.callback import Callback, restore
from kerasish.errors import explain
from kerasish.saving.atomic import atomic_write

_ABSENT = "NA"


@registry.register("callbacks")
class CSVLogger(Callback):
    """Write one row an epoch: the epoch (from 0) and the metrics, sorted by name.

    There is always one header. A metric that turns up later gets a column, with "NA" in the rows
    before; an epoch without a metric has "NA", too. A row is written as a whole: what a kill leaves
    of the last one is removed when the file is continued.

    Args:
        filename: str or path-like.
        separator: str of length 1.
        append: bool. Continue an existing file. Training that starts at a later epoch (by
            `initial_epoch`) replaces the rows at the end of that epoch and after.

    Raises:
        ValueError: a separator that is not one character; with `append`, a file that is no log.

    Example:
        >>> import os, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> logger = CSVLogger(os.path.join(folder.name, "log.csv"))
        >>> logger.on_train_begin()
        >>> logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
        >>> with open(logger.filename) as file:
        ...     print(file.read().strip())
        epoch,loss,val_loss
        0,0.5,0.75
        >>> folder.cleanup()

    Source: Keras 3 names and defaults.
    """

    role = "record"

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(
                explain("CSVLogger", "separator must be one character", received=separator)
            )
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys = None  # columns after "epoch"; None until the first row of a run
        self._has_begun = False

    def on_train_begin(self, logs=None):
        """Start a run; an existing file is replaced at its first row unless `append`."""
        self.keys = None
        self._has_begun = False

    def on_epoch_end(self, epoch, logs=None):
        """Write a row."""
        logs = logs or {}
        if not self._has_begun:
            self._begin(epoch, logs)
        new = sorted(set(logs) - set(self.keys) - {"epoch"})
        if new:
            _, rows = self._read()
            self.keys = [*self.keys, *new]
            self._rewrite([[*row, *[_ABSENT] * len(new)] for row in rows])
        row = [epoch, *[_cell(logs.get(key, _ABSENT)) for key in self.keys]]
        with open(self.filename, "a", encoding="utf-8", newline="") as file:
            file.write(self._text([row]))

    def _begin(self, epoch, logs):
        header, rows = self._read() if self.append and os.path.exists(self.filename) else ([], [])
        if header:
            is_log = header[0] == "epoch" and all(row[0].isdigit() for row in rows if row)
            if not is_log:
                raise ValueError(
                    explain("CSVLogger", f"{self.filename!r} is not a log that can be continued",
                            received=header, expected='a first column "epoch"')
                )  # fmt: skip
            self.keys = header[1:]
            rows = [row for row in rows if len(row) == len(header)]
            while epoch > 0 and rows and int(rows[-1][0]) >= epoch:
                rows.pop()
        else:
            self.keys = self._first_columns(logs)
        self._rewrite(rows)
        self._has_begun = True

    def _first_columns(self, logs):
        """Names of the metrics, with those of a validation that has not yet run."""
        keys = sorted(set(logs) - {"epoch"})
        is_awaited = (self.params or {}).get("validation_freq") is not None
        if is_awaited and not any(key.startswith("val_") for key in keys):
            metrics = [key for key in keys if not key.startswith("learning_rate")]
            keys = sorted([*keys, *(f"val_{key}" for key in metrics)])
        return keys

    def _read(self):
        """Header and complete rows of the file."""
        with open(self.filename, encoding="utf-8", newline="") as file:
            text = file.read()
        whole = text[: text.rfind("\n") + 1]  # a row without its end was cut off by a kill
        rows = list(csv.reader(io.StringIO(whole), delimiter=self.sep))
        return (rows[0], rows[1:]) if rows else ([], [])

    def _rewrite(self, rows):
        with atomic_write(self.filename, "w") as file:
            file.write(self._text([["epoch", *self.keys], *rows]))

    def _text(self, rows):
        text = io.StringIO()
        csv.writer(text, delimiter=self.sep, lineterminator="\n").writerows(rows)
        return text.getvalue()

    def get_state(self):
        """The rows so far, with their columns."""
        _, rows = self._read() if self._has_begun else ([], [])
        return {"keys": self.keys, "rows": rows, "_has_begun": self._has_begun}

    def set_state(self, state):
        """Continue from `get_state()`: the file gets the rows it had then."""
        rows = state.get("rows", [])
        restore(self, {k: v for k, v in state.items() if k != "rows"}, "keys", "_has_begun")
        if self._has_begun:
            self._rewrite(rows)


def _cell(value):
    if isinstance(value, str):
        return value
    if hasattr(value, "__iter__"):
        return f"[{', '.join(map(str, value))}]"
    return value
