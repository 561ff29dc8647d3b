"""Classic data sets with Keras's `load_data` signatures, `digits` and `iris` among them.

Files come from the folder named by KERASISH_DATA_DIR, else from the cache in KERASISH_HOME
(default ~/.kerasish), else from one download whose digest is checked.
"""

from kerasish.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    iris,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "iris",
    "mnist",
    "reuters",
]
