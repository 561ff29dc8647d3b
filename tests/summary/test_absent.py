"""Without the package tensorboard the error says what to install, and nothing else is lost."""

import sys

import pytest

from kerasish import callbacks, summary
from kerasish.summary import door


@pytest.fixture
def absent(monkeypatch):
    door._load.cache_clear()
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    yield
    door._load.cache_clear()


@pytest.mark.parametrize(
    "call",
    [
        lambda folder: summary.create_file_writer(folder),
        lambda folder: summary.FileWriter(folder),
        lambda folder: summary.scalar_proto("a", 1.0),
        lambda folder: list(summary.read_events(folder)),
        lambda folder: callbacks.TensorBoard(folder),
    ],
)
def test_the_error_says_what_to_install(call, absent, tmp_path):
    with pytest.raises(ImportError, match=r"pip install 'kerasish\[tensorboard\]'"):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_summaries_without_a_writer_need_nothing(absent):
    assert summary.scalar("a", 1.0, step=1) is False
