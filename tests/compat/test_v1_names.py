"""Every function of compat.v1 gives what TensorFlow gives, in value, shape and dtype."""

import json
import pathlib

import numpy as np
import pytest

import kerasish.compat.v1 as tf
from tests.compat import v1_cases

EXPECTED = json.loads(pathlib.Path(__file__).with_name("v1_expected.json").read_text("utf-8"))


def test_every_program_has_an_expectation():
    assert set(EXPECTED) == set(v1_cases.CASES)


@pytest.mark.parametrize("name", v1_cases.CASES)
def test_program(name):
    values = v1_cases.fetched(tf, v1_cases.CASES[name])
    assert len(values) == len(EXPECTED[name])
    for value, row in zip(values, EXPECTED[name], strict=True):
        array = np.asarray(value)
        assert list(array.shape) == row["shape"]
        assert array.dtype.name == row["dtype"]
        if array.dtype.kind == "O":
            assert [x.decode() for x in array.ravel()] == row["values"]
        else:
            flat = array.ravel()
            np.testing.assert_allclose(flat, row["values"], rtol=2e-5, atol=2e-6)
