"""The loops over time of the recurrent networks on arrays, forward and backward.

Gates of one step lie side by side: LSTM i, f, c, o; GRU z, r, h. All sequences are (batch, time,
features). `mask`, where given, is bool (batch, time): where it is false the state stays.
"""

__all__ = []

_EXP_LIMIT = {"float16": 11.0, "bfloat16": 88.0, "float32": 88.0, "float64": 709.0}


def _sigmoid(xp, x):
    """In place."""
    xp.maximum(x, -_EXP_LIMIT[x.dtype.name], out=x)
    xp.multiply(x, -1, out=x)  # NumPy 2.4 negates some strided views wrongly in place
    xp.exp(x, out=x)
    x += 1
    xp.divide(1, x, out=x)


def _state(xp, state, batch, units, dtype):
    return xp.zeros((batch, units), dtype) if state is None else state


def _shifted(xp, states, initial):
    """The states before each step: `initial`, then all but the last."""
    previous = xp.empty_like(states)
    previous[:, 1:] = states[:, :-1]
    previous[:, 0] = 0 if initial is None else initial
    return previous


def _kernel_gradient(previous, dz):
    """Sum over batch and time of the outer products of the previous state and `dz`."""
    units, gates = previous.shape[-1], dz.shape[-1]
    return previous.reshape(-1, units).T @ dz.reshape(-1, gates)


def lstm_forward(xp, z, kernel, h, c, mask):
    """States after each step, with the activated gates and the cells.

    Args:
        z: (batch, time, 4 * units), the inputs' share of the gates.
        kernel: (units, 4 * units).
        h, c: (batch, units) or None.
        mask: (batch, time) or None.

    Returns:
        hs (batch, time, units), cs (the same), gates (batch, time, 4 * units).
    """
    batch, steps, units = z.shape[0], z.shape[1], kernel.shape[0]
    h, c = _state(xp, h, batch, units, z.dtype), _state(xp, c, batch, units, z.dtype)
    hs = xp.empty((batch, steps, units), z.dtype)
    cs, gates = xp.empty_like(hs), xp.empty_like(z)
    gate, part = xp.empty((batch, 4 * units), z.dtype), xp.empty((batch, units), z.dtype)
    for t in range(steps):
        xp.matmul(h, kernel, out=gate)
        gate += z[:, t]
        _sigmoid(xp, gate[:, : 2 * units])
        xp.tanh(gate[:, 2 * units : 3 * units], out=gate[:, 2 * units : 3 * units])
        _sigmoid(xp, gate[:, 3 * units :])
        gates[:, t] = gate
        i, f = gate[:, :units], gate[:, units : 2 * units]
        candidate, o = gate[:, 2 * units : 3 * units], gate[:, 3 * units :]
        new_c = f * c
        xp.multiply(i, candidate, out=part)
        new_c += part
        new_h = xp.tanh(new_c)
        new_h *= o
        if mask is not None:
            kept = mask[:, t, None]
            new_h, new_c = xp.where(kept, new_h, h), xp.where(kept, new_c, c)
        h, c = new_h, new_c
        hs[:, t], cs[:, t] = h, c
    return hs, cs, gates


def lstm_backward(xp, g_hs, g_h, g_c, kernel, h0, c0, mask, hs, cs, gates):
    """Derivatives by z, kernel, h0 and c0; `g_h` and `g_c` belong to the last states."""
    units, steps = kernel.shape[0], hs.shape[1]
    dh, dc = g_h.copy(), g_c.copy()
    dz = xp.empty_like(gates)
    transposed = xp.ascontiguousarray(kernel.T)
    for t in reversed(range(steps)):
        dh += g_hs[:, t]
        before = cs[:, t - 1] if t else (0 if c0 is None else c0)
        gate, d = gates[:, t], dz[:, t]
        i, f = gate[:, :units], gate[:, units : 2 * units]
        candidate, o = gate[:, 2 * units : 3 * units], gate[:, 3 * units :]
        if mask is None:
            active_h, active_c = dh, dc
        else:
            kept = mask[:, t, None]
            active_h, active_c = dh * kept, dc * kept
        squashed = xp.tanh(cs[:, t])
        inner = active_h * o
        inner *= 1 - squashed * squashed
        inner += active_c
        d[:, 3 * units :] = active_h * squashed * (o * (1 - o))
        d[:, :units] = inner * candidate * (i * (1 - i))
        d[:, units : 2 * units] = inner * before * (f * (1 - f))
        d[:, 2 * units : 3 * units] = inner * i * (1 - candidate * candidate)
        new_dh, new_dc = d @ transposed, inner * f
        if mask is not None:
            new_dh += dh * ~kept
            new_dc += dc * ~kept
        dh, dc = new_dh, new_dc
    return dz, _kernel_gradient(_shifted(xp, hs, h0), dz), dh, dc


def gru_forward(xp, z, kernel, bias, h, mask, reset_after):
    """States after each step, with the activated gates and the recurrent share of the candidate.

    Args:
        z: (batch, time, 3 * units), the inputs' share of the gates.
        kernel: (units, 3 * units).
        bias: (3 * units,) added to the recurrent share, or None.
        h: (batch, units) or None.
        mask: (batch, time) or None.
        reset_after: bool. The reset gate works on the product with the kernel, not on the state.

    Returns:
        hs (batch, time, units), gates (batch, time, 3 * units), shares (batch, time, units): what
        the reset gate multiplies (with `reset_after`), else the reset state.
    """
    batch, steps, units = z.shape[0], z.shape[1], kernel.shape[0]
    h = _state(xp, h, batch, units, z.dtype)
    hs, gates = xp.empty((batch, steps, units), z.dtype), xp.empty_like(z)
    shares = xp.empty_like(hs)
    gate_kernel = xp.ascontiguousarray(kernel[:, : 2 * units])
    candidate_kernel = xp.ascontiguousarray(kernel[:, 2 * units :])
    for t in range(steps):
        if reset_after:
            share = h @ kernel
            if bias is not None:
                share += bias
            gate = z[:, t, : 2 * units] + share[:, : 2 * units]
            share = share[:, 2 * units :]
        else:
            gate = h @ gate_kernel
            if bias is not None:
                gate += bias[: 2 * units]
            gate += z[:, t, : 2 * units]
        _sigmoid(xp, gate)
        update, reset = gate[:, :units], gate[:, units:]
        if reset_after:
            candidate = reset * share
        else:
            share = reset * h
            candidate = share @ candidate_kernel
            if bias is not None:
                candidate += bias[2 * units :]
        candidate += z[:, t, 2 * units :]
        xp.tanh(candidate, out=candidate)
        gates[:, t, : 2 * units], gates[:, t, 2 * units :] = gate, candidate
        shares[:, t] = share
        new_h = update * (h - candidate)
        new_h += candidate
        h = new_h if mask is None else xp.where(mask[:, t, None], new_h, h)
        hs[:, t] = h
    return hs, gates, shares


def gru_backward(xp, g_hs, g_h, kernel, bias, h0, mask, hs, gates, shares, reset_after):
    """Derivatives by z, kernel, bias and h0; `g_h` belongs to the last state."""
    units, steps = kernel.shape[0], hs.shape[1]
    dh = g_h.copy()
    dz = xp.empty_like(gates)
    # What reaches the recurrent product; it differs from dz where the reset gate is in between.
    dr = xp.empty_like(gates) if reset_after else dz
    previous = _shifted(xp, hs, h0)
    gate_kernel = xp.ascontiguousarray(kernel[:, : 2 * units].T)
    candidate_kernel = xp.ascontiguousarray(kernel[:, 2 * units :].T)
    whole_kernel = xp.ascontiguousarray(kernel.T)
    for t in reversed(range(steps)):
        dh += g_hs[:, t]
        active = dh if mask is None else dh * mask[:, t, None]
        update, reset = gates[:, t, :units], gates[:, t, units : 2 * units]
        candidate, before, d = gates[:, t, 2 * units :], previous[:, t], dz[:, t]
        inner = active * (1 - update) * (1 - candidate * candidate)
        d[:, 2 * units :] = inner
        d[:, :units] = active * (before - candidate) * (update * (1 - update))
        if reset_after:
            d[:, units : 2 * units] = inner * shares[:, t] * (reset * (1 - reset))
            dr[:, t, : 2 * units] = d[:, : 2 * units]
            dr[:, t, 2 * units :] = inner * reset
            new_dh = dr[:, t] @ whole_kernel
        else:
            d_share = inner @ candidate_kernel
            d[:, units : 2 * units] = d_share * before * (reset * (1 - reset))
            new_dh = d[:, : 2 * units] @ gate_kernel
            new_dh += d_share * reset
        new_dh += active * update
        if mask is not None:
            new_dh += dh * ~mask[:, t, None]
        dh = new_dh
    if reset_after:
        d_kernel = _kernel_gradient(previous, dr)
    else:
        d_kernel = xp.concatenate(
            [
                _kernel_gradient(previous, dz[:, :, : 2 * units]),
                _kernel_gradient(shares, dz[:, :, 2 * units :]),
            ],
            axis=1,
        )
    d_bias = dr.sum(axis=(0, 1)) if bias is not None else xp.zeros(3 * units, dz.dtype)
    return dz, d_kernel, d_bias, dh


def rnn_forward(xp, z, kernel, h, mask):
    """States tanh(z + h @ kernel) after each step, (batch, time, units)."""
    batch, steps, units = z.shape
    h = _state(xp, h, batch, units, z.dtype)
    hs = xp.empty_like(z)
    for t in range(steps):
        new_h = h @ kernel
        new_h += z[:, t]
        xp.tanh(new_h, out=new_h)
        h = new_h if mask is None else xp.where(mask[:, t, None], new_h, h)
        hs[:, t] = h
    return hs


def rnn_backward(xp, g_hs, g_h, kernel, h0, mask, hs):
    """Derivatives by z, kernel and h0; `g_h` belongs to the last state."""
    dh = g_h.copy()
    dz = xp.empty_like(hs)
    transposed = xp.ascontiguousarray(kernel.T)
    for t in reversed(range(hs.shape[1])):
        dh += g_hs[:, t]
        inner = dh * (1 - hs[:, t] * hs[:, t])
        if mask is not None:
            inner *= mask[:, t, None]
        dz[:, t] = inner
        new_dh = inner @ transposed
        if mask is not None:
            new_dh += dh * ~mask[:, t, None]
        dh = new_dh
    return dz, _kernel_gradient(_shifted(xp, hs, h0), dz), dh
