"""JSON of files: limits on size and depth, no key twice, errors of one class."""

import pytest

from kerasish.errors import CheckpointError
from kerasish.saving import json_text
from kerasish.saving.json_text import parse_object


def test_object_is_parsed():
    assert parse_object('{"a": [1, 2.5, null, "é"]}', "x") == {"a": [1, 2.5, None, "é"]}
    assert parse_object(b"{}", "x") == {}


BAD = {
    "not JSON": "{",
    "empty": "",
    "list": "[1]",
    "number": "3",
    "duplicate key": '{"a": 1, "a": 2}',
    "inner duplicate key": '{"b": [{"a": 1, "a": 2}]}',
    "not UTF-8": b'{"a": "\xff"}',
    "deep lists": '{"a": ' + "[" * 200 + "]" * 200 + "}",
    "very deep lists": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep objects": '{"a":' * 200 + "1" + "}" * 200,
    "huge integer": '{"a": ' + "1" * 5000 + "}",
    "trailing text": "{} {}",
}


@pytest.mark.parametrize("case", BAD)
def test_bad_text_is_one_error_that_names_the_file(case):
    with pytest.raises(CheckpointError, match=r"^x\.keras \(config\.json\): ") as caught:
        parse_object(BAD[case], "x.keras (config.json)")
    assert len(str(caught.value)) < 1000


def test_long_text_is_refused_unread(monkeypatch):
    monkeypatch.setattr(json_text, "MAX_BYTES", 100)
    with pytest.raises(CheckpointError, match="too long"):
        parse_object("{" + " " * 200 + "}", "x")


def test_depth_up_to_the_limit_is_read():
    n = json_text.MAX_DEPTH - 1
    assert parse_object('{"a": ' + "[" * n + "]" * n + "}", "x")
