"""Boston housing: 506 tracts of the 1970s with 13 features, and the median price of a house."""

import numpy as np

from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import BOSTON_HOUSING
from kerasish.datasets.splits import check_test_split, shuffled_split


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """Return the tracts, shuffled and split; the target is the median price in 1000 dollars.

    One feature, "B", treats the share of Black residents as a price factor. Use the set to study
    such faults or file layouts; for regression take `california_housing`.

    Args:
        path: str. File name in the cache.
        test_split: float in [0, 1). Part of the rows that become test data.
        seed: int. Seed of the shuffle before the split.

    Returns:
        (x_train, y_train), (x_test, y_test): float64 (n, 13) and float64 (n,).

    Raises:
        ValueError: `test_split` is no fraction.
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), _ = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_train[:3].tolist()  # doctest: +SKIP
        ((404, 13), [15.2, 42.3, 50.0])

    Source:
        Harrison and Rubinfeld 1978, StatLib. Keras 3's names and split.
    """
    check_test_split("boston_housing.load_data", test_split)
    with np.load(fetch(BOSTON_HOUSING, path), allow_pickle=False) as arrays:
        return shuffled_split(arrays["x"], arrays["y"], test_split, seed)
