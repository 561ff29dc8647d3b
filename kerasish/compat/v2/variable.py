"""tf.Variable: a variable of the package with TensorFlow's arguments, printed form and rules."""

import numpy

import kerasish.compat.v2.operators as operators
from kerasish.arrays.text import encoded
from kerasish.compat.v2.conversion import dtype_or, to_plain
from kerasish.compat.v2.element_types import as_dtype
from kerasish.compat.v2.shapes import TensorShape
from kerasish.compat.v2.tensors import Reference, SymbolicTensor, Tensor, described, face, plain
from kerasish.core import modes, names
from kerasish.core import variable as core
from kerasish.core.tensor import Tensor as PlainTensor


class VariableValue(Tensor):
    """The value of a variable, which TensorFlow asks for by a call and Keras by an attribute."""

    __slots__ = ()

    def __call__(self):
        return self


class SymbolicVariableValue(SymbolicTensor):
    """The same inside a trace."""

    __slots__ = ()

    __call__ = VariableValue.__call__


class Variable(core.Variable):
    """Mutable state.

    Args:
        initial_value: tensor, array, number, nested list, or function without arguments.
        trainable: bool; True when None.
        validate_shape, caching_device, variable_def, import_scope, synchronization, aggregation,
            experimental_enable_variable_lifting: accepted, without effect.
        name: str; "Variable" when None.
        dtype: dtype-like or None.
        constraint: function that an optimizer applies to new values, or None.
        shape: sequence of int or None; the value's own when None.

    Raises:
        ValueError: no initial value, or one that does not fit `shape`.

    Example:
        >>> v = Variable([1.0, 2.0], name="v")
        >>> v
        <tf.Variable 'v:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>
        >>> print(v.assign_add([1.0, 1.0]) * 2)
        tf.Tensor([4. 6.], shape=(2,), dtype=float32)

    Source: TensorFlow `tf.Variable`.
    """

    def __init__(self, initial_value=None, trainable=None, validate_shape=True,
                 caching_device=None, name=None, variable_def=None, dtype=None, import_scope=None,
                 constraint=None, synchronization=None, aggregation=None, shape=None,
                 experimental_enable_variable_lifting=True):  # fmt: skip
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are "
                "not providing a `variable_def`."
            )
        with modes.outside_trace():
            value = initial_value() if callable(initial_value) else initial_value
            if isinstance(value, PlainTensor):
                value = plain(value) if dtype is None else to_plain(value, dtype_or(dtype, None))
            else:
                value = to_plain(value, dtype=dtype_or(dtype, None))
        if shape is not None and not TensorShape(shape).is_compatible_with(value.shape):
            raise ValueError(
                f"In this `tf.Variable` creation, the initial value's shape "
                f"({tuple(value.shape)}) is not compatible with the explicitly supplied `shape` "
                f"argument ({tuple(shape)})."
            )
        super().__init__(value, trainable=trainable is None or trainable, name=name or "Variable")
        self.name = f"{names.current_path(self.name)}:0"
        self.constraint = constraint

    @property
    def shape(self):
        """TensorShape of the value."""
        return tuple.__new__(TensorShape, self._buffer.shape)

    def get_shape(self):
        """TensorShape of the value."""
        return self.shape

    @property
    def dtype(self):
        """DType of the elements."""
        return as_dtype(super().dtype)

    @property
    def value(self):
        """The current value; may be called, as TensorFlow does, or read, as Keras does."""
        read = super().value
        if read.is_symbolic:
            return SymbolicVariableValue(read)
        dressed = VariableValue.__new__(VariableValue)
        dressed._array, dressed._key = read._array, read._key
        return dressed

    def read_value(self):
        """The current value."""
        return face(super().read_value())

    def numpy(self):
        """The current value as a NumPy array or scalar of the caller's own; text as bytes."""
        array = super().numpy()
        if array.dtype.kind == "O":
            words = numpy.empty(array.shape, object)
            words.reshape(-1)[:] = encoded(array)
            return words[()]
        return array[()]

    def ref(self):
        """A hashable stand-in, equal to those of the same variable."""
        return Reference(self)

    def initialized_value(self):
        """The current value."""
        return self.read_value()

    def is_initialized(self):
        """True: a variable has its value from the start."""
        return True

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """Replace the value; returns the variable.

        Raises:
            ValueError: another shape; the old value is kept.
        """
        value = to_plain(value, dtype=self.dtype.name)
        if None not in value.shape and tuple(value.shape) != tuple(self.shape):
            raise ValueError(
                f"Cannot assign value to variable ' {self.name}': Shape mismatch.The variable "
                f"shape {self.shape}, and the assigned value shape {tuple(value.shape)} are "
                "incompatible."
            )
        super().assign(plain(value))
        return self

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        """Add to the value; returns the variable."""
        return self.assign(self + delta)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        """Subtract from the value; returns the variable."""
        return self.assign(self - delta)

    def scatter_nd_update(self, indices, updates, name=None):
        """Replace the parts at places that are rows of `indices`; returns the variable."""
        update = operators.FUNCTIONS["tensor_scatter_nd_update"]
        return self.assign(update(self, indices, updates))

    def __getitem__(self, index):
        part = super().__getitem__(index)
        kind = SymbolicVariableSlice if part.is_symbolic else VariableSlice
        return kind(part, self, index)

    def __iter__(self):
        return iter([self[i] for i in range(self.shape[0])])

    def __setitem__(self, index, value):
        raise TypeError("'ResourceVariable' object does not support item assignment")

    def __bool__(self):
        return bool(self.numpy())

    def __repr__(self):
        head = f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}"
        return f"{head}>" if modes.is_tracing() else f"{head}, numpy={described(self.numpy())}>"

    __str__ = __repr__


class _Assignable(core._Assignable):
    __slots__ = ()

    def assign(self, value):
        """Replace this part of the variable; returns the variable."""
        self._variable.assign_slice(self._index, to_plain(value, self._variable.dtype.name))
        return self._variable

    def assign_add(self, value):
        """Add to this part of the variable; returns the variable."""
        return self.assign(self + value)

    def assign_sub(self, value):
        """Subtract from this part of the variable; returns the variable."""
        return self.assign(self - value)


class VariableSlice(_Assignable, Tensor):
    """Part of a variable's value, that can also be assigned to."""

    __slots__ = ("_variable", "_index")

    def __init__(self, part, variable, index):
        self._array, self._key = part._array, part.key
        self._variable, self._index = variable, index


class SymbolicVariableSlice(_Assignable, SymbolicTensor):
    """The same inside a trace."""

    __slots__ = ("_variable", "_index")

    def __init__(self, part, variable, index):
        super().__init__(part)
        self._variable, self._index = variable, index


operators.attach(Variable)
