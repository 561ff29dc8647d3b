"""Files of strangers: HDF5's own code parses them in a child process with narrow limits.

A file without our seal may be made to crash, or take over, the HDF5 library (users of it have found
dozens of such faults). The child may use so much time and memory, open no file, start no process;
what it found comes back as a JSON text and plain arrays, checked again here.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile

import numpy

from kerasish import errors
from kerasish.arrays import dtypes
from kerasish.errors import CorruptFileError, explain
from kerasish.saving.hdf5_content import Content

_SECONDS, _BYTES_PER_SECOND = 20, 20_000_000
_MOST_INDEX_BYTES = 2**27
_PROGRAM = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from kerasish.saving import isolated_child; isolated_child.main()"
)


class ParsedFile:
    """What a child process read from an HDF5 file: same use as a `hdf5_content.Listing`.

    Args:
        content: bytes-like, the whole file.
        where: str. What to call the file in errors.

    Raises:
        CheckpointError: not an HDF5 file, damaged, refused, or the child came to its limits.
    """

    def __init__(self, content, where):
        self.where = where
        answer = _answer_of_child(content, where)
        try:
            self._take(answer)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, errors.CheckpointError):
                raise
            raise _corrupt(where, "the parsing process gave a strange answer") from error

    def _take(self, answer):
        length = int.from_bytes(answer[:8], "little")
        if length > _MOST_INDEX_BYTES:
            raise _corrupt(self.where, "its list of contents is too long")
        index = json.loads(bytes(answer[8 : 8 + length]).decode("utf-8", "surrogatepass"))
        if "error" in index:
            kind = {"UnsafeFileError": errors.UnsafeFileError}.get(index["kind"], CorruptFileError)
            raise kind(str(index["error"])[:2000])
        data = memoryview(answer)[8 + length :]
        self._arrays, datasets, offset = {}, {}, 0
        for path, shape, dtype in index["datasets"]:
            shape = tuple(int(n) for n in shape)
            datasets[path] = shape, dtype
            if dtype is not None:
                kind = dtypes.to_numpy(dtype)
                count = int(numpy.prod(shape, dtype=object))
                array = numpy.frombuffer(data, kind, count, offset) if count else []
                self._arrays[path] = numpy.array(array, kind).reshape(shape)
                offset += count * kind.itemsize
        self.content = Content(dict(index["groups"]), datasets)

    def read(self, path):
        """Values of a data set of numbers."""
        return self._arrays[path]

    def close(self):
        """Nothing is open."""


def _answer_of_child(content, where):
    limit = _SECONDS + len(content) // _BYTES_PER_SECOND
    # Files without a name: pipes would have to be fed and drained at once.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, json.dumps(sys.path), where, str(limit)],
            stdin=given,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),
            env={k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "LD_LIBRARY_PATH")},
        )
        try:
            status = child.wait(limit + 10)
        except BaseException as error:
            child.kill()
            child.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise _corrupt(where, f"parsing it took more than {limit} seconds") from error
            raise
        if status != 0:
            raise _corrupt(where, f"the process that parsed it ended with {_named(status)}")
        answer.seek(0)
        return answer.read()


def _corrupt(where, problem):
    return CorruptFileError(
        explain(where, f"refused: {problem}", fix="take another copy, from a source you trust")
    )


def _named(status):
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"status {status}"
