"""EventWriter: appends events to a file, whole records at a time."""

import io
import itertools
import os
import re
import socket
import threading
import time
import weakref

from kerasish.errors import explain
from kerasish.summary.door import tensorboard

_numbers = itertools.count()


def file_name_of(text):
    """Text with the characters that names of files have everywhere."""
    return re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)


def new_stem():
    """Start of a file's name, like no other's: time, machine, process and a number."""
    host = file_name_of(socket.gethostname())
    return f"events.out.tfevents.{int(time.time()):010d}.{host}.{os.getpid()}.{next(_numbers)}"


class EventWriter:
    """Writer of one event file, in tensorboard's record format.

    Records are collected, and written by one call of the system once there are `max_queue` of them,
    or `flush_secs` have passed, and at the end of the process. A kill leaves the records written
    before it, at most the last one cut off, which readers skip. There is no thread, so forks are
    harmless.

    Args:
        logdir: str or path-like. Folder, made if need be.
        max_queue: int. Events that may wait.
        flush_secs: float. Seconds that they may wait.
        filename_suffix: str. End of the file's name.
        stem: str or None. Start of the file's name; None: a new one.

    Raises:
        ValueError: an address in place of a folder, or a suffix that is a path.
    """

    def __init__(self, logdir, max_queue=10, flush_secs=120.0, filename_suffix="", stem=None):
        board = tensorboard("writing an event file")
        logdir = os.fspath(logdir)
        if "://" in logdir:
            raise ValueError(
                explain("summary", "event files are written to folders of this machine",
                        received=logdir, fix="write to a folder, and copy or mount it")
            )  # fmt: skip
        if os.path.basename(filename_suffix) != filename_suffix:
            raise ValueError(
                explain("summary", "filename_suffix is part of a name", received=filename_suffix)
            )
        self.logdir = logdir
        os.makedirs(logdir, exist_ok=True)
        self.path = os.path.join(logdir, (stem or new_stem()) + filename_suffix)
        self._log = _Log(self.path, max_queue, flush_secs)
        self._end = weakref.finalize(self, self._log.close)
        source = board.SourceMetadata(writer="kerasish.summary")
        start = board.Event(
            wall_time=time.time(), file_version="brain.Event:2", source_metadata=source
        )
        self.add_event(start)
        self.flush()

    @property
    def is_closed(self):
        """Whether `close` has been called."""
        return self._log.file.closed

    def add_event(self, event):
        """Append an Event message; without a time it gets the present one."""
        if not event.wall_time:
            event.wall_time = time.time()
        self._log.add(event.SerializeToString())

    def flush(self):
        """Write what waits."""
        self._log.flush()

    def close(self):
        """Write what waits, and close the file. Closing again does nothing."""
        self._log.close()


class _Log:
    """The file, and the records that wait."""

    def __init__(self, path, max_queue, flush_secs):
        self.file = open(path, "xb", buffering=0)  # noqa: SIM115 - open until `close`
        self._max_queue, self._flush_secs = max_queue, flush_secs
        self._lock, self._process = threading.RLock(), os.getpid()
        self._waiting, self._count, self._size = io.BytesIO(), 0, 0
        self._records = tensorboard("writing an event file").RecordWriter(self._waiting)
        self._last_flush = time.monotonic()

    def add(self, data):
        with self._lock:
            if self.file.closed:
                raise ValueError(
                    explain("summary", "the writer is closed", received=self.file.name)
                )
            self._records.write(data)
            self._count += 1
            is_late = time.monotonic() - self._last_flush >= self._flush_secs
            if self._count >= self._max_queue or is_late:
                self.flush()

    def flush(self):
        with self._lock:
            if self.file.closed:
                return
            data = self._waiting.getvalue()
            try:
                written = 0
                while written < len(data):
                    written += self.file.write(data[written:])
            except OSError:
                # Half a record would hide all later ones: the file ends with the last whole one.
                self.file.truncate(self._size)
                self.file.seek(self._size)
                raise
            self._size += len(data)
            self._waiting.seek(0)
            self._waiting.truncate()
            self._count, self._last_flush = 0, time.monotonic()

    def close(self):
        with self._lock:
            if self.file.closed:
                return
            try:
                if os.getpid() == self._process:  # what waits in a fork is its parent's
                    self.flush()
            finally:
                self.file.close()
