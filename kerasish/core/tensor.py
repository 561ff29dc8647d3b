"""Tensor: an immutable value over an array; SymbolicTensor: a value that is not computed yet."""

import itertools

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.arrays.conversion import own_array
from kerasish.arrays.text import is_text
from kerasish.core.spec import TensorSpec
from kerasish.errors import SymbolicValueError, explain

next_key = itertools.count(1).__next__


class Tensor:
    """Immutable n-dimensional value on a device.

    Made by `kerasish.ops` functions and `ops.convert_to_tensor`. It behaves like a NumPy array in
    arithmetic, comparison, indexing and iteration, and NumPy functions accept it.

    Args:
        array: NumPy or CuPy array; kept, not copied, and not to be changed afterwards.

    Example:
        >>> from kerasish import ops
        >>> t = ops.convert_to_tensor([[1.0, 2.0]])
        >>> t.shape, t.dtype, (t + 1).numpy().tolist()
        ((1, 2), 'float32', [[2.0, 3.0]])
    """

    # `_keras_mask` is set on few tensors only: read it with kerasish.core.masks.get_mask.
    __slots__ = ("_array", "_key", "_keras_mask", "__weakref__")
    __hash__ = None  # == compares values; use `key` to identify a tensor
    __array_priority__ = 100  # numpy_array + tensor asks the tensor first
    is_symbolic = False
    face = None  # of a tensor that looks like another library's: what makes one of a plain tensor

    def __init__(self, array):
        self._array = array
        self._key = None

    @property
    def key(self):
        """Unique number of this tensor, by which graphs and tapes know it."""
        if self._key is None:
            self._key = next_key()
        return self._key

    @property
    def shape(self):
        """Tuple of sizes; None where a symbolic tensor's size is unknown."""
        return self._array.shape

    @property
    def dtype(self):
        """Name of the element type, such as "float32"."""
        return dtypes.name_of(self._array.dtype)

    @property
    def ndim(self):
        """Number of axes."""
        return len(self.shape)

    @property
    def rank(self):
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self):
        """Number of elements; None where a size is unknown."""
        return self.spec.size

    @property
    def spec(self):
        """TensorSpec of this tensor."""
        return TensorSpec(self.shape, self.dtype)

    @property
    def device(self):
        """Name of the device that holds the values."""
        return devices.of(self._array).name

    def numpy(self):
        """A NumPy array of the values; read-only where it shares memory with the tensor."""
        host = devices.to_host(self._array)
        if host is self._array:
            host = host.view()
            host.flags.writeable = False
        return host

    def item(self):
        """The single value as a Python number."""
        return self._array.item()

    def tolist(self):
        """The values as nested Python lists."""
        return devices.to_host(self._array).tolist()

    def __array__(self, dtype=None, copy=None):
        host = self.numpy()
        if dtype is not None and host.dtype != dtype:
            if copy is False:
                raise ValueError(
                    explain("numpy.asarray", "another dtype needs a copy", received=dtype)
                )
            return host.astype(dtype)
        return host.copy() if copy else host

    def __dlpack__(self, **kwargs):
        # A private copy: the consumer may write through the capsule, and a tensor never changes.
        return self._array.copy().__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()

    def __len__(self):
        if not self.shape:
            raise TypeError(explain("len", "a scalar tensor has no length"))
        if self.shape[0] is None:
            raise SymbolicValueError(
                explain(
                    "len", "the first size is unknown here", received=self, fix="ops.shape(x)[0]"
                )
            )
        return self.shape[0]

    def __iter__(self):
        if not self.shape:
            raise TypeError(explain("iteration", "a scalar tensor cannot be iterated"))
        if self.shape[0] is None:
            raise SymbolicValueError(
                explain("iteration", "the first size is unknown here", received=self)
            )
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self):
        return bool(self._array)

    def __int__(self):
        return int(self._array)

    def __float__(self):
        return float(self._array)

    def __complex__(self):
        return complex(self._array)

    def __index__(self):
        return self._array.__index__()

    def __format__(self, spec):
        return format(self._array.item() if not self.shape else str(self), spec)

    def __setitem__(self, index, value):
        raise TypeError(
            explain(
                "Tensor",
                "tensors are immutable, item assignment is not possible",
                fix="use a Variable (v[i].assign or v.assign), or ops.slice_update / "
                "ops.scatter_update, which return a new tensor",
            )
        )

    def __deepcopy__(self, memo):
        return Tensor(self._array.copy())

    def __reduce__(self):
        return _from_host, (devices.to_host(self._array),)

    def __repr__(self):
        values = numpy.array2string(self.numpy(), separator=", ")
        where = "" if self.device == "cpu" else f", device={self.device}"
        return f"Tensor(shape={self.shape}, dtype={self.dtype}{where}, value={values})"

    def __str__(self):
        return str(self.numpy())


def _from_host(array):
    return Tensor(devices.current().send(array))


class SymbolicTensor(Tensor):
    """A tensor without a value: inside a trace, or what `kerasish.Input` returns.

    Args:
        shape: sequence of int or None.
        dtype: dtype-like.
        name: str or None.
        spec: TensorSpec, in place of shape and dtype.
        graph: mark of the trace that it belongs to; None for tensors of functional models.
        node, index: of a functional model, the call that makes it and which of its outputs it is.
    """

    __slots__ = ("_spec", "graph", "node", "index", "name")
    is_symbolic = True

    def __init__(self, shape=(), dtype="float32", name=None, *, spec=None, graph=None, node=None,
                 index=0):  # fmt: skip
        self._spec = spec if spec is not None else TensorSpec(shape, dtype)
        self._key = next_key()
        self.graph = graph  # the mark of its trace; None for the tensors of functional models
        self.node = node  # of a functional model: the CallNode that makes it; None for an input
        self.index = index  # which output of that node it is
        self.name = name if name is not None else f"keras_tensor_{self._key}"

    @property
    def _array(self):
        raise SymbolicRead(self)

    @property
    def spec(self):
        """TensorSpec of this tensor."""
        return self._spec

    @property
    def shape(self):
        """Tuple of sizes, None where unknown."""
        return self._spec.shape

    @property
    def dtype(self):
        """Name of the element type."""
        return self._spec.dtype

    @property
    def device(self):
        """Symbolic tensors live nowhere: None."""
        return None

    def _refuse(self, wanted):
        if self.graph is None:
            fix = (
                "this is an Input of a functional model: use kerasish.ops or layers on it, and "
                "call the finished model to get values"
            )
        else:
            fix = (
                "use ops.where, ops.cond or ops.while_loop instead of Python control flow, or run "
                "eagerly: compile(run_eagerly=True) or kerasish.config.run_functions_eagerly()"
            )
        raise SymbolicValueError(
            explain(
                "SymbolicTensor",
                f"{wanted} needs a value, which a traced tensor does not have",
                received=self,
                fix=fix,
            )
        )

    def numpy(self):
        """Raises: a symbolic tensor has no value."""
        self._refuse("numpy()")

    def item(self):
        """Raises: a symbolic tensor has no value."""
        self._refuse("item()")

    def tolist(self):
        """Raises: a symbolic tensor has no value."""
        self._refuse("tolist()")

    def __array__(self, dtype=None, copy=None):
        self._refuse("conversion to a NumPy array")

    def __bool__(self):
        self._refuse("a Python condition (if, while, and, or, not)")

    def __int__(self):
        self._refuse("int()")

    def __float__(self):
        self._refuse("float()")

    def __complex__(self):
        self._refuse("complex()")

    def __index__(self):
        self._refuse("use as a Python index")

    def __format__(self, spec):
        return format(repr(self), spec)

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        self._refuse("pickling")

    def __repr__(self):
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    __str__ = __repr__


class SymbolicRead(SymbolicValueError):
    """A computation met a symbolic tensor; functions of `ops` turn it into a record."""

    def __init__(self, tensor):
        self.tensor = tensor
        is_leaked = tensor.graph is not None
        problem = (
            "a value of a traced function is used outside of it"
            if is_leaked
            else "a value is needed here, which an Input of a functional model does not have"
        )
        fix = (
            "return it from the function, or assign it to a Variable"
            if is_leaked
            else "use kerasish.ops or layers on it, and call the finished model to get values"
        )
        super().__init__(explain("SymbolicTensor", problem, received=tensor, fix=fix))


def as_data_tensor(value):
    """Like `as_tensor`; an array of text becomes a tensor of dtype "string"."""
    return Tensor(own_array(value, "string")) if is_text(value) else as_tensor(value)


def as_tensor(value):
    """Tensor of any tensor, variable, array, number or nested list of numbers.

    Python floats become floatx, Python ints int32; arrays keep their dtype.

    Raises:
        DTypeError: text or objects where numbers are needed, or ragged lists.
    """
    if isinstance(value, Tensor):
        return value
    if hasattr(value, "_as_tensor"):  # a Variable
        return value._as_tensor()
    return Tensor(own_array(value))
