"""TensorFlow's error classes, and the step from the package's errors to them."""

import contextlib

from kerasish.compat.v2.element_types import shown
from kerasish.errors import DTypeError, KerasishError, ShapeError


class OpError(KerasishError):
    """An operation failed.

    Args:
        node_def: unused, None.
        op: str or None, the name of the operation.
        message: str.
    """

    def __init__(self, node_def, op, message):
        super().__init__(message)
        self.node_def, self.op, self.message = node_def, op, message


def _kind(name, description, *bases):
    return type(name, (OpError, *bases), {"__doc__": description, "__module__": __name__})


# A ValueError too: TensorFlow itself raises one for the same mistake inside a graph.
InvalidArgumentError = _kind("InvalidArgumentError", "An argument does not fit.", ValueError)
NotFoundError = _kind("NotFoundError", "A file or name does not exist.", FileNotFoundError)
AlreadyExistsError = _kind("AlreadyExistsError", "A file exists already.", FileExistsError)
OutOfRangeError = _kind("OutOfRangeError", "Past the end.", IndexError)
FailedPreconditionError = _kind("FailedPreconditionError", "The state is not ready for this.")
DataLossError = _kind("DataLossError", "A file is damaged.")
UnimplementedError = _kind("UnimplementedError", "There is no such thing here.")
ResourceExhaustedError = _kind("ResourceExhaustedError", "Memory is used up.")
InternalError = _kind("InternalError", "A fault of the library itself.")
CancelledError = _kind("CancelledError", "It was cancelled.")
PermissionDeniedError = _kind("PermissionDeniedError", "It is not allowed.", PermissionError)
UnavailableError = _kind("UnavailableError", "It cannot be reached now.")
UnknownError = _kind("UnknownError", "Of no other kind.")
AbortedError = _kind("AbortedError", "It was stopped.")
DeadlineExceededError = _kind("DeadlineExceededError", "It took too long.")
UnauthenticatedError = _kind("UnauthenticatedError", "The caller is not known.")


def invalid(op, message):
    """InvalidArgumentError of an operation, worded as TensorFlow words it."""
    return InvalidArgumentError(None, op, f"{message} [Op:{op}] name: ")


def mismatch(op, position, expected, received):
    """The error of two operands of different dtypes."""
    return invalid(op, f"cannot compute {op} as input #{position}(zero-based) was expected to be a "
                   f"{shown(expected)} tensor but is a {shown(received)} tensor")  # fmt: skip


@contextlib.contextmanager
def named(op):
    """Turn the package's errors about shapes and dtypes into those of TensorFlow."""
    try:
        yield
    except (ShapeError, DTypeError) as error:
        raise invalid(op, str(error)) from error


__all__ = sorted(
    name for name, item in list(globals().items())
    if isinstance(item, type) and issubclass(item, OpError)
)  # fmt: skip
