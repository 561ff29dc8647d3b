"""Finds a data file: a local folder first, then the cache, then one checked download."""

import contextlib
import hashlib
import http.client
import os
import urllib.request
import warnings
from pathlib import Path

from tqdm import tqdm

from kerasish.errors import DataError, explain
from kerasish.saving.atomic import atomic_write

FOLDER_VARIABLE = "KERASISH_DATA_DIR"
HOME_VARIABLE = "KERASISH_HOME"
_BLOCK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 30


def local_folder():
    """Return the folder that KERASISH_DATA_DIR names, or None where the variable is unset."""
    named = os.environ.get(FOLDER_VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise DataError(
            explain(
                FOLDER_VARIABLE,
                "the folder does not exist",
                received=named,
                fix="point the variable at the folder that holds the data files, or unset it",
            )
        )
    return folder


def cache_folder():
    """Return the folder that downloads go to: KERASISH_HOME/datasets, ~/.kerasish/datasets."""
    home = os.environ.get(HOME_VARIABLE) or Path.home() / ".kerasish"
    return Path(home).expanduser() / "datasets"


def locate(file, name=None):
    """Return the path at which a data file lies already, unchecked, or None.

    Args:
        file: DataFile.
        name: str or None. File name to look for instead of the published one.
    """
    name = name or file.name
    folder = local_folder()
    if folder is not None:
        names = [name, *(stand_in.name for stand_in in file.stand_ins if stand_in.name)]
        candidates = [
            folder / place / n for n in names for place in dict.fromkeys(("", file.folder))
        ]
    else:
        candidates = []
    candidates.append(cache_folder() / file.folder / name)
    return next((path for path in candidates if path.is_file()), None)


def fetch(file, name=None):
    """Return the path of a data file whose digest is right, downloading it if it lies nowhere yet.

    Looked for in this order: the folder named by KERASISH_DATA_DIR; the cache, KERASISH_HOME
    (default ~/.kerasish) plus "datasets"; the network, once, into the cache.

    Args:
        file: DataFile.
        name: str or None. File name in the cache, when it should differ from the published one.

    Returns:
        Path.

    Raises:
        DataError: the file has an unknown digest, or lies nowhere and cannot be downloaded.
    """
    path = locate(file, name)
    if path is None:
        return _download(file, cache_folder() / file.folder / (name or file.name))
    found = digest_of(path, len(file.digest))
    if found == file.digest:
        return path
    sha256 = found if len(file.digest) == 64 else digest_of(path, 64)
    for stand_in in file.stand_ins:
        if sha256 == stand_in.digest:
            if stand_in.note:
                warnings.warn(f"{path} is {stand_in.note}", UserWarning, stacklevel=3)
            return path
    raise _wrong_digest(file, path, found, "delete or replace the file; it is not used")


def digest_of(path, length):
    """Hexadecimal digest of a file: sha256, or MD5 where the published digest is one."""
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, _new_hash(length).name).hexdigest()


def _new_hash(length):
    # Keras publishes only an MD5 for its two word lists, which are JSON and can do no harm.
    return hashlib.sha256() if length == 64 else hashlib.md5(usedforsecurity=False)


def _wrong_digest(file, where, found, fix):
    kind = "sha256" if len(file.digest) == 64 else "MD5"
    return DataError(
        explain(
            str(where),
            f"the file is not the published {file.name}, its {kind} digest differs",
            received=f" {found}",
            expected=file.digest,
            fix=fix,
        )
    )


def _download(file, path):
    """Download to a temporary neighbour, check the digest, then give the file its name."""
    digest = _new_hash(len(file.digest))
    num_bytes = 0
    with (
        contextlib.closing(_blocks(file, path)) as blocks,
        atomic_write(path) as target,
        tqdm(total=file.size, unit="B", unit_scale=True, desc=path.name) as progress,
    ):
        for block in blocks:
            target.write(block)
            digest.update(block)
            num_bytes += len(block)
            progress.update(len(block))
            if num_bytes > 2 * file.size:  # a server that never stops must not fill the disk
                break
        if digest.hexdigest() != file.digest:
            raise _wrong_digest(
                file,
                file.url,
                f"{digest.hexdigest()} ({num_bytes} bytes)",
                "try again later; nothing was kept",
            )
    return path


def _blocks(file, path):
    """The bytes that the file's origin sends, a block at a time."""
    request = urllib.request.Request(file.url, headers={"User-Agent": "kerasish"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:
            while block := reply.read(_BLOCK_BYTES):
                yield block
    except (OSError, http.client.HTTPException) as error:  # no network, refusal, broken connection
        raise DataError(
            explain(
                file.name,
                f"it is not at hand and could not be downloaded from {file.url} ({error})",
                fix=f"set {FOLDER_VARIABLE} to a folder that holds {file.name}, "
                f"or put the file at {path}",
            )
        ) from error
