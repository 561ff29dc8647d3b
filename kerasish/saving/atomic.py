"""Files that appear whole or not at all: temporary neighbour, fsync, rename, fsync of folder."""

import contextlib
import errno
import os
import stat
from pathlib import Path

from kerasish.errors import explain

_SUFFIX = ".part"
_NAME_LENGTH = 48  # characters of the name kept in the temporary's: four bytes each must fit in 255


@contextlib.contextmanager
def atomic_write(path, mode="wb"):
    """Open a temporary neighbour of `path` that takes its name when the block ends without error.

    Until then, and after any failure, the old file is untouched; the temporary is removed. The
    folder is made when it is absent.

    Args:
        path: str or path-like. The file to write; a symbolic link there is replaced, not followed.
        mode: "wb" (the file can be read and seeked, too), or "w" for UTF-8 text.

    Returns:
        Context manager that gives the open file.

    Raises:
        OSError: anything that kept the file from being written, with the reason in the text; of
            the class that fits the reason (PermissionError, IsADirectoryError, ...).

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_write(pathlib.Path(folder, "a.txt"), "w") as file:
        ...         count = file.write("whole")
        ...     pathlib.Path(folder, "a.txt").read_text()
        'whole'
    """
    if mode not in ("wb", "w"):
        raise ValueError(explain("atomic_write", "unknown mode", received=mode, expected="wb or w"))
    path = Path(path)
    try:
        with _replaced_when_done(path, mode) as file:
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        text = explain(
            f"writing {str(path)!r}",
            f"failed: {reason}. An older file is unchanged",
            fix="check free space, and the rights to write in the folder",
        )
        raise OSError(error.errno or errno.EIO, text) from error


@contextlib.contextmanager
def _replaced_when_done(path, mode):
    path.parent.mkdir(parents=True, exist_ok=True)
    old_mode = _mode_of(path)
    temporary = path.with_name(
        f".{path.name[:_NAME_LENGTH]}.{os.getpid()}-{os.urandom(4).hex()}{_SUFFIX}"
    )
    file = open_temporary(temporary, mode)
    try:
        with file:
            yield file
            file.flush()
            if old_mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), old_mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def open_temporary(path, mode):
    """Open a file that must not exist yet, never through a link; the umask decides who may read."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # each is absent on some system
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, 0o666)
    if mode == "w":
        return open(descriptor, "w", encoding="utf-8", newline="\n")
    return open(descriptor, "w+b")


def _mode_of(path):
    """Permission bits of the file to be replaced, which its successor keeps; None without one."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder has this name")
    return stat.S_IMODE(found.st_mode) if stat.S_ISREG(found.st_mode) else None


def sync_folder(folder):
    """Make the rename itself durable; Windows cannot open a folder, and needs not."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
