"""tf.debugging: checks that raise InvalidArgumentError, at once or, for shapes, while tracing."""

import numpy

from kerasish.compat.v2.conversion import is_tensor, to_plain
from kerasish.compat.v2.errors import InvalidArgumentError, invalid
from kerasish.compat.v2.tensors import face, plain


def _value(x):
    return numpy.asarray(face(plain(to_plain(x))).numpy())


def _known(*values):
    return all(not getattr(v, "is_symbolic", False) for v in values)


def _comparison(name, sign, function):
    def check(x, y, message=None, summarize=3, name=None):
        if not _known(x, y):
            return
        a, b = _value(x), _value(y)
        holds = numpy.asarray(function(a, b))
        if holds.all():
            return
        lines = [message] if message else []
        lines.append(f"Condition x {sign} y did not hold.")
        if holds.shape:
            places = numpy.argwhere(~holds)
            a, b = numpy.broadcast_arrays(a, b)
            shown = places[:summarize]
            lines += [f"Indices of first {len(shown)} different values:", str(shown),
                      "Corresponding x values:", str(a[tuple(shown.T)]),
                      "Corresponding y values:", str(b[tuple(shown.T)])]  # fmt: skip
        for label, array in (("x", a), ("y", b)):
            count = min(summarize, array.size)
            lines += [f"First {count} elements of {label}:", str(array.reshape(-1)[:count])]
        raise InvalidArgumentError(None, name, "\n".join(lines))

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raise InvalidArgumentError unless `x {sign} y` everywhere."
    return check


assert_equal = _comparison("assert_equal", "==", numpy.equal)
assert_none_equal = _comparison("assert_none_equal", "!=", numpy.not_equal)
assert_less = _comparison("assert_less", "<", numpy.less)
assert_less_equal = _comparison("assert_less_equal", "<=", numpy.less_equal)
assert_greater = _comparison("assert_greater", ">", numpy.greater)
assert_greater_equal = _comparison("assert_greater_equal", ">=", numpy.greater_equal)


def _sign_check(name, sign, function):
    def check(x, message=None, summarize=3, name=None):
        if _known(x) and not function(_value(x), 0).all():
            lines = [message] if message else []
            raise InvalidArgumentError(None, name, "\n".join(
                [*lines, f"Condition x {sign} 0 did not hold element-wise:", str(_value(x))]
            ))  # fmt: skip

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raise InvalidArgumentError unless `x {sign} 0` everywhere."
    return check


assert_positive = _sign_check("assert_positive", ">", numpy.greater)
assert_non_negative = _sign_check("assert_non_negative", ">=", numpy.greater_equal)
assert_negative = _sign_check("assert_negative", "<", numpy.less)
assert_non_positive = _sign_check("assert_non_positive", "<=", numpy.less_equal)


def assert_near(x, y, rtol=None, atol=None, message=None, summarize=3, name=None):
    """Raise InvalidArgumentError unless two tensors are close.

    Args:
        x, y: tensors of one dtype.
        rtol, atol: float; ten times the dtype's precision when None.
        message: str, or None.
        summarize, name: ignored.
    """
    if not _known(x, y):
        return
    a, b = _value(x), _value(y)
    least = 10 * numpy.finfo(a.dtype).eps
    rtol, atol = least if rtol is None else rtol, least if atol is None else atol
    if not (numpy.abs(a - b) <= atol + rtol * numpy.abs(b)).all():
        raise InvalidArgumentError(None, name, f"{message or ''} x and y not equal to tolerance "
                                   f"rtol = {rtol}, atol = {atol}: x = {a}, y = {b}")  # fmt: skip


def Assert(condition, data, summarize=None, name=None):
    """Raise InvalidArgumentError with some data unless a condition holds.

    Args:
        condition: bool tensor.
        data: list of tensors or values, shown in the error.
        summarize, name: ignored.
    """
    if _known(condition) and not _value(condition).all():
        shown = "".join(f"\n  {_value(d) if is_tensor(d) else d}" for d in data)
        raise InvalidArgumentError(None, "Assert", f"Expected '{_value(condition)}' to be true. "
                                   f"Summarized data:{shown}")  # fmt: skip


def check_numerics(tensor, message, name=None):
    """The tensor itself; InvalidArgumentError where an element is NaN or infinite.

    Args:
        tensor: tensor of floats.
        message: str, the start of the error.
        name: ignored.
    """
    if _known(tensor):
        array = _value(tensor)
        kinds = [kind for kind, test in (("Inf", numpy.isinf), ("NaN", numpy.isnan))
                 if test(array).any()]  # fmt: skip
        if kinds:
            raise invalid("CheckNumerics", f"{message} : Tensor had {' and '.join(kinds)} values")
    return face(plain(to_plain(tensor)))


def assert_all_finite(x, message=None, name=None):
    """As `check_numerics`.

    Args:
        x: tensor of floats.
        message: str, or None.
        name: ignored.
    """
    return check_numerics(x, message or "")


def assert_shapes(shapes, data=None, summarize=None, message=None, name=None):
    """Raise ValueError unless tensors have sizes that are equal where they bear one name.

    Args:
        shapes: list of (tensor, sequence of int, name or None).
        data, summarize, name: ignored.
        message: str, or None.
    """
    known = {}
    for tensor, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        received = tuple(plain(to_plain(tensor)).shape)
        if len(received) != len(wanted):
            raise ValueError(f"{message or ''} Tensor shape={received} must have rank "
                             f"{len(wanted)}.")  # fmt: skip
        for axis, (size, name_) in enumerate(zip(received, wanted, strict=True)):
            expected = known.setdefault(name_, size) if isinstance(name_, str) else name_
            if None not in (expected, size) and expected != size:
                raise ValueError(
                    f"{message or 'Specified explicitly.'}  Tensor shape={received} dimension "
                    f"{axis} must have size {expected}.  Received size {size}, shape {received}"
                )


def assert_rank(x, rank, message=None, name=None):
    """Raise ValueError unless a tensor has so many axes.

    Args:
        x: tensor.
        rank: int.
        message: str, or None.
        name: ignored.
    """
    found = len(plain(to_plain(x)).shape)
    if found != rank:
        raise ValueError(f"{message or ''} Tensor must have rank {rank}. Received rank {found}")


def assert_type(tensor, tf_type, message=None, name=None):
    """Raise TypeError unless a tensor has a dtype.

    Args:
        tensor: tensor.
        tf_type: dtype-like.
        message: str, or None.
        name: ignored.
    """
    if tensor.dtype != tf_type:
        raise TypeError(f"{message or ''} tensor must be of type {tf_type!r}; got {tensor.dtype!r}")


def is_numeric_tensor(tensor):
    """Whether a value is a tensor of numbers.

    Args:
        tensor: any value.
    """
    return is_tensor(tensor) and tensor.dtype not in ("string", "bool")
