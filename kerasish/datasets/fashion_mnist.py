"""Fashion-MNIST: 28x28 grey images of ten kinds of clothing."""

import gzip

import numpy as np

from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import FASHION_MNIST

_IMAGE_HEADER_BYTES = 16
_LABEL_HEADER_BYTES = 8


def load_data():
    """Return 60000 training and 10000 test images of clothing with their labels.

    Labels: 0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker,
    8 bag, 9 ankle boot.

    Returns:
        (x_train, y_train), (x_test, y_test): images are uint8 (n, 28, 28) from 0 to 255; labels
        are uint8 (n,) from 0 to 9.

    Raises:
        DataError: a file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_test.shape  # doctest: +SKIP
        ((60000, 28, 28), (10000,))

    Source:
        Xiao, Rasul, Vollgraf, https://arxiv.org/abs/1708.07747, MIT licence. Keras 3's names.
    """
    arrays = {}
    for name, file in FASHION_MNIST.items():
        with gzip.open(fetch(file), "rb") as opened:
            content = opened.read()
        if name.startswith("x"):
            images = np.frombuffer(content, np.uint8, offset=_IMAGE_HEADER_BYTES)
            arrays[name] = images.reshape(-1, 28, 28).copy()
        else:
            arrays[name] = np.frombuffer(content, np.uint8, offset=_LABEL_HEADER_BYTES).copy()
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
