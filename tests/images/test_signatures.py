"""Functions for images, boxes and pictures have Keras's argument names, order and defaults."""

import importlib
import inspect

import pytest

from tests.support import shared_root

_SPEC = "spec/keras_api.tsv"
_WHOLE = ("utils.bounding_boxes", "visualization", "preprocessing.image")
_UTILS = ("array_to_img", "img_to_array", "load_img", "save_img", "model_to_dot", "plot_model")


def _rows():
    path = shared_root() / _SPEC
    if not path.exists():
        reason = pytest.mark.skip(reason=f"test data {_SPEC} is absent")
        return [pytest.param("utils", "absent", "", marks=reason)]
    found = []
    for line in path.read_text().splitlines():
        name, _, signature = (*line.split("\t"), "", "")[:3]
        module, _, short = name.removeprefix("keras.").rpartition(".")
        if module in _WHOLE or (module == "utils" and short in _UTILS):
            found.append(pytest.param(module, short, signature, id=f"{module}.{short}"))
    return found


@pytest.mark.parametrize(("module", "name", "expected"), _rows())
def test_signature_is_keras(module, name, expected):
    found = importlib.import_module(f"kerasish.{module}")
    assert name in found.__all__
    signature = str(inspect.signature(getattr(found, name)))
    assert signature.replace(" ", "") == expected.replace(" ", "")
