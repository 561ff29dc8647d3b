"""The error classes that running a graph raises: `tf.errors`."""

import sys


class OpError(Exception):
    """Base of the errors of a run.

    Args:
        node_def: kept for compatibility.
        op: Operation at fault, or None.
        message: str.

    Example:
        >>> OpError(None, None, "no value").message
        'no value'
    """

    error_code = 2

    def __init__(self, node_def, op, message, *unused):
        super().__init__(message)
        self.node_def, self.op, self.message = node_def, op, message


_CODES = {
    "CancelledError": 1,
    "UnknownError": 2,
    "InvalidArgumentError": 3,
    "DeadlineExceededError": 4,
    "NotFoundError": 5,
    "AlreadyExistsError": 6,
    "PermissionDeniedError": 7,
    "ResourceExhaustedError": 8,
    "FailedPreconditionError": 9,
    "AbortedError": 10,
    "OutOfRangeError": 11,
    "UnimplementedError": 12,
    "InternalError": 13,
    "UnavailableError": 14,
    "DataLossError": 15,
    "UnauthenticatedError": 16,
}


def _declare(name, code):
    text = f"A run failed with TensorFlow's code {code}, {name.removesuffix('Error')}."
    return type(name, (OpError,), {"error_code": code, "__doc__": text, "__module__": __name__})


for _name, _code in _CODES.items():
    setattr(sys.modules[__name__], _name, _declare(_name, _code))


class OperatorNotAllowedInGraphError(TypeError):
    """Python asked for the value of a tensor of a graph."""


__all__ = ["OpError", "OperatorNotAllowedInGraphError", *_CODES]
