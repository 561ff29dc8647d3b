"""atomic_write: the new file whole, or the old one untouched, and never a temporary left over."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from kerasish.saving import atomic
from kerasish.saving.atomic import atomic_write
from tests.support import REPOSITORY


@pytest.fixture
def target(tmp_path):
    """A file with old content, alone in its folder."""
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")
    return path


def only_old_is_there(target):
    assert target.read_bytes() == b"old"
    assert [p.name for p in target.parent.iterdir()] == [target.name]


def test_new_content_replaces_old(target):
    with atomic_write(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert len(list(target.parent.iterdir())) == 1


def test_text_mode_writes_utf8_with_plain_line_ends(tmp_path):
    with atomic_write(tmp_path / "a.csv", "w") as file:
        file.write("é\n")
    assert (tmp_path / "a.csv").read_bytes() == b"\xc3\xa9\n"


def test_folder_is_made(tmp_path):
    with atomic_write(tmp_path / "new" / "inner" / "a") as file:
        file.write(b"1")
    assert (tmp_path / "new" / "inner" / "a").read_bytes() == b"1"


def test_file_can_be_read_back_while_writing(tmp_path):
    with atomic_write(tmp_path / "a") as file:
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), OSError(errno.EIO, "disk")]
)
def test_error_in_the_block_keeps_the_old_file(target, error):
    with pytest.raises(type(error)), atomic_write(target) as file:
        file.write(b"half")
        raise error
    only_old_is_there(target)


@pytest.mark.parametrize("name", ["open", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES])
def test_failing_system_call_keeps_the_old_file(target, monkeypatch, name, number):
    def fail(*args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, name, fail)
    with (
        pytest.raises(OSError, match="An older file is unchanged") as caught,
        atomic_write(target) as f,
    ):
        f.write(b"half")
    assert caught.value.errno == number
    assert str(target) in str(caught.value)
    only_old_is_there(target)


class FullDisk:
    """File object that has room for a few bytes only."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._file.close()


def test_disk_full_keeps_the_old_file(target, monkeypatch):
    real = atomic.open_temporary
    monkeypatch.setattr(atomic, "open_temporary", lambda *a: FullDisk(real(*a), 10))
    with pytest.raises(OSError, match="No space left"), atomic_write(target) as file:
        for _ in range(100):
            file.write(b"12345")
    only_old_is_there(target)


CHILD = """
import resource, sys
from kerasish.saving.atomic import atomic_write
from tests.support import REPOSITORY
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with atomic_write(sys.argv[1]) as file:
        file.write(b"x" * 100_000)
except OSError as error:
    sys.exit(f"told: {error}")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
def test_limit_of_the_system_keeps_the_old_file(target):
    """A child whose files may not grow past 4 KiB: the error comes from the kernel."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, target],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert "told:" in done.stderr and "An older file is unchanged" in done.stderr
    only_old_is_there(target)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_unwritable_folder_is_told(target):
    target.parent.chmod(0o500)
    try:
        with (
            pytest.raises(PermissionError, match="An older file is unchanged"),
            atomic_write(target),
        ):
            pass
    finally:
        target.parent.chmod(0o700)
    only_old_is_there(target)


def test_folder_that_is_a_file_is_told(target):
    with pytest.raises(OSError, match="writing"), atomic_write(target / "inner"):
        pass
    only_old_is_there(target)


def test_target_that_is_a_folder_is_told(tmp_path):
    (tmp_path / "a").mkdir()
    with (
        pytest.raises(IsADirectoryError, match="a folder has this name"),
        atomic_write(tmp_path / "a"),
    ):
        pass


def test_link_at_the_target_is_replaced_and_not_followed(tmp_path):
    victim, target = tmp_path / "victim", tmp_path / "target"
    victim.write_bytes(b"precious")
    target.symlink_to(victim)
    with atomic_write(target) as file:
        file.write(b"new")
    assert victim.read_bytes() == b"precious"
    assert target.read_bytes() == b"new" and not target.is_symlink()


def test_link_at_the_temporary_name_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    monkeypatch.setattr(atomic.os, "urandom", bytes)
    (tmp_path / f".target.{os.getpid()}-00000000.part").symlink_to(victim)
    with pytest.raises(FileExistsError), atomic_write(tmp_path / "target"):
        pass
    assert not victim.exists()


def test_permissions_follow_the_umask_then_the_old_file(tmp_path):
    path, old = tmp_path / "a", os.umask(0o027)
    try:
        with atomic_write(path) as file:
            file.write(b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        with atomic_write(path) as file:
            file.write(b"2")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(old)


def test_sync_comes_before_rename_and_the_folder_after(tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(atomic.os, name, lambda *a, n=name, r=real: (calls.append(n), r(*a))[1])
    with atomic_write(tmp_path / "a") as file:
        file.write(b"1")
    assert calls == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize("length", [1, 100, 255])
def test_any_name_that_fits_can_be_written(tmp_path, length):
    path = tmp_path / ("é" * (length // 2) + "a" * (length % 2))
    with atomic_write(path) as file:
        file.write(b"1")
    assert path.read_bytes() == b"1"


def test_unknown_mode_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unknown mode"), atomic_write(tmp_path / "a", "a"):
        pass
