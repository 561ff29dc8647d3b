"""A lock on a directory that ends with the process which holds it, however that one ends."""

import os

from kerasish.errors import explain

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None

_NAME = ".lock"


class DirectoryLock:
    """The right to write to a directory; one process has it at a time.

    Args:
        directory: Path of an existing folder (when `acquire` is called).
    """

    def __init__(self, directory):
        self._directory, self._descriptor = directory, None

    @property
    def is_held(self):
        return self._descriptor is not None

    def acquire(self):
        """Take the lock.

        Raises:
            BlockingIOError: another process, or another object here, has it.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self._directory / _NAME, flags, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise BlockingIOError(
                error.errno,
                explain(
                    str(self._directory),
                    "another run is writing to this directory",
                    fix="give every run a directory of its own, or end the other one",
                ),
            ) from error
        self._descriptor = descriptor

    def release(self, remove=False):
        """Give the lock back, and remove its file when told to; nothing when it is not held."""
        if self._descriptor is not None:
            if remove:
                os.unlink(self._directory / _NAME)
            os.close(self._descriptor)
            self._descriptor = None
