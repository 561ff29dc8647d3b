"""Choosing what to compute by a value: cond and switch, also where the value is not known yet."""

from kerasish.arrays import dtypes
from kerasish.core import modes, tree
from kerasish.core.custom_gradient import custom_gradient
from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import cast, identity
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import SymbolicRead, SymbolicTensor, as_tensor
from kerasish.errors import DTypeError, ShapeError, explain
from kerasish.ops.subgraphs import Subgraph, assigned_variables, ordered_sources, positions

__all__ = ["cond", "custom_gradient", "switch"]


def is_unknown(value):
    """Whether a tensor has no value yet because a trace is being recorded."""
    if not isinstance(value, SymbolicTensor):
        return False
    if value.graph is None:
        raise SymbolicRead(value)  # an Input of a functional model: the whole call is recorded
    return True


def _branches_spec(index, *captured, branches):
    found = []
    for specs in zip(*(b.specs for b in branches), strict=True):
        first = specs[0]
        if any(s.dtype != first.dtype for s in specs):
            raise DTypeError(
                explain(
                    "ops.cond",
                    "the branches return different dtypes",
                    received=[s.dtype for s in specs],
                    fix="ops.cast in one of them",
                )
            )
        if any(s.ndim != first.ndim for s in specs):
            raise ShapeError(
                explain(
                    "ops.cond",
                    "the branches return different numbers of axes",
                    received=[s.shape for s in specs],
                )
            )
        sizes = zip(*(s.shape for s in specs), strict=True)
        found.append(TensorSpec([n[0] if len(set(n)) == 1 else None for n in sizes], first.dtype))
    return tuple(found)


def _branches_rule(g, index, captured, branches, needs):
    wanted = [
        i for i, x in enumerate(captured) if needs[i + 1] and dtypes.is_differentiable(x.dtype)
    ]

    def gradients_of(branch):
        def compute():
            fresh = {i: identity(captured[i]) for i in wanted}
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(list(fresh.values()))
                outputs = branch.replay([fresh.get(i, x) for i, x in enumerate(captured)])
            pairs = [
                (y, gy)
                for y, gy in zip(outputs, g, strict=True)
                if dtypes.is_differentiable(y.dtype)
            ]
            return tape.gradient(
                [y for y, _ in pairs], list(fresh.values()), [gy for _, gy in pairs],
                unconnected_gradients="zero",
            )  # fmt: skip

        return compute

    found = dict(zip(wanted, switch(index, [gradients_of(b) for b in branches]), strict=True))
    return [None, *[found.get(i) for i in range(len(captured))]]


@primitive(spec=_branches_spec, joint_vjp=_branches_rule, tags=("view",))
def run_branch(xp, index, /, *captured, branches=()):
    """Outputs of the branch of this number, out of range the nearest one."""
    return branches[min(max(int(index), 0), len(branches) - 1)].run(captured)


def _recorded(index, functions):
    """All branches recorded, and one operation that runs one of them."""
    branches = [Subgraph(f"branch_{i}", f, ()) for i, f in enumerate(functions)]
    first = branches[0].structure
    for other in branches[1:]:
        tree.assert_same_structure(first, other.structure)
        pattern = [leaf is None for leaf in tree.flatten(other.structure)]
        if pattern != [leaf is None for leaf in tree.flatten(first)]:
            raise ValueError(explain("ops.cond", "only one of the branches returns None"))
    variables = assigned_variables(branches)
    for branch in branches:
        branch.return_variables(variables)
    sources = ordered_sources(branches)
    for branch in branches:
        branch.bind(positions(sources))
    if not branches[0].outputs:
        return first
    outputs = iter(
        modes.apply(run_branch.operation, (index, *sources.values()), {"branches": tuple(branches)})
    )
    leaves = [None if leaf is None else next(outputs) for leaf in tree.flatten(first)]
    for variable in variables:
        variable.assign(next(outputs))
    return tree.unflatten(first, leaves)


def switch(index, branches, *operands):
    """The result of `branches[index](*operands)`; an index out of range is brought into it.

    Inside a traced function all branches are recorded and one runs; they must return tensors of
    the same structure and dtypes.

    Args:
        index: int or int tensor.
        branches: sequence of callables.
        *operands: tensors, or nested structures of them.

    Returns:
        what the branch returns.

    Raises:
        ValueError: no branches, or branches that return different structures.

    Example:
        >>> switch(1, [lambda x: x + 1.0, lambda x: x * 10.0], as_tensor(3.0)).item()
        30.0

    Source: Keras 3 names and defaults.
    """
    branches = list(branches)
    if not branches:
        raise ValueError(explain("ops.switch", "there must be at least one branch"))
    index = as_tensor(index)
    if is_unknown(index):
        functions = [lambda f=f: f(*operands) for f in branches]
        return _recorded(cast(index, "int32"), functions)
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def cond(pred, true_fn, false_fn):
    """The result of `true_fn()` where `pred` is true, else of `false_fn()`.

    Inside a traced function both are recorded and one runs; they must return tensors of the same
    structure and dtypes.

    Args:
        pred: bool or bool tensor without axes.
        true_fn: callable without arguments.
        false_fn: callable without arguments.

    Returns:
        what the chosen function returns.

    Raises:
        ValueError: in a trace, the functions return different structures.

    Example:
        >>> cond(True, lambda: as_tensor(1.0), lambda: as_tensor(2.0)).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    pred = as_tensor(pred)
    if is_unknown(pred):
        return _recorded(cast(cast(pred, "bool"), "int32"), [false_fn, true_fn])
    return true_fn() if bool(pred) else false_fn()
