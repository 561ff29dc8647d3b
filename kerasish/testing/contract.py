"""Contract: named properties that an object must have, and the one error that tells which fails."""

import contextlib
import json

import numpy

from kerasish import ops
from kerasish.core import tree
from kerasish.core.tensor import Tensor
from kerasish.errors import explain, nearest


class ContractError(AssertionError):
    """An object does not do what every object of its kind must do.

    Args:
        message: str.
    """

    def __init__(self, message=""):
        super().__init__(message)


class Contract:
    """Properties of one kind of object, checked one after the other.

    Args:
        kind: str. What the objects are: "layer", "loss", ...

    Example:
        >>> even = Contract("number")
        >>> @even.property
        ... def is_even(number):
        ...     '''It is divided by two without a rest.'''
        ...     return require("number", number % 2 == 0, "odd", received=number)
        >>> even.check(4, where="four")
        ('is_even',)
    """

    def __init__(self, kind):
        self.kind = kind
        self.properties = {}

    def property(self, function):
        """Decorator: a function of a case that raises, or returns False where it does not apply."""
        self.properties[function.__name__] = function
        return function

    def check(self, case, *, where, skip=()):
        """Check all properties but those in `skip`.

        Args:
            case: what the properties are functions of.
            where: str. Begins the text of an error.
            skip: names of properties that this object is known not to have.

        Returns:
            tuple of the names of the properties that applied.

        Raises:
            ContractError: a property does not hold, or its check fails.
            ValueError: `skip` has a name that is no property.
        """
        for name in skip:
            if name not in self.properties:
                raise ValueError(
                    explain(
                        f"check_{self.kind}",
                        "skip names no property",
                        received=name,
                        fix=nearest(name, self.properties),
                    )
                )
        applied = []
        for name, function in self.properties.items():
            if name in skip:
                continue
            try:
                applies = function(case)
            except ContractError as error:
                error.add_note(f"property {name!r} of every {self.kind}: {function.__doc__}")
                raise
            except Exception as error:
                raise ContractError(
                    explain(
                        where,
                        f"checking {name!r} ({function.__doc__}) ended with "
                        f"{type(error).__name__}: {str(error).rstrip('.')}",
                        fix=f"mend it, or pass skip={name!r} where the property is not meant",
                    )
                ) from error
            if applies is not False:
                applied.append(name)
        return tuple(applied)


def require(where, condition, problem, **more):
    """Raise ContractError, with a text of `explain`, unless a condition holds."""
    if not condition:
        raise ContractError(explain(where, problem, **more))


def require_close(where, problem, actual, expected, tolerance=0.0):
    """Raise ContractError unless two nested structures of tensors agree, element by element.

    Args:
        where, problem: begin the text of the error.
        actual, expected: nested tensors.
        tolerance: float, relative and absolute; 0 for bit by bit.
    """
    first, second = tree.flatten(actual), tree.flatten(expected)
    require(
        where,
        len(first) == len(second),
        f"{problem}: another number of tensors",
        received=len(first),
        expected=str(len(second)),
    )
    for a, b in zip(first, second, strict=True):
        require(where, (a is None) == (b is None), f"{problem}: None against a tensor")
        if a is not None:
            _require_close_arrays(where, problem, plain(a), plain(b), tolerance)


def _require_close_arrays(where, problem, a, b, tolerance):
    require(
        where,
        a.shape == b.shape,
        f"{problem}: other shapes",
        received=a.shape,
        expected=str(b.shape),
    )
    if a.dtype.kind not in "fc":
        require(where, (a == b).all(), f"{problem}: other values", received=a, expected=f"{b}")
        return
    with numpy.errstate(all="ignore"):
        is_close = numpy.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
        gap = numpy.max(numpy.abs(a - b)) if a.size else 0.0
    require(
        where,
        is_close,
        f"{problem}: values differ by {gap:.3g}",
        expected=f"at most {tolerance:.3g}, absolute or relative",
    )


def require_config(where, item, twin):
    """Raise ContractError unless the config is plain data and that of an equal object."""
    config = item.get_config()
    try:
        text = json.dumps(serialized(config))
    except TypeError as error:
        raise ContractError(
            explain(where, "get_config() holds what JSON cannot", received=f" {error}")
        ) from error
    again = json.dumps(serialized(twin.get_config()))
    require(
        where,
        text == again,
        "from_config(get_config()) has another config",
        received=f" {again}",
        expected=text,
    )


def serialized(config):
    """A config as it is read back from a file: tuples are lists there."""
    return json.loads(json.dumps(config))


def plain(x):
    """Array of a tensor, with half precision as float32, so that NumPy can compare it."""
    array = numpy.asarray(x)
    is_half = array.dtype.name in ("float16", "bfloat16") or array.dtype.name.startswith("float8")
    return array.astype("float32") if is_half else array


def is_float(x):
    """Whether a tensor holds floats."""
    return isinstance(x, Tensor) and "float" in x.dtype


def total_of(outputs):
    """A scalar that depends on every float element of nested outputs, each in another way."""
    parts = [
        ops.sum(ops.sin(ops.add(ops.cast(y, y.dtype), float(i))))
        for i, y in enumerate(tree.flatten(outputs))
        if is_float(y)
    ]
    return sum(parts[1:], parts[0]) if parts else None


def slope_by_differences(function, arrays, directions, step=1e-6):
    """Derivative of a scalar function of arrays along directions, from two values.

    Args:
        function: callable of a list of float64 arrays that returns a float.
        arrays, directions: lists of float64 arrays.
        step: float.

    Example:
        >>> square = slope_by_differences(lambda xs: xs[0] ** 2, [3.0], [1.0])
        >>> round(square, 3)
        6.0
    """
    up = function([x + step * d for x, d in zip(arrays, directions, strict=True)])
    down = function([x - step * d for x, d in zip(arrays, directions, strict=True)])
    return (up - down) / (2 * step)


@contextlib.contextmanager
def quiet_numpy():
    """No warnings of overflow or division from NumPy code of the checked object."""
    with numpy.errstate(all="ignore"):
        yield
