"""CIFAR-10: 32x32 colour images of ten kinds of things."""

import tarfile

import numpy as np

from kerasish import config
from kerasish.datasets.archives import read_cifar_batch
from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import CIFAR10

_FOLDER = "cifar-10-batches-py"


def load_data():
    """Return 50000 training and 10000 test colour images with their labels.

    Labels: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship,
    9 truck. Where the folder named by KERASISH_DATA_DIR holds only `cifar10_10k_2k.npz`, that part
    of the set is returned and a UserWarning says so.

    Returns:
        (x_train, y_train), (x_test, y_test): images are uint8 (n, 32, 32, 3) from 0 to 255, or
        (n, 3, 32, 32) where `config.image_data_format()` is "channels_first"; labels are uint8
        (n, 1) from 0 to 9.

    Raises:
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train.shape, y_test.shape  # doctest: +SKIP
        ((50000, 32, 32, 3), (10000, 1))

    Source:
        Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html. Keras 3's names.
    """
    path = fetch(CIFAR10)
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            x_train, y_train = arrays["x_train"], arrays["y_train"]
            x_test, y_test = arrays["x_test"], arrays["y_test"]
    else:
        with tarfile.open(path) as archive:
            names = [f"{_FOLDER}/data_batch_{i}" for i in range(1, 6)] + [f"{_FOLDER}/test_batch"]
            *parts, (x_test, y_test) = [read_cifar_batch(archive, n, b"labels") for n in names]
        x_train, y_train = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    if config.image_data_format() == "channels_first":
        x_train, x_test = (np.ascontiguousarray(x.transpose(0, 3, 1, 2)) for x in (x_train, x_test))
    return (x_train, y_train), (x_test, y_test)
