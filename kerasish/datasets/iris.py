"""Iris: four measures of 150 flowers of three species, which ship inside the package."""

from pathlib import Path

import numpy as np

from kerasish.datasets.splits import check_test_split, stratified_split

_FILE = Path(__file__).parent / "embedded" / "iris.npz"


def load_data(test_split=0.2, seed=113):
    """Return 120 training and 30 test flowers with their species.

    Features in cm: sepal length, sepal width, petal length, petal width.

    Args:
        test_split: float in [0, 1). Part of every species that becomes test data.
        seed: int. Seed of the shuffle before the split.

    Returns:
        (x_train, y_train), (x_test, y_test): float32 (n, 4), and uint8 labels (n,): 0 setosa,
        1 versicolor, 2 virginica.

    Raises:
        ValueError: `test_split` is no fraction.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape
        ((120, 4), (30, 4))

    Source:
        Fisher 1936, UCI "Iris", CC BY 4.0.
    """
    check_test_split("iris.load_data", test_split)
    with np.load(_FILE, allow_pickle=False) as arrays:
        return stratified_split(arrays["x"], arrays["y"], test_split, seed)


def get_label_names():
    """Return the names of the three species, in the order of the labels.

    Returns:
        tuple of str.

    Example:
        >>> get_label_names()
        ('setosa', 'versicolor', 'virginica')
    """
    return ("setosa", "versicolor", "virginica")
