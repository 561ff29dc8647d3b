"""How a data set that comes in one piece is divided into a training and a test part."""

import numpy as np

from kerasish.errors import explain


def check_test_split(where, test_split):
    """Raise ValueError unless `test_split` is a fraction in [0, 1)."""
    if not 0 <= test_split < 1:
        raise ValueError(
            explain(
                where,
                "test_split is not a fraction",
                received=test_split,
                expected="a number from 0 up to, not including, 1",
            )
        )


def shuffled_split(x, y, test_split, seed):
    """Shuffle rows by `RandomState(seed)` and cut; the last `test_split` of them are the test part.

    The generator and the cut are Keras's, so that the parts hold the same rows.

    Args:
        x: array (rows, ...).
        y: array (rows,).
        test_split: float in [0, 1).
        seed: int.

    Returns:
        (x_train, y_train), (x_test, y_test).
    """
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    cut = int(len(x) * (1 - test_split))
    train, test = order[:cut], order[cut:]
    return (x[train], y[train]), (x[test], y[test])


def stratified_split(x, y, test_split, seed):
    """Shuffle and cut every class by itself, so that both parts hold the classes alike.

    Args:
        x: array (rows, ...).
        y: int array (rows,), the classes.
        test_split: float in [0, 1). Each class gives `round(test_split * its rows)` test rows.
        seed: int.

    Returns:
        (x_train, y_train), (x_test, y_test), rows of all classes mixed.

    Example:
        >>> (_, y_train), (_, y_test) = stratified_split(np.arange(8), np.arange(8) // 4, 0.25, 1)
        >>> sorted(y_train.tolist()), sorted(y_test.tolist())
        ([0, 0, 0, 1, 1, 1], [0, 1])
    """
    random = np.random.RandomState(seed)
    train, test = [], []
    for label in np.unique(y):
        rows = random.permutation(np.flatnonzero(y == label))
        num_test = round(test_split * len(rows))
        test.append(rows[:num_test])
        train.append(rows[num_test:])
    train = random.permutation(np.concatenate(train))
    test = random.permutation(np.concatenate(test))
    return (x[train], y[train]), (x[test], y[test])
