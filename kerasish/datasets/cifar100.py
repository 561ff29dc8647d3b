"""CIFAR-100: 32x32 colour images of a hundred kinds of things, grouped into twenty."""

import tarfile

import numpy as np

from kerasish import config
from kerasish.datasets.archives import read_cifar_batch
from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import CIFAR100
from kerasish.errors import explain

_FOLDER = "cifar-100-python"


def load_data(label_mode="fine"):
    """Return 50000 training and 10000 test colour images with their fine or coarse labels.

    Args:
        label_mode: "fine" (100 classes) or "coarse" (20 groups of five classes).

    Returns:
        (x_train, y_train), (x_test, y_test): images are uint8 (n, 32, 32, 3) from 0 to 255, or
        (n, 3, 32, 32) where `config.image_data_format()` is "channels_first"; labels are uint8
        (n, 1).

    Raises:
        ValueError: `label_mode` is neither "fine" nor "coarse".
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data("coarse")  # doctest: +SKIP
        >>> x_train.shape, y_test.shape  # doctest: +SKIP
        ((50000, 32, 32, 3), (10000, 1))

    Source:
        Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html. Keras 3's names.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(
            explain(
                "cifar100.load_data",
                "unknown label_mode",
                received=label_mode,
                expected="'fine' or 'coarse'",
            )
        )
    key = f"{label_mode}_labels".encode()
    with tarfile.open(fetch(CIFAR100)) as archive:
        x_train, y_train = read_cifar_batch(archive, f"{_FOLDER}/train", key)
        x_test, y_test = read_cifar_batch(archive, f"{_FOLDER}/test", key)
    if config.image_data_format() == "channels_first":
        x_train, x_test = (np.ascontiguousarray(x.transpose(0, 3, 1, 2)) for x in (x_train, x_test))
    return (x_train, y_train), (x_test, y_test)
