"""California housing: 20640 districts of the 1990 census and the median value of a house."""

import numpy as np

from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import CALIFORNIA_HOUSING
from kerasish.datasets.splits import check_test_split, shuffled_split
from kerasish.errors import explain

_SMALL_ROWS = 600


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """Return the districts, shuffled and split; the target is the median house value in dollars.

    Features: median income, house age, rooms, bedrooms (all per household), population, household
    size, latitude, longitude.

    Args:
        version: "large" (20640 rows) or "small" (the first 600 of them).
        path: str. File name in the cache.
        test_split: float in [0, 1). Part of the rows that become test data.
        seed: int. Seed of the shuffle before the split.

    Returns:
        (x_train, y_train), (x_test, y_test): float32 (n, 8) and float32 (n,).

    Raises:
        ValueError: `version` is unknown, or `test_split` is no fraction.
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, x_test.shape  # doctest: +SKIP
        ((16512, 8), (4128, 8))

    Source:
        Pace and Barry 1997, StatLib. Keras 3's names and split.
    """
    check_test_split("california_housing.load_data", test_split)
    if version not in ("large", "small"):
        raise ValueError(
            explain(
                "california_housing.load_data",
                "unknown version",
                received=version,
                expected="'large' or 'small'",
            )
        )
    with np.load(fetch(CALIFORNIA_HOUSING, path), allow_pickle=False) as arrays:
        x, y = arrays["x"], arrays["y"]
    if version == "small":
        x, y = x[:_SMALL_ROWS], y[:_SMALL_ROWS]
    return shuffled_split(x, y, test_split, seed)
