"""Constructors have Keras's argument names, order and defaults."""

import inspect

import pytest

from kerasish import layers
from tests.support import shared_root

_SPEC = "spec/keras_api.tsv"
_DEPARTURES = {}


def _rows():
    path = shared_root() / _SPEC
    if not path.exists():
        reason = pytest.mark.skip(reason=f"test data {_SPEC} is absent")
        return [pytest.param("absent", "", marks=reason)]
    found = []
    for line in path.read_text().splitlines():
        name, kind, signature = (*line.split("\t"), "", "")[:3]
        prefix, _, short = name.rpartition(".")
        if prefix == "keras.layers" and short in layers.__all__ and kind in ("class", "function"):
            reason = _DEPARTURES.get(short)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            found.append(pytest.param(short, signature, id=short, marks=marks))
    return found


def _normalized(text):
    return text.replace('"', "'").replace(" ", "")


@pytest.mark.parametrize(("name", "expected"), _rows())
def test_signature_is_keras(name, expected):
    signature = inspect.signature(getattr(layers, name))
    signature = signature.replace(return_annotation=inspect.Signature.empty)
    assert _normalized(str(signature)) == _normalized(expected)
