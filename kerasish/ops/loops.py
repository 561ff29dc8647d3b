"""Loops: while_loop and fori_loop, also where the number of rounds is not known yet."""

from kerasish.core import modes, tree
from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import cast, convert_to_tensor
from kerasish.core.tensor import SymbolicTensor, as_tensor
from kerasish.errors import DTypeError, GradientError, ShapeError, explain
from kerasish.ops.branching import is_unknown
from kerasish.ops.elementwise import less, logical_and
from kerasish.ops.ranges import arange
from kerasish.ops.scanning import scan
from kerasish.ops.subgraphs import Subgraph, assigned_variables, ordered_sources, positions

__all__ = ["fori_loop", "while_loop"]

_UNROLLED = 32  # rounds up to which a loop of known length is recorded round by round


def _while_rule(g, values):
    raise GradientError(
        explain("ops.while_loop", "a loop whose number of rounds is only known at run time has no "
                "gradient", fix="ops.scan or ops.fori_loop with known bounds, or run eagerly")
    )  # fmt: skip


@primitive(
    spec=lambda *values, condition, body: tuple(body.specs),
    joint_vjp=_while_rule,
    tags=("view",),
)
def run_while(xp, /, *values, condition=None, body=None):
    """Rounds of `body` while `condition` holds: the first values change, the others stay."""
    carried = len(body.outputs)
    state, outside = tuple(values[:carried]), tuple(values[carried:])
    while bool(condition.run((*state, *outside))[0]):
        state = body.run((*state, *outside))
    return state


def _relaxed(before, after):
    """Specs that hold before and after a round: sizes that change become unknown."""
    found = []
    for a, b in zip(before, after, strict=True):
        if a.dtype != b.dtype or a.ndim != b.ndim:
            wrong = DTypeError if a.dtype != b.dtype else ShapeError
            raise wrong(
                explain(
                    "ops.while_loop",
                    "a round changes the dtype or the number of axes of a loop variable",
                    received=f" {a} becomes {b}",
                )
            )
        sizes = zip(a.shape, b.shape, strict=True)
        found.append(TensorSpec([m if m == n else None for m, n in sizes], a.dtype))
    return found


def _recorded(condition, body, values):
    """One operation for the rest of a loop; `values` is the tuple of loop variables."""
    leaves = [as_tensor(leaf) for leaf in tree.flatten(values)]
    specs = [leaf.spec for leaf in leaves]

    def whole(function):
        return lambda *flat: function(*tree.unflatten(values, flat))

    while True:
        rounds = Subgraph("while_body", whole(body), specs)
        if len(rounds.outputs) != len(leaves):
            raise ValueError(
                explain("ops.while_loop", "body must return as many values as there are loop "
                        "variables", received=len(rounds.outputs), expected=str(len(leaves)))
            )  # fmt: skip
        relaxed = _relaxed(specs, rounds.specs)
        if relaxed == specs:
            break
        specs = relaxed
    test = Subgraph("while_condition", whole(condition), specs)
    variables = assigned_variables([rounds])
    rounds.return_variables(variables)
    own = {v.key: v for v in variables}
    outside = ordered_sources([rounds, test], excluded=own)
    for subgraph in (rounds, test):
        subgraph.bind(positions([*own, *outside], start=len(leaves)))
    outputs = modes.apply(
        run_while.operation,
        (*leaves, *variables, *outside.values()),
        {"condition": test, "body": rounds},
    )
    for variable, value in zip(variables, outputs[len(leaves) :], strict=True):
        variable.assign(value)
    return tree.unflatten(values, outputs[: len(leaves)])


def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """Repeats `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` is true.

    Inside a traced function, a condition that depends on traced values makes the loop one
    operation, which has no gradient; the loop variables then keep their dtypes and numbers of axes.

    Args:
        cond: callable of the loop variables that returns a bool tensor without axes.
        body: callable of the loop variables that returns their new values.
        loop_vars: tensor, or tuple or list of tensors or nested structures.
        maximum_iterations: int or None.

    Returns:
        loop variables after the last round, in the structure of `loop_vars`.

    Raises:
        GradientError: the gradient of a loop of unknown length is asked for.

    Example:
        >>> [t.item() for t in while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), (0, 0))]
        [4, 6]

    Source: Keras 3 names and defaults.
    """
    is_sequence = isinstance(loop_vars, (tuple, list))
    values = tuple(loop_vars) if is_sequence else (loop_vars,)
    values = tree.map_structure(convert_to_tensor, values)

    def advance(*values):
        result = body(*values)
        return tuple(result) if is_sequence else (result,)

    done = 0
    while maximum_iterations is None or done < maximum_iterations:
        proceed = as_tensor(cond(*values))
        if is_unknown(proceed):
            limit = None if maximum_iterations is None else maximum_iterations - done
            values = _limited(cond, advance, values, limit)
            break
        if not bool(proceed):
            break
        values = tree.map_structure(convert_to_tensor, advance(*values))
        done += 1
    return type(loop_vars)(values) if type(loop_vars) in (tuple, list) else values[0]


def _limited(cond, body, values, limit):
    if limit is None:
        return _recorded(cond, body, values)
    counted = _recorded(
        lambda i, *values: logical_and(cast(cond(*values), "bool"), less(i, limit)),
        lambda i, *values: (i + 1, *body(*values)),
        (convert_to_tensor(0), *values),
    )
    return counted[1:]


def fori_loop(lower, upper, body_fun, init_val):
    """Repeats `value = body_fun(i, value)` for i from `lower` to `upper - 1`.

    Args:
        lower: int or int tensor.
        upper: int or int tensor.
        body_fun: callable of an int32 tensor and the value.
        init_val: tensor, or nested structure of tensors.

    Returns:
        the last value.

    Example:
        >>> fori_loop(0, 4, lambda i, total: total + i, 0).item()
        6

    Source: Keras 3 names and defaults.
    """
    value = tree.map_structure(convert_to_tensor, init_val)
    bounds = [b if isinstance(b, int) else as_tensor(b) for b in (lower, upper)]
    if is_unknown(bounds[0]) or is_unknown(bounds[1]):
        state = (cast(as_tensor(lower), "int32"), value)
        return while_loop(
            lambda i, value: less(i, cast(as_tensor(upper), "int32")),
            lambda i, value: (i + 1, body_fun(i, value)),
            state,
        )[1]
    lower, upper = int(bounds[0]), int(bounds[1])
    if upper - lower > _UNROLLED and any(
        isinstance(v, SymbolicTensor) for v in tree.flatten(value)
    ):
        steps = arange(lower, upper, dtype="int32")
        return scan(lambda value, i: (body_fun(i, value), None), value, steps)[0]
    for i in range(lower, upper):
        value = tree.map_structure(convert_to_tensor, body_fun(convert_to_tensor(i), value))
    return value
