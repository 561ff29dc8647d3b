"""Where data files are looked for, what a download checks, and what the errors say."""

import hashlib
import io
import urllib.error

import pytest

from kerasish.datasets import fetch as fetching
from kerasish.datasets.fetch import fetch, locate
from kerasish.datasets.files import DataFile, StandIn
from kerasish.errors import DataError

CONTENT = b"published content"
STAND_IN = b"another content"
FILE = DataFile(
    "numbers.bin",
    "https://data.invalid/",
    hashlib.sha256(CONTENT).hexdigest(),
    len(CONTENT),
    (StandIn(hashlib.sha256(STAND_IN).hexdigest(), "a part of it", "part.bin"),),
    folder="things",
)
MD5_FILE = DataFile(
    "words.json",
    "https://data.invalid/",
    hashlib.md5(CONTENT).hexdigest(),
    len(CONTENT),
    (StandIn(hashlib.sha256(STAND_IN).hexdigest()),),
)


class Reply(io.BytesIO):
    """A server's answer."""

    def __init__(self, content, length=None):
        super().__init__(content)
        self.headers = {} if length is None else {"Content-Length": str(length)}


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """A local folder and a cache, both empty, and no network; gives (local, cache)."""
    local = tmp_path / "local"
    local.mkdir()
    monkeypatch.setenv("KERASISH_DATA_DIR", str(local))
    monkeypatch.setenv("KERASISH_HOME", str(tmp_path / "home"))
    serve(monkeypatch, urllib.error.URLError("no route to host"))
    return local, tmp_path / "home" / "datasets"


def serve(monkeypatch, reply):
    """Let every download be answered by `reply`, or fail with it; gives the list of URLs asked."""
    asked = []

    def open_url(request, timeout):
        asked.append(request.full_url)
        if isinstance(reply, Exception):
            raise reply
        return reply

    monkeypatch.setattr(fetching.urllib.request, "urlopen", open_url)
    return asked


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_fetch_prefers_the_local_folder_to_the_cache(folders):
    local, cache = folders
    cached = put(cache / "things" / "numbers.bin", CONTENT)
    assert fetch(FILE) == cached
    named = put(local / "numbers.bin", CONTENT)
    assert fetch(FILE) == named == locate(FILE)


def test_fetch_looks_into_the_files_own_subfolder_of_the_local_folder(folders):
    local, _ = folders
    path = put(local / "things" / "numbers.bin", CONTENT)
    assert fetch(FILE) == path


def test_fetch_works_without_a_local_folder(folders, monkeypatch):
    _, cache = folders
    monkeypatch.delenv("KERASISH_DATA_DIR")
    path = put(cache / "things" / "numbers.bin", CONTENT)
    assert fetch(FILE) == path


def test_fetch_takes_a_stand_in_and_says_so(folders):
    local, _ = folders
    path = put(local / "part.bin", STAND_IN)
    with pytest.warns(UserWarning, match=r"part\.bin is a part of it"):
        assert fetch(FILE) == path


def test_fetch_checks_an_md5_where_only_that_is_published(folders):
    local, _ = folders
    path = put(local / "words.json", CONTENT)
    assert fetch(MD5_FILE) == path
    path.write_bytes(STAND_IN)
    assert fetch(MD5_FILE) == path
    path.write_bytes(b"neither")
    with pytest.raises(DataError, match="MD5 digest differs"):
        fetch(MD5_FILE)


@pytest.mark.parametrize("place", ["local", "cache"])
def test_fetch_refuses_an_unknown_digest_and_names_both(folders, place):
    local, cache = folders
    folder = local if place == "local" else cache / "things"
    path = put(folder / "numbers.bin", b"tampered")
    with pytest.raises(DataError) as caught:
        fetch(FILE)
    text = str(caught.value)
    assert str(path) in text
    assert hashlib.sha256(b"tampered").hexdigest() in text
    assert FILE.digest in text
    assert path.read_bytes() == b"tampered"


def test_fetch_downloads_once_with_progress(folders, monkeypatch, capsys):
    _, cache = folders
    asked = serve(monkeypatch, Reply(CONTENT, len(CONTENT)))
    first, second = fetch(FILE), fetch(FILE)
    assert first == second == cache / "things" / "numbers.bin"
    assert first.read_bytes() == CONTENT
    assert asked == ["https://data.invalid/numbers.bin"]
    assert "numbers.bin: 100%" in capsys.readouterr().err


def test_fetch_keeps_a_file_under_the_name_asked_for(folders, monkeypatch):
    _, cache = folders
    asked = serve(monkeypatch, Reply(CONTENT))
    assert fetch(FILE, "mine.bin") == cache / "things" / "mine.bin"
    assert asked == ["https://data.invalid/numbers.bin"]


@pytest.mark.parametrize(
    "content", [CONTENT[:-1], b"", CONTENT * 1000], ids=["cut", "empty", "endless"]
)
def test_download_of_wrong_content_leaves_nothing_behind(folders, monkeypatch, content):
    _, cache = folders
    serve(monkeypatch, Reply(content))
    with pytest.raises(DataError, match="sha256 digest differs.*nothing was kept"):
        fetch(FILE)
    assert list((cache / "things").iterdir()) == []


def test_download_that_breaks_off_leaves_nothing_behind(folders, monkeypatch):
    _, cache = folders

    class Broken(Reply):
        def read(self, size=-1):
            raise ConnectionResetError("peer went away")

    serve(monkeypatch, Broken(b""))
    with pytest.raises(DataError, match="peer went away"):
        fetch(FILE)
    assert list((cache / "things").iterdir()) == []


def test_fetch_without_network_says_what_to_set(folders):
    with pytest.raises(DataError) as caught:
        fetch(FILE)
    text = str(caught.value)
    assert "no route to host" in text
    assert "set KERASISH_DATA_DIR to a folder that holds numbers.bin" in text
    assert str(folders[1] / "things" / "numbers.bin") in text


def test_a_local_folder_that_does_not_exist_is_an_error(folders, monkeypatch):
    monkeypatch.setenv("KERASISH_DATA_DIR", str(folders[0] / "nowhere"))
    with pytest.raises(DataError, match="KERASISH_DATA_DIR: the folder does not exist"):
        fetch(FILE)
