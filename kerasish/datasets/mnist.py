"""MNIST: 28x28 grey images of handwritten digits."""

import numpy as np

from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import MNIST


def load_data(path="mnist.npz"):
    """Return 60000 training and 10000 test images of handwritten digits with their labels.

    Args:
        path: str. File name in the cache.

    Returns:
        (x_train, y_train), (x_test, y_test): images are uint8 (n, 28, 28) from 0 to 255, white on
        black; labels are uint8 (n,) from 0 to 9.

    Raises:
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_test.shape  # doctest: +SKIP
        ((60000, 28, 28), (10000,))

    Source:
        LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist, CC BY-SA 3.0. Keras 3's names.
    """
    with np.load(fetch(MNIST, path), allow_pickle=False) as arrays:
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
