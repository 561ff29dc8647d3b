"""Losses and their gradients against values that real Keras wrote."""

import json

import numpy as np
import pytest

from kerasish import losses, ops
from kerasish.core.masks import set_mask
from kerasish.core.tape import GradientTape
from tests.support import shared_path, shared_root

INDEX = shared_root() / "fixtures/traces/losses.json"
CASES = json.loads(INDEX.read_text())["cases"] if INDEX.exists() else []


@pytest.fixture(scope="module")
def arrays():
    with np.load(shared_path("fixtures/traces/losses.npz")) as file:
        return dict(file)


def test_there_are_cases():
    shared_path("fixtures/traces/losses.json")
    assert len(CASES) == 319


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['id']}-{c['loss']}")
def test_value_and_gradient_are_those_of_keras(case, arrays):
    key = case["id"]
    loss = getattr(losses, case["loss"])(**case["config"])
    y_pred = ops.convert_to_tensor(arrays[f"{key}/y_pred"])
    if f"{key}/mask" in arrays:
        set_mask(y_pred, ops.convert_to_tensor(arrays[f"{key}/mask"]))
    with GradientTape() as tape:
        tape.watch(y_pred)
        value = loss(
            arrays[f"{key}/y_true"], y_pred, sample_weight=arrays.get(f"{key}/sample_weight")
        )
        total = ops.sum(value)
    for result, expected in (
        (value, arrays[f"{key}/value"]),
        (tape.gradient(total, y_pred), arrays[f"{key}/grad"]),
    ):
        assert result.shape == expected.shape
        error = np.abs(result.numpy() - expected).max()
        assert error <= 1e-5 * np.abs(expected).max()
