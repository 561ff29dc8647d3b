"""Operators of tensors and variables by TensorFlow's rules, attached to their classes."""

import kerasish.compat.v2.errors as errors
from kerasish import ops
from kerasish.compat.v2.conversion import is_tensor, to_plain
from kerasish.compat.v2.tables import FUNCTIONS
from kerasish.compat.v2.tensors import SymbolicTensor, Tensor, face, plain
from kerasish.ops import operators

_NAMES = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "true_divide": "truediv",
    "floor_divide": "floordiv", "mod": "math.floormod", "power": "pow", "matmul": "matmul",
    "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "math.logical_xor",
    "bitwise_and": "bitwise.bitwise_and", "bitwise_or": "bitwise.bitwise_or",
    "bitwise_xor": "bitwise.bitwise_xor", "bitwise_not": "bitwise.invert",
    "left_shift": "bitwise.left_shift", "right_shift": "bitwise.right_shift", "equal": "equal",
    "not_equal": "not_equal", "less": "less", "less_equal": "less_equal", "greater": "greater",
    "greater_equal": "greater_equal", "negative": "negative", "absolute": "abs",
    "logical_not": "logical_not",
}  # fmt: skip
_WORDS = {"__add__": "add", "__eq__": "equal", "__ne__": "not_equal"}  # what text can do too
_SUMMARY = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
    "tf.int32/tf.int64 tensors are valid indices, got {!r}"
)


def _faced(function):
    def call(*args, **kwargs):
        result = function(*map(plain, args), **kwargs)
        return [face(r) for r in result] if isinstance(result, (list, tuple)) else face(result)

    call.__name__, call.__doc__ = function.__name__, function.__doc__
    return call


def get_item(x, key):
    """Part of a tensor: `x[key]`."""
    for part in key if isinstance(key, tuple) else (key,):
        is_list = isinstance(part, (list, tuple)) or (is_tensor(part) and len(part.shape) > 0)
        if is_list and getattr(part, "dtype", None) != "bool":
            raise TypeError(_SUMMARY.format(part))
    with errors.named("StridedSlice"):
        return face(ops.get_item(plain(x), key))


def _functions():
    found = {name: FUNCTIONS[ours] for name, ours in _NAMES.items()}
    found["get_item"] = get_item
    for name in ("cast", "reshape", "transpose", "round", *operators._METHODS):
        found[name] = _faced(getattr(ops, name))
    return found


def _with_words(cls, name, function):
    numbers = getattr(cls, name)

    def operator(self, other):
        if isinstance(other, (str, bytes)) and self.dtype == "string":
            return function(self, to_plain(other))
        if other is None:
            return NotImplemented
        return numbers(self, other)

    operator.__name__ = operator.__qualname__ = name
    operator.__doc__ = numbers.__doc__
    setattr(cls, name, operator)


def attach(cls):
    """Give a class of tensors or variables TensorFlow's operators."""
    operators.attach(cls, _functions())
    for name, function in _WORDS.items():
        _with_words(cls, name, FUNCTIONS[function])


attach(Tensor)
attach(SymbolicTensor)
