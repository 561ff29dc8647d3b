"""The recurrent loops as differentiable primitives, over the inputs' share of the gates.

First derivatives are primitives too (backpropagation through time on arrays); derivatives of those
come from the same loop written in operations, step by step.
"""

from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import full_like, identity
from kerasish.core.tape import GradientTape
from kerasish.errors import GradientError, explain
from kerasish.ops import recurrent_arrays as arrays
from kerasish.ops.elementwise import tanh, where
from kerasish.ops.linalg import matmul
from kerasish.ops.nn import sigmoid
from kerasish.ops.shape import expand_dims, split, stack, unstack

__all__ = []


def _states_spec(z, kernel):
    return TensorSpec((*z.shape[:2], kernel.shape[0]), z.dtype)


def _state_spec(z, kernel):
    return TensorSpec((z.shape[0], kernel.shape[0]), z.dtype)


def _second_order(loop, inputs, cotangents, g):
    """Derivatives of a backward pass, by differentiating the loop of operations twice.

    Args:
        loop: f(*inputs) -> tuple of outputs, made of operations.
        inputs: tensors or None.
        cotangents: of the outputs of the loop.
        g: cotangents of the derivatives by each input (those by None inputs are left out).

    Returns:
        list: derivative by each cotangent, then by each input (None for None).
    """
    inputs = [x if x is None else identity(x) for x in inputs]
    cotangents = [identity(x) for x in cotangents]
    present = [x for x in inputs if x is not None]
    with GradientTape(watch_accessed_variables=False) as outer:
        outer.watch([*cotangents, *present])
        with GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(present)
            outputs = loop(*inputs)
        first = inner.gradient(list(outputs), present, cotangents, unconnected_gradients="zero")
    found = outer.gradient(first, [*cotangents, *present], list(g))
    by_input = iter(found[len(cotangents) :])
    return found[: len(cotangents)] + [None if x is None else next(by_input) for x in inputs]


def _steps(z, mask):
    """The steps of a sequence and of its mask as lists."""
    if z.shape[1] is None:
        raise GradientError(
            explain(
                "second derivative of a recurrent layer",
                "the number of time steps must be known",
                received=z,
                fix="give Input a fixed length",
            )
        )
    masks = [None] * z.shape[1]
    if mask is not None:
        masks = [expand_dims(m, -1) for m in unstack(mask, axis=1)]
    return zip(unstack(z, axis=1), masks, strict=True)


def _kept(mask, new, old):
    return new if mask is None else where(mask, new, old)


# ---- LSTM ------------------------------------------------------------------------------------


def _lstm_loop(z, kernel, h, c, mask):
    like = z[:, 0, : kernel.shape[0]]
    h = full_like(like, 0) if h is None else h
    c = full_like(like, 0) if c is None else c
    states = []
    for step, kept in _steps(z, mask):
        i, f, candidate, o = split(step + matmul(h, kernel), 4, axis=-1)
        new_c = sigmoid(f) * c + sigmoid(i) * tanh(candidate)
        new_h = sigmoid(o) * tanh(new_c)
        h, c = _kept(kept, new_h, h), _kept(kept, new_c, c)
        states.append(h)
    return stack(states, axis=1), h, c


def _lstm_rule(g, z, kernel, h0, c0, mask, y):
    hs, _, _, cs, gates = y
    dz, d_kernel, dh, dc = lstm_steps_gradient(
        g[0], g[1], g[2], z, kernel, h0, c0, mask, hs, cs, gates
    )
    return dz, d_kernel, None if h0 is None else dh, None if c0 is None else dc, None


@primitive(
    tags=("costly", "fresh"),
    spec=lambda z, kernel, h0, c0, mask: (
        _states_spec(z, kernel), _state_spec(z, kernel), _state_spec(z, kernel),
        _states_spec(z, kernel), z,
    ),
    joint_vjp=_lstm_rule,
)  # fmt: skip
def lstm_steps(xp, z, kernel, h0=None, c0=None, mask=None, /):
    """LSTM over (batch, time, 4 * units): states, last state, last cell; cells and gates kept."""
    hs, cs, gates = arrays.lstm_forward(xp, z, kernel, h0, c0, mask)
    return hs, hs[:, -1].copy(), cs[:, -1].copy(), cs, gates


def _lstm_gradient_rule(g, g_hs, g_h, g_c, z, kernel, h0, c0, mask):
    wanted = [g[0], g[1], *[v for v, x in zip(g[2:], (h0, c0), strict=True) if x is not None]]
    found = _second_order(
        lambda *inputs: _lstm_loop(*inputs, mask), (z, kernel, h0, c0), (g_hs, g_h, g_c), wanted
    )
    return (*found, None, None, None, None)


@primitive(
    tags=("costly", "fresh"),
    spec=lambda g_hs, g_h, g_c, z, kernel, h0, c0, mask, hs, cs, gates: (z, kernel, g_h, g_c),
    joint_vjp=_lstm_gradient_rule,
)
def lstm_steps_gradient(xp, g_hs, g_h, g_c, z, kernel, h0, c0, mask, hs, cs, gates, /):
    """Derivatives of `lstm_steps` by z, kernel, h0 and c0."""
    return arrays.lstm_backward(xp, g_hs, g_h, g_c, kernel, h0, c0, mask, hs, cs, gates)


# ---- GRU -------------------------------------------------------------------------------------


def _gru_loop(z, kernel, bias, h, mask, reset_after):
    units = kernel.shape[0]
    h = full_like(z[:, 0, :units], 0) if h is None else h
    states = []
    for step, kept in _steps(z, mask):
        if reset_after:
            share = matmul(h, kernel)
            share = share if bias is None else share + bias
            gates = sigmoid(step[:, : 2 * units] + share[:, : 2 * units])
            update, reset = split(gates, 2, axis=-1)
            candidate = tanh(step[:, 2 * units :] + reset * share[:, 2 * units :])
        else:
            step = step if bias is None else step + bias
            gates = sigmoid(step[:, : 2 * units] + matmul(h, kernel[:, : 2 * units]))
            update, reset = split(gates, 2, axis=-1)
            candidate = tanh(step[:, 2 * units :] + matmul(reset * h, kernel[:, 2 * units :]))
        h = _kept(kept, update * h + (1 - update) * candidate, h)
        states.append(h)
    return stack(states, axis=1), h


def _gru_rule(g, z, kernel, bias, h0, mask, y, reset_after):
    hs, _, gates, shares = y
    dz, d_kernel, d_bias, dh = gru_steps_gradient(
        g[0], g[1], z, kernel, bias, h0, mask, hs, gates, shares, reset_after=reset_after
    )
    return dz, d_kernel, None if bias is None else d_bias, None if h0 is None else dh, None


@primitive(
    tags=("costly", "fresh"),
    spec=lambda z, kernel, bias, h0, mask, reset_after: (
        _states_spec(z, kernel), _state_spec(z, kernel), z, _states_spec(z, kernel)
    ),
    joint_vjp=_gru_rule,
)  # fmt: skip
def gru_steps(xp, z, kernel, bias=None, h0=None, mask=None, /, reset_after=True):
    """GRU over (batch, time, 3 * units): states, last state; gates and recurrent shares kept."""
    hs, gates, shares = arrays.gru_forward(xp, z, kernel, bias, h0, mask, reset_after)
    return hs, hs[:, -1].copy(), gates, shares


def _gru_gradient_rule(g, g_hs, g_h, z, kernel, bias, h0, mask, reset_after):
    wanted = [g[0], g[1], *[v for v, x in zip(g[2:], (bias, h0), strict=True) if x is not None]]
    found = _second_order(
        lambda *inputs: _gru_loop(*inputs, mask, reset_after), (z, kernel, bias, h0),
        (g_hs, g_h), wanted,
    )  # fmt: skip
    return (*found, None, None, None, None)


@primitive(
    tags=("costly", "fresh"),
    spec=lambda g_hs, g_h, z, kernel, bias, h0, mask, hs, gates, shares, reset_after: (
        z, kernel, TensorSpec((kernel.shape[1],), z.dtype), g_h
    ),
    joint_vjp=_gru_gradient_rule,
)  # fmt: skip
def gru_steps_gradient(xp, g_hs, g_h, z, kernel, bias, h0, mask, hs, gates, shares, /,
                       reset_after=True):  # fmt: skip
    """Derivatives of `gru_steps` by z, kernel, bias and h0."""
    return arrays.gru_backward(
        xp, g_hs, g_h, kernel, bias, h0, mask, hs, gates, shares, reset_after
    )


# ---- simple RNN ------------------------------------------------------------------------------


def _rnn_loop(z, kernel, h, mask):
    h = full_like(z[:, 0], 0) if h is None else h
    states = []
    for step, kept in _steps(z, mask):
        h = _kept(kept, tanh(step + matmul(h, kernel)), h)
        states.append(h)
    return stack(states, axis=1), h


def _rnn_rule(g, z, kernel, h0, mask, y):
    dz, d_kernel, dh = rnn_steps_gradient(g[0], g[1], z, kernel, h0, mask, y[0])
    return dz, d_kernel, None if h0 is None else dh, None


@primitive(
    tags=("costly", "fresh"),
    spec=lambda z, kernel, h0, mask: (z, _state_spec(z, kernel)),
    joint_vjp=_rnn_rule,
)
def rnn_steps(xp, z, kernel, h0=None, mask=None, /):
    """Simple RNN over (batch, time, units): states and last state."""
    hs = arrays.rnn_forward(xp, z, kernel, h0, mask)
    return hs, hs[:, -1].copy()


def _rnn_gradient_rule(g, g_hs, g_h, z, kernel, h0, mask):
    wanted = g if h0 is not None else g[:2]
    found = _second_order(
        lambda *inputs: _rnn_loop(*inputs, mask), (z, kernel, h0), (g_hs, g_h), wanted
    )
    return (*found, None, None)


@primitive(
    tags=("costly", "fresh"),
    spec=lambda g_hs, g_h, z, kernel, h0, mask, hs: (z, kernel, g_h),
    joint_vjp=_rnn_gradient_rule,
)
def rnn_steps_gradient(xp, g_hs, g_h, z, kernel, h0, mask, hs, /):
    """Derivatives of `rnn_steps` by z, kernel and h0."""
    return arrays.rnn_backward(xp, g_hs, g_h, kernel, h0, mask, hs)
