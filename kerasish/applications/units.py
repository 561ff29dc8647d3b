"""Units: the few layers that all architectures are made of, in the manner of one family."""

import functools

from kerasish import config, layers


class Units:
    """Convolution, normalization and activation with the settings that a family shares.

    Args:
        axis: int. Channel axis of `channels_last` images as the family writes it, 3 or -1.
        normalization: dict of arguments of every BatchNormalization.
        initializer: kernel initializer of every convolution; the layers' own when None.
        activation: name of the activation, or a layer class or function that takes `name`.
    """

    def __init__(self, axis=-1, normalization=None, initializer=None, activation="relu"):
        self.axis = 1 if config.image_data_format() == "channels_first" else axis
        self._normalization = normalization or {}
        self._initializer = {} if initializer is None else {"kernel_initializer": initializer}
        self._depthwise = {} if initializer is None else {"depthwise_initializer": initializer}
        is_name = isinstance(activation, str)
        self._activation = functools.partial(layers.Activation, activation) if is_name else None
        self._activation = self._activation or activation

    def conv(self, x, filters, size=1, strides=1, padding="same", use_bias=False, **options):
        """Convolve; without a bias unless asked for."""
        options = {**self._initializer, **options}
        return layers.Conv2D(filters, size, strides, padding, use_bias=use_bias, **options)(x)

    def depthwise(self, x, size=3, strides=1, padding="same", **options):
        """Convolve every channel alone, without a bias."""
        options = {**self._depthwise, **options}
        return layers.DepthwiseConv2D(size, strides, padding, use_bias=False, **options)(x)

    def norm(self, x, name=None, **options):
        """Normalize over the batch."""
        options = {**self._normalization, **options}
        return layers.BatchNormalization(axis=self.axis, name=name, **options)(x)

    def act(self, x, name=None):
        """Apply the family's activation."""
        return self._activation(name=name)(x)

    def norm_act(self, x, norm_name=None, act_name=None):
        """Normalize and apply the activation."""
        return self.act(self.norm(x, norm_name), act_name)

    def concat(self, xs, name=None):
        """Join along the channels."""
        return layers.Concatenate(axis=self.axis, name=name)(xs)

    def channels(self, x):
        """Number of channels of a tensor."""
        return x.shape[self.axis]

    def pad_before_stride(self, x, size, name):
        """Zeros that make a strided "valid" convolution end where TensorFlow's "same" ends.

        Even sides get one row or column less at the beginning, as do sides that are not known.
        """
        first = self.axis == 1
        sides = x.shape[2:4] if first else x.shape[1:3]
        half = size // 2
        borders = [(half - 1 if side is None or side % 2 == 0 else half, half) for side in sides]
        return layers.ZeroPadding2D(tuple(borders), name=name)(x)


def divisible(value, divisor=8, most_lost=0.1):
    """Channels rounded to a multiple of `divisor`; upward where too many would be lost.

    Args:
        value: float. The number wanted.
        divisor: int.
        most_lost: float. The largest part of them that may be lost.

    Example:
        >>> divisible(33), divisible(11), divisible(11, most_lost=0.5)
        (32, 16, 8)
    """
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < (1 - most_lost) * value else rounded
