"""Fixtures of the whole suite: devices, a seeded generator, and fixed seeds before every test."""

import os

# Before NumPy: the tests run in several processes, whose BLAS threads would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

import kerasish  # noqa: E402
from kerasish.arrays.device import device as device_scope  # noqa: E402
from kerasish.arrays.device import why_no_gpu  # noqa: E402
from kerasish.core.rng import set_random_seed  # noqa: E402


def pytest_report_header(config):
    return f"kerasish: gpu tests {'skip, ' + why_no_gpu() if why_no_gpu() else 'run'}"


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Every test starts from the same state of Python's, NumPy's and kerasish's generators."""
    set_random_seed(1)


@pytest.fixture
def plain_programs():
    """Programs of array calls alone, whatever kernels there are."""
    kerasish.config.disable_kernels()
    yield
    kerasish.config.enable_kernels()


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
