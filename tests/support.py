"""Paths and devices shared by the tests: where the test data lies, and whether a GPU is at hand."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "KERASISH_TEST_DATA"


def shared_root() -> Path:
    """Return the folder of the shared test data, which may not exist."""
    return Path(os.environ.get(DATA_VARIABLE, REPOSITORY.parent / "shared")).resolve()


def shared_path(relative: str) -> Path:
    """Return a path inside the shared test data, or skip the calling test with a reason.

    Example:
        traces = np.load(shared_path("fixtures/traces/losses.npz"))
    """
    path = shared_root() / relative
    if not path.exists():
        pytest.skip(f"test data {relative!r} is absent: set {DATA_VARIABLE} to its folder")
    return path
