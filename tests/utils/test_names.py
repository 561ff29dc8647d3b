"""Names of Keras outside the layers: signatures, and functions under their older names."""

import inspect

import pytest

import kerasish
from kerasish.utils import FeatureSpace, pad_sequences
from tests.support import shared_root

NAMED = {
    "keras.utils.FeatureSpace": FeatureSpace,
    "keras.utils.pad_sequences": pad_sequences,
    "keras.preprocessing.sequence.pad_sequences": kerasish.preprocessing.sequence.pad_sequences,
}


def signatures():
    path = shared_root() / "spec/keras_api.tsv"
    if not path.exists():
        pytest.skip("test data spec/keras_api.tsv is absent")
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    return {name: signature for name, _, signature in (row for row in rows if len(row) == 3)}


@pytest.mark.parametrize("name", NAMED)
def test_signature_is_keras(name):
    assert str(inspect.signature(NAMED[name])) == signatures()[name]


def test_one_function_under_two_names():
    assert kerasish.preprocessing.sequence.pad_sequences is pad_sequences


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_such"):
        kerasish.utils.nothing_such
