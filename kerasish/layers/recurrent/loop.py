"""The loop over the steps of a sequence for any cell: unrolled, or a scan inside a trace."""

from kerasish import ops
from kerasish.core import graph, modes, tree
from kerasish.errors import ShapeError, explain

_LONGEST_UNROLLED = 32  # steps written out in a trace; more become one operation, a scan


def run_steps(step, inputs, states, *, mask=None, go_backwards=False, unroll=False,
              zero_output_for_mask=False):  # fmt: skip
    """Run a step function over a sequence.

    A masked step keeps the states; its output is that of the step before (0 at first), or 0.

    Args:
        step: f(inputs (batch, ...), states) -> (output (batch, ...), states).
        inputs: tensor (batch, time, ...).
        states: nested structure of tensors (batch, ...).
        mask: bool tensor (batch, time), or None.
        go_backwards: bool. Begin with the last step; outputs are in that order.
        unroll: bool. Write out all steps in a trace, however many.
        zero_output_for_mask: bool. Outputs of masked steps are 0.

    Returns:
        tuple: last output, outputs (batch, time, ...), states.

    Raises:
        ShapeError: a sequence without steps, or a mask of another rank.
    """
    length = inputs.shape[1]
    if length == 0:
        raise ShapeError(
            explain(
                "recurrent layer",
                "the sequences have no steps",
                received=f" input shape {inputs.shape}",
            )
        )
    if mask is not None:
        mask = ops.cast(mask, "bool")
        if mask.ndim == 3 and mask.shape[2] == 1:
            mask = ops.squeeze(mask, axis=2)
        if mask.ndim != 2:
            raise ShapeError(
                explain(
                    "recurrent layer",
                    "the mask has the wrong number of axes",
                    received=f" shape {mask.shape}",
                    expected="(batch, time)",
                )
            )
    if go_backwards:
        inputs = ops.flip(inputs, axis=1)
        mask = None if mask is None else ops.flip(mask, axis=1)
    masked = _MaskedStep(step, zero_output_for_mask)
    is_short = length is not None and length <= _LONGEST_UNROLLED
    if length is not None and (unroll or is_short or not modes.is_tracing()):
        return _unrolled(masked, inputs, states, mask)
    return _scanned(masked, inputs, states, mask)


class _MaskedStep:
    """A step that does nothing to the samples that are masked at this time."""

    def __init__(self, step, zero_output_for_mask):
        self.step, self.zero_output_for_mask = step, zero_output_for_mask

    def __call__(self, x, mask, states, previous):
        """Output and states; `previous` is the output before, None before the first."""
        output, new_states = self.step(x, states)
        # A cell may return a tuple where it was given a list; a scan needs one and the same form.
        new_states = tree.unflatten(states, tree.flatten(new_states))
        if mask is None:
            return output, new_states
        if previous is None or self.zero_output_for_mask:
            previous = ops.zeros_like(output)
        return _select(mask, output, previous), tree.map_structure(
            lambda new, old: _select(mask, new, old), new_states, states
        )


def _select(mask, new, old):
    mask = ops.reshape(mask, (-1, *[1] * (len(new.shape) - 1)))
    return ops.where(mask, new, ops.cast(old, new.dtype))


def _unrolled(step, inputs, states, mask):
    steps = ops.unstack(inputs, axis=1)
    step_masks = [None] * len(steps) if mask is None else ops.unstack(mask, axis=1)
    outputs, output = [], None
    for x, step_mask in zip(steps, step_masks, strict=True):
        output, states = step(x, step_mask, states, output)
        outputs.append(output)
    return output, ops.stack(outputs, axis=1), states


def _scanned(step, inputs, states, mask):
    xs = _time_first(inputs)
    if mask is None:

        def body(states, x):
            output, states = step(x, None, states, None)
            return states, output

        states, outputs = ops.scan(body, states, xs)
    else:

        def masked_body(carry, x):
            states, previous = carry
            output, states = step(x[0], x[1], states, previous)
            return (states, output), output

        carry = states, _zero_output(step, inputs, states)
        (states, _), outputs = ops.scan(masked_body, carry, (xs, _time_first(mask)))
    outputs = _time_first(outputs)
    return outputs[:, -1], outputs, states


def _time_first(x):
    """Swap the first two axes: (batch, time, ...) and (time, batch, ...)."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))


def _zero_output(step, inputs, states):
    """Zeros in the shape of an output, which a scratch trace of the step finds."""
    leaves = tree.flatten(states)

    def output_of(x, *leaves):
        return step.step(x, tree.unflatten(states, leaves))[0]

    first = inputs.spec.with_shape((inputs.shape[0], *inputs.shape[2:]))
    spec = graph.specs_of(output_of, [first, *[leaf.spec for leaf in leaves]])
    return ops.zeros((ops.shape(inputs)[0], *spec.shape[1:]), dtype=spec.dtype)
