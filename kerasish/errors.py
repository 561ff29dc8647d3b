"""Exception classes, and `explain`, which gives every error text the same four parts."""

import difflib

_QUOTE_LIMIT = 200  # characters of user data an error may repeat: long configs must not leak whole


class KerasishError(Exception):
    """Base of the errors that are not plain ValueError or TypeError."""


class ShapeError(ValueError):
    """Shapes of tensors do not fit each other, a layer's weights or a layer's expectations."""


class DTypeError(TypeError):
    """A dtype is unknown or an operation does not take it."""


class DeviceError(KerasishError, RuntimeError):
    """A device is unknown, absent, or out of memory."""


class SymbolicValueError(KerasishError, TypeError):
    """Python asked for the value of a tensor that has none yet (inside a trace, or an `Input`)."""


class NotBuiltError(KerasishError, ValueError):
    """Weights were asked of a layer or model that has not been built."""


class GradientError(KerasishError, ValueError):
    """A gradient was asked for that the tape cannot give."""


class CheckpointError(KerasishError, ValueError):
    """A file is damaged, of another format, or does not fit the model."""


class UnknownObjectError(KerasishError, TypeError, ValueError):
    """A file or config names a class or function that is not known here."""


class CorruptFileError(CheckpointError):
    """A file is not what was written: bits have changed, or bytes are missing."""


class UnsafeFileError(CheckpointError):
    """A file asks for what no model needs: code, other files, or more memory than it describes."""


class NativeError(KerasishError):
    """The native library cannot be used in the way that was asked for."""


class NativeRefusal(KerasishError):
    """A native call refused a value; the plain operation then tells which."""


class DataError(ValueError):
    """Training data is empty, of unequal lengths, or of an unusable kind."""


def quote(value):
    """Short printable form of any value, with its type; arrays and tensors by shape and dtype."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is not None and dtype is not None and not isinstance(value, type):
        return f"{type(value).__name__} of shape {tuple(shape)} and dtype {dtype}"
    if isinstance(value, (str, type(None), bool, tuple, list, dict, set)):
        text = repr(value)
    else:
        text = f"{value!r} ({type(value).__name__})"
    return text if len(text) <= _QUOTE_LIMIT else text[: _QUOTE_LIMIT - 3] + "..."


_ABSENT = object()


def explain(where, problem, *, received=_ABSENT, expected=None, fix=None):
    """Compose an error text: where, what is wrong, what was received and expected, how to fix it.

    Args:
        where: str. Layer path, function or file at fault.
        problem: str. One clause that says what is wrong.
        received: any value (quoted shortly), or a str that starts with a space to print as it is.
        expected: str or None.
        fix: str or None. What the user can do.

    Returns:
        str.

    Example:
        >>> print(explain("Dense", "units must be a positive int", received=-3, fix="Dense(64)"))
        Dense: units must be a positive int. Received: -3 (int). Fix: Dense(64)
    """
    parts = [f"{where}: {problem}." if where else f"{problem}."]
    if received is not _ABSENT:
        is_plain = isinstance(received, str) and received.startswith(" ")
        parts.append(f"Received: {received.strip() if is_plain else quote(received)}.")
    if expected is not None:
        parts.append(f"Expected: {expected}.")
    if fix is not None:
        parts.append(f"Fix: {fix}")
    return " ".join(parts)


def nearest(name, choices):
    """Clause that offers the choice closest to a mistyped name, or lists the choices."""
    choices = sorted(str(c) for c in choices)
    close = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(choices[:30]) + (", ..." if len(choices) > 30 else "")
    return f"choose one of: {shown}"
