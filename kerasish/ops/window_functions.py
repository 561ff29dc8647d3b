"""Window functions of signal processing: bartlett, blackman, hamming, hanning, kaiser."""

import operator

import numpy

from kerasish.config import settings
from kerasish.core.structural import convert_to_tensor


def _window(function, x, *parameters):
    values = function(operator.index(x), *parameters)
    return convert_to_tensor(values, settings.floatx)


def bartlett(x):
    """Triangular window that ends in zeros.

    Args:
        x: int. Number of points.

    Returns:
        tensor (x,) of floatx.

    Example:
        >>> bartlett(5).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]

    Source: Keras 3 names and defaults.
    """
    return _window(numpy.bartlett, x)


def blackman(x):
    """Blackman window: a sum of three cosines.

    Args:
        x: int. Number of points.

    Returns:
        tensor (x,) of floatx.

    Example:
        >>> blackman(5).shape
        (5,)

    Source: Keras 3 names and defaults.
    """
    return _window(numpy.blackman, x)


def hamming(x):
    """Hamming window: a raised cosine that does not reach zero.

    Args:
        x: int. Number of points.

    Returns:
        tensor (x,) of floatx.

    Example:
        >>> hamming(5).shape
        (5,)

    Source: Keras 3 names and defaults.
    """
    return _window(numpy.hamming, x)


def hanning(x):
    """Hann window: a raised cosine that ends in zeros.

    Args:
        x: int. Number of points.

    Returns:
        tensor (x,) of floatx.

    Example:
        >>> hanning(5).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]

    Source: Keras 3 names and defaults.
    """
    return _window(numpy.hanning, x)


def kaiser(x, beta):
    """Kaiser window, from a Bessel function.

    Args:
        x: int. Number of points.
        beta: float. How narrow the window is.

    Returns:
        tensor (x,) of floatx.

    Example:
        >>> kaiser(5, 2.0).shape
        (5,)

    Source: Keras 3 names and defaults.
    """
    return _window(numpy.kaiser, x, float(beta))


__all__ = [
    "bartlett",
    "blackman",
    "hamming",
    "hanning",
    "kaiser",
]
