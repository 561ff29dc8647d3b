"""Convolution with the pooling behind it as one operation, and its derivatives, on plain arrays.

The forwards here are the oracles of the kernels, and run where a program is read on NumPy.
"""

import itertools

from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.ops import windows
from kerasish.ops.activations import relu
from kerasish.ops.conv import convolve, convolve_backprop_input, convolve_backprop_kernel
from kerasish.ops.pooling import max_pool_windows

NO_CHOICE = 255  # the largest is NaN: no element of the window gets the cotangent


def _settings(strides, padding, dilations, groups):
    return {"strides": strides, "padding": padding, "dilations": dilations, "groups": groups}


def _pool_settings(window, pool_strides):
    return {"window": window, "strides": pool_strides, "padding": "valid"}


def _places(sizes, window, strides):
    """Number and index of each place of a window, in the order in which the first largest wins."""
    ones = (1,) * len(window)
    for number, offset in enumerate(itertools.product(*map(range, window))):
        yield number, windows.offset_index(offset, sizes, strides, ones)


def _spec(x, kernel, bias, strides, padding, dilations, groups, activation, window, pool_strides):
    settings = _settings(strides, padding, dilations, groups)
    y = convolve.operation.infer((x, kernel), settings)
    pooled = max_pool_windows.operation.infer((y,), _pool_settings(window, pool_strides))
    return pooled, TensorSpec(pooled.shape, "uint8")


@primitive(spec=_spec, tags=("fresh",))
def convolve_pool(xp, x, kernel, bias=None, /, strides=(1,), padding="valid", dilations=(1,),
                  groups=1, activation="linear", window=(1,), pool_strides=(1,)):  # fmt: skip
    """Max pooling, without padding, of `activation(convolve(x, kernel) + bias)`.

    Returns:
        (pooled, choice): choice (uint8) is the place in its window of each largest element, the
        first of equal ones; NO_CHOICE where it is NaN. The windows must not overlap.
    """
    settings = _settings(strides, padding, dilations, groups)
    y = convolve.operation.forward(xp, x, kernel, **settings)
    if bias is not None:
        y = y + bias
    if activation == "relu":
        y = relu.operation.forward(xp, y)
    pooled = max_pool_windows.operation.forward(xp, y, **_pool_settings(window, pool_strides))
    choice = xp.full(pooled.shape, NO_CHOICE, "uint8")
    for number, index in _places(pooled.shape[1:-1], window, pool_strides):
        choice[(y[index] == pooled) & (choice == NO_CHOICE)] = number
    return pooled, choice


def _gradient_spec(g, pooled, choice, x, kernel, wanted, **_):
    specs = (kernel, TensorSpec(kernel.shape[-1:], kernel.dtype), x)
    return tuple(spec for spec, is_wanted in zip(specs, wanted, strict=True) if is_wanted)


@primitive(spec=_gradient_spec, tags=("fresh",))
def convolve_pool_gradient(xp, g, pooled, choice, x, kernel, /, strides=(1,), padding="valid",
                           dilations=(1,), groups=1, activation="linear", window=(1,),
                           pool_strides=(1,), wanted=(True, True, True)):  # fmt: skip
    """Derivatives of `convolve_pool` by its kernel, bias and input: those that are `wanted`."""
    settings = _settings(strides, padding, dilations, groups)
    if activation == "relu":
        g = xp.where(pooled > 0, g, 0)
    spatial = zip(x.shape[1:-1], kernel.shape[:-2], strides, dilations, strict=True)
    sizes = [windows.output_size(n, k, s, padding, d) for n, k, s, d in spatial]
    before = xp.zeros((len(x), *sizes, kernel.shape[-1]), g.dtype)
    for number, index in _places(choice.shape[1:-1], window, pool_strides):
        before[index] = xp.where(choice == number, g, 0)
    makers = (
        lambda: convolve_backprop_kernel.operation.forward(
            xp, x, before, window=kernel.shape[:-2], **settings
        ),
        lambda: before.sum(axis=tuple(range(before.ndim - 1))),
        lambda: convolve_backprop_input.operation.forward(
            xp, before, kernel, shape=x.shape[1:-1], extra=(None,) * len(strides), **settings
        ),
    )
    return tuple(make() for make, is_wanted in zip(makers, wanted, strict=True) if is_wanted)
