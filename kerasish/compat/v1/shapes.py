"""TensorShape and Dimension: static shapes as TensorFlow 1 shows them."""

import numpy

from kerasish.errors import explain


class Dimension:
    """One size, or None for an unknown one.

    Example:
        >>> Dimension(3) + 1, int(Dimension(3)), Dimension(None).value
        (Dimension(4), 3, None)
    """

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value.value if isinstance(value, Dimension) else value

    def __repr__(self):
        return f"Dimension({self.value})"

    def __str__(self):
        return "?" if self.value is None else str(self.value)

    def __eq__(self, other):
        other = Dimension(other).value
        return None if self.value is None or other is None else self.value == other

    def __hash__(self):
        return hash(self.value)

    def __int__(self):
        return self.value

    def __index__(self):
        return self.value

    def _combine(self, other, function):
        other = Dimension(other).value
        return Dimension(
            None if self.value is None or other is None else function(self.value, other)
        )

    def __add__(self, other):
        return self._combine(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._combine(other, lambda a, b: a - b)

    def __mul__(self, other):
        return self._combine(other, lambda a, b: a * b)

    def __floordiv__(self, other):
        return self._combine(other, lambda a, b: a // b)

    __radd__, __rmul__ = __add__, __mul__


class TensorShape:
    """A static shape: sizes may be unknown, and so may their number.

    Args:
        dims: sequence of int, None or Dimension; an int is one size; None is an unknown shape.

    Example:
        >>> print(TensorShape([None, 3]), TensorShape(None), TensorShape([2, 3]).as_list())
        (?, 3) <unknown> [2, 3]
    """

    __slots__ = ("_sizes",)

    def __init__(self, dims):
        self._sizes = sizes_of(dims)

    @property
    def sizes(self):
        """Tuple of int and None, or None for an unknown shape."""
        return self._sizes

    @property
    def ndims(self):
        """Number of sizes, or None."""
        return None if self._sizes is None else len(self._sizes)

    rank = ndims

    @property
    def dims(self):
        """List of Dimension, or None."""
        return None if self._sizes is None else [Dimension(n) for n in self._sizes]

    def as_list(self):
        """List of int and None.

        Raises:
            ValueError: the shape is unknown.
        """
        if self._sizes is None:
            raise ValueError(explain("as_list()", "not defined on an unknown TensorShape"))
        return list(self._sizes)

    def is_fully_defined(self):
        """Whether every size is known."""
        return self._sizes is not None and None not in self._sizes

    def num_elements(self):
        """Product of the sizes, or None."""
        return int(numpy.prod(self._sizes)) if self.is_fully_defined() else None

    def is_compatible_with(self, other):
        """Whether some value could have both shapes."""
        a, b = self._sizes, sizes_of(other)
        if a is None or b is None:
            return True
        return len(a) == len(b) and all(
            m is None or n is None or m == n for m, n in zip(a, b, strict=True)
        )

    def assert_is_compatible_with(self, other):
        """Raise ValueError unless `is_compatible_with`."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def merge_with(self, other):
        """What is known from both shapes together."""
        self.assert_is_compatible_with(other)
        a, b = self._sizes, sizes_of(other)
        if a is None or b is None:
            return TensorShape(b if a is None else a)
        return TensorShape([n if m is None else m for m, n in zip(a, b, strict=True)])

    def concatenate(self, other):
        """This shape followed by another."""
        a, b = self._sizes, sizes_of(other)
        return TensorShape(None if a is None or b is None else (*a, *b))

    def __len__(self):
        return len(self.as_list())

    def __iter__(self):
        return iter([Dimension(n) for n in self.as_list()])

    def __getitem__(self, index):
        if self._sizes is None:
            return TensorShape(None) if isinstance(index, slice) else Dimension(None)
        part = self._sizes[index]
        return TensorShape(part) if isinstance(index, slice) else Dimension(part)

    def __bool__(self):
        return self._sizes is not None

    def __eq__(self, other):
        try:
            return self._sizes == sizes_of(other)
        except TypeError:
            return NotImplemented

    def __hash__(self):
        return hash(self._sizes)

    def __str__(self):
        if self._sizes is None:
            return "<unknown>"
        shown = ["?" if n is None else str(n) for n in self._sizes]
        return f"({shown[0]},)" if len(shown) == 1 else f"({', '.join(shown)})"

    def __repr__(self):
        return f"TensorShape({None if self._sizes is None else list(self._sizes)})"


def sizes_of(shape):
    """Tuple of int and None, or None, of anything that stands for a static shape."""
    if shape is None:
        return None
    if isinstance(shape, TensorShape):
        return shape.sizes
    if isinstance(shape, (int, numpy.integer, Dimension)):
        shape = (shape,)
    found = []
    for n in shape:
        n = n.value if isinstance(n, Dimension) else n
        n = None if n is None else int(n)
        found.append(None if n == -1 else n)
    return tuple(found)
