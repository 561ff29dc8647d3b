"""Writes a file whole or not at all: temporary name in the same folder, fsync, rename."""

import contextlib
import os
import secrets
from pathlib import Path


@contextlib.contextmanager
def atomic_file(path, mode="wb"):
    """Open a temporary neighbour of `path` that takes its name once the block ends without error.

    Args:
        path: str or Path. The file to write; its folder is made when it is absent.
        mode: "wb" or "w" (UTF-8, "\\n" line ends).

    Returns:
        A context manager that gives the open file.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_file(pathlib.Path(folder, "a.txt"), "w") as file:
        ...         count = file.write("whole")
        ...     pathlib.Path(folder, "a.txt").read_text()
        'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    # Not `tempfile`: its files are readable by their owner only, and the rename would keep that.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with open(temporary, mode.replace("w", "x"), **text) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder):
    """Make the rename itself durable; Windows has no way to open a folder, and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
