"""GradientTape: records operations on watched tensors, and walks them back for derivatives."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import modes, tree
from kerasish.core.gradients import backward
from kerasish.core.primitive import operations
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import add, broadcast_like, cast, full_like, reshape_static
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import GradientError, ShapeError, explain


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
        self.is_persistent = persistent
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
                    if not (
                        self._watch_variables and x.trainable and dtypes.is_differentiable(x.dtype)
                    ):
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
                    explain(
                        "GradientTape.watch",
                        "only tensors and variables can be watched",
                        received=leaf,
                        fix="ops.convert_to_tensor(value) first",
                    )
                )
            if not dtypes.is_differentiable(leaf.dtype):
                raise GradientError(
                    explain(
                        "GradientTape.watch",
                        "only float tensors have gradients",
                        received=leaf.dtype,
                        fix='ops.cast(tensor, "float32")',
                    )
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
                explain(
                    "GradientTape.gradient",
                    "output_gradients do not match the targets",
                    received=len(seeds),
                    expected=f"{len(targets)}",
                )
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
                    explain(
                        "GradientTape.gradient",
                        "unknown unconnected_gradients",
                        received=unconnected_gradients,
                        expected='"none" or "zero"',
                    )
                )
        return tree.unflatten(sources, results)

    def _use(self):
        if self._is_used and not self.is_persistent:
            raise GradientError(
                explain(
                    "GradientTape",
                    "a tape gives its gradients once",
                    fix="GradientTape(persistent=True) for several calls",
                )
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
            rows = [self._walk([target], [_one_hot(target, i)], leaves) for i in range(size)]
            results = []
            columns = zip(*rows, strict=True) if rows else [()] * len(leaves)
            for column, source in zip(columns, leaves, strict=True):
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
                explain(
                    "batch_jacobian",
                    "target and source need the same first size",
                    received=(target.shape, source.shape),
                )
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
        if not self.tape.is_persistent:
            modes.state.tapes = tuple(t for t in self.before if t is not self.tape)

    def __exit__(self, *exc_info):
        modes.state.tapes = self.before
        if not self.tape.is_persistent:
            self.tape._nodes = []  # walked once: what it kept of the forward pass can go


def _target(value):
    if not (isinstance(value, Tensor) or hasattr(value, "_as_tensor")):
        raise GradientError(
            explain(
                "GradientTape",
                "a target must be a tensor",
                received=value,
                fix="compute it from watched tensors inside the tape's context",
            )
        )
    return value


def _as_source(value):
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
        return value
    raise GradientError(
        explain(
            "GradientTape",
            "a source must be a tensor or variable",
            received=value,
            fix="convert it to a tensor and watch it before computing",
        )
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
    if rows and all(r is None for r in rows) and unconnected == "none":
        return None
    shape = (*lead, *source.shape)
    if not rows:
        return full_like(TensorSpec(shape, source.dtype), 0)
    rows = [full_like(source, 0) if r is None else r for r in rows]
    return reshape_static(operations["stack"].public(*rows, axis=0), shape=shape)
