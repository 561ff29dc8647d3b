"""Operators and methods of tensors: `a + b`, `x[0]`, `x.sum()`, attached to the tensor classes."""

import functools

from kerasish.core.tensor import Tensor

_BINARY = {
    "__add__": "add",
    "__sub__": "subtract",
    "__mul__": "multiply",
    "__truediv__": "true_divide",
    "__floordiv__": "floor_divide",
    "__mod__": "mod",
    "__pow__": "power",
    "__matmul__": "matmul",
    "__and__": "logical_and",
    "__or__": "logical_or",
    "__xor__": "logical_xor",
    "__lshift__": "left_shift",
    "__rshift__": "right_shift",
}
_COMPARISON = {
    "__eq__": "equal",
    "__ne__": "not_equal",
    "__lt__": "less",
    "__le__": "less_equal",
    "__gt__": "greater",
    "__ge__": "greater_equal",
}
_UNARY = {"__neg__": "negative", "__abs__": "absolute", "__invert__": "logical_not"}

# Methods of NumPy arrays, with NumPy's names; each is the function of the same name.
_METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "clip", "conj", "cumprod", "cumsum", "diagonal",
    "dot", "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "round", "squeeze",
    "std", "sum", "swapaxes", "take", "trace", "var",
)  # fmt: skip


def attach(cls, functions):
    """Give a tensor class its operators and methods.

    Args:
        cls: Tensor, Variable, or a class derived from them.
        functions: mapping from an operation's name to the function that the class shall call.
    """
    integer = {"__and__": "bitwise_and", "__or__": "bitwise_or", "__xor__": "bitwise_xor"}
    for name, operation in _BINARY.items():
        function = functions[operation]
        if name in integer:
            function = _by_dtype(function, functions[integer[name]])
        setattr(cls, name, _binary(name, function))
        reverse = f"__r{name[2:]}"
        setattr(cls, reverse, _reversed(reverse, function))
    for name, operation in _COMPARISON.items():
        setattr(cls, name, _binary(name, functions[operation]))
    for name, operation in _UNARY.items():
        function = functions[operation]
        if name == "__invert__":
            function = _by_dtype(function, functions["bitwise_not"])
        setattr(cls, name, _method(name, function))
    for name in _METHODS:
        if name in functions:
            setattr(cls, name, _method(name, functions[name]))
    _attach_special(cls, functions)


def _attach_special(cls, functions):
    cast, get_item = functions["cast"], functions["get_item"]
    reshape, transpose = functions["reshape"], functions["transpose"]

    def astype(self, dtype):
        """Values in another element type."""
        return cast(self, dtype)

    def reshape_method(self, *newshape):
        """The same elements in another shape: `x.reshape(2, 3)` or `x.reshape((2, 3))`."""
        return reshape(self, newshape[0] if len(newshape) == 1 else newshape)

    def transpose_method(self, *axes):
        """Axes in another order: `x.transpose(1, 0)`, `x.transpose((1, 0))`, `x.transpose()`."""
        if not axes or axes == (None,):
            return transpose(self)
        return transpose(self, axes[0] if len(axes) == 1 else axes)

    def flatten(self):
        """The elements on one axis."""
        return reshape(self, (-1,))

    def round_number(self, ndigits=0):
        return functions["round"](self, ndigits or 0)

    def positive(self):
        return self

    cls.astype, cls.reshape, cls.transpose = astype, reshape_method, transpose_method
    cls.flatten, cls.__round__, cls.__pos__ = flatten, round_number, positive
    cls.T = property(transpose, doc="Axes in reverse order.")
    if issubclass(cls, Tensor):  # a variable's slices can be assigned to, so it has its own
        cls.__getitem__ = _method("__getitem__", get_item)


def _is_foreign(other):
    """Values that no tensor can be made of: Python then asks the other operand."""
    return other is None or isinstance(other, (str, bytes, dict, set, type))


def _binary(name, function):
    def operator(self, other):
        if type(other) is not Tensor and _is_foreign(other):  # the type first: it is cheaper
            return NotImplemented
        return function(self, other)

    return _named(operator, name, function)


def _reversed(name, function):
    def operator(self, other):
        if _is_foreign(other):
            return NotImplemented
        return function(other, self)

    return _named(operator, name, function)


def _method(name, function):
    @functools.wraps(function)
    def method(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    return _named(method, name, function)


def _by_dtype(logical, bitwise):
    """`&`, `|`, `^` and `~`: logical for bool, bits for integers, as in NumPy."""

    def function(*operands):
        is_bool = all(
            getattr(x, "dtype", None) == "bool" or isinstance(x, (bool, list, tuple))
            for x in operands
        )
        return (logical if is_bool else bitwise)(*operands)

    return function


def _named(function, name, source):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(source, "__doc__", None)
    return function
