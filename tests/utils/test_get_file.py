"""get_file: digests are checked, files kept, archives unpacked without harm."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from kerasish.errors import DataError
from kerasish.utils import get_file

CONTENT = b"some content"
SHA, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def origin(tmp_path):
    path = tmp_path / "server" / "a.txt"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def test_file_is_fetched_once(origin, tmp_path):
    path = get_file(origin=origin.as_uri(), cache_dir=tmp_path, cache_subdir="models")
    assert path == str(tmp_path / "models" / "a.txt")
    origin.write_bytes(b"other")
    get_file(origin=origin.as_uri(), cache_dir=tmp_path, cache_subdir="models")
    assert Path(path).read_bytes() == CONTENT
    get_file(origin=origin.as_uri(), cache_dir=tmp_path, cache_subdir="models", force_download=True)
    assert Path(path).read_bytes() == b"other"


@pytest.mark.parametrize("digest", [{"file_hash": SHA}, {"file_hash": MD5}, {"md5_hash": MD5}])
def test_digest_is_checked(origin, tmp_path, digest):
    path = get_file("b.txt", origin.as_uri(), cache_dir=tmp_path, **digest)
    Path(path).write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="another digest"):
        get_file("b.txt", origin.as_uri(), cache_dir=tmp_path, **digest)
    assert Path(path).read_bytes() == CONTENT
    origin.write_bytes(b"changed at the server")
    with pytest.raises(DataError, match="another (sha256|md5) digest; nothing was kept"):
        get_file("c.txt", origin.as_uri(), cache_dir=tmp_path, **digest)
    assert not (tmp_path / "datasets" / "c.txt").exists()


def test_home_is_the_cache(origin, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASISH_HOME", str(tmp_path / "home"))
    assert get_file(origin=origin.as_uri()) == str(tmp_path / "home" / "datasets" / "a.txt")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({}, "origin, the URL, is missing"),
        ({"origin": "ftp://host/a"}, "unknown kind of URL"),
        ({"origin": "file:///a", "fname": "../a"}, "fname must be a file name"),
        ({"origin": "file:///a", "hash_algorithm": "crc"}, "unknown hash_algorithm"),
    ],
)
def test_mistakes_are_explained(arguments, match, tmp_path):
    with pytest.raises(ValueError, match=match):
        get_file(cache_dir=tmp_path, **arguments)


def test_what_cannot_be_had_is_explained(tmp_path):
    with pytest.raises(DataError, match="could not be downloaded"):
        get_file(origin=(tmp_path / "nothing.txt").as_uri(), cache_dir=tmp_path)


def make_zip(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, CONTENT)


def make_tar(path, names, kind=tarfile.REGTYPE):
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(CONTENT), kind, "/etc/passwd"
            archive.addfile(member, io.BytesIO(CONTENT))


@pytest.mark.parametrize(("make", "ending"), [(make_zip, "zip"), (make_tar, "tar.gz")])
def test_archives_are_unpacked(make, ending, tmp_path):
    source = tmp_path / f"pack.{ending}"
    make(source, ["inner/a.txt", "b.txt"])
    folder = tmp_path / "datasets" / "pack"
    assert get_file(origin=source.as_uri(), cache_dir=tmp_path, extract=True) == str(folder)
    assert (folder / "inner" / "a.txt").read_bytes() == CONTENT
    assert get_file(origin=source.as_uri(), cache_dir=tmp_path, untar=True) == str(folder)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:/evil"])
@pytest.mark.parametrize(("make", "ending"), [(make_zip, "zip"), (make_tar, "tar.gz")])
def test_members_outside_are_refused(make, ending, name, tmp_path):
    source = tmp_path / f"pack.{ending}"
    make(source, ["fine.txt", name])
    with pytest.raises(DataError, match="unsafe member; nothing was unpacked"):
        get_file(origin=source.as_uri(), cache_dir=tmp_path, extract=True)
    assert not (tmp_path / "datasets" / "pack").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind, tmp_path):
    source = tmp_path / "pack.tar.gz"
    make_tar(source, ["link"], kind)
    with pytest.raises(DataError, match="unsafe member"):
        get_file(origin=source.as_uri(), cache_dir=tmp_path, extract=True)


def test_what_is_no_archive_is_told(origin, tmp_path):
    with pytest.raises(DataError, match="no archive"):
        get_file(origin=origin.as_uri(), cache_dir=tmp_path, extract=True)
