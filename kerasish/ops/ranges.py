"""Ranges of numbers: arange, linspace, logspace, geomspace."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core.primitive import as_float_input, primitive, promote
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import add, cast, convert_to_tensor
from kerasish.core.tensor import Tensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.arithmetic import absolute, divide, multiply, sign, subtract
from kerasish.ops.axes import expand_dims, moveaxis
from kerasish.ops.exponential import exp, log, power


@primitive(spec=lambda start, stop, step, dtype: TensorSpec((None,), dtype))
def range_of_tensors(xp, start, stop, step, /, dtype="int32"):
    """`arange` with ends known at run time only."""
    return xp.arange(start.item(), stop.item(), step.item(), dtype=dtypes.to_numpy(dtype))


def arange(start, stop=None, step=None, dtype=None):
    """Numbers from `start` up to, not including, `stop`.

    Args:
        start: number or scalar tensor; the end, with a start of 0, where `stop` is None.
        stop: number or scalar tensor.
        step: number or scalar tensor; 1 when None.
        dtype: dtype-like; promoted from the arguments when None.

    Returns:
        tensor of one axis.

    Example:
        >>> arange(3).tolist()
        [0, 1, 2]

    Source: Keras 3 names and defaults.
    """
    if stop is None:
        start, stop = 0, start
    ends = (start, stop, 1 if step is None else step)
    if dtype is None:
        kinds = [getattr(v, "dtype", type(v)) for v in ends]
        dtype = dtypes.result_type(
            *[k if k in (bool, int, float) else dtypes.standardize(k) for k in kinds]
        )
    dtype = dtypes.standardize(dtype)
    if any(isinstance(v, Tensor) and v.is_symbolic for v in ends):
        return range_of_tensors(*[convert_to_tensor(v) for v in ends], dtype=dtype)
    ends = [v.item() if hasattr(v, "item") else v for v in ends]
    host = numpy.arange(*ends).astype(dtypes.to_numpy(dtype))
    return Tensor(devices.current().send(host))


def _parts(num, endpoint, dtype):
    """`num` numbers from 0 to 1 (without it if not endpoint)."""
    if num < 0:
        raise ShapeError(explain("ops.linspace", "num cannot be negative", received=num))
    host = numpy.linspace(0.0, 1.0, num, endpoint=endpoint).astype(dtypes.to_numpy(dtype))
    return Tensor(devices.current().send(host))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """Evenly spaced numbers from `start` to `stop`.

    Args:
        start: number or tensor.
        stop: number or tensor that broadcasts with `start`.
        num: int. How many.
        endpoint: bool. Whether `stop` is the last one.
        retstep: bool. Also return the step.
        dtype: dtype-like; promoted from the arguments, and float, when None.
        axis: int. Position of the new axis in the result.

    Returns:
        tensor with one more axis than `start`; or a tuple of it and the step.

    Raises:
        ValueError: `num` is negative.

    Example:
        >>> linspace(0.0, 1.0, 3).tolist()
        [0.0, 0.5, 1.0]

    Source: Keras 3 names and defaults.
    """
    start, stop = promote(as_float_input(start), as_float_input(stop))
    dtype = start.dtype if dtype is None else dtypes.standardize(dtype)
    part = _parts(num, endpoint, start.dtype)
    ndim = max(len(start.shape), len(stop.shape))
    part = expand_dims(part, tuple(range(1, ndim + 1)))
    # Both ends come out exactly, which start + part * (stop - start) would not give.
    result = add(multiply(subtract(1.0, part), start), multiply(part, stop))
    result = cast(moveaxis(result, 0, axis), dtype)
    if not retstep:
        return result
    steps = num - 1 if endpoint else num
    step = divide(subtract(stop, start), float(steps) if steps else float("nan"))
    return result, cast(step, dtype)


def logspace(start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0):
    """Numbers evenly spaced by their logarithm: `base ** linspace(start, stop)`.

    Args:
        start: number or tensor. Exponent of the first.
        stop: number or tensor. Exponent of the last.
        num: int. How many.
        endpoint: bool. Whether `stop` belongs to the last one.
        base: number.
        dtype: dtype-like; promoted from the arguments, and float, when None.
        axis: int. Position of the new axis in the result.

    Returns:
        tensor with one more axis than `start`.

    Example:
        >>> logspace(0.0, 2.0, 3).tolist()
        [1.0, 10.0, 100.0]

    Source: Keras 3 names and defaults.
    """
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    result = power(base, exponents)
    return result if dtype is None else cast(result, dtype)


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """Numbers with a constant quotient from `start` to `stop`.

    Args:
        start: number or tensor, not 0.
        stop: number or tensor of the same sign.
        num: int. How many.
        endpoint: bool. Whether `stop` is the last one.
        dtype: dtype-like; promoted from the arguments, and float, when None.
        axis: int. Position of the new axis in the result.

    Returns:
        tensor with one more axis than `start`.

    Example:
        >>> geomspace(1.0, 4.0, 3).shape
        (3,)

    Source: Keras 3 names and defaults.
    """
    start, stop = promote(as_float_input(start), as_float_input(stop))
    logarithms = linspace(log(absolute(start)), log(absolute(stop)), num, endpoint, axis=axis)
    signs = linspace(sign(start), sign(start), num, axis=axis)
    result = multiply(signs, exp(logarithms))
    return result if dtype is None else cast(result, dtype)


__all__ = [
    "arange",
    "geomspace",
    "linspace",
    "logspace",
]
