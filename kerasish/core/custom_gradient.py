"""custom_gradient: functions whose derivative the user writes."""

import functools

from kerasish.core import modes, tree
from kerasish.core.primitive import as_input
from kerasish.core.structural import identity
from kerasish.core.tensor import as_tensor
from kerasish.errors import GradientError, explain


def custom_gradient(f):
    """Decorator: give a function its own derivative.

    Args:
        f: callable of tensors that returns `(result, grad)`; `grad(*cotangents)` returns one
            gradient (or None) for each argument.

    Returns:
        callable that returns `result`.

    Example:
                >>> from kerasish import GradientTape, ops
        >>> @custom_gradient
        ... def log1pexp(x):
        ...     e = ops.exp(x)
        ...     return ops.log(1 + e), lambda g: g * (1 - 1 / (1 + e))
        >>> x = ops.convert_to_tensor(100.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = log1pexp(x)
        >>> tape.gradient(y, x).item()
        1.0

    Source: TensorFlow `tf.custom_gradient`.
    """

    @functools.wraps(f)
    def call(*args, **kwargs):
        inputs = tuple(as_input(a) for a in args)
        with modes.stop_recording():
            result, grad = f(*inputs, **kwargs)
        leaves = [as_tensor(r) for r in tree.flatten(result)]
        # Fresh outputs, since the function may return an argument unchanged.
        outputs = tuple(identity(leaf) for leaf in leaves)
        modes.record_on_tapes(_CustomGradient(f.__name__, grad), inputs, outputs)
        return tree.unflatten(result, outputs)

    return call


class _CustomGradient:
    """The operation of a tape's node whose derivative the user wrote."""

    has_body = is_effect = False
    is_differentiable = keeps_output = True
    rules = _rule_sources = None

    def __init__(self, name, grad):
        self.name, self.grad = name, grad

    def keeps(self, count):
        return (False,) * count

    def joint_rule(self, g, node, needs):
        found = self.grad(*(g if isinstance(g, tuple) else (g,)))
        found = tuple(found) if isinstance(found, (tuple, list)) else (found,)
        if len(found) != len(node.inputs):
            raise GradientError(
                explain(
                    f"custom_gradient {self.name!r}",
                    "one gradient is needed for each argument",
                    received=len(found),
                    expected=str(len(node.inputs)),
                )
            )
        return [None if f is None else as_tensor(f) for f in found]
