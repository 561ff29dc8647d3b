"""Initializers without randomness: constants, the identity and the short-time Fourier transform."""

import math

import numpy

from kerasish import ops
from kerasish.arrays import dtypes
from kerasish.errors import ShapeError, explain
from kerasish.initializers.initializer import Initializer
from kerasish.registry import register
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@register("initializers", "constant")
class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    Args:
        value: number or array-like.

    Example:
        >>> Constant(2.5)((2,)).tolist()
        [2.5, 2.5]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`; ShapeError where an array does not broadcast to it."""
        dtype = dtypes.standardize(dtype)
        return ops.convert_to_tensor(self.value, dtype) * ops.ones(tuple(shape), dtype=dtype)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config):
        """An initializer from `get_config()`."""
        return cls(deserialize_keras_object(config["value"]))


@register("initializers", "zeros", "zero")
class Zeros(Initializer):
    """Zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]

    Source: Keras 3 names and defaults.
    """

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        return ops.zeros(tuple(shape), dtype=dtypes.standardize(dtype))


@register("initializers", "ones", "one")
class Ones(Initializer):
    """Ones.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]

    Source: Keras 3 names and defaults.
    """

    def __call__(self, shape, dtype=None):
        """Tensor of `shape` and `dtype`."""
        return ops.ones(tuple(shape), dtype=dtypes.standardize(dtype))


@register("initializers", "identity", "IdentityInitializer")
class Identity(Initializer):
    """Identity matrix times `gain`: the layer starts as a scaled copy of its input.

    Args:
        gain: float.

    Example:
        >>> Identity()((2, 2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None):
        """Matrix of `shape` and `dtype`; ShapeError for a shape of another rank."""
        if len(shape) != 2:
            raise ShapeError(
                explain(
                    "Identity initializer",
                    "the shape must be that of a matrix",
                    received=tuple(shape),
                )
            )
        return self.gain * ops.eye(shape[0], shape[1], dtype=dtypes.standardize(dtype))

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"gain": self.gain}


# Cosine series a0 - a1 cos(t) + a2 cos(2t) - ... of the windows known by name.
_COSINE_WINDOWS = {
    "boxcar": (1.0,),
    "rectangular": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
}


def _window(name, length, periodic):
    span = length if periodic else max(length - 1, 1)
    angle = 2 * math.pi * numpy.arange(length) / span
    terms = enumerate(_COSINE_WINDOWS[name])
    return sum((-1) ** k * a * numpy.cos(k * angle) for k, a in terms)


@register("initializers", "stft", "STFTInitializer")
class STFT(Initializer):
    """Convolution kernel that computes one part of a short-time Fourier transform.

    At time t and frequency f of F it is `window[t] * cos(2 pi t f / F)`, or minus the sine.

    Args:
        side: "real" or "imag".
        window: name of a cosine window ("hann", "hamming", "blackman", "nuttall",
            "blackmanharris", "boxcar"), an array (frame_length,), or None.
        scaling: "density" (divide by the window's L2 norm), "spectrum" (by its sum) or None.
        periodic: bool. The window continues periodically instead of being symmetric.

    Raises:
        ValueError: an unknown side, window or scaling.

    Example:
        >>> STFT("real", None, None)((4, 1, 3)).shape
        (4, 1, 3)

    Source: Keras 3 names and defaults. Departure: windows by name are the cosine ones.
    """

    def __init__(self, side="real", window="hann", scaling="density", periodic=False):
        known = {"side": ("real", "imag"), "scaling": ("density", "spectrum", None)}
        for key, value in (("side", side), ("scaling", scaling)):
            if value not in known[key]:
                raise ValueError(
                    explain("STFT", f"unknown {key}", received=value, expected=str(known[key]))
                )
        if isinstance(window, str) and window not in _COSINE_WINDOWS:
            raise ValueError(
                explain(
                    "STFT",
                    "unknown window",
                    received=window,
                    expected=f"one of {sorted(_COSINE_WINDOWS)}, or an array",
                )
            )
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape, dtype=None):
        """Kernel of shape (frame_length, 1, F // 2 + 1); ShapeError for another window's size."""
        frame_length, _, num_frequencies = shape
        time = numpy.arange(frame_length)[:, None, None]
        frequency = numpy.arange(num_frequencies) / max(2 * (num_frequencies - 1), 1)
        angle = -2 * math.pi * time * frequency
        kernel = numpy.cos(angle) if self.side == "real" else numpy.sin(angle)
        if self.window is not None:
            kernel = kernel * self._scaled_window(frame_length)[:, None, None]
        kernel = numpy.broadcast_to(kernel, tuple(shape))
        return ops.convert_to_tensor(kernel, dtypes.standardize(dtype))

    def _scaled_window(self, length):
        window = self.window
        if isinstance(window, str):
            window = _window(window, length, self.periodic)
        window = numpy.asarray(window, numpy.float64)
        if window.shape != (length,):
            raise ShapeError(
                explain(
                    "STFT",
                    "the window is not as long as a frame",
                    received=window.shape,
                    expected=str((length,)),
                )
            )
        if self.scaling == "density":
            return window / numpy.sqrt(numpy.sum(window**2))
        return window / numpy.sum(numpy.abs(window)) if self.scaling == "spectrum" else window

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "side": self.side,
            "window": serialize_keras_object(self.window),
            "periodic": self.periodic,
            "scaling": self.scaling,
        }

    @classmethod
    def from_config(cls, config):
        """An initializer from `get_config()`."""
        return cls(**{**config, "window": deserialize_keras_object(config.get("window"))})
