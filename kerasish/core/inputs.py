"""What operations accept: anything like a tensor, brought to one dtype where they ask for it."""

from kerasish.arrays import dtypes
from kerasish.arrays.conversion import own_array
from kerasish.config import settings
from kerasish.core import modes
from kerasish.core.operation import operations
from kerasish.core.tensor import Tensor, as_tensor


def as_input(x):
    """Tensors, variables and None as they are; anything else as a Tensor.

    Float variables are read in the layer's compute dtype where a mixed-precision scope is open.
    """
    if x is None or isinstance(x, Tensor):
        return x
    if hasattr(x, "_as_tensor"):
        wanted = modes.state.autocast
        if wanted is not None and x.autocast and x.dtype != wanted and dtypes.is_float(x.dtype):
            modes.state.autocast = None  # or the cast itself would ask for a cast
            try:
                return _cast(x, wanted)
            finally:
                modes.state.autocast = wanted
        return x
    return stack_tensors(x) if holds_tensor(x) else as_tensor(x)


def holds_tensor(x):
    """Whether a value is a list or tuple with a tensor or variable somewhere inside."""
    return isinstance(x, (list, tuple)) and any(_is_tensor(v) or holds_tensor(v) for v in x)


def _is_tensor(x):
    return isinstance(x, Tensor) or hasattr(x, "_as_tensor")


def stack_tensors(values, dtype=None):
    """One tensor of a nested list of tensors and numbers, as an operation that tapes follow."""
    if dtype is None:
        parts = _promoted(values, raise_to_float=False)
        dtype = next(p.dtype for p in parts if _is_tensor(p))
    else:
        parts = [stack_tensors(v, dtype) if holds_tensor(v) else v for v in values]
    parts = [p if _is_tensor(p) else Tensor(own_array(p, dtype)) for p in parts]
    parts = [p if p.dtype == dtype else _cast(p, dtype) for p in parts]
    return operations["stack"].public(*parts, axis=0)


def as_float_input(x):
    """Like `as_input`, with integers and booleans cast to floatx."""
    x = as_input(x)
    if x is not None and not dtypes.is_differentiable(x.dtype):
        return _cast(x, settings.floatx)
    return x


_SCALARS = (bool, int, float, complex)


def promote(*values):
    """Inputs brought to one dtype; Python scalars stay, as weak scalars of that dtype."""
    if len(values) == 2:  # by far the most frequent calls first: nothing to be done
        a, b = values
        dtype = _plain_dtype(a)
        if dtype is None:
            if type(a) in _REAL_SCALARS and getattr(_plain_dtype(b), "kind", None) == "f":
                return values
        elif dtype is _plain_dtype(b) or (type(b) in _REAL_SCALARS and dtype.kind == "f"):
            return values
    return _promoted(values, raise_to_float=False)


def _plain_dtype(x):
    """dtype of a tensor's or variable's array where nothing but promotion would change it."""
    if type(x) is Tensor:
        return x._array.dtype
    buffer = getattr(x, "_buffer", None)
    return None if buffer is None or modes.state.autocast is not None else buffer.dtype


def promote_floats(*values):
    """Like `promote`, with an integer result raised to floatx."""
    if len(values) == 2:
        a, b = values
        if type(a) is Tensor and a._array.dtype.kind == "f":
            if type(b) in _REAL_SCALARS or (type(b) is Tensor and a._array.dtype is b._array.dtype):
                return values
    return _promoted(values, raise_to_float=True)


_REAL_SCALARS = (float, int)


def _promoted(values, raise_to_float):
    values = [v if type(v) in _SCALARS else as_input(v) for v in values]
    strong = [v.dtype for v in values if v is not None and type(v) not in _SCALARS]
    if not strong:
        values = [as_input(v) for v in values]
        strong = [v.dtype for v in values if v is not None]
    weak = [type(v) for v in values if type(v) in _SCALARS]
    target = dtypes.result_type(*strong, *weak)
    if raise_to_float and not dtypes.is_differentiable(target):
        target = settings.floatx
    # NumPy does not know bfloat16's scalars as weak, so there they become tensors.
    keeps_scalars = target != "bfloat16"
    return tuple(
        v
        if v is None or (keeps_scalars and type(v) in _SCALARS)
        else (_cast(as_tensor(v), target) if type(v) in _SCALARS or v.dtype != target else v)
        for v in values
    )


def _cast(x, dtype):
    return operations["cast"].public(x, dtype=dtype)
