"""Error texts: the four parts, quoting of user data, nearest names; one base for the types."""

import numpy as np
import pytest

import kerasish
from kerasish import errors
from kerasish.errors import explain, nearest, quote


def test_the_four_parts():
    assert explain("here", "wrong") == "here: wrong."
    assert explain("", "wrong") == "wrong."
    assert explain("here", "wrong", received=3, expected="2", fix="do so") == (
        "here: wrong. Received: 3 (int). Expected: 2. Fix: do so"
    )
    assert explain("here", "wrong", received=None) == "here: wrong. Received: None."
    assert explain("here", "wrong", received=" (2, 3) as it is") == (
        "here: wrong. Received: (2, 3) as it is."
    )


QUOTED = [
    ("a", "'a'"),
    (True, "True"),
    (None, "None"),
    (2.5, "2.5 (float)"),
    ([1, 2], "[1, 2]"),
    ({"a": 1}, "{'a': 1}"),
    (np.ones((2, 3), np.int8), "ndarray of shape (2, 3) and dtype int8"),
    (kerasish.TensorSpec((None,)), "TensorSpec of shape (None,) and dtype float32"),
    (np.float32, "<class 'numpy.float32'> (type)"),
]


@pytest.mark.parametrize("value,text", QUOTED, ids=str)
def test_quoting(value, text):
    assert quote(value) == text


def test_long_values_are_cut():
    for value in ("x" * 1000, list(range(1000)), {i: i for i in range(1000)}, "\n" * 1000):
        text = quote(value)
        assert len(text) == 200 and text.endswith("...") and "\n" not in text


def test_nearest():
    assert nearest("adm", ["adam", "sgd"]) == "did you mean 'adam'?"
    assert nearest("xyz", ["sgd", "adam"]) == "choose one of: adam, sgd"
    many = nearest("xyz", [f"name{i:03}" for i in range(100)])
    assert many.endswith(", ...") and many.count(",") == 30


def test_errors_are_also_pythons():
    pythons = {
        "ShapeError": ValueError, "DTypeError": TypeError, "DeviceError": RuntimeError,
        "SymbolicValueError": TypeError, "NotBuiltError": ValueError, "GradientError": ValueError,
        "CheckpointError": ValueError, "DataError": ValueError,
    }  # fmt: skip
    for name, python in pythons.items():
        assert issubclass(getattr(errors, name), python), name
