"""Bindings of the recurrent networks: the loops over time as one native call each."""

from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu.binding import Call, binds


def _zeros_left_out(x):
    """The tensor, or None for a constant of zeros: a cotangent that nobody asked for."""
    if isinstance(x, Tensor) and not isinstance(x, SymbolicTensor) and not x.numpy().any():
        return None
    return x


def _sizes(node, states, kernel):
    """(batch, steps, units); None, for the plain operation, in another dtype or without steps."""
    (batch, steps), units = states.shape[:2], kernel.shape[0]
    return (batch, steps, units) if node.all_of("float32", "bool") and steps and units else None


@binds("lstm_steps")
def lstm_steps(node):
    z, kernel, *_ = node.inputs
    sizes = _sizes(node, z, kernel)
    return sizes and Call("lstm_forward", (*node.inputs, *node.outputs), sizes)


@binds("lstm_steps_gradient")
def lstm_steps_gradient(node):
    *cotangents, _, kernel, h0, c0, mask, hs, cs, gates = node.inputs
    sizes = _sizes(node, hs, kernel)
    values = (*map(_zeros_left_out, cotangents), kernel, h0, c0, mask, hs, cs, gates)
    return sizes and Call("lstm_backward", (*values, *node.outputs), sizes)
