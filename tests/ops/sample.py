"""Sample: one row per operation, from which every check of this folder is generated.

A row says how to make inputs and what NumPy gives for them in float64; forward, gradients to second
order, specs, traces, buffers and the strict array module are then tested without more code. Rows
live in tests/ops/samples/<family>.py, in a list called SAMPLES.

    Sample("sin", unary(low=-3, high=3), numpy.sin)
    Sample("max", reductions(), lambda x, axis, keepdims: x.max(axis, keepdims=keepdims))
    Sample("dense", cases_of([((4, 3), (3, 2))]), lambda x, w: x @ w, order=2, call=...)
"""

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from kerasish import ops


@dataclasses.dataclass(frozen=True)
class Case:
    """One call: arrays for the tensor inputs, static parameters, and what may be checked on it.

    Attributes:
        inputs: tuple of float64 (or integer, bool) arrays; a Python number stays one.
        params: dict of keyword arguments.
        is_smooth: False keeps the case out of gradient checks (special values, ties).
    """

    inputs: tuple
    params: dict = dataclasses.field(default_factory=dict)
    is_smooth: bool = True


@dataclasses.dataclass(frozen=True)
class Sample:
    """A row of the tables.

    Attributes:
        op: name of the public function in kerasish.ops, such as "sin" or "image.resize".
        cases: callable `f(rng)` -> list of Case, at least 20 of them.
        reference: callable `f(*arrays, **params)` on float64 arrays; None where only the other
            checks apply (say why in `note`).
        order: how often the operation is differentiable: 0, 1 or 2.
        call: callable `f(function, *tensors, **params)`; the plain call when None.
        unknown_sizes: "all", "first" or "none": which sizes may be None in a traced call.
        rtol, atol: tolerances of the forward.
        gradient_rtol: tolerance of the gradients, relative to the largest term.
        operations: names of registered operations this row stands for besides its own.
        wrt: positions of the inputs to differentiate; all float ones when None.
        traced: False where the operation runs eagerly only.
        gpu: False where it does not run on a GPU (with the reason in `note`).
        note: str. Why a row departs from the defaults.
    """

    op: str
    cases: Callable
    reference: Callable | None
    order: int = 2
    call: Callable | None = None
    unknown_sizes: str = "all"
    rtol: float = 1e-10
    atol: float = 1e-12
    gradient_rtol: float = 1e-5
    operations: tuple = ()
    wrt: tuple | None = None
    traced: bool = True
    gpu: bool = True
    note: str = ""

    def run(self, case, tensors):
        """The operation on tensors (or arrays) with the parameters of a case."""
        function = public(self.op)
        if self.call is not None:
            return self.call(function, *tensors, **case.params)
        return function(*tensors, **case.params)

    def made(self, seed=1):
        """The cases, the same ones each time."""
        return self.cases(np.random.default_rng(seed))


def public(name):
    """The function of a name such as "sin" or "image.resize"; None where there is none."""
    found = ops
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def outputs_of(result):
    """Flat list of the tensors that an operation returned."""
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in outputs_of(part)]
    return [result]


# ---- makers of cases -------------------------------------------------------------------------

SHAPES = (
    (), (1,), (5,), (2, 3), (3, 1, 4), (0,), (2, 0, 3), (1, 1), (7,), (4, 2), (2, 2, 2), (6, 1),
    (1, 5), (3, 3), (2, 1, 1, 3), (8,), (9,),
)  # fmt: skip

BROADCASTS = (
    ((), ()), ((3,), ()), ((), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)),
    ((2, 3), (2, 3)), ((4, 1, 3), (2, 1)), ((0,), (1,)), ((2, 0), (2, 1)), ((1,), (5,)),
    ((1, 1), (4, 4)), ((5,), (5,)), ((2, 2, 2), (2,)), ((3, 1), (3, 1)),
)  # fmt: skip

SPECIALS = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e-300, 1e300, 0.5)


def draw(rng, shape, low=-2.0, high=2.0):
    """Float64 numbers from a range, as an array (also for shape ())."""
    return np.asarray(rng.uniform(low, high, shape))


def strided(rng, shape, low=-2.0, high=2.0, kind=0):
    """Like `draw`, in memory that is not contiguous: transposed, or every second element."""
    if kind == 0:
        return draw(rng, shape[::-1], low, high).T
    wide = draw(rng, tuple(2 * n for n in shape), low, high)
    view = wide[tuple(slice(None, None, 2) for _ in shape)]
    return view[::-1] if shape else view


def unary(low=-2.0, high=2.0, specials=SPECIALS, whole_numbers=True):
    """Cases of an elementwise function of one tensor: shapes, strides, ties, special values."""

    def cases(rng):
        found = [Case((draw(rng, shape, low, high),)) for shape in SHAPES]
        found += [
            Case((strided(rng, s, low, high, k),)) for s in ((3, 4), (2, 3, 2)) for k in (0, 1)
        ]
        if whole_numbers:
            found.append(Case((np.round(draw(rng, (12,), low, high)),), is_smooth=False))
        if specials:
            found.append(Case((np.array(specials),), is_smooth=False))
        return found

    return cases


def binary(low=-2.0, high=2.0, low2=None, high2=None, specials=SPECIALS, scalars=(2.0, 0.5)):
    """Cases of an elementwise function of two tensors: broadcasting, scalars, ties, specials."""
    low2, high2 = low if low2 is None else low2, high if high2 is None else high2

    def cases(rng):
        found = [Case((draw(rng, a, low, high), draw(rng, b, low2, high2))) for a, b in BROADCASTS]
        for k in (0, 1):
            found.append(Case((strided(rng, (3, 4), low, high, k), draw(rng, (4,), low2, high2))))
        for number in scalars:
            found.append(Case((draw(rng, (2, 3), low, high), number)))
            found.append(Case((number, draw(rng, (2, 3), low2, high2))))
        same = np.round(draw(rng, (6,), max(low, low2), min(high, high2)))
        found.append(Case((same, same.copy()), is_smooth=False))
        if specials:
            first, second = np.meshgrid(specials, specials)
            found.append(Case((first, second), is_smooth=False))
        return found

    return cases


def reductions(low=-2.0, high=2.0, empty=True, keepdims=True, tuples=True, specials=True, **params):
    """Cases of a reduction: axes, tuples of axes, keepdims, size 0, ties, NaN."""

    def cases(rng):
        found = []
        for shape in ((4,), (2, 3), (3, 1, 2), (2, 3, 4)):
            axes = [None, *range(len(shape)), -1]
            if tuples and len(shape) > 1:
                axes += [(0, 1), (0, -1)]
            for axis in axes:
                for keep in (False, True) if keepdims else (None,):
                    kept = {} if keep is None else {"keepdims": keep}
                    found.append(
                        Case((draw(rng, shape, low, high),), {"axis": axis, **kept, **params})
                    )
        base = {"axis": None, **({"keepdims": False} if keepdims else {}), **params}
        found.append(Case((draw(rng, (), low, high),), base))
        found.append(Case((strided(rng, (3, 4), low, high),), {**base, "axis": 0}))
        found.append(Case((strided(rng, (3, 4), low, high, 1),), {**base, "axis": 1}))
        ties = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]) * (high if high < 2 else 1.0)
        found.append(Case((ties,), {**base, "axis": 1}, is_smooth=False))
        if specials:
            nans = np.array([[1.0, np.nan, 0.5], [np.inf, 1.0, 0.5]])
            found.append(Case((nans,), {**base, "axis": 1}, is_smooth=False))
        if empty:
            found.append(Case((np.zeros((0, 3)),), {**base, "axis": 0}))
            found.append(Case((np.zeros((2, 0)),), base))
        else:
            found.append(Case((np.zeros((0, 3)),), {**base, "axis": 1}))
        return found

    return cases


def cases_of(shapes, params=({},), low=-2.0, high=2.0, repeats=1, extra=()):
    """Every tuple of shapes with every set of parameters, filled with random numbers.

    Args:
        shapes: list with a tuple of shapes (one for each input) per case.
        params: list of dicts.
        repeats: how often, with other numbers.
        extra: further Cases.
    """

    def cases(rng):
        found = [
            Case(tuple(draw(rng, s, low, high) for s in group), dict(p))
            for _ in range(repeats)
            for group in shapes
            for p in params
        ]
        return found + list(extra)

    return cases


def pairs_of(rows, low=-2.0, high=2.0, repeats=1, extra=()):
    """Cases from rows `(shapes, params)`: for parameters that belong to certain shapes."""

    def cases(rng):
        found = [
            Case(tuple(draw(rng, s, low, high) for s in group), dict(p))
            for _ in range(repeats)
            for group, p in rows
        ]
        return found + list(extra)

    return cases


def built(function, repeats=1):
    """Cases from a callable `f(rng)` -> list of Case, made several times with other numbers."""

    def cases(rng):
        return [case for _ in range(repeats) for case in function(rng)]

    return cases
