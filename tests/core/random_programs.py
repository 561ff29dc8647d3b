"""Random programs of operations, variable reads and assignments: what compiled must equal eager.

A program is a list of steps on a growing pool of values, which starts with the inputs. Every step
is tried on two sets of values while it is drawn, so that what remains runs for any size of the
unknown axis. `Code.on(variables)` is the Python function to call or to compile.
"""

import dataclasses

import numpy as np
from hypothesis import strategies as st

import kerasish
from kerasish import ops
from kerasish.core import modes

SHAPES = [(), (3,), (2, 3), (1, 3), (2, 1), (3, 3)]
UNKNOWN = [("n",), ("n", 3), ("n", 1), (2, "n"), ("n", "n")]
VARIABLES = [(s, "float32") for s in [(), (3,), (2, 3), (3, 3), (2, 3)]]
VARIABLES += [((3,), "int32"), ((2, 3), "float16")]
SIZES = (4, 5)  # of the unknown axis while a program is drawn: both must work

UNARY = """negative sin tanh abs square floor sign sigmoid relu softmax log_softmax cumsum sort flip
    stop_gradient logical_not silu exp ravel diagonal tril isfinite argsort nan_to_num
    reciprocal""".split()
BINARY = """add subtract multiply maximum minimum divide floor_divide mod power less equal
    logical_and arctan2 outer matmul append""".split()
SMOOTH_UNARY = """negative sin tanh square sigmoid softmax log_softmax cumsum sort flip silu ravel
    diagonal tril""".split()
SMOOTH_BINARY = "add subtract multiply maximum minimum matmul outer append".split()
SMOOTH_REDUCTIONS = "sum mean max min prod var logsumexp".split()
REDUCTIONS = "sum max mean min prod any argmax var logsumexp count_nonzero".split()
DTYPES = "float32 float64 int32 bool float16".split()
RESHAPES = [(-1,), (1, -1), (-1, 1), (-1, 3), (3, -1), (2, -1), (1, 1, -1)]
INDICES = [0, -1, slice(0, 2), slice(None, None, -1), slice(1, None), (slice(None), 0),
           (Ellipsis, -1),
           (slice(None), slice(0, 2)), (None,), (0, 1), slice(None, None, 2)]  # fmt: skip
PLACES = [0, slice(0, 1), (slice(None), 0), (Ellipsis, 0)]
AXES = [(), (("axis", 0),), (("axis", -1),)]
READS, WRITES = ["read", "use", "view"], ["assign", "assign_add", "assign_sub", "scaled", "cond"]
SCALARS = [2.0, -1.0, 0.5, 3, True, 0.0]


@dataclasses.dataclass
class Code:
    """A program: `steps` on inputs and variables of these shapes, returning `outputs`."""

    inputs: list
    variables: list
    steps: list
    outputs: list

    def on(self, variables):
        """The Python function, with its variables and a generator of seeds bound."""

        def program(*inputs):
            pool = list(inputs)
            if not any(step[0] == "gradient" for step in self.steps):
                for step in self.steps:
                    pool += apply(step, pool, variables, None)
            else:
                with kerasish.GradientTape(persistent=True) as tape:
                    tape.watch([x for x in pool if "float" in x.dtype])
                    for step in self.steps:
                        pool += apply(step, pool, variables, tape)
            return [pool[i] for i in self.outputs]

        return program

    def new_variables(self, seed=0):
        """Fresh variables; the same values for the same seed."""
        rng = np.random.default_rng(seed)
        return [kerasish.Variable(small(rng, *spec)) for spec in self.variables]

    def feeds(self, seed, n):
        """Input arrays for a size of the unknown axis."""
        rng = np.random.default_rng(seed)
        return [small(rng, [n if m == "n" else m for m in s], dtype) for s, dtype in self.inputs]

    def signature(self):
        """Specs of the inputs with the unknown axis left open."""
        return [
            kerasish.TensorSpec([None if m == "n" else m for m in s], dtype)
            for s, dtype in self.inputs
        ]


def small(rng, shape, dtype):
    """Halves from -2 to 2: sums and products of a few are exact in float32."""
    return np.asarray(rng.integers(-4, 5, shape) / 2).astype(dtype)


def apply(step, pool, variables, tape):
    """Results of one step, as a list."""
    kind, i, j, detail = step
    x, y = pool[i], pool[j]
    if kind in ("unary", "reduce", "binary"):
        name, params = detail
        if params and not x.shape:  # NumPy lets a scalar have an axis 0; a trace does not
            raise ValueError(name)
        return [getattr(ops, name)(*((x, y) if kind == "binary" else (x,)), **dict(params))]
    if kind == "variable":
        return [_on_variable(variables[detail[1]], detail, x)]
    if kind == "gradient":
        sources = [pool[k] for k in detail] + variables
        return tape.gradient(x, sources, unconnected_gradients="zero")
    result = _PLAIN[kind](x, y, detail)
    return list(result) if isinstance(result, (list, tuple)) else [result]


_PLAIN = {
    "scalar": lambda x, y, detail: getattr(ops, detail[0])(x, detail[1]),
    "cast": lambda x, y, detail: ops.cast(x, detail),
    "reshape": lambda x, y, detail: ops.reshape(x, detail),
    "transpose": lambda x, y, detail: ops.transpose(x),
    "index": lambda x, y, detail: x[detail],
    "broadcast": lambda x, y, detail: ops.broadcast_to(x, detail),
    "expand": lambda x, y, detail: ops.expand_dims(x, detail),
    "concatenate": lambda x, y, detail: ops.concatenate([x, y, x], axis=detail),
    "stack": lambda x, y, detail: ops.stack([x, y], axis=detail),
    "where": lambda x, y, detail: ops.where(ops.cast(x, "bool"), y, detail),
    "split": lambda x, y, detail: ops.split(x, 3, axis=detail),
    "take": lambda x, y, detail: ops.take(x, np.array([0, 1, 0]), axis=detail),
    "update": lambda x, y, detail: ops.slice_update(x, [0] * len(x.shape), y),
    "constant": lambda x, y, detail: ops.multiply(x, np.full((3,), detail, np.float32)),
    "random": lambda x, y, detail: kerasish.random.uniform((3,), seed=detail) + x,
    "cond": lambda x, y, detail: ops.cond(ops.sum(x) > 0, lambda: y + y, lambda: y * y),
    "ones": lambda x, y, detail: ops.ones_like(x),
    "tile": lambda x, y, detail: ops.tile(x, detail),
    "pad": lambda x, y, detail: ops.pad(x, [(0, detail)] * len(x.shape)),
    "roll": lambda x, y, detail: ops.roll(x, 1, axis=detail),
    "loop": lambda x, y, detail: ops.fori_loop(0, 3, lambda i, a: ops.tanh(a) + y, x),
    "nested": lambda x, y, detail: kerasish.function(lambda a, b: [a * 2 + b, ops.flip(a)])(x, y),
}


def _on_variable(v, detail, x):
    how = detail[0]
    if how == "read":
        return v.value
    if how == "use":
        return ops.multiply(v, x)
    if how == "view":
        return ops.transpose(v)
    if how == "item":
        return v[detail[2]]
    if how == "cond":
        return ops.cond(ops.sum(x) > 0, lambda: v.assign(v + 1), lambda: v.assign_sub(v))
    if how == "assign_slice":
        return v.assign_slice(detail[2], x)
    if how == "scaled":  # as an optimizer does
        return v.assign(v * 0.5 + ops.reshape(x, v.shape) * 0.25)
    return getattr(v, how)(x)


@st.composite
def codes(draw, unknown=False, steps="any", longest=30):
    """Strategy of programs, also with an unknown axis.

    Steps are "any", "gradients" (any, and gradients of what came before) or "smooth" (those whose
    derivative by the inputs is what a tape says, in float64).
    """
    shapes = SHAPES + UNKNOWN * 2 if unknown else SHAPES
    dtypes = ["float64"] if steps == "smooth" else ["float32"] * 3 + ["int32", "float64"]
    dtypes = st.sampled_from(dtypes)
    inputs = draw(st.lists(st.tuples(st.sampled_from(shapes), dtypes), min_size=1, max_size=3))
    variables = draw(st.lists(st.sampled_from(VARIABLES), min_size=1, max_size=3))
    code = Code(inputs, variables, [], [])
    trials = [_Trial(code, n) for n in (SIZES if unknown else SIZES[:1])]
    for _ in range(draw(st.integers(longest // 2, longest))):
        step = draw(_steps(trials[-1], steps))
        if all([trial.accepts(step) for trial in trials]):
            code.steps.append(step)
            [trial.keep() for trial in trials]
    places = st.sampled_from(range(len(trials[0].pool)))
    code.outputs = draw(st.lists(places, min_size=1, max_size=8))
    return code


class _Trial:
    """Values of a program's pool while it is drawn."""

    def __init__(self, code, n):
        self.variables, self.found = code.new_variables(), None
        self.pool = [ops.convert_to_tensor(a) for a in code.feeds(0, n)]
        self.tape = kerasish.GradientTape(persistent=True)
        with self.tape:
            self.tape.watch([x for x in self.pool if "float" in x.dtype])

    def accepts(self, step):
        try:
            with self.tape:
                self.found = apply(step, self.pool, self.variables, self.tape)
        except (ValueError, TypeError, IndexError):
            return False
        # Large values only make the comparison of two results meaningless.
        return all(_is_tame(t) for t in self.found + [v.value for v in self.variables])

    def keep(self):
        self.pool += self.found


def _is_tame(tensor):
    array = tensor.numpy()
    return array.size < 200 and array.ndim < 5 and bool(np.all(np.abs(array.astype(float)) < 100))


def _places(positions):
    """One of some positions in the pool; late ones are drawn more often, so programs get deep."""
    return st.one_of(st.sampled_from(positions), st.sampled_from(positions[-4:]))


@st.composite
def _steps(draw, trial, steps):
    pool, anywhere = trial.pool, range(len(trial.pool))
    i, kind = draw(_places(anywhere)), draw(_KINDS[steps])
    detail = draw(st.sampled_from(_DETAILS[steps][kind]))
    if kind == "gradient":
        detail = tuple(draw(st.lists(_places(anywhere), max_size=2)))
    if kind == "variable":
        k = draw(st.integers(0, len(trial.variables) - 1))
        detail = (detail[0], k, *detail[1:])
        i = draw(_like(pool, trial.variables[k], otherwise=i))
    return kind, i, draw(_like(pool, pool[i], otherwise=draw(_places(anywhere)))), detail


def _like(pool, x, otherwise):
    """A position of a value of the shape of `x`, most of the time."""
    same = [i for i, y in enumerate(pool) if y.shape == x.shape] or [otherwise]
    return st.one_of(_places(same), _places(same), st.just(otherwise))


_BROADCAST = [(2, 3), (3, 3), (2, 2, 3), (3,)]
_ALONG = {kind: [0, -1] for kind in "concatenate stack expand split take roll".split()}
_SMOOTH = {
    "unary": [(name, ()) for name in SMOOTH_UNARY],
    "binary": [(name, ()) for name in SMOOTH_BINARY],
    "reduce": [(name, axis) for name in SMOOTH_REDUCTIONS for axis in AXES],
    "scalar": [(name, x) for name in SMOOTH_BINARY[:3] for x in SCALARS],
    "variable": [("read",), ("use",), ("view",)],
    "reshape": RESHAPES,
    "index": INDICES,
    "broadcast": _BROADCAST,
    "tile": [(2,), (1, 2), (2, 1)],
    "pad": [1],
    **_ALONG,
    **{kind: [None] for kind in "transpose update cond loop nested".split()},
}
_ANY = {
    **_SMOOTH,
    "unary": [(name, ()) for name in UNARY],
    "binary": [(name, ()) for name in BINARY],
    "reduce": [(name, axis) for name in REDUCTIONS for axis in AXES],
    "scalar": [(name, x) for name in BINARY[:6] for x in SCALARS],
    "variable": [(how,) for how in READS * 4 + WRITES * 3]
    + [("item", index) for index in INDICES[:5]]
    + [("assign_slice", place) for place in PLACES],
    "cast": DTYPES,
    "where": SCALARS,
    "random": [1, 2],
    "constant": [1.0, -2.0],
    "ones": [None],
}
_DETAILS = {"any": _ANY, "gradients": {**_ANY, "gradient": [()]}, "smooth": _SMOOTH}
# Chains of calls on one shape, views of them, and variables are where buffers are reused.
_WEIGHTS = {"unary": 5, "binary": 7, "variable": 15, "transpose": 3, "scalar": 3, "gradient": 3}
_KINDS = {
    steps: st.sampled_from([kind for kind in details for _ in range(_WEIGHTS.get(kind, 1))])
    for steps, details in _DETAILS.items()
}


def check(code, sizes, seed=1):
    """Compiled equals eager, for each size of the unknown axis in turn, and results stay.

    Raises:
        AssertionError: results, variables or errors differ, or something changed afterwards.
    """
    eager, compiled = code.new_variables(seed), code.new_variables(seed)
    signature = code.signature() if any("n" in shape for shape, _ in code.inputs) else None
    function = kerasish.function(code.on(compiled), input_signature=signature)
    kept = []
    for run, n in enumerate(sizes):
        arrays = code.feeds(seed + run, n)
        fed = [a.copy() for a in arrays]
        held = [v.value for v in compiled] if run == 1 else []
        kept += [(t, t.numpy().copy()) for t in held]
        with kerasish.device("cpu"):
            wanted, failure = _outcome(
                code.on(eager), [ops.convert_to_tensor(a) for a in fed], eager
            )
            found, other = _outcome(function, arrays, compiled)
        assert failure is not None or other is None, f"run {run}: {other}"
        if failure is not None and other is None:
            return  # what failed was dead code, which a compiled program leaves out
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            assert_same(a.numpy(), b.numpy(), f"run {run}, output {i}")
        for i, (a, b) in enumerate(zip(compiled, eager, strict=True)):
            assert_same(a.numpy(), b.numpy(), f"run {run}, variable {i}")
        assert all(np.array_equal(a, b) for a, b in zip(arrays, fed, strict=True)), (
            "an input changed"
        )
        for a in arrays:
            a[...] = 7  # they are the caller's: whatever happens to them, results stay
        kept += [(t, t.numpy().copy()) for t in found]
        for t, copy in kept:
            assert np.array_equal(t.numpy(), copy, equal_nan=True), (
                f"run {run}: an old result changed"
            )
    assert modes.state.trace is None and modes.state.tapes == ()


def check_slopes(code, n=4, h=1e-6):
    """A tape's gradient by the inputs, along a direction, equals the difference of two runs."""
    rng, variables = np.random.default_rng(n), code.new_variables()
    inputs = [ops.convert_to_tensor(rng.normal(size=a.shape)) for a in code.feeds(0, n)]
    direction = [rng.normal(size=x.shape) for x in inputs]
    weights = {}

    def total(inputs):
        found = code.on(variables)(*inputs)
        for i, y in enumerate(found):
            weights.setdefault(i, rng.normal(size=y.shape))
        return sum(ops.sum(ops.cast(y, "float64") * weights[i]) for i, y in enumerate(found)) + 0.0

    with kerasish.GradientTape() as tape:
        tape.watch(inputs)
        y = ops.convert_to_tensor(total(inputs))
    slopes = tape.gradient(y, inputs, unconnected_gradients="zero")
    slope = sum(float(np.sum(np.array(g) * d)) for g, d in zip(slopes, direction, strict=True))
    ends = [float(total([x + s * h * d for x, d in zip(inputs, direction, strict=True)]))
            for s in (1, -1)]  # fmt: skip
    scale = max(1.0, *[abs(float(np.max(np.abs(g.numpy()), initial=0))) for g in slopes])
    assert abs((ends[0] - ends[1]) / (2 * h) - slope) < 1e-4 * scale, (ends, slope)


def _outcome(function, inputs, variables):
    """(outputs, None), or ([], error) with the variables as they were before."""
    before = [v.numpy() for v in variables]
    try:
        return function(*inputs), None
    except (ValueError, IndexError) as error:
        for v, value in zip(variables, before, strict=True):
            if not isinstance(function, kerasish.core.function.Function):
                v.assign(value)  # eagerly, what came before the failure has happened
        return [], error


def assert_same(a, b, what):
    assert (a.shape, a.dtype) == (b.shape, b.dtype), (
        f"{what}: {a.shape, a.dtype}, {b.shape, b.dtype}"
    )
    if a.dtype.kind in "fc":
        tolerance = 1e-2 if a.dtype == np.float16 else 1e-5
        same = np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
    else:
        same = np.array_equal(a, b)
    assert same, f"{what}: compiled {a}, eager {b}"
