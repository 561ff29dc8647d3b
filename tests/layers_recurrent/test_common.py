"""The contract of every recurrent, attention, wrapper and embedding layer."""

import pytest

from kerasish.testing import check_layer
from tests.layers_recurrent.cases import CASES


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_layer_keeps_the_contract(case):
    inputs, kwargs = case.inputs(), dict(case.kwargs)
    if case.mask:
        *inputs, kwargs["mask"] = inputs
    checked = check_layer(case.make(), *([inputs] if case.as_list else inputs), call_kwargs=kwargs)
    assert len(checked) >= 11
