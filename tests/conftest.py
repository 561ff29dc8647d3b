"""Fixtures of the whole suite: devices, a seeded generator, and fixed seeds before every test."""

import numpy as np
import pytest

from kerasish.arrays.device import device as device_scope
from kerasish.arrays.device import why_no_gpu
from kerasish.core.rng import set_random_seed


def pytest_report_header(config):
    return f"kerasish: gpu tests {'skip, ' + why_no_gpu() if why_no_gpu() else 'run'}"


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Every test starts from the same state of Python's, NumPy's and kerasish's generators."""
    set_random_seed(1)


@pytest.fixture
def rng():
    """A seeded NumPy generator for test data."""
    return np.random.default_rng(1)


@pytest.fixture(params=["cpu", pytest.param("gpu", marks=pytest.mark.gpu)])
def device(request):
    """Run the test inside `device(...)`, once for the CPU and once for the GPU; gives the name."""
    if request.param == "gpu" and why_no_gpu():
        pytest.skip(why_no_gpu())
    with device_scope(request.param):
        yield request.param
