"""RunFiles: the event files of a training, which can be put back to an earlier moment."""

import os
import re

from kerasish.errors import CheckpointError, explain
from kerasish.summary.event_writer import EventWriter, new_stem
from kerasish.summary.summary_writer import SummaryWriter

_STEM = re.compile(r"events\.out\.tfevents(\.[\w-]+)+")
_NAME = re.compile(r"[\w-]+/[\w.-]+")


class RunFiles:
    """Writers for the runs below a folder, each opened when something is written to it.

    All files of a training start alike. One that continues from a backup cuts them to what they
    held then, removes those that were begun later, and goes on in new ones: TensorBoard may have
    read the old ones further, and does not look back.

    Args:
        log_dir: str or path-like.
    """

    def __init__(self, log_dir):
        self._log_dir, self._writers = os.fspath(log_dir), {}
        self._stem, self._part, self._earlier = new_stem(), 0, {}

    def begin(self):
        """Start a training: its files are new."""
        self.close()
        self._stem, self._part, self._earlier = new_stem(), 0, {}

    def writer(self, run):
        """SummaryWriter of a run, such as "train"."""
        if run not in self._writers or self._writers[run].is_closed:
            name = f"{self._stem}.{self._part:04d}"
            self._part += 1
            folder = os.path.join(self._log_dir, run)
            self._writers[run] = SummaryWriter(
                lambda: EventWriter(folder, filename_suffix=".v2", stem=name)
            )
        return self._writers[run]

    def flush(self):
        """Write what waits."""
        for writer in self._writers.values():
            writer.flush()

    def close(self):
        """Write what waits, and close the files."""
        for run, writer in self._writers.items():
            writer.close()
            if writer.path is not None:
                self._earlier[f"{run}/{os.path.basename(writer.path)}"] = None
        self._writers = {}

    def get_state(self):
        """Names and sizes of the files, all written so far."""
        self.flush()
        names = list(self._earlier)
        for run, writer in self._writers.items():
            if writer.path is not None:
                names.append(f"{run}/{os.path.basename(writer.path)}")
        sizes = {name: os.path.getsize(self._path(name)) for name in names}
        return {"stem": self._stem, "part": self._part, "sizes": sizes}

    def set_state(self, state):
        """Put the files back to what they were at `get_state()`.

        Raises:
            CheckpointError: the state names other files than event files.
        """
        stem, sizes = state["stem"], state["sizes"]
        is_sound = _STEM.fullmatch(stem) and all(
            _NAME.fullmatch(name) and name.split("/")[1].startswith(f"{stem}.") for name in sizes
        )
        if not is_sound:
            raise CheckpointError(
                explain("TensorBoard", "the state names no event files", received=state)
            )
        self.close()
        for name in {*self._found(stem), *self._found(self._stem)} - set(sizes):
            os.remove(self._path(name))
        for name, size in sizes.items():
            path = self._path(name)
            if os.path.exists(path) and os.path.getsize(path) > size:
                os.truncate(path, size)
        self._stem, self._part = stem, int(state["part"])
        self._earlier = {name: None for name in sizes if os.path.exists(self._path(name))}

    def _found(self, stem):
        """Names of the files of a training that are there."""
        for folder, _, files in os.walk(self._log_dir):
            run = os.path.relpath(folder, self._log_dir)
            yield from (f"{run}/{name}" for name in files if name.startswith(f"{stem}."))

    def _path(self, name):
        return os.path.join(self._log_dir, *name.split("/"))
