"""TensorShape and TensorSpec: tuples of sizes and specs that print and answer as TensorFlow's."""

import math

from kerasish.compat.v2.element_types import as_dtype, float32
from kerasish.core import spec as core
from kerasish.errors import explain


class TensorShape(tuple):
    """Tuple of sizes, None where unknown; the number of axes is always known.

    Example:
        >>> shape = TensorShape([None, 3])
        >>> shape, shape.rank, shape.as_list(), shape[1:], shape.is_compatible_with((2, 3))
        (TensorShape([None, 3]), 2, [None, 3], TensorShape([3]), True)

    Source: TensorFlow `tf.TensorShape`.
    """

    __slots__ = ()

    def __new__(cls, dims=()):
        if dims is None:
            raise ValueError(
                explain("TensorShape", "the number of axes must be known", received=dims)
            )
        return super().__new__(cls, core.standardize_shape(dims))

    @property
    def rank(self):
        """Number of axes."""
        return len(self)

    ndims = rank

    @property
    def dims(self):
        """List of sizes."""
        return list(self)

    def as_list(self):
        """List of sizes, None where unknown."""
        return list(self)

    def num_elements(self):
        """Number of elements; None where a size is unknown."""
        return None if None in self else math.prod(self)

    def is_fully_defined(self):
        """Whether every size is known."""
        return None not in self

    def assert_is_fully_defined(self):
        """Raise ValueError where a size is unknown."""
        if None in self:
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other):
        """Whether some shape fits both: the same rank, and sizes equal where both are known."""
        if other is None:
            return True
        pairs = list(zip(self, TensorShape(other), strict=False))
        return len(pairs) == len(self) == len(tuple(other)) and all(
            a is None or b is None or a == b for a, b in pairs
        )

    def assert_is_compatible_with(self, other):
        """Raise ValueError unless `is_compatible_with`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def merge_with(self, other):
        """The shape that tells what either of two compatible shapes tells."""
        self.assert_is_compatible_with(other)
        return TensorShape([b if a is None else a for a, b in zip(self, other, strict=True)])

    def concatenate(self, other):
        """The sizes of one shape, then those of another."""
        return TensorShape((*self, *TensorShape(other)))

    def with_rank(self, rank):
        """The shape itself; ValueError if it has another number of axes."""
        if rank != len(self):
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def __getitem__(self, key):
        found = super().__getitem__(key)
        return TensorShape(found) if isinstance(key, slice) else found

    def __add__(self, other):
        return self.concatenate(other)

    def __radd__(self, other):
        return TensorShape(other).concatenate(self)

    def __eq__(self, other):
        try:
            return tuple(self) == tuple(other)
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    __hash__ = tuple.__hash__

    def __reduce__(self):
        return TensorShape, (list(self),)

    def __repr__(self):
        return f"TensorShape({list(self)})"

    def __str__(self):
        return tuple.__repr__(tuple(self))


class TensorSpec(core.TensorSpec):
    """Shape and dtype of a tensor, for signatures.

    Args:
        shape: sequence of int or None.
        dtype: dtype-like.
        name: str or None.

    Example:
        >>> TensorSpec([None, 2], "int32")
        TensorSpec(shape=(None, 2), dtype=tf.int32, name=None)

    Source: TensorFlow `tf.TensorSpec`.
    """

    __slots__ = ()

    def __init__(self, shape, dtype=float32, name=None):
        super().__init__(shape, as_dtype(dtype), name)
        self.shape, self.dtype = TensorShape(self.shape), as_dtype(dtype)

    @classmethod
    def from_tensor(cls, tensor, name=None):
        """Spec of a tensor."""
        return cls(tensor.shape, tensor.dtype, name)

    def is_compatible_with(self, spec_or_tensor):
        """Whether a tensor, or a tensor of a spec, fits."""
        dtype, shape = spec_or_tensor.dtype, spec_or_tensor.shape
        return self.dtype == dtype and self.shape.is_compatible_with(shape)

    def __repr__(self):
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"


def of_spec(spec):
    """A spec of the package as one of TensorFlow's kind; anything else as it is."""
    is_plain = type(spec) is core.TensorSpec
    return TensorSpec(spec.shape, spec.dtype, spec.name) if is_plain else spec
