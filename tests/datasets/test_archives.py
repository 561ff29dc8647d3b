"""Pickles inside data files: arrays and plain containers are rebuilt, everything else refused."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from kerasish.datasets.archives import read_npz, unpickle
from kerasish.errors import DataError


class Calls:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def write_npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_read_npz_gives_what_numpy_wrote(tmp_path):
    lists = np.empty(3, dtype=object)
    lists[:] = [[1, 2], [], [3, 70000, -1]]
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    arrays = read_npz(write_npz(tmp_path / "a.npz", lists=lists, numbers=numbers))
    assert arrays["lists"].tolist() == lists.tolist()
    np.testing.assert_array_equal(arrays["numbers"], numbers)


@pytest.mark.parametrize("protocol", (3, 4))
def test_unpickle_reads_the_protocols_of_array_files(protocol):
    value = {"data": np.arange(4, dtype=np.uint8), "labels": [1, 2], "name": "x"}
    result = unpickle(io.BytesIO(pickle.dumps(value, protocol)), "file")
    assert result["labels"] == [1, 2]
    np.testing.assert_array_equal(result["data"], value["data"])


@pytest.mark.parametrize(
    "evil",
    [
        lambda path: Calls(os.system, f"touch {path}"),
        lambda path: Calls(eval, f"open({str(path)!r}, 'w')"),
        lambda path: Calls(open, str(path), "w"),
        lambda path: Calls(np.save, str(path), 1),
        lambda path: Calls(getattr, "name", "lower"),
        lambda path: Calls(np.ndarray, (1 << 40,)),
        lambda path: Calls(np.frombuffer, b"abc"),
    ],
    ids=["system", "eval", "open", "numpy-save", "getattr", "huge-array", "frombuffer"],
)
def test_malicious_pickle_is_refused_and_never_run(tmp_path, evil):
    target = tmp_path / "harm.npy"
    array = np.empty(2, dtype=object)
    array[0], array[1] = evil(target), [1]
    with pytest.raises(DataError, match="damaged or unsafe"):
        read_npz(write_npz(tmp_path / "evil.npz", x=array))
    assert not target.exists()


def test_reconstruct_with_a_size_of_its_own_is_refused():
    reconstruct = np.empty(0, dtype=object).__reduce__()[0]
    content = pickle.dumps(Calls(reconstruct, np.ndarray, (1 << 40,), b"b"))
    with pytest.raises(DataError, match="not written as NumPy does"):
        unpickle(io.BytesIO(content), "file")


def test_pickle_that_is_not_the_announced_array_is_refused(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"shape": (5,), "fortran_order": False, "descr": "|O"}
    )
    stream.write(pickle.dumps([1, 2]))
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(DataError, match="does not hold the array that its header announces"):
        read_npz(tmp_path / "odd.npz")


def test_cut_pickle_is_refused():
    with pytest.raises(DataError, match="damaged"):
        unpickle(io.BytesIO(pickle.dumps([1, 2, 3])[:-3]), "file")
