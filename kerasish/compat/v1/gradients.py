"""`gradients`: derivatives of tensors by tensors, as an operation that walks the traced run."""

from kerasish.compat.v1 import errors
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.execution import Frame, SessionState, needed
from kerasish.compat.v1.tensors import Operation, stand_in
from kerasish.core import modes
from kerasish.core.gradients import backward
from kerasish.core.graph import Graph as Trace
from kerasish.core.structural import add, broadcast_like, cast, full_like
from kerasish.errors import GradientError, SymbolicValueError, explain


class _Gradients(Operation):
    """Derivatives of the sum of `ys` by those `xs` that it depends on."""

    def __init__(self, ys, xs, seeds, stops, name):
        self.ys, self.xs, self.stops = ys, xs, stops
        self.watched = tuple(xs)
        self._seeded = [s is not None for s in seeds]
        inputs = [*ys, *xs, *(s for s in seeds if s is not None), *stops]
        super().__init__("SymbolicGradient", inputs, None, name, [(x.sizes, x.dtype) for x in xs])

    def execute(self, frame, values):
        seeds = iter(values[len(self.ys) + len(self.xs) :])
        seeds = [next(seeds) if given else None for given in self._seeded]
        found = derivatives(frame, self.ys, self.xs, seeds, self.stops)
        if any(g is None for g in found):
            raise errors.UnimplementedError(
                None,
                self,
                explain(
                    "tf.gradients",
                    "in this run a derivative does not reach what it is taken by",
                    received=[x.name for x, g in zip(self.xs, found, strict=True) if g is None],
                    fix="do not feed tensors between, and give placeholders a shape",
                ),
            )
        return tuple(found)


def derivatives(frame, ys, xs, seeds, stops):
    """Derivative, or None, by each of `xs`, of tensors that have values in a frame."""
    cotangents = {}
    for y, seed in zip(ys, seeds, strict=True):
        value = frame.value(y)
        g = full_like(value, 1) if seed is None else broadcast_like(cast(seed, value.dtype), value)
        known = cotangents.get(value.key)
        cotangents[value.key] = g if known is None else add(known, g)
    sources = [frame.sources(x) for x in xs]
    ends = {v.key for t in stops for v in frame.sources(t)}
    nodes = [n for n in frame.tape._nodes if not any(o.key in ends for o in n.outputs)]
    keys = {v.key for values in sources for v in values} & frame.tape._tracked
    found = backward(nodes, cotangents, keys)
    results = []
    for values in sources:
        parts = [found[v.key] for v in values if v.key in found]
        results.append(sum(parts[1:], parts[0]) if parts else None)
    return results


def gradients(ys, xs, grad_ys=None, name="gradients", colocate_gradients_with_ops=False,
              gate_gradients=False, aggregation_method=None, stop_gradients=None,
              unconnected_gradients="none"):  # fmt: skip
    """Derivatives of the sum of `ys` by each of `xs`.

    Args:
        ys, xs: tensor or variable, or list of them.
        grad_ys: tensors that the derivatives of `ys` are weighed with; ones when None.
        stop_gradients: tensors that count as constants.
        unconnected_gradients: "none" or "zero": what a tensor gets that `ys` do not depend on.

    Returns:
        list of a tensor, or None, for each of `xs`.

    Raises:
        ValueError: tensors without derivatives, or as many weights as there are not tensors.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     x, other = tf.constant(3.0), tf.constant(1.0)
        ...     first = tf.gradients(x * x * x, [x, other])
        ...     second = tf.gradients(first[0], x)
        ...     session.run([first[0], second[0]]), first[1]
        ([np.float32(27.0), np.float32(18.0)], None)

    Source: TensorFlow 1.
    """
    ys = [convert_to_tensor(y) for y in _listed(ys)]
    xs = [convert_to_tensor(x) for x in _listed(xs)]
    seeds = [None] * len(ys) if grad_ys is None else [
        None if g is None else convert_to_tensor(g, y.dtype)
        for g, y in zip(_listed(grad_ys), ys, strict=True)
    ]  # fmt: skip
    stops = [convert_to_tensor(t) for t in _listed(stop_gradients or [])]
    for y in ys:
        if not (y.dtype.is_floating or y.dtype.is_complex):
            raise TypeError(explain("tf.gradients", "only float tensors have derivatives",
                                    received=y, fix="tf.cast"))  # fmt: skip
    connected = [c and x.dtype.is_floating for c, x in zip(_connected(ys, xs, stops), xs,
                                                          strict=True)]  # fmt: skip
    wanted = list(dict.fromkeys(x for x, c in zip(xs, connected, strict=True) if c))
    made = (
        dict(zip(wanted, _Gradients(ys, wanted, seeds, stops, name).outputs, strict=True))
        if (wanted)
        else {}
    )
    results = [made[x] if c else None for x, c in zip(xs, connected, strict=True)]
    zero = getattr(unconnected_gradients, "value", unconnected_gradients) == "zero"
    if zero:
        results = [_zeros(x) if g is None else g for g, x in zip(results, xs, strict=True)]
    return results


def _zeros(x):
    return Operation("ZerosLike", [x], lambda v: full_like(v, 0), "zeros_like").output


def _listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


# ---- what depends on what --------------------------------------------------------------------


def _connected(ys, xs, stops):
    """Whether each of `xs` has a derivative, found by recording what lies between, once."""
    between = _between(ys, xs)
    reached = [any(x is y for y in ys) or x in between[1] for x in xs]
    if not any(reached):
        return reached
    for rank in (0, 1, 2, 3, 4):
        try:
            found = _recorded(ys, xs, stops, between, rank)
        except (ValueError, TypeError, IndexError, GradientError, SymbolicValueError):
            if all(t.sizes is not None for t in between[1]):
                break
            continue
        return [f is not None and r for f, r in zip(found, reached, strict=True)]
    return reached  # not all shapes are known yet: what a path leads to


def _between(ys, xs):
    """(operations, the tensors they use) on the ways from `xs` to `ys`."""
    order = needed([y.op for y in ys], set())
    aliases = {t for x in xs if x.op.is_alias for t in x.op.variable.aliases}
    reached, operations = set(xs) | aliases, []
    for op in order:
        if op.is_alias:
            continue
        if any(t in reached for t in op.inputs) and not op.is_host:
            operations.append(op)
            reached.update(op.outputs)
    used = {t for op in operations for t in op.inputs} | set(ys)
    return operations, used


def _recorded(ys, xs, stops, between, rank):
    operations, used = between
    made = {t for op in operations for t in op.outputs}
    trace = Trace("connectivity")
    with modes.tracing(trace):
        frame = _Dry(SessionState(), {*xs, *(t for op in operations
                                             for t in getattr(op, "watched", ()))})  # fmt: skip
        with frame.open_tape():
            for tensor in dict.fromkeys([*xs, *used, *stops]):
                if tensor in xs or (tensor not in made and not tensor.op.is_alias):
                    frame.set(tensor, stand_in(trace, tensor, rank, folds=tensor not in xs))
            frame.trace, frame.rank = trace, rank
            fixed = [op for op in operations if not all(t in xs for t in op.outputs)]
            frame.compute(fixed)
            return derivatives(frame, ys, xs, [None] * len(ys), [t for t in stops if frame.has(t)])


class _Dry(Frame):
    """A frame in which variables and random counters are stand-ins."""

    def read(self, variable):
        ref, own = variable.aliases
        for tensor in (own, ref):
            if self.has(tensor):
                return super().read(variable)
        self.set(own, stand_in(self.trace, own, self.rank))
        return self.values[own]

    def value(self, tensor):
        if tensor.op.is_alias and not self.has(tensor):
            return self.read(tensor.op.variable)
        return super().value(tensor)

    def assign(self, variable, value):
        return value
