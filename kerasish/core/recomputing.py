"""Recomputing: a function whose inner values are not kept for its derivative, but made again."""

import contextlib
import functools

from kerasish.arrays import dtypes
from kerasish.core import masks, modes, tree
from kerasish.core.primitive import primitive
from kerasish.core.stateless import ReadingScope, StatelessScope
from kerasish.core.structural import identity
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.core.variable import autocast_scope


@primitive(spec=lambda x, after: x.with_shape(x.shape), vjp=(lambda g: g, None), tags=("view",))
def held_back(xp, x, after, /):
    """`x`, but not before `after` is there: what is made of it is another value to every pass."""
    return x


def recomputed(function, around=contextlib.nullcontext, add_loss=None):
    """A function of the same results, that runs a second time when its derivative is asked for.

    Between the two runs only its arguments, the variables that it read, and its results are held.
    The second run sees the variables, random generators included, as the first one did, and assigns
    nothing. Without a tape the function is just called.

    Args:
        function: callable of nested tensors (and other values) that returns nested tensors.
        around: function that returns the context in which the second run takes place.
        add_loss: what takes the losses that layers add inside; None drops them.

    Returns:
        callable.

    Example:
        >>> from kerasish import GradientTape, ops
        >>> calls = []
        >>> def cube(x):
        ...     calls.append(1)
        ...     return x * x * x
        >>> x = ops.convert_to_tensor(2.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = recomputed(cube)(x)
        >>> tape.gradient(y, x).item(), len(calls)
        (12.0, 2)
    """

    @functools.wraps(function)
    def call(*args, **kwargs):
        if not modes.state.tapes:
            return function(*args, **kwargs)
        leaves = tree.flatten((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
        reading = ReadingScope()
        with modes.stop_recording(), reading:
            result = function(*args, **kwargs)
        # Fresh outputs, since the function may return an argument unchanged.
        found = [as_tensor(r) for r in (*tree.flatten(result), *reading.losses)]
        outputs = tuple([_fresh(r) for r in found])
        variables = [pair[0] for pair in reading.reads.values()]
        again = _Again(function, (args, kwargs), leaves, places, reading.reads, around)
        inputs = (*[leaves[i] for i in places], *variables)
        if modes.state.stateless is not None:
            inputs = modes.state.stateless.replaced(inputs)
        modes.record_on_tapes(again, inputs, outputs)
        count = len(tree.flatten(result))
        for loss in outputs[count:]:
            if add_loss is not None:
                add_loss(loss)
        return tree.unflatten(result, outputs[:count])

    return call


def _fresh(tensor):
    with modes.stop_recording():
        twin = identity(tensor)
    masks.set_mask(twin, masks.get_mask(tensor))
    return twin


class _Again:
    """The operation of the tape's node: its rule runs the function again under a tape."""

    has_body = is_effect = False
    is_differentiable = True
    keeps_output = False
    rules = _rule_sources = None

    def __init__(self, function, structure, leaves, places, reads, around):
        self.name = getattr(function, "__name__", "function")
        self.function, self.structure, self.around = function, structure, around
        held = set(places)
        self.leaves = [None if i in held else leaf for i, leaf in enumerate(leaves)]
        self.masks = [masks.get_mask(leaves[i]) for i in places]
        self.places, self.reads = places, list(reads.values())
        self.autocast = modes.state.autocast

    def keeps(self, count):
        """The arguments; what the variables were is held in `reads`."""
        return [i < len(self.places) for i in range(count)]

    def joint_rule(self, g, node, needs):
        """Gradients by the arguments and the variables."""
        count = len(self.places)
        before = [*node.inputs[:count], *[held for _, held in self.reads]]
        values = [held_back(x, g[0]) for x in before]
        leaves = list(self.leaves)
        for place, value, mask in zip(self.places, values, self.masks, strict=False):
            masks.set_mask(value, mask)
            leaves[place] = value
        args, kwargs = tree.unflatten(self.structure, leaves)
        variables = [variable for variable, _ in self.reads]
        scope = StatelessScope(zip(variables, values[count:], strict=True), collect_losses=True)
        wanted = [n and dtypes.is_differentiable(x.dtype)
                  for n, x in zip(needs, values, strict=True)]  # fmt: skip
        sources = [x for x, is_wanted in zip(values, wanted, strict=True) if is_wanted]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            with self.around(), autocast_scope(self.autocast), scope:
                result = self.function(*args, **kwargs)
        targets = [as_tensor(r) for r in (*tree.flatten(result), *scope.losses)]
        pairs = [(t, x) for t, x in zip(targets, g, strict=True)
                 if dtypes.is_differentiable(t.dtype)]  # fmt: skip
        found = iter(tape.gradient([t for t, _ in pairs], sources, [x for _, x in pairs]))
        return [next(found) if is_wanted else None for is_wanted in wanted]
