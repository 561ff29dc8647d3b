"""Bindings of the recurrent networks: the loops over time as one native call each."""

from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu.binding import Call, binds


def _call(node, kernel, values, states, weights, *integers, overwritten=None):
    """The Call; None, for the plain operation, in another dtype or without steps or units.

    Args:
        values: inputs that the kernel reads.
        states: an input whose first axes are batch and steps.
        weights: the recurrent kernel.
        overwritten: index among the values of one that the kernel has read of a step when it
            writes that step of a result, and index of that result among the outputs. None: none.
        integers: what follows batch, steps and units.
    """
    (batch, steps), (units, columns) = states.shape[:2], weights.shape
    if not node.all_of("float32", "bool") or not steps or not units:
        return None
    products = 2 if kernel.endswith("backward") else 1
    return Call(
        kernel,
        (*values, *node.outputs),
        (batch, steps, units, *integers),
        overwrites=((overwritten[0], len(values) + overwritten[1]),) if overwritten else (),
        flops=2 * products * batch * steps * units * columns,
    )


def _zeros_left_out(x):
    """The tensor, or None for a constant of zeros: a cotangent of what nobody used."""
    if isinstance(x, Tensor) and not isinstance(x, SymbolicTensor) and not x.numpy().any():
        return None
    return x


@binds("lstm_steps")
def lstm_steps(node):
    z, kernel, *_ = node.inputs
    return _call(node, "lstm_forward", node.inputs, z, kernel, overwritten=(0, 4))


@binds("lstm_steps_gradient")
def lstm_steps_gradient(node):
    g_hs, g_h, g_c, z, kernel, *rest = node.inputs
    cotangents = map(_zeros_left_out, (g_hs, g_h, g_c))
    return _call(node, "lstm_backward", (*cotangents, kernel, *rest), z, kernel, overwritten=(9, 0))


@binds("gru_steps")
def gru_steps(node):
    z, kernel, *_ = node.inputs
    return _call(node, "gru_forward", node.inputs, z, kernel, node.reset_after, overwritten=(0, 2))


@binds("gru_steps_gradient")
def gru_steps_gradient(node):
    g_hs, g_h, z, kernel, *rest = node.inputs
    cotangents = map(_zeros_left_out, (g_hs, g_h))
    values = (*cotangents, kernel, *rest)
    return _call(node, "gru_backward", values, z, kernel, node.reset_after, overwritten=(7, 0))


@binds("rnn_steps")
def rnn_steps(node):
    z, kernel, *_ = node.inputs
    return _call(node, "rnn_forward", node.inputs, z, kernel, overwritten=(0, 0))


@binds("rnn_steps_gradient")
def rnn_steps_gradient(node):
    g_hs, g_h, z, kernel, *rest = node.inputs
    cotangents = map(_zeros_left_out, (g_hs, g_h))
    return _call(node, "rnn_backward", (*cotangents, kernel, *rest), z, kernel)
