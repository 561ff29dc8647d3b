"""InputSpec: what a layer accepts, checked before it computes."""

from kerasish.core import tree
from kerasish.core.tensor import Tensor
from kerasish.errors import DTypeError, ShapeError, explain


class InputSpec:
    """Rank, dtype and sizes that a layer's input must have.

    Args:
        dtype: str or None.
        shape: tuple with None where any size will do, or None.
        ndim: int or None. Exact rank.
        max_ndim: int or None.
        min_ndim: int or None.
        axes: dict from axis to required size.
        allow_last_axis_squeeze: bool. Rank may differ by one where the last size is 1.
        name: str or None.
        optional: bool. The input may be None.

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        dtype=None,
        shape=None,
        ndim=None,
        max_ndim=None,
        min_ndim=None,
        axes=None,
        allow_last_axis_squeeze=False,
        name=None,
        optional=False,
    ):
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(a): n for a, n in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def get_config(self):
        """The constructor's arguments."""
        keys = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return {k: getattr(self, k) for k in keys}

    def __repr__(self):
        shown = {k: v for k, v in self.get_config().items() if v not in (None, {})}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in shown.items())})"


def check(specs, inputs, where):
    """Raise ShapeError or DTypeError where inputs do not fit the specs of layer `where`."""
    if type(specs) is InputSpec and isinstance(inputs, Tensor):  # by far the most frequent
        _check_one(specs, inputs, where, "input")
        return
    specs, inputs = tree.flatten(specs), tree.flatten(inputs)
    if len(specs) != len(inputs):
        raise ShapeError(
            explain(where, "wrong number of inputs", received=len(inputs), expected=str(len(specs)))
        )
    for i, (spec, x) in enumerate(zip(specs, inputs, strict=True)):
        if spec is None or (x is None and spec.optional) or not hasattr(x, "shape"):
            continue
        _check_one(spec, x, where, f"input {i}" if len(inputs) > 1 else "input")


def _check_one(spec, x, where, label):
    shape = tuple(x.shape)
    if spec.allow_last_axis_squeeze and spec.shape is not None:
        if shape and shape[-1] == 1 and len(shape) == len(spec.shape) + 1:
            shape = shape[:-1]
        elif spec.shape and spec.shape[-1] == 1 and len(shape) == len(spec.shape) - 1:
            shape = (*shape, 1)
    rank = len(shape)
    if spec.ndim is not None and rank != spec.ndim:
        fix = "add the missing axis (x[None] for the batch, x[..., None] for channels) or reshape"
        expected = f"{spec.ndim} axes, the batch axis counted"
        raise _refusal(x, where, f"{label} has the wrong number of axes", expected, fix)
    if spec.max_ndim is not None and rank > spec.max_ndim:
        expected = f"at most {spec.max_ndim} axes"
        raise _refusal(x, where, f"{label} has too many axes", expected)
    if spec.min_ndim is not None and rank < spec.min_ndim:
        fix = "pass a batch: x[None] for a single sample"
        expected = f"at least {spec.min_ndim} axes, the batch axis counted"
        raise _refusal(x, where, f"{label} has too few axes", expected, fix)
    if spec.dtype is not None and x.dtype != spec.dtype:
        raise DTypeError(
            explain(where, f"{label} has the wrong dtype", received=x.dtype, expected=spec.dtype)
        )
    for axis, size in spec.axes.items():
        if -rank <= axis < rank and size is not None and shape[axis] not in (size, None):
            problem = f"{label} has size {shape[axis]} along axis {axis}"
            raise _refusal(x, where, problem, f"{size}, as the layer was built")
    for axis, size in enumerate(spec.shape or ()):
        if size is not None and shape[axis] is not None and shape[axis] != size:
            problem = f"{label} has size {shape[axis]} along axis {axis}"
            raise _refusal(x, where, problem, f"shape {spec.shape}")


def _refusal(x, where, problem, expected, fix=None):
    received = f" shape {tuple(x.shape)}"
    return ShapeError(explain(where, problem, received=received, expected=expected, fix=fix))
