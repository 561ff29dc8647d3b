"""Reverse-mode differentiation: one walk over recorded nodes, and the tape that records them.

The walk is made of operations itself, so an outer tape or an open trace records it: that is all
there is to higher derivatives and to compiled backward passes.
"""

import functools

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import modes, tree
from kerasish.core.primitive import as_input, operations
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import (
    add,
    broadcast_like,
    cast,
    full_like,
    identity,
    reshape_static,
    sum_to_like,
)
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import GradientError, ShapeError, explain


def backward(nodes, cotangents, sources):
    """Carry cotangents from outputs back to sources.

    Args:
        nodes: list of Node in recording order.
        cotangents: dict from key of a tensor to the Tensor g = d target / d tensor.
        sources: set of keys wanted.

    Returns:
        dict from key to Tensor; a source without a path to the target is missing.
    """
    relevant = set(sources)
    useful = []
    for node in nodes:
        if any(key in relevant for key in node.keys):
            useful.append(node)
            relevant.update(o.key for o in node.outputs)
    cotangents = dict(cotangents)
    for node in reversed(useful):
        gs = [cotangents.get(o.key) for o in node.outputs]
        if all(g is None for g in gs):
            continue
        for o in node.outputs:
            if o.key not in sources:
                cotangents.pop(o.key, None)  # an inner cotangent is done with: free its memory
        for key, gx in _node_gradients(node, gs, relevant):
            known = cotangents.get(key)
            cotangents[key] = gx if known is None else add(known, gx)
    return {key: cotangents[key] for key in sources if key in cotangents}


def _node_gradients(node, gs, relevant):
    operation = node.operation
    needs = tuple([key in relevant for key in node.keys])
    if operation.has_body and not operation.declares_rules:
        return _body_gradients(node, gs, relevant)
    if node.is_multiple:
        g = tuple(full_like(o, 0) if g is None else g for g, o in zip(gs, node.outputs, strict=True))
    else:
        g = gs[0]
    if operation._rule_sources is not None:
        operation.bind_rules()
    if operation.joint_rule is not None:
        parts = operation.joint_rule(g, node, needs)
        parts = parts if isinstance(parts, (tuple, list)) else (parts,)
    else:
        parts = [
            rule(g, node) if rule is not None and need else None
            for rule, need in zip(operation.rules, needs, strict=True)
        ]
    found = []
    for key, x, need, gx in zip(node.keys, node.inputs, needs, parts, strict=True):
        if need and gx is not None and dtypes.is_differentiable(x.dtype):
            found.append((key, _fit(gx, x)))
    return found


def _body_gradients(node, gs, relevant):
    """Gradients of a composite that an implementation computed: those of its plain body.

    Costs one more forward; a composite on a hot path declares a rule of its own instead.
    """
    inputs = [x for key, x in zip(node.keys, node.inputs, strict=True) if key in relevant]
    keys = [key for key in node.keys if key in relevant]
    # Fresh tensors, since an input may be fed twice and a variable has another key than its value.
    stand_ins = {key: identity(x) for key, x in zip(keys, inputs, strict=True)}
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([t for t in stand_ins.values() if dtypes.is_differentiable(t.dtype)])
        arguments = [stand_ins.get(k, x) for k, x in zip(node.keys, node.inputs, strict=True)]
        result = node.operation.body(*arguments, **node.params)
    targets = result if isinstance(result, tuple) else (result,)
    pairs = [(t, g) for t, g in zip(targets, gs, strict=True) if g is not None]
    found = tape.gradient([t for t, _ in pairs], list(stand_ins.values()), [g for _, g in pairs])
    return [
        (key, _fit(g, stand_ins[key]))
        for key, g in zip(stand_ins, found, strict=True)
        if g is not None
    ]


def _fit(g, x):
    """Cotangent in the shape and dtype of what it belongs to: broadcasting is undone here, once."""
    if g.shape != x.shape or None in x.shape:
        g = sum_to_like(g, x)
    return g if g.dtype == x.dtype else cast(g, x.dtype)


class GradientTape:
    """Records operations on watched tensors, to differentiate them.

    Trainable variables are watched by themselves. Tapes nest to any order, and work the same way
    inside a traced function.

    Args:
        persistent: bool. Allow more than one call of `gradient` and `jacobian`.
        watch_accessed_variables: bool. Watch trainable variables without `watch`.

    Example:
        >>> from kerasish import ops
        >>> x = ops.convert_to_tensor(3.0)
        >>> with GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.gradient(y, x).item()
        6.0

    Source: TensorFlow `tf.GradientTape` (names and defaults).
    """

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self._nodes, self._tracked, self._variables = [], set(), {}
        self._is_open, self._is_used = False, False

    def __enter__(self):
        if self._is_open:
            raise GradientError(explain("GradientTape", "this tape is already recording"))
        modes.state.tapes = (*modes.state.tapes, self)
        self._is_open = True
        return self

    def __exit__(self, *exc_info):
        if self._is_open:
            self._close()

    def _close(self):
        modes.state.tapes = tuple(t for t in modes.state.tapes if t is not self)
        self._is_open = False

    def follows(self, inputs):
        """Whether any of these inputs is watched or depends on a watched tensor."""
        found = False
        for x in inputs:
            if hasattr(x, "_as_tensor"):
                if x.key not in self._tracked:
                    if not (self._watch_variables and x.trainable and dtypes.is_differentiable(x.dtype)):
                        continue
                    self._tracked.add(x.key)
                self._variables[x.key] = x
                found = True
            elif isinstance(x, Tensor) and x._key in self._tracked:
                found = True
        return found

    def record(self, node, outputs):
        """Keep a node whose inputs are followed (called by `modes.apply`)."""
        self._nodes.append(node)
        for output in outputs:
            if dtypes.is_differentiable(output.dtype):
                self._tracked.add(output.key)

    def watch(self, tensor):
        """Follow a tensor, variable, or nested structure of them.

        Raises:
            GradientError: a value that is not a tensor, or not of a float dtype.
        """
        for leaf in tree.flatten(tensor):
            if not (isinstance(leaf, Tensor) or hasattr(leaf, "_as_tensor")):
                raise GradientError(
                    explain("GradientTape.watch", "only tensors and variables can be watched",
                            received=leaf, fix="ops.convert_to_tensor(value) first")  # fmt: skip
                )
            if not dtypes.is_differentiable(leaf.dtype):
                raise GradientError(
                    explain("GradientTape.watch", "only float tensors have gradients",
                            received=leaf.dtype, fix='ops.cast(tensor, "float32")')  # fmt: skip
                )
            self._tracked.add(leaf.key)

    def watched_variables(self):
        """Tuple of the variables that were used while recording."""
        return tuple(self._variables.values())

    def stop_recording(self):
        """Context in which this thread's tapes record nothing."""
        return modes.stop_recording()

    def reset(self):
        """Forget everything recorded and watched."""
        self._nodes, self._tracked, self._variables = [], set(), {}
        self._is_used = False

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients="none"):
        """Derivative of the sum of `target` by each source.

        Args:
            target: tensor or nested structure of tensors; several are summed.
            sources: tensor, variable, or nested structure of them.
            output_gradients: cotangents of the targets, same structure; ones when None.
            unconnected_gradients: "none" gives None, "zero" gives zeros, for a source that the
                target does not depend on.

        Returns:
            structure of `sources` with a Tensor (or None) for each.

        Raises:
            GradientError: second call on a tape that is not persistent; values that are no tensors.
        """
        targets = [_target(t) for t in tree.flatten(target)]
        if output_gradients is None:
            seeds = [None] * len(targets)
        elif not tree.is_nested(target):
            seeds = [as_tensor(output_gradients)]
        else:
            seeds = [s if s is None else as_tensor(s) for s in tree.flatten(output_gradients)]
        if len(seeds) != len(targets):
            raise GradientError(
                explain("GradientTape.gradient", "output_gradients do not match the targets",
                        received=len(seeds), expected=f"{len(targets)}")  # fmt: skip
            )
        leaves = tree.flatten(sources)
        with self._use():
            results = self._walk(targets, seeds, leaves)
            if unconnected_gradients == "zero":
                results = [
                    full_like(s, 0) if r is None else r
                    for r, s in zip(results, leaves, strict=True)
                ]
            elif unconnected_gradients != "none":
                raise GradientError(
                    explain("GradientTape.gradient", "unknown unconnected_gradients",
                            received=unconnected_gradients, expected='"none" or "zero"')  # fmt: skip
                )
        return tree.unflatten(sources, results)

    def _use(self):
        if self._is_used and not self._persistent:
            raise GradientError(
                explain("GradientTape", "a tape gives its gradients once",
                        fix="GradientTape(persistent=True) for several calls")  # fmt: skip
            )
        self._is_used = True
        return _Walking(self)

    def _walk(self, targets, seeds, leaves):
        cotangents = {}
        for t, seed in zip(targets, seeds, strict=True):
            if not dtypes.is_differentiable(t.dtype):
                continue
            g = full_like(t, 1) if seed is None else broadcast_like(cast(seed, t.dtype), t)
            known = cotangents.get(t.key)
            cotangents[t.key] = g if known is None else add(known, g)
        keys = [_as_source(s).key for s in leaves]
        found = backward(self._nodes, cotangents, set(keys) & self._tracked)
        return [found.get(key) for key in keys]

    def jacobian(self, target, sources, unconnected_gradients="none"):
        """Derivative of every element of `target` by every element of each source.

        Returns:
            structure of `sources`; each has shape target.shape + source.shape (None: unconnected).

        Raises:
            GradientError: sizes of `target` are unknown (inside a trace).
        """
        target = _target(target)
        size = _static_size(target, "jacobian")
        leaves = tree.flatten(sources)
        with self._use():
            rows = [
                self._walk([target], [_one_hot(target, i)], leaves) for i in range(size)
            ]
            results = []
            for column, source in zip(zip(*rows, strict=True), leaves, strict=True):
                results.append(
                    _stack_rows(column, target.shape, _as_source(source), unconnected_gradients)
                )
        return tree.unflatten(sources, results)

    def batch_jacobian(self, target, source, unconnected_gradients="none"):
        """Jacobian of each sample: target (batch, ...) by source (batch, ...), sample by sample.

        Returns:
            Tensor of shape (batch, *target.shape[1:], *source.shape[1:]), or None.

        Raises:
            GradientError: unknown sizes, or batch sizes that differ.
        """
        target, source = _target(target), _as_source(source)
        _static_size(target, "batch_jacobian")
        if target.ndim < 1 or target.shape[:1] != source.shape[:1]:
            raise ShapeError(
                explain("batch_jacobian", "target and source need the same first size",
                        received=(target.shape, source.shape))  # fmt: skip
            )
        inner = target.shape[1:]
        size = 1
        for n in inner:
            size *= n
        with self._use():
            rows = [
                self._walk([target], [_one_hot(target, i, per_sample=True)], [source])[0]
                for i in range(size)
            ]
            stacked = _stack_rows(rows, (size,), source, unconnected_gradients)
        if stacked is None:
            return None
        order = (1, 0, *range(2, stacked.ndim))
        swapped = operations["transpose"].public(stacked, axes=order)
        return reshape_static(swapped, shape=(source.shape[0], *inner, *source.shape[1:]))


class _Walking:
    """While a tape is walked it does not record the walk, unless it is persistent."""

    def __init__(self, tape):
        self.tape = tape

    def __enter__(self):
        self.before = modes.state.tapes
        if not self.tape._persistent:
            modes.state.tapes = tuple(t for t in self.before if t is not self.tape)

    def __exit__(self, *exc_info):
        modes.state.tapes = self.before
        if not self.tape._persistent:
            self.tape._nodes = []  # walked once: what it kept of the forward pass can go


def _target(value):
    if not (isinstance(value, Tensor) or hasattr(value, "_as_tensor")):
        raise GradientError(
            explain("GradientTape", "a target must be a tensor", received=value,
                    fix="compute it from watched tensors inside the tape's context")  # fmt: skip
        )
    return value


def _as_source(value):
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
        return value
    raise GradientError(
        explain("GradientTape", "a source must be a tensor or variable", received=value,
                fix="convert it to a tensor and watch it before computing")  # fmt: skip
    )


def _static_size(target, where):
    if target.size is None:
        raise GradientError(
            explain(where, "the sizes of the target must be known", received=target)
        )
    return target.size


def _one_hot(target, index, per_sample=False):
    seed = numpy.zeros(target.shape[1:] if per_sample else target.shape)
    seed.flat[index] = 1
    seed = cast(Tensor(devices.current().send(seed)), target.dtype)
    return broadcast_like(seed, target)


def _stack_rows(rows, lead, source, unconnected):
    if all(r is None for r in rows) and unconnected == "none":
        return None
    shape = (*lead, *source.shape)
    if not rows:
        return full_like(TensorSpec(shape, source.dtype), 0)
    rows = [full_like(source, 0) if r is None else r for r in rows]
    return reshape_static(operations["stack"].public(*rows, axis=0), shape=shape)


def custom_gradient(function):
    """Decorator: give a function its own derivative.

    Args:
        function: callable of tensors that returns `(result, grad)`; `grad(*cotangents)` returns one
            gradient (or None) for each argument.

    Returns:
        callable that returns `result`.

    Example:
        >>> from kerasish import ops
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

    @functools.wraps(function)
    def call(*args, **kwargs):
        inputs = tuple(as_input(a) for a in args)
        with modes.stop_recording():
            result, grad = function(*inputs, **kwargs)
        leaves = [as_tensor(r) for r in tree.flatten(result)]
        # Fresh outputs, since the function may return an argument unchanged.
        outputs = tuple(identity(leaf) for leaf in leaves)
        modes.record_on_tapes(_CustomGradient(function.__name__, grad), inputs, outputs)
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
                explain(f"custom_gradient {self.name!r}", "one gradient is needed for each argument",
                        received=len(found), expected=str(len(node.inputs)))  # fmt: skip
            )
        return [None if f is None else as_tensor(f) for f in found]
