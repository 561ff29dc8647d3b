"""An array module as strict as CuPy, on the CPU: what runs on it needs no NumPy behind its back.

Its arrays do not convert to NumPy by themselves, do not mix with NumPy arrays, and stay arrays when
they have no axes; the module offers only the names, methods and arguments that CuPy has.
"""

import contextlib
import functools

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import namespace, scattering
from tests.ops.cupy_names import LINALG_NAMES, NAMES

METHODS = frozenset(
    """all any argmax argmin argsort astype clip compress conj copy cumprod cumsum diagonal dot
    fill flatten max mean min nonzero prod ptp ravel repeat reshape round sort squeeze std sum
    swapaxes take trace transpose var view""".split()
)
PROPERTIES = ("dtype", "shape", "ndim", "size", "itemsize", "nbytes", "flags", "strides")
# What cupyx.scatter_add and scatter_max take: dtypes with an atomic operation.
SCATTER_DTYPES = ("int32", "uint32", "uint64", "float16", "float32", "float64")
EXTREME_DTYPES = ("int32", "uint32", "int64", "uint64", "float32", "float64")
REFUSED_ARGUMENTS = {
    "argsort": {"kind": (None, "stable")},
    "sort": {"kind": (None, "stable")},
    "take": {"mode": ()},
    "cholesky": {"upper": ()},
}


def unwrap(value):
    """NumPy values for a call, refusing what CuPy refuses."""
    if isinstance(value, StrictArray):
        return value._host
    if isinstance(value, numpy.ndarray):
        raise TypeError(
            "Unsupported type <class 'numpy.ndarray'>: arrays of two modules do not mix"
        )
    if isinstance(value, (list, tuple)):
        return type(value)(unwrap(v) for v in value)
    return value


def wrap(value):
    """Strict arrays for results; also those of no axes."""
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        if value.dtype == object:
            raise TypeError("CuPy has no object arrays")
        return StrictArray(numpy.asarray(value))
    if isinstance(value, (list, tuple)):
        return tuple(wrap(v) for v in value)
    return value


class _Place:
    id = 0


class StrictArray:
    """An array that lives 'elsewhere'."""

    __slots__ = ("_host", "__weakref__")
    __hash__ = None
    __array_ufunc__ = None
    device = _Place()

    def __init__(self, host):
        self._host = host

    def __array__(self, *args, **kwargs):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    def __getattr__(self, name):
        if name in PROPERTIES:
            return getattr(self._host, name)
        if name in ("T", "real", "imag"):
            return wrap(getattr(self._host, name))
        if name in METHODS:
            return functools.partial(_call, getattr(self._host, name), name)
        raise AttributeError(f"cupy.ndarray has no attribute {name!r} (or no test needed it yet)")

    def item(self):
        return self._host.item()

    def tolist(self):
        return self._host.tolist()

    def get(self):
        return self._host.copy()

    def __getitem__(self, index):
        return wrap(self._host[unwrap(index)])

    def __setitem__(self, index, value):
        self._host[unwrap(index)] = unwrap(value)

    def __len__(self):
        return len(self._host)

    def __iter__(self):
        return (wrap(part) for part in self._host)

    def __bool__(self):
        return bool(self._host)

    def __int__(self):
        return int(self._host)

    def __float__(self):
        return float(self._host)

    def __index__(self):
        return self._host.__index__()


def _call(function, name, *args, **kwargs):
    for argument, allowed in REFUSED_ARGUMENTS.get(name, {}).items():
        if argument in kwargs and kwargs[argument] not in allowed:
            raise TypeError(f"{name}: CuPy does not take {argument}={kwargs[argument]!r}")
    out = kwargs.get("out")
    result = function(
        *[unwrap(a) for a in args], **{key: unwrap(value) for key, value in kwargs.items()}
    )
    return out if out is not None else wrap(result)


def _operator(name):
    def method(self, *others):
        if not all(
            isinstance(o, (StrictArray, int, float, complex, numpy.generic)) for o in others
        ):
            if any(isinstance(o, numpy.ndarray) for o in others):
                raise TypeError("arrays of two modules do not mix")
            return NotImplemented
        return wrap(getattr(self._host, name)(*[unwrap(o) for o in others]))

    return method


for _name in (
    "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift radd rsub rmul rtruediv "
    "rfloordiv rmod rpow rmatmul rand ror rxor eq ne lt le gt ge neg abs invert pos"
).split():
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__"))


def _inplace(name):
    def method(self, other):
        getattr(self._host, name)(unwrap(other))
        return self

    return method


for _name in "iadd isub imul itruediv".split():
    setattr(StrictArray, f"__{_name}__", _inplace(f"__{_name}__"))


class StrictFunction:
    """A function of the module; ufuncs keep `reduce` and `at`."""

    def __init__(self, function, name):
        self._function, self._name = function, name

    def __call__(self, *args, **kwargs):
        if self._name in ("asarray", "array", "ascontiguousarray") and isinstance(
            args[0], numpy.ndarray
        ):
            return wrap(numpy.array(*args, **kwargs))
        return _call(self._function, self._name, *args, **kwargs)

    def at(self, array, index, *values):
        if self._name not in ("add", "subtract", "maximum", "minimum"):
            raise NotImplementedError(f"cupy.{self._name}.at does not exist")
        self._function.at(unwrap(array), unwrap(index), *[unwrap(v) for v in values])


def _scatter(function, allowed):
    def scatter(array, slices, value):
        if str(array.dtype) not in allowed:
            raise TypeError(f"cupyx.scatter does not take {array.dtype}")
        function(unwrap(array), unwrap(slices), unwrap(value))

    return scatter


class _Scope(contextlib.AbstractContextManager):
    def __init__(self, index=0):
        self.id = index

    def use(self):
        return self

    def synchronize(self):
        return None

    def __exit__(self, *exc_info):
        return None


class _Cuda:
    Device = _Scope


class _Names:
    def __init__(self, module, names):
        self._module, self._names = module, names

    def __getattr__(self, name):
        if name not in self._names:
            raise AttributeError(f"module 'cupy' has no attribute {name!r}")
        value = getattr(self._module, name)
        if isinstance(value, type) or not callable(value):
            return value
        return StrictFunction(value, name)


class StrictNamespace(_Names):
    """Stands for `xp` of a GPU."""

    is_gpu = True
    ndarray = StrictArray
    cuda = _Cuda

    def __init__(self):
        super().__init__(numpy, NAMES)
        self.linalg = _Names(numpy.linalg, LINALG_NAMES)
        self.fft = _Names(numpy.fft, ("fft", "ifft", "fftn", "ifftn", "rfft", "irfft"))
        self.scatter_add = scattering.through_wider(
            _scatter(numpy.add.at, SCATTER_DTYPES), scattering.WIDER_FOR_SUMS
        )
        self.scatter_max = scattering.through_wider(
            _scatter(numpy.maximum.at, EXTREME_DTYPES), scattering.WIDER_FOR_EXTREMES
        )
        self.scatter_min = scattering.through_wider(
            _scatter(numpy.minimum.at, EXTREME_DTYPES), scattering.WIDER_FOR_EXTREMES
        )
        self.scatter_multiply = scattering.multiply_in_rounds(self)
        self.as_strided = StrictFunction(numpy.lib.stride_tricks.as_strided, "as_strided")
        self.erf = StrictFunction(namespace.make_cpu().erf, "erf")
        self.erfc = StrictFunction(namespace.make_cpu().erfc, "erfc")

    @staticmethod
    def asnumpy(array):
        return array._host.copy() if isinstance(array, StrictArray) else numpy.asarray(array)


@contextlib.contextmanager
def strict_gpu():
    """Context in which `gpu:0` exists, is the current device, and computes on strict arrays."""
    known = devices._gpus
    before = known.devices, known.array_type, known.reason
    known.devices = [devices.Device("gpu", 0, StrictNamespace())]
    known.array_type = StrictArray
    try:
        with devices.device("gpu:0"):
            yield known.devices[0]
    finally:
        known.devices, known.array_type, known.reason = before
