"""The California housing data for the v1 tutorials: scaled, with a column of ones."""

import os
import pathlib

import numpy as np


def load(rows=None):
    """(features (n, 9) with a first column of ones, targets (n, 1) in 100,000 dollars)."""
    root = pathlib.Path(os.environ.get("KERASISH_TEST_DATA", "../shared"))
    path = root / "data" / "california_housing.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as arrays:
            x, y = arrays["x"][:rows].astype("float64"), arrays["y"][:rows].astype("float64")
        y = y / 1e5 if y.max() > 1000 else y
    else:
        print("the data set is not at hand: made-up districts take its place")
        rng = np.random.default_rng(0)
        x = rng.normal(size=(rows or 2000, 8))
        y = x @ rng.normal(size=8) * 0.3 + 2 + rng.normal(size=len(x)) * 0.1
    x = np.clip((x - x.mean(axis=0)) / x.std(axis=0), -5, 5)  # a few districts are far out
    x = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    return x.astype("float32"), y.reshape(-1, 1).astype("float32")
