"""Composite: an operation defined by a body of other operations, open to fast implementations."""

import functools

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import graph, modes
from kerasish.core.primitive import Operation, public_function
from kerasish.core.structural import identity
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import Tensor


class Composite(Operation):
    """An operation with a plain body; see `composite`.

    Without an implementation for the device it is never seen: its body runs, or is recorded, as if
    it stood there. With one, it is a single node, and its derivative is that of the body unless a
    rule is declared.
    """

    has_body = True
    ufunc = None

    def __init__(self, body, *, vjp=None, joint_vjp=None, **keywords):
        super().__init__(body, skip=0, vjp=vjp, joint_vjp=joint_vjp, **keywords)
        self.body = body
        self.declares_rules = vjp is not None or joint_vjp is not None
        self.keeps_output = False

    def keeps(self, count):
        """Without declared rules the body runs again in the backward pass, on all inputs."""
        return super().keeps(count) if self.declares_rules else (True,) * count

    @property
    def is_differentiable(self):
        """Composites are differentiable through their body."""
        return True

    def select(self, inputs, params):
        """Whether an implementation takes this call on the device where it would run."""
        specs = [x.spec if hasattr(x, "spec") else x for x in inputs]
        values = [x for x in inputs if isinstance(x, Tensor) and not x.is_symbolic]
        kind = devices.of(values[0]._array).kind if values else devices.current().kind
        return self.implementation(kind, specs, params) is not None

    def run(self, xp, arrays, params):
        """Arrays out for arrays in, by the implementation, else by the body."""
        function = self.implementation("gpu" if xp.is_gpu else "cpu", arrays, params)
        if function is not None:
            return function(xp, *arrays, **params)
        with modes.outside_trace():
            result = self.body(*[Tensor(a) if devices.is_array(a) else a for a in arrays], **params)
        return tuple(t._array for t in result) if isinstance(result, tuple) else result._array

    def body_gradients(self, node, gs, relevant):
        """Gradients of a node that an implementation computed: those of its plain body.

        Costs one more forward; a composite on a hot path declares a rule of its own instead.

        Returns:
            list of (key of an input, the input, its gradient).
        """
        pairs = zip(node.keys, node.inputs, strict=True)
        # Fresh tensors, since an input may be fed twice, and a variable's value has another key.
        stand_ins = {key: identity(x) for key, x in pairs if key in relevant}
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([t for t in stand_ins.values() if dtypes.is_differentiable(t.dtype)])
            arguments = [stand_ins.get(k, x) for k, x in zip(node.keys, node.inputs, strict=True)]
            result = self.body(*arguments, **node.params)
        targets = result if isinstance(result, tuple) else (result,)
        known = [(t, g) for t, g in zip(targets, gs, strict=True) if g is not None]
        sources = list(stand_ins.values())
        found = tape.gradient([t for t, _ in known], sources, [g for _, g in known])
        return [
            (key, x, g)
            for (key, x), g in zip(stand_ins.items(), found, strict=True)
            if g is not None
        ]

    def infer(self, specs, params):
        """Spec that comes out, by recording the body on specs."""
        return graph.specs_of(self.body, specs, params)


def composite(function=None, *, vjp=None, joint_vjp=None, tags=(), name=None):
    """Declare an operation by a body of other operations, `f(inputs..., /, params...)`.

    Args:
        function: the body. Arguments before `/` (or `*`) are tensors, those after static.
        vjp: as in `primitive`; None derives the gradient from the body.
        joint_vjp: as in `primitive`.
        tags: facts for passes.
        name: str. When it is not the function's own.

    Returns:
        the public function, of the same signature.

    Example:
        >>> from kerasish import ops
        >>> @composite(name="example_sum_of_squares")
        ... def example_sum_of_squares(x, /):
        ...     return ops.sum(x * x)
        >>> example_sum_of_squares([1.0, 2.0]).item()
        5.0
    """
    if function is None:
        return functools.partial(composite, vjp=vjp, joint_vjp=joint_vjp, tags=tags, name=name)
    return public_function(
        Composite(function, name=name, vjp=vjp, joint_vjp=joint_vjp, tags=tags), function
    )
