"""Signatures: what tells the calls of a function apart that need a trace each."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays.conversion import to_array
from kerasish.config import settings
from kerasish.core import modes, tree
from kerasish.core.tensor import Tensor


def is_tensor_like(leaf):
    """Whether an argument is an input: a tensor, an array or a NumPy number."""
    return isinstance(leaf, (Tensor, numpy.generic)) or devices.is_array(leaf)


def borrowed(leaf):
    """Tensor over the caller's own array: a program reads it and keeps nothing of it."""
    return Tensor(devices.current().send(to_array(leaf)))


def key_of(structure, parts):
    """Key of a trace: the arguments, and everything else that what is recorded depends on."""
    return (tree.structure_key(structure), tuple(parts), devices.current().name,
            settings.kernels_enabled, settings.floatx, modes.state.autocast)  # fmt: skip


def static_key(leaf):
    """What stands for a static argument in the key: equal only where a trace may be shared."""
    if type(leaf) in (float, complex):
        return repr(leaf)  # 0.0 equals -0.0 but divides otherwise, and NaN does not equal itself
    try:
        hash(leaf)
    except TypeError:
        return _Same(leaf)
    return _Same(leaf) if hasattr(leaf, "_as_tensor") else leaf  # == of variables is elementwise


class _Same:
    """An object that equals only itself, kept alive so that no other gets its address."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self):
        return id(self.value)

    def __repr__(self):
        return repr(self.value)
