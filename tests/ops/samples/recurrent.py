"""Recurrent networks and attention: references step by step, row by row."""

import math

import numpy as np

from tests.ops.sample import Case, Sample, draw


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sequences(gates, states, bias_rows=1, variants=({},)):
    """Cases of a recurrent network: with bias and states or without, masked or not, both ways."""

    def cases(rng):
        found = []
        for number in range(24):
            params = dict(variants[number % len(variants)])
            batch, time, features, units = ((2, 4, 3, 2), (3, 1, 2, 3), (1, 5, 1, 4))[number % 3]
            rows = bias_rows if params.get("reset_after", True) else 1
            inputs = [
                draw(rng, (batch, time, features)),
                draw(rng, (features, gates * units)),
                draw(rng, (units, gates * units)),
            ]
            if number % 2:
                inputs.append(
                    draw(rng, (rows, gates * units)).squeeze()
                    if rows == 1
                    else draw(rng, (rows, gates * units))
                )
                inputs[-1] = np.atleast_1d(inputs[-1])
                if number % 4 == 3:
                    inputs += [draw(rng, (batch, units)) for _ in range(states)]
            if number % 3 == 2 or number % 4 == 3:
                params["mask"] = rng.uniform(size=(batch, time)) > 0.4
            if number % 5 == 0:
                params["go_backwards"] = True
            if number % 7 == 3:
                params["zero_output_for_mask"] = True
            found.append(Case(tuple(inputs), params))
        return found

    return cases


def call(function, x, kernel, recurrent, bias=None, *states, **params):
    if states:
        params["initial_state"] = list(states) if len(states) > 1 else states[0]
    last, outputs, finals = function(x, kernel, recurrent, bias, **params)
    return [last, outputs, *finals]


def network(step, count):
    """A reference from one step `f(x, kernel, recurrent, bias, states, **params)` -> states."""

    def reference(
        x,
        kernel,
        recurrent,
        bias=None,
        *states,
        mask=None,
        go_backwards=False,
        zero_output_for_mask=False,
        **params,
    ):
        units, batch, time = recurrent.shape[0], len(x), x.shape[1]
        mask = np.ones((batch, time), bool) if mask is None else mask
        states = list(states) or [np.zeros((batch, units))] * count
        output, outputs = np.zeros((batch, units)), []
        for t in reversed(range(time)) if go_backwards else range(time):
            new = step(x[:, t], kernel, recurrent, bias, states, **params)
            kept = mask[:, t, None]
            output = np.where(kept, new[0], 0 if zero_output_for_mask else output)
            states = [np.where(kept, a, b) for a, b in zip(new, states, strict=True)]
            outputs.append(output)
        return [outputs[-1], np.stack(outputs, 1), *states]

    return reference


def lstm_step(x, kernel, recurrent, bias, states):
    h, c = states
    i, f, g, o = np.split(x @ kernel + h @ recurrent + (0 if bias is None else bias), 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, kernel, recurrent, bias, states, reset_after=True):
    (h,) = states
    outer, inner = (0, 0) if bias is None else bias if bias.ndim == 2 else (bias, 0)
    units = h.shape[-1]
    xz, xr, xh = np.split(x @ kernel + outer, 3, -1)
    if reset_after:
        hz, hr, hh = np.split(h @ recurrent + inner, 3, -1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        candidate = np.tanh(xh + r * hh)
    else:
        z = sigmoid(xz + h @ recurrent[:, :units])
        r = sigmoid(xr + h @ recurrent[:, units : 2 * units])
        candidate = np.tanh(xh + (r * h) @ recurrent[:, 2 * units :])
    return (z * h + (1 - z) * candidate,)


def rnn_step(x, kernel, recurrent, bias, states):
    return (np.tanh(x @ kernel + states[0] @ recurrent + (0 if bias is None else bias)),)


# ---- attention -------------------------------------------------------------------------------


def attentions(rng):
    found = []
    for number in range(24):
        heads, key_heads = ((2, 2), (4, 2), (3, 1), (1, 1))[number % 4]
        queries, keys = ((3, 4), (1, 5), (4, 4))[number % 3]
        inputs = [
            draw(rng, (2, queries, heads, 3)),
            draw(rng, (2, keys, key_heads, 3)),
            draw(rng, (2, keys, key_heads, 2)),
        ]
        params = {}
        if number % 2:
            shape = (
                (2, heads, queries, keys),
                (heads, queries, keys),
                (queries, keys),
                (2, 1, 1, keys),
            )[number // 2 % 4]
            inputs.append(draw(rng, shape))
        if number % 3 == 1:
            params["mask"] = rng.uniform(size=(2, 1, queries, keys)) > 0.3
        if number % 3 == 2:
            params["is_causal"] = True
        if number % 5 == 0:
            params["scale"] = 0.3
        if number % 7 == 0:
            params["attn_logits_soft_cap"] = 1.5
        found.append(Case(tuple(inputs), params))
    return found


def attention(
    query, key, value, bias=None, mask=None, is_causal=False, scale=None, attn_logits_soft_cap=None
):
    batch, queries, heads, dim = query.shape
    keys, shared = key.shape[1], heads // key.shape[2]
    full = (batch, heads, queries, keys)
    bias = np.broadcast_to(0.0 if bias is None else bias, full)
    mask = np.broadcast_to(True if mask is None else mask, full)
    y = np.zeros((batch, queries, heads, value.shape[-1]))
    for n, q, h in np.ndindex(batch, queries, heads):
        logits = key[n, :, h // shared] @ query[n, q, h] * (scale or 1 / math.sqrt(dim))
        if attn_logits_soft_cap:
            logits = attn_logits_soft_cap * np.tanh(logits / attn_logits_soft_cap)
        allowed = mask[n, h, q] & (np.arange(keys) <= q if is_causal else True)
        logits = np.where(allowed, logits + bias[n, h, q], -1e300)
        weights = np.exp(logits - logits.max())
        y[n, q, h] = weights / weights.sum() @ value[n, :, h // shared]
    return y


GRADIENTS = {
    "lstm": ("lstm_steps_gradient",),
    "gru": ("gru_steps_gradient",),
    "rnn": ("rnn_steps_gradient",),
}

SAMPLES = [
    Sample(
        "lstm",
        sequences(4, 2),
        network(lstm_step, 2),
        call=call,
        unknown_sizes="none",
        operations=GRADIENTS["lstm"],
    ),
    Sample(
        "gru",
        sequences(3, 1, 2, ({}, {"reset_after": False}, {"reset_after": True})),
        network(gru_step, 1),
        call=call,
        unknown_sizes="none",
        operations=GRADIENTS["gru"],
    ),
    Sample(
        "simple_rnn",
        sequences(1, 1),
        network(rnn_step, 1),
        call=call,
        unknown_sizes="none",
        operations=GRADIENTS["rnn"],
    ),
    Sample(
        "dot_product_attention",
        attentions,
        attention,
        unknown_sizes="none",
        operations=("causal_fill",),
    ),
]
