"""Variable: a named tensor that can be assigned to."""

import contextlib

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import modes, names
from kerasish.core.primitive import operations
from kerasish.core.spec import TensorSpec, standardize_shape
from kerasish.core.structural import cast, convert_to_tensor, identity
from kerasish.core.tensor import SymbolicTensor, Tensor, next_key
from kerasish.errors import ShapeError, explain


class _Changes:
    """Counts events after which some variable's array is another one, or may be held elsewhere.

    A program that saw the present count need not look at its variables again. Whoever changes a
    variable counts afterwards, so that nobody who saw the count can have missed the change.
    """

    __slots__ = ("count",)

    def __init__(self):
        self.count = 0


changes = _Changes()


class Variable:
    """Mutable state: a weight, a counter, a metric's total.

    Assignment replaces the value; tensors read before keep theirs. Inside a traced function reads
    and assignments are recorded, and take effect when the function has run.

    Args:
        initializer: array-like, or callable `f(shape, dtype)` with `shape` given.
        shape: sequence of int. Needed with a callable; else checked against the value.
        dtype: dtype-like. The value's own when None (floatx for a callable).
        trainable: bool. Watched by tapes and updated by optimizers.
        autocast: bool. Read in the compute dtype of a mixed-precision layer.
        aggregation: kept for config compatibility; unused on one device.
        synchronization: kept for config compatibility; unused on one device.
        name: str.
        layout: only None; a variable lies on one device.

    Raises:
        ShapeError: `shape` differs from the value's, or is missing for a callable.

    Example:
        >>> v = Variable([1.0, 2.0], name="v")
        >>> _ = v.assign_add([1.0, 1.0])
        >>> v.numpy().tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """

    __hash__ = object.__hash__  # == compares values; as a dict key a variable is itself
    __array_priority__ = 100
    is_symbolic = False

    def __init__(self, initializer, shape=None, dtype=None, trainable=True, autocast=True,
                 aggregation="none", synchronization="auto", name=None, layout=None):  # fmt: skip
        if layout is not None:
            raise ValueError(explain("Variable", "layouts are not supported", received=layout))
        self.name = name or names.unique_name("variable")
        self.path = names.current_path(self.name)
        self.trainable, self.autocast = bool(trainable), bool(autocast)
        self.declared_trainable = self.trainable  # what it is when its layer is not frozen
        self.aggregation, self.synchronization = aggregation, synchronization
        self.regularizer = self.constraint = None
        self.overwrite_with_gradient = False
        self.key = next_key()
        self._is_shared = False
        with modes.outside_trace():
            value = self._initial_value(initializer, shape, dtype)
        if shape is not None and tuple(value.shape) != standardize_shape(shape):
            raise self._shape_error("the initial value has another shape", value.shape, shape)
        self._buffer = value._array
        # The array may be the caller's own tensor, so no program may write into it yet.
        self._is_shared = True

    def _initial_value(self, initializer, shape, dtype):
        if not callable(initializer):
            return convert_to_tensor(initializer, dtype)
        if shape is None:
            raise ShapeError(
                explain(
                    f"Variable {self.path!r}",
                    "a callable initializer needs a shape",
                    fix="Variable(initializer, shape=(...))",
                )
            )
        dtype = dtypes.standardize(dtype)
        return convert_to_tensor(initializer(standardize_shape(shape), dtype=dtype), dtype)

    def _shape_error(self, problem, received, expected):
        return ShapeError(
            explain(
                f"Variable {self.path!r}",
                problem,
                received=tuple(received),
                expected=str(tuple(expected)),
            )
        )

    # ---- reading ----

    @property
    def _array(self):
        """The current array, for an operation to read: from now on it may be held elsewhere."""
        if not self._is_shared:
            self._is_shared = True
            changes.count += 1
        return self._buffer

    def _as_tensor(self):
        if modes.state.tapes:  # as an operation, so that tapes follow it from here to the variable
            return identity(self)
        return self._snapshot()

    def _snapshot(self):
        """The present value as a tensor, unseen by tapes."""
        if modes.state.stateless is not None:
            value = modes.state.stateless.get_current_value(self)
            if value is not None:
                return value
        if modes.state.trace is not None:
            return modes.state.trace.read(self)
        return Tensor(self._array)

    @property
    def value(self):
        """The current value as a Tensor (in the compute dtype inside a mixed-precision layer)."""
        tensor = self._as_tensor()
        wanted = modes.state.autocast
        if wanted is not None and self.autocast and dtypes.is_float(self.dtype):
            return cast(tensor, wanted)
        return tensor

    def read_value(self):
        """The current value as a Tensor."""
        return self._as_tensor()

    def numpy(self):
        """The current value as a NumPy array of the caller's own."""
        if modes.state.trace is not None or modes.state.stateless is not None:
            return self._snapshot().numpy()
        return numpy.array(devices.to_host(self._buffer))

    def __array__(self, dtype=None, copy=None):
        return self._snapshot().__array__(dtype, copy)

    def __dlpack__(self, **kwargs):
        return self._snapshot().__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self._buffer.__dlpack_device__()

    @property
    def shape(self):
        """Tuple of sizes."""
        return self._buffer.shape

    @property
    def dtype(self):
        """Name of the element type in which the variable is stored."""
        return dtypes.name_of(self._buffer.dtype)

    @property
    def ndim(self):
        """Number of axes."""
        return self._buffer.ndim

    @property
    def size(self):
        """Number of elements."""
        return self._buffer.size

    @property
    def spec(self):
        """TensorSpec of the value."""
        return TensorSpec(self._buffer.shape, self.dtype)

    @property
    def device(self):
        """Name of the device that holds the value."""
        return devices.of(self._buffer).name

    def __len__(self):
        return len(self._snapshot())

    def __iter__(self):
        return iter(self._as_tensor())

    def __bool__(self):
        return bool(self._snapshot())

    def __int__(self):
        return int(self._snapshot())

    def __float__(self):
        return float(self._snapshot())

    def __index__(self):
        return self._snapshot().__index__()

    def __format__(self, spec):
        return format(self._snapshot(), spec)

    def __getitem__(self, index):
        # Of the variable itself, not of its value, so that tapes follow it.
        part = operations["get_item"].public(self, index=index)
        return (SymbolicVariableSlice if part.is_symbolic else VariableSlice)(part, self, index)

    def __setitem__(self, index, value):
        raise TypeError(
            explain(
                f"Variable {self.path!r}",
                "item assignment is not possible",
                fix="variable[index].assign(value), or variable.assign_slice(index, value)",
            )
        )

    # ---- assigning ----

    def assign(self, value):
        """Replace the value.

        Args:
            value: array-like of the variable's shape; cast to its dtype.

        Returns:
            the variable's new value as a Tensor.

        Raises:
            ShapeError: another shape; the old value is kept.
        """
        value = convert_to_tensor(value, self.dtype)
        if None not in value.shape:
            self.require_shape_of(value)
        if modes.state.stateless is not None:
            modes.state.stateless.add_update((self, value))
        elif modes.state.trace is not None:
            modes.state.trace.write(self, value)
        else:
            self.adopt(devices.of(self._buffer).send(value._array), is_shared=True)
        return value

    def clear(self):
        """Set every element to zero: in place where nobody else holds the array."""
        if modes.state.trace is not None or modes.state.stateless is not None:
            self.assign(numpy.zeros(self.shape, dtypes.to_numpy(self.dtype)))
        elif self._is_shared:
            self.adopt(devices.of(self._buffer).xp.zeros_like(self._buffer))
        else:
            self._buffer.fill(0)

    def assign_add(self, value):
        """Add to the value; returns the new value."""
        return self.assign(operations["add"].public(self._as_tensor(), self._operand(value)))

    def assign_sub(self, value):
        """Subtract from the value; returns the new value."""
        return self.assign(operations["subtract"].public(self._as_tensor(), self._operand(value)))

    def _operand(self, value):
        value = convert_to_tensor(value, self.dtype)
        if None not in value.shape and value.shape != () and value.shape != self.shape:
            raise self._shape_error("the operand has another shape", value.shape, self.shape)
        return value

    def assign_slice(self, index, value):
        """Replace the part that `index` selects; returns the new value of the whole."""
        update = operations["assign_item"].public
        return self.assign(
            update(self._as_tensor(), convert_to_tensor(value, self.dtype), index=index)
        )

    def require_shape_of(self, value):
        """Raise ShapeError unless a tensor or array has the variable's shape."""
        if tuple(value.shape) != tuple(self.shape):
            raise self._shape_error(
                "cannot assign a value of another shape", value.shape, self.shape
            )

    def exclusive_array(self):
        """The array itself, to be written in place: copied first if anyone else may hold it."""
        if self._is_shared:
            self.adopt(self._buffer.copy())
        return self._buffer

    def array_to_read(self):
        """The array itself, in row-major order, to be read while a program runs and not kept."""
        if not self._buffer.flags.c_contiguous:
            self.adopt(self._buffer.copy())
        return self._buffer

    def adopt(self, array, is_shared=False):
        """Take an array of the right shape and dtype as the value, unchecked (for programs)."""
        self._buffer, self._is_shared = array, is_shared
        changes.count += 1

    def __copy__(self):
        """A variable of its own with the same value and settings."""
        twin = object.__new__(type(self))
        self._is_shared = True  # the array, until one of the two is written
        changes.count += 1
        twin.__dict__.update(self.__dict__, key=next_key())
        return twin

    def __deepcopy__(self, memo):
        memo[id(self)] = twin = self.__copy__()
        return twin

    def __getstate__(self):
        return {**self.__dict__, "_buffer": devices.to_host(self._array)}

    def __setstate__(self, state):
        # The key is of the process, and of one variable only.
        buffer = devices.current().send(state["_buffer"])
        self.__dict__.update(state, key=next_key(), _buffer=buffer, _is_shared=True)

    def __repr__(self):
        if modes.is_tracing():
            return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, "
            f"value={devices.to_host(self._buffer)}>"
        )


class _Assignable:
    """What `variable[index]` can do besides being a tensor of the values."""

    __slots__ = ()

    def assign(self, value):
        """Replace this part of the variable; returns the new value of the whole."""
        return self._variable.assign_slice(self._index, value)

    def assign_add(self, value):
        """Add to this part of the variable; returns the new value of the whole."""
        return self.assign(operations["add"].public(self, value))

    def assign_sub(self, value):
        """Subtract from this part of the variable; returns the new value of the whole."""
        return self.assign(operations["subtract"].public(self, value))


class VariableSlice(_Assignable, Tensor):
    """Part of a variable's value, that can also be assigned to."""

    __slots__ = ("_variable", "_index")

    def __init__(self, part, variable, index):
        super().__init__(part._array)
        self._key = part.key  # open tapes have recorded the part under this key
        self._variable, self._index = variable, index


class SymbolicVariableSlice(_Assignable, SymbolicTensor):
    """The same inside a trace."""

    __slots__ = ("_variable", "_index")

    def __init__(self, part, variable, index):
        super().__init__(spec=part.spec, graph=part.graph, name=part.name)
        self._key = part.key
        self._variable, self._index = variable, index


@contextlib.contextmanager
def autocast_scope(dtype):
    """Read float variables as `dtype` (None: as they are) inside the context."""
    before = modes.state.autocast
    modes.state.autocast = dtype
    try:
        yield
    finally:
        modes.state.autocast = before
