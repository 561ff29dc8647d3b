"""get_file: a download that is checked, kept in a cache, and unpacked without harm."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import urllib.parse
import urllib.request
import warnings
import zipfile
from pathlib import Path, PurePosixPath

from kerasish.errors import DataError, explain
from kerasish.saving.atomic import atomic_write

_BLOCK_BYTES, _TIMEOUT_SECONDS = 1 << 20, 30
_MOST_UNPACKED = 1 << 40  # bytes: an archive that claims more is not unpacked


def get_file(fname=None, origin=None, untar=False, md5_hash=None, file_hash=None,
             cache_subdir="datasets", hash_algorithm="auto", extract=False,
             archive_format="auto", cache_dir=None, force_download=False):  # fmt: skip
    """Download a file once, check its digest, and unpack it if asked to.

    A file that is there already is used if its digest is right. Members of archives that would be
    written outside the folder, links and devices are refused.

    Args:
        fname: str. Name in the cache; the last part of `origin` when None.
        origin: str. URL (http, https or file).
        untar: bool. Older name of `extract`.
        md5_hash: str. Older name of `file_hash`, for MD5.
        file_hash: str. Hexadecimal digest of the file, sha256 or MD5.
        cache_subdir: str. Folder inside the cache.
        hash_algorithm: "auto" (by the digest's length), "sha256" or "md5".
        extract: bool. Unpack a zip or tar archive beside it.
        archive_format: "auto", "tar", "zip", None, or a list of them.
        cache_dir: str or path. KERASISH_HOME, else ~/.kerasish, when None.
        force_download: bool. Download even if the file is there.

    Returns:
        str: path of the file, or of the folder that it was unpacked to.

    Raises:
        ValueError: no origin, or another kind of URL.
        DataError: the file cannot be had, has another digest, or is not safe to unpack.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source = pathlib.Path(folder) / "a.txt"
        ...     _ = source.write_text("text")
        ...     path = get_file("b.txt", source.as_uri(), cache_dir=folder)
        ...     pathlib.Path(path).read_text()
        'text'

    Source: Keras 3 names and defaults.
    """
    if origin is None:
        raise ValueError(explain("get_file", "origin, the URL, is missing"))
    if urllib.parse.urlsplit(origin).scheme not in ("http", "https", "file"):
        raise ValueError(explain("get_file", "unknown kind of URL", received=origin,
                                 expected="http, https or file"))  # fmt: skip
    name = fname or PurePosixPath(urllib.parse.urlsplit(origin).path).name
    if not name or Path(name).name != name:
        raise ValueError(explain("get_file", "fname must be a file name", received=name))
    digest, algorithm = _wanted_digest(file_hash, md5_hash, hash_algorithm)
    root = Path(cache_dir or os.environ.get("KERASISH_HOME") or Path.home() / ".kerasish")
    folder = root.expanduser() / cache_subdir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if path.exists() and not force_download and digest and _digest(path, algorithm) != digest:
        warnings.warn(f"{path} has another digest: it is downloaded again", stacklevel=2)
        force_download = True
    if force_download or not path.exists():
        _download(origin, path, digest, algorithm)
    if not (extract or untar):
        return str(path)
    return str(_unpacked(path, folder, archive_format, force_download))


def _wanted_digest(file_hash, md5_hash, algorithm):
    digest = file_hash or md5_hash
    if algorithm == "auto":
        is_md5 = (digest and len(digest) == 32) or (md5_hash and not file_hash)
        algorithm = "md5" if is_md5 else "sha256"
    if algorithm not in ("sha256", "md5"):
        raise ValueError(explain("get_file", "unknown hash_algorithm", received=algorithm,
                                 expected='"auto", "sha256" or "md5"'))  # fmt: skip
    return digest, algorithm


def _digest(path, algorithm):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _download(origin, path, digest, algorithm):
    """Write to a temporary neighbour, check the digest, then give the file its name."""
    found = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    request = urllib.request.Request(origin, headers={"User-Agent": "kerasish"})
    try:
        with (
            urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as reply,
            atomic_write(path) as target,
        ):
            while block := reply.read(_BLOCK_BYTES):
                target.write(block)
                found.update(block)
            if digest and found.hexdigest() != digest:
                raise DataError(
                    explain(
                        origin,
                        f"the file has another {algorithm} digest; nothing was kept",
                        received=f" {found.hexdigest()}",
                        expected=digest,
                    )
                )
    except OSError as error:
        raise DataError(
            explain(path.name, f"it could not be downloaded from {origin} ({error})")
        ) from error


def _unpacked(path, folder, archive_format, force):
    """The folder that an archive is unpacked to: a neighbour of its name."""
    target = folder / path.name.split(".")[0] if "." in path.name else folder / f"{path.name}_files"
    if target.exists() and not force:
        return target
    formats = ["tar", "zip"] if archive_format == "auto" else archive_format or []
    formats = [formats] if isinstance(formats, str) else formats
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        if "tar" in formats and tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                _unpack_tar(archive, scratch)
        elif "zip" in formats and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _unpack_zip(archive, scratch)
        else:
            raise DataError(
                explain(str(path), "it is no archive of these formats", received=formats)
            )
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(scratch, target)
    return target


def _unpack_tar(archive, folder):
    total = 0
    for member in archive.getmembers():
        _check_member(member.name, member.isfile() or member.isdir())
        total += member.size
    _check_size(total)
    options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4
    archive.extractall(folder, **options)


def _unpack_zip(archive, folder):
    for info in archive.infolist():
        _check_member(
            info.filename, (info.external_attr >> 16) & 0o170000 in (0, 0o040000, 0o100000)
        )
    _check_size(sum(info.file_size for info in archive.infolist()))
    archive.extractall(folder)


def _check_member(name, is_plain):
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or not is_plain:
        raise DataError(
            explain("get_file", "the archive has an unsafe member; nothing was unpacked",
                    received=name)
        )  # fmt: skip


def _check_size(total):
    if total > _MOST_UNPACKED:
        raise DataError(explain("get_file", "the archive is too large to unpack", received=total))
