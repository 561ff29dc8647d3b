"""CIFAR archives as published: pickles of Python 2 inside a tar file, read without extraction."""

import io
import pickle
import pickletools
import tarfile

import numpy as np
import pytest

from kerasish.datasets import cifar10, cifar100
from kerasish.errors import DataError

ROWS = 3


def python2_pickle(value):
    """The bytes Python 2 would have written: protocol 2, byte strings, NumPy's old module names."""
    content = pickle.dumps(value, 3)
    operations = list(pickletools.genops(content))
    ends = [position for _, _, position in operations[1:]] + [len(content)]
    parts = [b"\x80\x02"]
    for (operation, argument, start), end in list(zip(operations, ends, strict=True))[1:]:
        part = content[start:end]
        if operation.name in ("BINBYTES", "SHORT_BINBYTES", "BINUNICODE"):
            text = argument.encode() if isinstance(argument, str) else argument
            part = b"T" + len(text).to_bytes(4, "little") + text
        parts.append(part.replace(b"numpy._core", b"numpy.core"))
    return b"".join(parts)


def batch(rng, **labels):
    """One published batch of random images."""
    data = rng.integers(0, 256, (ROWS, 3072), dtype=np.uint8)
    return {b"data": data, **{name.encode(): values for name, values in labels.items()}}


def write_archive(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.fixture
def cifar10_batches(tmp_path, rng, monkeypatch):
    """Five training batches and a test batch, which cifar10.load_data reads."""
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    batches = [batch(rng, labels=[i, 9, 1]) for i in range(6)]
    members = {
        f"cifar-10-batches-py/{name}": python2_pickle(content)
        for name, content in zip(names, batches, strict=True)
    }
    path = write_archive(tmp_path / "cifar-10-python.tar.gz", members)
    monkeypatch.setattr(cifar10, "fetch", lambda file: path)
    return batches


def test_cifar10_joins_the_batches_in_order(cifar10_batches):
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    assert (x_train.shape, x_train.dtype) == ((5 * ROWS, 32, 32, 3), np.uint8)
    assert (x_test.shape, y_test.shape) == ((ROWS, 32, 32, 3), (ROWS, 1))
    assert y_train.dtype == y_test.dtype == np.uint8
    assert y_train[::ROWS, 0].tolist() == [0, 1, 2, 3, 4]
    assert y_test[:, 0].tolist() == [5, 9, 1]
    # A published row holds all red values, then all green, then all blue.
    third = cifar10_batches[2][b"data"].reshape(ROWS, 3, 32, 32)
    np.testing.assert_array_equal(x_train[2 * ROWS + 1], third[1].transpose(1, 2, 0))


@pytest.mark.parametrize(("mode", "expected"), [("fine", [7, 8, 99]), ("coarse", [1, 2, 19])])
def test_cifar100_gives_the_labels_asked_for(tmp_path, rng, monkeypatch, mode, expected):
    labels = {"fine_labels": [7, 8, 99], "coarse_labels": [1, 2, 19]}
    members = {
        f"cifar-100-python/{part}": python2_pickle(batch(rng, **labels))
        for part in ("train", "test")
    }
    path = write_archive(tmp_path / "cifar-100-python.tar.gz", members)
    monkeypatch.setattr(cifar100, "fetch", lambda file: path)
    (x_train, y_train), (_, y_test) = cifar100.load_data(mode)
    assert x_train.shape == (ROWS, 32, 32, 3)
    assert y_train[:, 0].tolist() == y_test[:, 0].tolist() == expected


@pytest.mark.parametrize("module", [cifar10, cifar100])
def test_channels_first_layout(cifar10_batches, tmp_path, rng, monkeypatch, module):
    if module is cifar100:
        content = python2_pickle(batch(rng, fine_labels=[1, 2, 3]))
        members = {f"cifar-100-python/{part}": content for part in ("train", "test")}
        path = write_archive(tmp_path / "c.tar.gz", members)
        monkeypatch.setattr(cifar100, "fetch", lambda file: path)
    (x_last, _), _ = module.load_data()
    monkeypatch.setattr("kerasish.config.image_data_format", lambda: "channels_first")
    (x_first, _), (x_test, _) = module.load_data()
    assert x_first.shape[1:] == x_test.shape[1:] == (3, 32, 32)
    np.testing.assert_array_equal(x_first.transpose(0, 2, 3, 1), x_last)


def test_batch_that_runs_code_is_refused(tmp_path, monkeypatch):
    evil = b"cos\nsystem\n(S'exit 1'\ntR."
    path = write_archive(
        tmp_path / "c.tar.gz", {f"cifar-10-batches-py/data_batch_{i}": evil for i in range(1, 6)}
    )
    monkeypatch.setattr(cifar10, "fetch", lambda file: path)
    with pytest.raises(DataError, match=r"os\.system, which no data file needs"):
        cifar10.load_data()
