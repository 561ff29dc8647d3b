"""The child process of `isolated`: an HDF5 file comes from stdin, what it holds goes to stdout."""

import io
import json
import os
import sys

import h5py
import numpy

from kerasish.errors import CheckpointError
from kerasish.saving.hdf5_content import Listing

try:
    import resource
except ImportError:  # Windows has no limits
    resource = None

_MEMORY = 2**30  # bytes beside those that depend on the file


def main():
    """Parse within limits; the answer is written in any case that Python can handle."""
    where, seconds = sys.argv[2], int(sys.argv[3])
    with os.fdopen(0, "rb") as file:
        content = file.read()
    output = os.fdopen(1, "wb")
    warm_up()
    restrict(len(content), seconds)
    for part in answer(content, where):
        output.write(part)
    output.flush()
    os._exit(0)  # HDF5 closes nothing of a damaged file


def warm_up():
    """Let Python and h5py import what they import late, while files can still be opened."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.attrs["name"], file.attrs["layer_names"] = "a", [b"a", b"b"]
        file.create_dataset("a/b", data=numpy.zeros((4, 4)), compression="gzip", shuffle=True)
        file["a/c"], file["a/d"] = numpy.array([b"text"]), numpy.zeros(2, "V2")  # bfloat16
    for part in answer(memory.getvalue(), "warm-up"):
        part[:0].decode("ascii")


def restrict(size, seconds):
    """Give up what parsing does not need: memory, time, new files, processes.

    Args:
        size: int. Bytes of the file.
        seconds: int. Processor time.
    """
    if resource is None:
        return
    # What HDF5, its copy of the file, and the arrays may take: see the limits of `Listing`.
    memory = _MEMORY + 2**28 + 44 * size
    for name, limit in [
        ("RLIMIT_AS", _in_use() + memory),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_NOFILE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_CORE", 0),
    ]:
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))


def _in_use():
    """Bytes of address space that this process has."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**30


def answer(content, where):
    """Parts of the answer: length of the index, the index as JSON, and the values in its order."""
    try:
        listing = Listing(content, where)
        found = listing.content
        values = [listing.read(path) for path, (_, dtype) in found.datasets.items() if dtype]
    except (CheckpointError, MemoryError, RecursionError) as error:
        kind = type(error).__name__
        text = str(error) if isinstance(error, CheckpointError) else f"{where}: {kind}"
        index, values = {"error": text, "kind": kind}, []
    else:
        datasets = [[path, shape, dtype] for path, (shape, dtype) in found.datasets.items()]
        index = {"groups": found.groups, "datasets": datasets}
    text = json.dumps(index).encode("utf-8", "surrogatepass")
    yield len(text).to_bytes(8, "little")
    yield text
    for array in values:
        yield array.tobytes()
