"""Operators of tensors and variables: `a + b`, `a @ b`, `a[0]`, `a < b`, under TensorFlow's names.

`==` compares identity, as in TensorFlow 1: `tf.equal` compares values.
"""

from kerasish.compat.v1 import aliases, products, selection
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.generated import FUNCTIONS
from kerasish.compat.v1.tensors import Tensor
from kerasish.compat.v1.variables import Variable


def _function(name):
    return FUNCTIONS.get(name) or getattr(products, name)


def _attach(cls):
    for operator, name, home in aliases.rows(aliases.OPERATORS):
        function = _function(home)
        setattr(cls, f"__{operator}__", _forward(function, name))
        setattr(cls, f"__r{operator}__", _reflected(function, name))
    for operator, name, home in aliases.rows(aliases.COMPARISONS):
        setattr(cls, f"__{operator}__", _forward(_function(home), name))
    cls.__neg__ = lambda self: FUNCTIONS["negative"](self, name="Neg")
    cls.__abs__ = lambda self: FUNCTIONS["abs"](self, name="Abs")
    cls.__invert__ = lambda self: FUNCTIONS["logical_not"](self)
    cls.__div__ = cls.__truediv__
    cls.__getitem__ = lambda self, index: selection.get_item(convert_to_tensor(self), index)
    for method in ("astype", "reshape", "T", "transpose"):
        if cls is Tensor and hasattr(cls, method):
            setattr(cls, method, property(lambda self, method=method: _absent(self, method)))


def _absent(tensor, method):
    raise AttributeError(f"{type(tensor).__name__!r} object has no attribute {method!r}: tensors "
                         "of a graph are changed with functions such as tf.reshape")  # fmt: skip


def _forward(function, name):
    return lambda self, other: function(self, other, name=name)


def _reflected(function, name):
    def operator(self, other):
        dtype = self.dtype
        return function(convert_to_tensor(other, dtype_hint=dtype), self, name=name)

    return operator


_attach(Tensor)
_attach(Variable)
