"""Rematerialization: layers and functions whose inner values are made again for the derivative."""

import contextlib
import functools
import math
import threading

from kerasish.core import tree
from kerasish.core.graph import specs_of
from kerasish.core.recomputing import recomputed
from kerasish.core.tensor import Tensor
from kerasish.errors import explain
from kerasish.layers.context import context

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class _Scopes(threading.local):
    def __init__(self):
        self.open = []


_scopes = _Scopes()


class RematScope:
    """Context in which layers are made that keep no inner values for their derivative.

    What `call` computes on the way to its output is thrown away, and computed again when the
    derivative is asked for: less memory for one more forward pass.

    Args:
        mode: "full" (every layer made inside, but models), "activations" (the `activation` of
            layers that have one), "larger_than" (layers with an output of more than
            `output_size_threshold` elements, the batch included), "list_of_layers" (those of
            `layer_names`), or None.
        output_size_threshold: int.
        layer_names: list of str.

    Raises:
        ValueError: an unknown mode.

    Example:
        >>> from kerasish import GradientTape, layers, ops
        >>> with RematScope("full"):
        ...     dense = layers.Dense(2, kernel_initializer="ones")
        >>> with GradientTape() as tape:
        ...     y = dense(ops.ones((1, 2)))
        >>> tape.gradient(y, dense.kernel).tolist()
        [[1.0, 1.0], [1.0, 1.0]]

    Source: Chen et al., 2016, "Training deep nets with sublinear memory cost"; Keras 3 names.
    """

    def __init__(self, mode="full", output_size_threshold=1024, layer_names=None):
        if mode not in _MODES:
            raise ValueError(
                explain("RematScope", "unknown mode", received=mode, expected=str(_MODES))
            )
        self.mode, self.output_size_threshold = mode, output_size_threshold
        self.layer_names = list(layer_names or ())

    def __enter__(self):
        _scopes.open.append(self)
        return self

    def __exit__(self, *exc_info):
        _scopes.open.pop()


def current_scope():
    """The innermost open RematScope with a mode, or None."""
    scope = _scopes.open[-1] if _scopes.open else None
    return None if scope is None or scope.mode is None else scope


def remat(f):
    """A function of the same results, that runs again when its derivative is asked for.

    Args:
        f: function of tensors, or a layer.

    Returns:
        callable.

    Example:
        >>> from kerasish import GradientTape, ops
        >>> x = ops.convert_to_tensor(2.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = remat(lambda x: ops.exp(x) * x)(x)
        >>> round(tape.gradient(y, x).item(), 4)
        22.1672

    Source: Chen et al., 2016; Keras 3 names and defaults.
    """

    @functools.wraps(f)
    def call(*args, **kwargs):
        # The second run is the same part of the same call: in training if the first one was.
        before = context.root, context.training
        return recomputed(f, functools.partial(_as_before, *before), _add_loss)(*args, **kwargs)

    return call


@contextlib.contextmanager
def _as_before(root, training):
    before = context.root, context.training
    context.root, context.training = root, training
    try:
        yield
    finally:
        context.root, context.training = before


def _add_loss(loss):
    if context.root is not None:
        context.root.add_loss(loss)


def rematerialized_call(layer, scope, call):
    """The `call` of a layer as the scope in which the layer was made wants it.

    Args:
        layer: Layer.
        scope: RematScope.
        call: the layer's method.

    Returns:
        callable like `call`.
    """
    if hasattr(layer, "train_step"):  # a model: its layers are, one by one
        return call
    if scope.mode == "activations":
        has_activation = getattr(layer, "activation", None) is not None
        return functools.partial(_with_remat_activation, layer, call) if has_activation else call
    if scope.mode == "list_of_layers":
        return remat(call) if layer.name in scope.layer_names else call
    if scope.mode == "larger_than":
        return functools.partial(_if_large, call, scope.output_size_threshold, layer)
    return remat(call)


def _with_remat_activation(layer, call, *args, **kwargs):
    activation = layer.activation
    layer.__dict__["activation"] = remat(activation)
    try:
        return call(*args, **kwargs)
    finally:
        layer.__dict__["activation"] = activation


def _if_large(call, threshold, layer, *args, **kwargs):
    is_large = _output_size(layer, call, args, kwargs) > threshold
    return (remat(call) if is_large else call)(*args, **kwargs)


def _output_size(layer, call, args, kwargs):
    """Number of elements of a call's outputs; an unknown size counts as one."""

    def run(*leaves):
        args_again, kwargs_again = tree.unflatten((args, kwargs), leaves)
        return call(*args_again, **kwargs_again)

    leaves = [x.spec if isinstance(x, Tensor) else x for x in tree.flatten((args, kwargs))]
    with layer._keeping_losses():
        found = tree.flatten(specs_of(run, leaves))
    shapes = [s.shape for s in found if hasattr(s, "shape")]
    return sum(math.prod(n for n in shape if n is not None) for shape in shapes)
