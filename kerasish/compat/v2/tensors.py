"""Tensors with TensorFlow's face: the same arrays and keys, its printed forms and dtype rules."""

import numpy

from kerasish.arrays.text import encoded
from kerasish.compat.v2.element_types import as_dtype
from kerasish.compat.v2.shapes import TensorShape
from kerasish.core import tensor as core
from kerasish.core import tree

_SPACES = {"cpu": "CPU:0"}


class _Face:
    """What eager and traced tensors share."""

    __slots__ = ()

    @property
    def shape(self):
        """TensorShape of the tensor."""
        return _shape_of(super().shape)

    @property
    def dtype(self):
        """DType of the elements."""
        return as_dtype(super().dtype)

    def get_shape(self):
        """TensorShape of the tensor."""
        return self.shape

    def set_shape(self, shape):
        """Check a shape; what is known already cannot become better known."""
        self.shape.assert_is_compatible_with(shape)

    def ref(self):
        """A hashable stand-in, equal to those of the same tensor."""
        return Reference(self)

    def __hash__(self):
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def __setitem__(self, index, value):
        raise TypeError(
            "'tensorflow.python.framework.ops.EagerTensor' object does not support item assignment"
        )


def _shape_of(sizes):
    return tuple.__new__(TensorShape, sizes)


class Reference:
    """Hashable stand-in of a tensor or variable, which `deref` gives back."""

    def __init__(self, tensor):
        self._tensor = tensor

    def deref(self):
        """The tensor or variable."""
        return self._tensor

    def __eq__(self, other):
        return isinstance(other, Reference) and self._tensor.key == other._tensor.key

    def __hash__(self):
        return hash(self._tensor.key)

    def __repr__(self):
        return f"<Reference wrapping {self._tensor!r}>"


class Tensor(_Face, core.Tensor):
    """Immutable value with TensorFlow's printed forms, operators and dtype rules.

    It shares array and key with the tensor of the package that it stands for, so that tapes and
    traces take it for the same.

    Args:
        array: NumPy or CuPy array.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> tf.constant([1, 2])
        <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>
        >>> print(tf.constant([1, 2]) * 2)
        tf.Tensor([2 4], shape=(2,), dtype=int32)

    Source: TensorFlow `tf.Tensor`.
    """

    __slots__ = ()

    def numpy(self):
        """A NumPy array of the caller's own, or a NumPy scalar; text as bytes."""
        array = super().numpy()
        if array.dtype.kind == "O":
            words = numpy.empty(array.shape, object)
            words.reshape(-1)[:] = encoded(array)
            return words[()]
        return array.copy()[()]

    def __array__(self, dtype=None, copy=None):
        return numpy.asarray(self.numpy(), dtype=dtype)

    def __format__(self, spec):
        return format(self.numpy(), spec) if spec and not self.shape else str(self)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return Tensor(self._array.copy())

    def __reduce__(self):
        return _restored, super().__reduce__()

    def __repr__(self):
        shown = described(self.numpy())
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={shown}>"

    def __str__(self):
        text = str(self.numpy())
        line = "\n" if "\n" in text else ""
        return f"tf.Tensor({line}{text}, shape={self.shape}, dtype={self.dtype.name})"


class SymbolicTensor(_Face, core.SymbolicTensor):
    """The same inside a traced function, where there is no value yet."""

    __slots__ = ()

    def __init__(self, source):
        super().__init__(spec=source.spec, graph=source.graph, name=source.name)
        self._key = source._key

    def __copy__(self):
        return self

    def __repr__(self):
        return f'Tensor("{self.name}:0", shape={self.shape}, dtype={self.dtype.name})'

    __str__ = __repr__


def described(value):
    """What follows `numpy=` in a printed form."""
    if isinstance(value, numpy.generic):
        return repr(value.item())
    text = repr(value)
    return f"\n{text}" if "\n" in text else text


def _restored(make, arguments):
    return face(make(*arguments))


def face(value):
    """A tensor of the package with TensorFlow's face; anything else as it is."""
    kind = type(value)
    if kind is core.Tensor:
        dressed = Tensor.__new__(Tensor)
        dressed._array, dressed._key = value._array, value._key
    elif kind is core.SymbolicTensor and value.graph is not None:
        dressed = SymbolicTensor(value)
    else:
        return value
    mask = getattr(value, "_keras_mask", None)
    if mask is not None:
        dressed._keras_mask = mask
    return dressed


def plain(value):
    """The tensor of the package that stands behind a face; anything else as it is."""
    if isinstance(value, Tensor):
        bare = core.Tensor(value._array)
        bare._key = value.key
    elif isinstance(value, SymbolicTensor):
        bare = core.SymbolicTensor(spec=value._spec, graph=value.graph, name=value.name)
        bare._key = value._key
    else:
        return value
    mask = getattr(value, "_keras_mask", None)
    if mask is not None:
        bare._keras_mask = mask
    return bare


def faces(structure):
    """A nested structure with every tensor's face TensorFlow's."""
    if isinstance(structure, (list, tuple, dict)) and not isinstance(structure, TensorShape):
        return tree.map_structure(face, structure)
    return face(structure)


for _kind in (Tensor, SymbolicTensor):
    _kind.face, _kind.to_plain = staticmethod(face), plain
