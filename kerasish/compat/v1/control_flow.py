"""`cond`, `while_loop` and `case`: branches and loop bodies recorded as parts of one operation."""

from kerasish import ops
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.execution import Frame, needed
from kerasish.compat.v1.graph import get_default_graph
from kerasish.compat.v1.shapes import TensorShape
from kerasish.compat.v1.tensors import Operation, Tensor
from kerasish.core import tree
from kerasish.core.structural import identity
from kerasish.errors import explain


class _Part:
    """What a branch or a loop body records: operations that run only as part of it.

    Attributes:
        structure: nested structure of tensors that the function returned.
        outside: tensors of the graph around that it uses.
    """

    def __init__(self, function, name, arguments=()):
        graph = get_default_graph()
        self.context = graph.context  # the part around this one
        with graph.name_scope(name), graph.inside(self):
            self.arguments = [
                Operation("Switch", (), None, "arg", [(sizes, dtype)]).output
                for sizes, dtype in arguments
            ]
            result = function(*self.arguments)
            self.structure = tree.map_structure(self._taken, result)
            self.has_operations = any(isinstance(t, Operation) for t in tree.flatten(result))
        self.results = [t for t in tree.flatten(self.structure)]
        self._order = needed(self.results, set(self.arguments), self)
        used = [t for op in self._order for t in op.inputs] + self.results
        inner = {t for op in self._order for t in op.outputs} | set(self.arguments)
        self.outside = [t for t in dict.fromkeys(used) if t not in inner]
        self.control_inputs = [
            d for op in self._order for d in op.control_inputs if d.context is not self
        ]
        self.is_effect = any(op.is_effect for op in self._order)
        self.watched = [t for op in self._order for t in getattr(op, "watched", ())]
        own = {op.variable for op in self._order if op.is_effect and hasattr(op, "variable")}
        self.assigned = own.union(*(getattr(op, "assigned", ()) for op in self._order))

    def _taken(self, value):
        """A tensor of this part for what the function returned."""
        if isinstance(value, Operation):
            with value.graph.control_dependencies([value]):
                return Operation("Const", (), lambda: ops.convert_to_tensor(True), "done",
                                 [((), "bool")]).output  # fmt: skip
        tensor = convert_to_tensor(value)
        return Operation("Identity", [tensor], identity, "Identity").output

    def read(self, frame):
        """Values of the variables that it reads only, read outside: derivatives pass there."""
        reads = [t for t in self.outside if t.op.is_alias]
        return {t: frame.value(t) for t in reads if t.op.variable not in self.assigned}

    def run(self, frame, reads, *values):
        """The values of the results, in a frame around."""
        inner = Frame(frame.state, parent=frame)
        inner.values.update(reads)
        for argument, value in zip(self.arguments, values, strict=True):
            inner.values[argument] = value
        inner.compute(self._order)
        return [inner.value(t) for t in self.results]


class _Controlled(Operation):
    """An operation that is made of parts."""

    def __init__(self, type_name, inputs, parts, outputs, name):
        outside = [t for part in parts for t in part.outside]
        self.is_effect = any(part.is_effect for part in parts)
        self.watched = tuple(t for part in parts for t in part.watched)
        self.assigned = set().union(*(part.assigned for part in parts))
        self._own = len(inputs)
        super().__init__(type_name, list(dict.fromkeys([*inputs, *outside])) if not inputs else
                         [*inputs, *dict.fromkeys(outside)], None, name, outputs)  # fmt: skip
        self.control_inputs += [d for part in parts for d in part.control_inputs]

    def arguments(self, frame):
        return [frame.value(t) for t in self.inputs[: self._own]]


class _Cond(_Controlled):
    def __init__(self, pred, branches, name):
        self._branches = branches
        outputs = []
        for a, b in zip(*(branch.results for branch in branches), strict=True):
            if a.dtype != b.dtype:
                raise TypeError(
                    f"Outputs of true_fn and false_fn must have the same type: {a.dtype.name}, "
                    f"{b.dtype.name}"
                )
            outputs.append((_common(a.sizes, b.sizes), a.dtype))
        super().__init__("If", [pred], branches, outputs, name)

    def execute(self, frame, values):
        true, false = self._branches
        reads = true.read(frame), false.read(frame)
        return tuple(
            ops.cond(
                values[0],
                lambda: true.run(frame, reads[0]),
                lambda: false.run(frame, reads[1]),
            )
        )


def _common(a, b):
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(m if m == n else None for m, n in zip(a, b, strict=True))


def cond(pred, true_fn=None, false_fn=None, strict=False, name=None, fn1=None, fn2=None):
    """What `true_fn()` or `false_fn()` gives; only the operations of the chosen one run.

    Args:
        pred: bool tensor without axes.
        true_fn, false_fn: callables; they return tensors of the same structure and dtypes.

    Raises:
        TypeError: `pred` is a Python bool, or something is no function.
        ValueError: the functions return different structures.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     x = tf.placeholder(tf.float32, [])
        ...     y = tf.cond(x > 0, lambda: x, lambda: -x)
        ...     session.run(y, {x: -3.0}).item()
        3.0

    Source: TensorFlow 1.
    """
    true_fn, false_fn = true_fn or fn1, false_fn or fn2
    if not callable(true_fn) or not callable(false_fn):
        raise TypeError("true_fn and false_fn must be callable.")
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool")
    pred = convert_to_tensor(pred, "bool")
    with get_default_graph().name_scope(name or "cond") as scope:
        branches = [_Part(true_fn, "true"), _Part(false_fn, "false")]
        true, false = branches
        try:
            tree.assert_same_structure(true.structure, false.structure)
        except ValueError as error:
            raise ValueError(explain("tf.cond", "Incompatible return values of true_fn and "
                                     f"false_fn: {error}")) from None  # fmt: skip
        made = _Cond(pred, branches, scope)
    result = tree.unflatten(true.structure, made.outputs)
    if true.has_operations and isinstance(result, Tensor):
        return result.op
    return result[0] if isinstance(result, (list, tuple)) and len(result) == 1 else result


def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """What the function of the first true condition gives, else `default()`."""
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs)
    if default is None:
        default = pairs.pop()[1]
    for pred, function in reversed(pairs):
        default = _chained(pred, function, default)
    return default()


def _chained(pred, function, otherwise):
    return lambda: cond(pred, function, otherwise)


class _While(_Controlled):
    def __init__(self, values, test, body, limit, outputs, name):
        self._test, self._body, self._limit = test, body, limit
        super().__init__("While", values, [test, body], outputs, name)

    def execute(self, frame, values):
        reads = self._test.read(frame), self._body.read(frame)
        return tuple(ops.while_loop(
            lambda *vs: self._test.run(frame, reads[0], *vs)[0],
            lambda *vs: tuple(self._body.run(frame, reads[1], *vs)),
            tuple(values), maximum_iterations=self._limit,
        ))  # fmt: skip


def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10,
               back_prop=True, swap_memory=False, name=None, maximum_iterations=None,
               return_same_structure=False):  # fmt: skip
    """Repeats `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` is true.

    Args:
        cond, body: callables of the loop variables.
        loop_vars: list, tuple or nested structure of tensors.
        shape_invariants: shapes that hold in every round, where sizes change.
        maximum_iterations: int or None.

    Raises:
        TypeError: `cond` or `body` is no function.
        ValueError: no loop variables, or `body` returns another number of them.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     i, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), [0, 0])
        ...     session.run(total).item()
        10

    Source: TensorFlow 1.
    """
    if not callable(cond) or not callable(body):
        raise TypeError("'cond' and 'body' must be callable.")
    if not loop_vars and not hasattr(loop_vars, "op"):
        raise ValueError("'loop_vars' must be provided.")
    is_lone = not isinstance(loop_vars, (list, tuple))
    structure = [loop_vars] if is_lone else list(loop_vars)
    values = [convert_to_tensor(v) for v in tree.flatten(structure)]
    if shape_invariants is None:
        shapes = [v.sizes for v in values]
    else:
        shapes = [TensorShape(s).sizes for s in _flat_shapes(shape_invariants)]
    arguments = [(s, v.dtype) for s, v in zip(shapes, values, strict=True)]

    def whole(function):
        return lambda *flat: function(*tree.unflatten(structure, flat))

    with get_default_graph().name_scope(name or "while") as scope:
        test = _Part(whole(cond), "cond", arguments)
        rounds = _Part(whole(lambda *vs: _as_list(body(*vs), len(structure))), "body", arguments)
        if len(rounds.results) != len(values):
            raise ValueError("The number of inputs and outputs of 'body' must match 'loop_vars': "
                             f"{len(values)}, {len(rounds.results)}")  # fmt: skip
        for before, after in zip(arguments, rounds.results, strict=True):
            if after.dtype != before[1]:
                raise TypeError(f"Input tensor enters the loop with dtype {before[1].name}, but "
                                f"has dtype {after.dtype.name} after one iteration.")  # fmt: skip
            if not TensorShape(before[0]).is_compatible_with(after.sizes) or (
                after.sizes is not None and before[0] is not None
                and any(m is not None and n is None
                        for m, n in zip(before[0], after.sizes, strict=True))
            ):  # fmt: skip
                raise ValueError(
                    f"Input tensor enters the loop with shape {TensorShape(before[0])}, but has "
                    f"shape {after.shape} after one iteration. To allow the shape to vary across "
                    "iterations, use the `shape_invariants` argument of tf.while_loop to specify "
                    "a less-specific shape."
                )
        made = _While(values, test, rounds, maximum_iterations, arguments, scope)
    result = tree.unflatten(structure, made.outputs)
    return result[0] if len(result) == 1 and not return_same_structure else result


def _flat_shapes(shapes):
    if isinstance(shapes, TensorShape):
        return [shapes]
    return [s for part in shapes for s in _flat_shapes(part)]


def _as_list(result, count):
    return list(result) if isinstance(result, (list, tuple)) and count != 1 else [
        result[0] if isinstance(result, (list, tuple)) and len(result) == 1 else result
    ]  # fmt: skip
