"""Passing a state along an axis: scan, map, vectorized_map and associative_scan."""

from kerasish.arrays import dtypes
from kerasish.core import modes, tree
from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec, normalize_axis
from kerasish.core.structural import convert_to_tensor, full_like, identity
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import SymbolicRead, SymbolicTensor
from kerasish.errors import ShapeError, explain
from kerasish.ops.shape import concatenate, flip, reshape, stack
from kerasish.ops.subgraphs import Subgraph, assigned_variables, ordered_sources, positions

__all__ = ["associative_scan", "map", "scan", "vectorized_map"]

_UNROLLED = 32  # steps up to which a scan of known length is recorded step by step


# ---- as one operation, for traces ------------------------------------------------------------


def _steps_spec(*values, body, num_carried, num_scanned, length, reverse):
    carried, scanned = values[:num_carried], values[num_carried : num_carried + num_scanned]
    size = scanned[0].shape[0] if scanned else length
    after = body.specs
    for a, b in zip(carried, after, strict=False):
        if a.dtype != b.dtype or a.ndim != b.ndim:
            raise ShapeError(
                explain(
                    "ops.scan",
                    "a step changes the dtype or the number of axes of the carry",
                    received=f" {a} becomes {b}",
                )
            )
    stacked = [TensorSpec((size, *s.shape), s.dtype) for s in (*after[num_carried:], *carried)]
    return (*after[:num_carried], *stacked)


def _is_float(x):
    return dtypes.is_differentiable(x.dtype)


def _steps_rule(g, values, y, body, num_carried, num_scanned, length, reverse):
    """The same, against the direction: derivatives are carried, those of the inputs collected."""
    carried, scanned = values[:num_carried], values[num_carried : num_carried + num_scanned]
    outside = values[num_carried + num_scanned :]
    num_outputs = len(body.outputs)
    saved = list(y[num_outputs:])  # the carry before each step
    kept = [i for i, x in enumerate(carried) if _is_float(x)]
    free = [i for i, x in enumerate(outside) if _is_float(x)]
    moving = [i for i, x in enumerate(scanned) if _is_float(x)]
    results = [i for i in range(num_carried, num_outputs) if _is_float(body.outputs[i])]

    def step(state, inputs):
        g_carried, g_outside = state
        before, elements, g_results, g_saved = inputs
        fresh = [identity(x) for x in (*before, *elements, *outside)]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([x for x in fresh if _is_float(x)])
            outputs = body.replay(fresh)
        wanted = [fresh[i] for i in kept]
        wanted += [fresh[num_carried + i] for i in moving]
        wanted += [fresh[num_carried + num_scanned + i] for i in free]
        found = tape.gradient(
            [outputs[i] for i in (*kept, *results)], wanted, [*g_carried, *g_results],
            unconnected_gradients="zero",
        )  # fmt: skip
        new = [a + b for a, b in zip(found[: len(kept)], g_saved, strict=True)]
        rest = found[len(kept) + len(moving) :]
        total = [a + b for a, b in zip(g_outside, rest, strict=True)]
        return (new, total), found[len(kept) : len(kept) + len(moving)]

    start = ([g[i] for i in kept], [full_like(outside[i], 0) for i in free])
    elements = (
        saved, list(scanned), [g[i] for i in results], [g[num_outputs + i] for i in kept],
    )  # fmt: skip
    (g_carried, g_outside), g_scanned = scan(
        step, start, elements, length=length, reverse=not reverse
    )
    found = [None] * len(values)
    places = [*kept, *[num_carried + i for i in moving]]
    places += [num_carried + num_scanned + i for i in free]
    for place, value in zip(places, [*g_carried, *g_scanned, *g_outside], strict=True):
        found[place] = value
    return found


@primitive(spec=_steps_spec, joint_vjp=_steps_rule, tags=("view",))
def run_steps(xp, /, *values, body=None, num_carried=0, num_scanned=0, length=None, reverse=False):
    """All steps of a scan: last carry, collected results, and the carry before each step."""
    state = tuple(values[:num_carried])
    scanned = values[num_carried : num_carried + num_scanned]
    outside = values[num_carried + num_scanned :]
    size = scanned[0].shape[0] if scanned else length
    collected = []
    for i in range(size)[::-1] if reverse else range(size):
        outputs = body.run((*state, *(x[i] for x in scanned), *outside))
        collected.append((*outputs[num_carried:], *state))
        state = outputs[:num_carried]
    if reverse:
        collected.reverse()
    if collected:
        return (*state, *(xp.stack(column) for column in zip(*collected, strict=True)))
    specs = (*body.specs[num_carried:], *body.specs[:num_carried])
    shapes = [(0, *(n or 0 for n in s.shape)) for s in specs]
    empty = [xp.zeros(n, dtypes.to_numpy(s.dtype)) for n, s in zip(shapes, specs, strict=True)]
    return (*state, *empty)


def _recorded(function, init, xs, length, reverse):
    carried, scanned = tree.flatten(init), tree.flatten(xs)
    specs = [x.spec for x in carried]
    specs += [TensorSpec(x.shape[1:], x.dtype) for x in scanned]

    def whole(*flat):
        carry = tree.unflatten(init, flat[: len(carried)])
        return function(carry, tree.unflatten(xs, flat[len(carried) :]))

    body = Subgraph("scan_body", whole, specs)
    carry_structure, result_structure = body.structure
    tree.assert_same_structure(init, carry_structure)
    variables = assigned_variables([body])
    # Assigned variables are carried too: they stand behind the carry, here and in the outputs.
    body.return_variables(variables, at=len(carried))
    own = positions({v.key: v for v in variables}, start=len(carried))
    first = len(carried) + len(variables)
    outside = ordered_sources([body], excluded=own)
    body.bind(
        {**own, **positions(outside, start=first + len(scanned))},
        arguments=[*range(len(carried)), *range(first, first + len(scanned))],
    )
    outputs = modes.apply(
        run_steps.operation,
        (*carried, *variables, *scanned, *outside.values()),
        {
            "body": body,
            "num_carried": first,
            "num_scanned": len(scanned),
            "length": length,
            "reverse": reverse,
        },
    )
    for variable, value in zip(variables, outputs[len(carried) :], strict=False):
        variable.assign(value)
    ys = iter(outputs[first:])
    leaves = [None if leaf is None else next(ys) for leaf in tree.flatten(result_structure)]
    return tree.unflatten(init, outputs[: len(carried)]), tree.unflatten(result_structure, leaves)


# ---- Keras's functions -----------------------------------------------------------------------


def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """Steps `carry, y[i] = f(carry, xs[i])` along the first axis, with all `y` stacked.

    Inside a traced function, long scans and those of unknown length are one operation, whose
    derivative is a scan in the other direction; `carry` must keep its dtypes and shapes.

    Args:
        f: callable of carry and an element of `xs` that returns the new carry and a result.
        init: tensor or nested structure, the first carry.
        xs: tensor or nested structure of tensors of one length, or None.
        length: int. Number of steps where `xs` is None.
        reverse: bool. Go from the last element to the first; results keep the places of elements.
        unroll: True records every step of a traced scan by itself.

    Returns:
        tuple: last carry, and the results stacked along a new first axis.

    Raises:
        ValueError: neither `xs` nor `length`, or lengths that differ.

    Example:
        >>> total, sums = scan(lambda c, x: (c + x, c + x), 0.0, convert_to_tensor([1.0, 2.0, 3.0]))
        >>> total.item(), sums.tolist()
        (6.0, [1.0, 3.0, 6.0])

    Source: Keras 3 names and defaults.
    """
    init = tree.map_structure(convert_to_tensor, init)
    elements = () if xs is None else tree.map_structure(convert_to_tensor, xs)
    step = (lambda carry, _: f(carry, None)) if xs is None else f
    leaves = tree.flatten(elements)
    for leaf in (*tree.flatten(init), *leaves):
        if isinstance(leaf, SymbolicTensor) and leaf.graph is None:
            raise SymbolicRead(leaf)  # an Input of a functional model: the whole call is recorded
    sizes = {leaf.shape[0] for leaf in leaves} | ({length} if length is not None else set())
    if len(sizes - {None}) > 1 or not sizes:
        raise ValueError(
            explain(
                "ops.scan",
                "xs (all of one length) or length must say how many steps there are",
                received=sorted(sizes, key=str),
            )
        )
    size = max(sizes, key=lambda n: -1 if n is None else n)
    if size is None or (modes.is_tracing() and size > _UNROLLED and unroll is not True):
        return _recorded(step, init, elements, size, bool(reverse))
    return _step_by_step(step, init, elements, size, reverse)


def _step_by_step(f, carry, elements, size, reverse):
    results = []
    for i in range(size)[::-1] if reverse else range(size):
        carry, result = f(carry, tree.map_structure(lambda x, i=i: x[i], elements))
        carry = tree.map_structure(convert_to_tensor, carry)
        results.append(result)
    if not results:
        raise ValueError(explain("ops.scan", "there must be at least one step", received=size))
    if reverse:
        results.reverse()
    columns = zip(*(tree.flatten(r) for r in results), strict=True)
    stacked = [None if c[0] is None else stack(list(c), axis=0) for c in columns]
    return carry, tree.unflatten(results[0], stacked)


def map(f, xs):
    """The results of `f(xs[i])` for every index of the first axis, stacked.

    Args:
        f: callable of an element of `xs`.
        xs: tensor, or nested structure of tensors of one length.

    Returns:
        tensor or nested structure like the results, with the first axis of `xs`.

    Example:
        >>> map(lambda x: x * x, convert_to_tensor([1.0, 2.0, 3.0])).tolist()
        [1.0, 4.0, 9.0]

    Source: Keras 3 names and defaults.
    """
    return scan(lambda carry, x: (carry, f(x)), (), xs)[1]


def vectorized_map(function, elements):
    """The results of `function` for every index of the first axis, stacked; the same as `map`.

    Args:
        function: callable of one element.
        elements: tensor, or nested structure of tensors of one length.

    Returns:
        tensor or nested structure like the results, with the first axis of `elements`.

    Example:
        >>> vectorized_map(lambda x: x + 1.0, convert_to_tensor([1.0, 2.0])).tolist()
        [2.0, 3.0]

    Source: Keras 3 names and defaults.
    """
    return map(function, elements)


def _between(x, axis, begin, end=None, step=None):
    return x[(slice(None),) * axis + (slice(begin, end, step),)]


def _interleave(even, odd, axis):
    """Elements of `even` and `odd` by turns, `even` first; `even` may be longer by one."""
    size = odd.shape[axis]
    paired = stack([_between(even, axis, 0, size), odd], axis=axis + 1)
    shape = list(odd.shape)
    shape[axis] = 2 * size
    paired = reshape(paired, [-1 if n is None else n for n in shape])
    if even.shape[axis] == size:
        return paired
    return concatenate([paired, _between(even, axis, size)], axis=axis)


def associative_scan(f, elems, reverse=False, axis=0):
    """Running results of an associative `f` along an axis, in a number of rounds like log2(size).

    Args:
        f: callable of two structures like `elems`, elementwise along `axis`, and associative.
        elems: tensor or nested structure of tensors; the size of `axis` is known.
        reverse: bool. Start from the end.
        axis: int.

    Returns:
        structure of `elems`: element i combines all elements up to i.

    Raises:
        ValueError: sizes along `axis` are unknown or differ.

    Example:
        >>> associative_scan(lambda a, b: a + b, convert_to_tensor([1, 2, 3, 4])).tolist()
        [1, 3, 6, 10]

    Source: Blelloch, 1990; Keras 3 names and defaults.
    """
    leaves = [convert_to_tensor(x) for x in tree.flatten(elems)]
    axes = [normalize_axis(axis, x.ndim, "ops.associative_scan") for x in leaves]
    sizes = {x.shape[a] for x, a in zip(leaves, axes, strict=True)}
    if len(sizes) != 1 or None in sizes:
        raise ValueError(
            explain(
                "ops.associative_scan",
                "all elems need one known size along the axis",
                received=sorted(sizes, key=str),
            )
        )

    def cut(values, *bounds):
        return [_between(x, a, *bounds) for x, a in zip(values, axes, strict=True)]

    def combine(left, right):
        result = f(tree.unflatten(elems, left), tree.unflatten(elems, right))
        return [convert_to_tensor(x) for x in tree.flatten(result)]

    def running(values, size):
        if size < 2:
            return values
        pairs = combine(cut(values, 0, size - 1, 2), cut(values, 1, size, 2))
        odd = running(pairs, size // 2)
        rest = cut(values, 2, size, 2)
        heads = cut(odd, 0, (size - 1) // 2)
        even = combine(heads, rest) if size > 2 else None
        first = cut(values, 0, 1)
        if even is not None:
            joined = zip(first, even, axes, strict=True)
            first = [concatenate([x, e], axis=a) for x, e, a in joined]
        return [_interleave(e, o, a) for e, o, a in zip(first, odd, axes, strict=True)]

    if reverse:
        leaves = [flip(x, axis=a) for x, a in zip(leaves, axes, strict=True)]
    leaves = running(leaves, sizes.pop())
    if reverse:
        leaves = [flip(x, axis=a) for x, a in zip(leaves, axes, strict=True)]
    return tree.unflatten(elems, leaves)
