"""Recurrent networks over whole sequences: LSTM, GRU and the simple RNN.

The product of all inputs with the kernel is one matrix product outside the loop over time, which
is a primitive of `recurrent_steps`.
"""

from kerasish.core.primitive import as_float_input, as_input
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import where
from kerasish.ops.linalg import matmul
from kerasish.ops.recurrent_steps import gru_steps, lstm_steps, rnn_steps
from kerasish.ops.reduction import cumsum
from kerasish.ops.shape import expand_dims, flip

__all__ = ["gru", "lstm", "simple_rnn"]


def _prepared(name, x, kernel, recurrent_kernel, gates, mask, go_backwards):
    x = as_float_input(x)
    kernel, recurrent_kernel = as_float_input(kernel), as_float_input(recurrent_kernel)
    units = recurrent_kernel.shape[0]
    if len(x.shape) != 3 or kernel.shape[-1] != gates * units:
        raise ShapeError(
            explain(
                name,
                f"needs inputs (batch, time, features) and kernels with {gates} * units columns",
                received=f" inputs {x.shape}, kernel {kernel.shape}, recurrent "
                f"kernel {recurrent_kernel.shape}",
            )
        )
    if mask is not None:
        mask = cast(as_input(mask), "bool")
    if go_backwards:
        x = flip(x, axis=1)
        mask = None if mask is None else flip(mask, axis=1)
    return x, cast(kernel, x.dtype), cast(recurrent_kernel, x.dtype), mask


def _like(x, value):
    return None if value is None else cast(as_input(value), x.dtype)


def _masked_outputs(hs, mask, has_state, zero_output_for_mask):
    """Outputs at masked steps: 0, or the output before, which starts as 0 (not as the state)."""
    if mask is None or not (has_state or zero_output_for_mask):
        return hs
    if not zero_output_for_mask:
        mask = cumsum(cast(mask, "int32"), axis=1) > 0
    return where(expand_dims(mask, -1), hs, 0.0)


def lstm(x, kernel, recurrent_kernel, bias=None, initial_state=None, mask=None,
         go_backwards=False, zero_output_for_mask=False):  # fmt: skip
    """Long short-term memory over a sequence, with tanh and sigmoid.

    `i, f, g, o = x[t] @ kernel + h @ recurrent_kernel + bias`, `c = sigmoid(f) c + sigmoid(i)
    tanh(g)`, `h = sigmoid(o) tanh(c)`.

    Args:
        x: float tensor (batch, time, features).
        kernel: tensor (features, 4 * units), gates in the order i, f, c, o.
        recurrent_kernel: tensor (units, 4 * units).
        bias: tensor (4 * units,) or None.
        initial_state: pair (h, c) of tensors (batch, units), or None for zeros.
        mask: bool tensor (batch, time) or None. Where false, the state and the output stay.
        go_backwards: bool. Go through the sequence from its end; outputs are in that order.
        zero_output_for_mask: bool. Outputs of masked steps are 0.

    Returns:
        tuple: last output (batch, units), outputs (batch, time, units), list [h, c].

    Raises:
        ShapeError: ranks or sizes do not fit.

    Example:
        >>> from kerasish import ops
        >>> y, ys, (h, c) = lstm(ops.ones((2, 3, 5)), ops.ones((5, 16)), ops.ones((4, 16)))
        >>> y.shape, ys.shape, c.shape
        ((2, 4), (2, 3, 4), (2, 4))

    Source: Hochreiter and Schmidhuber, 1997; Keras's gate order.
    """
    x, kernel, recurrent_kernel, mask = _prepared(
        "ops.lstm", x, kernel, recurrent_kernel, 4, mask, go_backwards
    )
    z = matmul(x, kernel)
    if bias is not None:
        z = z + _like(x, bias)
    h, c = (None, None) if initial_state is None else initial_state
    hs, h, c, _, _ = lstm_steps(z, recurrent_kernel, _like(x, h), _like(x, c), mask)
    outputs = _masked_outputs(hs, mask, initial_state is not None, zero_output_for_mask)
    return h if outputs is hs else outputs[:, -1], outputs, [h, c]


def gru(x, kernel, recurrent_kernel, bias=None, initial_state=None, mask=None, reset_after=True,
        go_backwards=False, zero_output_for_mask=False):  # fmt: skip
    """Gated recurrent unit over a sequence, with tanh and sigmoid.

    `z, r = sigmoid(gates)`, `h = z h + (1 - z) tanh(candidate)`, with gates in the order z, r, h.

    Args:
        x: float tensor (batch, time, features).
        kernel: tensor (features, 3 * units).
        recurrent_kernel: tensor (units, 3 * units).
        bias: tensor (3 * units,), with `reset_after` (2, 3 * units): of the inputs and of the
            recurrent product; or None.
        initial_state: tensor (batch, units), or None for zeros.
        mask: bool tensor (batch, time) or None. Where false, the state and the output stay.
        reset_after: bool. The reset gate multiplies the recurrent product, not the state.
        go_backwards: bool. Go through the sequence from its end; outputs are in that order.
        zero_output_for_mask: bool. Outputs of masked steps are 0.

    Returns:
        tuple: last output (batch, units), outputs (batch, time, units), list [h].

    Raises:
        ShapeError: ranks or sizes do not fit.

    Example:
        >>> from kerasish import ops
        >>> y, ys, (h,) = gru(ops.ones((2, 3, 5)), ops.ones((5, 12)), ops.ones((4, 12)))
        >>> y.shape, ys.shape
        ((2, 4), (2, 3, 4))

    Source: Cho et al., 2014; Keras's gate order.
    """
    x, kernel, recurrent_kernel, mask = _prepared(
        "ops.gru", x, kernel, recurrent_kernel, 3, mask, go_backwards
    )
    z, recurrent_bias = matmul(x, kernel), None
    if bias is not None:
        bias = _like(x, bias)
        if len(bias.shape) == 2:
            bias, recurrent_bias = bias[0], bias[1]
        z = z + bias
    if isinstance(initial_state, (list, tuple)):
        (initial_state,) = initial_state
    hs, h, _, _ = gru_steps(
        z, recurrent_kernel, recurrent_bias, _like(x, initial_state), mask, reset_after=reset_after
    )
    outputs = _masked_outputs(hs, mask, initial_state is not None, zero_output_for_mask)
    return h if outputs is hs else outputs[:, -1], outputs, [h]


def simple_rnn(x, kernel, recurrent_kernel, bias=None, initial_state=None, mask=None,
               go_backwards=False, zero_output_for_mask=False):  # fmt: skip
    """Fully connected recurrence: `h = tanh(x[t] @ kernel + h @ recurrent_kernel + bias)`.

    Args:
        x: float tensor (batch, time, features).
        kernel: tensor (features, units).
        recurrent_kernel: tensor (units, units).
        bias: tensor (units,) or None.
        initial_state: tensor (batch, units), or None for zeros.
        mask: bool tensor (batch, time) or None. Where false, the state and the output stay.
        go_backwards: bool. Go through the sequence from its end; outputs are in that order.
        zero_output_for_mask: bool. Outputs of masked steps are 0.

    Returns:
        tuple: last output (batch, units), outputs (batch, time, units), list [h].

    Raises:
        ShapeError: ranks or sizes do not fit.

    Example:
        >>> from kerasish import ops
        >>> y, ys, (h,) = simple_rnn(ops.ones((2, 3, 5)), ops.ones((5, 4)), ops.ones((4, 4)))
        >>> y.shape, ys.shape
        ((2, 4), (2, 3, 4))

    Source: Elman, 1990; Keras 3 names.
    """
    x, kernel, recurrent_kernel, mask = _prepared(
        "ops.simple_rnn", x, kernel, recurrent_kernel, 1, mask, go_backwards
    )
    z = matmul(x, kernel)
    if bias is not None:
        z = z + _like(x, bias)
    if isinstance(initial_state, (list, tuple)):
        (initial_state,) = initial_state
    hs, h = rnn_steps(z, recurrent_kernel, _like(x, initial_state), mask)
    outputs = _masked_outputs(hs, mask, initial_state is not None, zero_output_for_mask)
    return h if outputs is hs else outputs[:, -1], outputs, [h]
