"""`apply`, the only dispatch of the framework, and the thread's state: open tapes, current trace.

Called with values, an operation computes; inside a trace it is recorded from shapes and dtypes
alone. Either way every open tape that follows one of the inputs records the same Node.
"""

import contextlib
import contextvars
import threading

import numpy

from kerasish.arrays import device as devices
from kerasish.core import names
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicRead, SymbolicTensor, Tensor
from kerasish.errors import DataError, KerasishError, ShapeError, explain, quote

_is_quiet = contextvars.ContextVar("kerasish_is_quiet", default=False)


def _be_quiet():
    numpy.seterr(all="ignore")
    _is_quiet.set(True)


class _State(threading.local):
    trace = None  # the Graph being recorded, or None
    tapes = ()  # open GradientTapes, outermost first
    autocast = None  # dtype that float variables are read as, or None
    stateless = None  # the StatelessScope that holds the values of variables, or None

    def __init__(self):
        # NumPy keeps its error settings in the context: computing inside this one is silent about
        # log(0) and its like, without touching the settings of the user's own NumPy code, and at a
        # tenth of the price of numpy.errstate.
        self.quiet_context = contextvars.copy_context()
        self.quiet_context.run(_be_quiet)


state = _State()


def quietly(function, *args, **kwargs):
    """Call a function of arrays with NumPy's floating point warnings off."""
    if _is_quiet.get():  # an operation inside an operation
        return function(*args, **kwargs)
    return state.quiet_context.run(function, *args, **kwargs)


class Node:
    """One application of an operation: what went in, what came out.

    `inputs` holds tensors, scalars and None; on a tape, arrays that no derivative rule names are
    replaced by their spec, so that recording does not keep them alive. `keys` identifies the inputs
    as the user sees them (a Variable by its own key, whichever value was read).
    """

    __slots__ = ("operation", "inputs", "keys", "params", "outputs", "is_multiple", "scope")

    def __init__(self, operation, inputs, keys, params, outputs, is_multiple):
        self.operation, self.inputs, self.keys = operation, inputs, keys
        self.params, self.outputs, self.is_multiple = params, outputs, is_multiple
        self.scope = ""  # path of the layer that made it, inside a trace

    def __repr__(self):
        outs = ", ".join(str(o.key) for o in self.outputs)
        ins = ", ".join(
            str(k) if k is not None else repr(x) for k, x in zip(self.keys, self.inputs)
        )
        return f"{outs} = {self.operation.name}({ins}, {self.params})"


class Reference:
    """What a tape keeps of a tensor whose values no rule needs: key, shape and dtype."""

    __slots__ = ("key", "shape", "dtype")

    def __init__(self, tensor):
        self.key, self.shape, self.dtype = tensor.key, tensor.shape, tensor.dtype


def apply(operation, inputs, params):
    """Run or record one operation.

    Args:
        operation: Primitive or Composite.
        inputs: tuple of Tensor, Variable, Python scalar or None.
        params: dict of static parameters.

    Returns:
        Tensor, or tuple of Tensors for an operation with several outputs.
    """
    if state.stateless is not None:
        inputs = state.stateless.replaced(inputs)
    if state.trace is not None:
        return _record(operation, inputs, params)
    arrays = [getattr(x, "_array", x) for x in inputs]  # a free symbolic tensor raises SymbolicRead
    result = compute(operation, arrays, params)
    if type(result) is tuple:
        outputs = tuple([Tensor(a) for a in result])
        if state.tapes:
            _inform_tapes(operation, inputs, inputs, params, outputs, True)
        return outputs
    output = Tensor(result)
    if state.tapes:
        _inform_tapes(operation, inputs, inputs, params, (output,), False)
    return output


def compute(operation, arrays, params):
    """Arrays that an operation computes, with shape errors that name it."""
    xp, arrays = devices.place(arrays)
    has_choice = operation.implementations or operation.has_body or operation.is_costly
    run = operation.run if has_choice else None
    try:
        if run is not None:
            result = quietly(run, xp, arrays, params)
        elif _is_quiet.get():
            result = operation.forward(xp, *arrays, **params)
        else:
            result = state.quiet_context.run(operation.forward, xp, *arrays, **params)
    except (ValueError, IndexError) as error:
        if isinstance(error, (KerasishError, ShapeError, DataError)):
            raise
        shown = ", ".join(quote(a) for a in arrays)
        raise ShapeError(
            explain(f"ops.{operation.name}", str(error).rstrip(". "), received=f" {shown}")
        ) from error
    if type(result) is tuple:
        return tuple([a if isinstance(a, xp.ndarray) else xp.asarray(a) for a in result])
    return result if type(result) is numpy.ndarray else xp.asarray(result)


def _record(operation, inputs, params):
    trace = state.trace
    lifted = tuple([trace.lift(x) for x in inputs])
    if not any(isinstance(x, SymbolicTensor) for x in lifted) and not operation.is_effect:
        # Only constants: computed now, so a trace holds no node that is the same at every run.
        arrays = [getattr(x, "_array", x) for x in lifted]
        result = compute(operation, arrays, params)
        is_multiple = type(result) is tuple
        outputs = tuple(Tensor(a) for a in (result if is_multiple else (result,)))
    else:
        specs = infer(operation, lifted, params)
        is_multiple = type(specs) is tuple
        outputs = tuple(
            SymbolicTensor(spec=spec, graph=trace.mark)
            for spec in (specs if is_multiple else (specs,))
        )
        node = Node(operation, lifted, keys_of(lifted), params, outputs, is_multiple)
        node.scope = names.scope_path()
        trace.nodes.append(node)
    if state.tapes:
        _inform_tapes(operation, inputs, lifted, params, outputs, is_multiple)
    return outputs if is_multiple else outputs[0]


def infer(operation, inputs, params):
    """Output spec, or tuple of specs, of an operation on tensors and scalars."""
    specs = [x.spec if isinstance(x, Tensor) else x for x in inputs]
    try:
        return operation.infer(specs, params)
    except (ValueError, IndexError) as error:
        if isinstance(error, (KerasishError, ShapeError)):
            raise
        shown = ", ".join(repr(s) for s in specs)
        raise ShapeError(
            explain(f"ops.{operation.name}", str(error).rstrip(". "), received=f" {shown}")
        ) from error


def keys_of(inputs):
    """Key of each input; None for scalars and None."""
    return tuple([getattr(x, "key", None) for x in inputs])


def _inform_tapes(operation, inputs, values, params, outputs, is_multiple):
    if not operation.is_differentiable:
        return
    interested = [tape for tape in state.tapes if tape.follows(inputs)]
    if not interested:
        return
    keeps = operation.keeps(len(values))
    if len(state.tapes) > 1 or state.tapes[0].is_persistent:
        values = [_followed(x, v, kept) for x, v, kept in zip(inputs, values, keeps)]
    node = Node(
        operation,
        tuple([_keep(x, kept) for x, kept in zip(values, keeps)]),
        keys_of(inputs),
        params,
        outputs if operation.keeps_output else tuple([_keep(y, False) for y in outputs]),
        is_multiple,
    )
    for tape in interested:
        tape.record(node, outputs)


def _followed(x, value, kept):
    """What a rule is to use of an input, when a tape may differentiate that use once more.

    Of a variable it is a tensor that tapes follow to it: its bare value would be a constant.
    """
    return x._as_tensor() if kept and hasattr(x, "_as_tensor") else value


def record_on_tapes(operation, inputs, outputs):
    """Put a node on the open tapes only: for derivatives that are declared by hand."""
    if state.trace is not None:
        state.trace.has_own_gradients = True
    if state.tapes:
        values = tuple(state.trace.lift(x) for x in inputs) if state.trace else inputs
        _inform_tapes(operation, inputs, values, {}, outputs, True)


def _keep(value, kept):
    if hasattr(value, "_as_tensor"):
        value = value._snapshot()
    if kept or not isinstance(value, Tensor) or isinstance(value, SymbolicTensor):
        return value
    return Reference(value)


@contextlib.contextmanager
def tracing(graph):
    """Record operations of this thread into `graph`; tapes outside do not see them."""
    before = state.trace, state.tapes, state.stateless
    state.trace, state.tapes, state.stateless = graph, (), None
    try:
        yield graph
    finally:
        state.trace, state.tapes, state.stateless = before


@contextlib.contextmanager
def outside_trace():
    """Compute for real, unrecorded, even while a trace or a tape is open: for making weights."""
    before = state.trace, state.tapes, state.stateless
    state.trace, state.tapes, state.stateless = None, (), None
    try:
        yield
    finally:
        state.trace, state.tapes, state.stateless = before


@contextlib.contextmanager
def stop_recording():
    """Hide the enclosed operations from every open tape."""
    before = state.tapes
    state.tapes = ()
    try:
        yield
    finally:
        state.tapes = before


def is_tracing():
    """Whether this thread is recording a trace."""
    return state.trace is not None


__all__ = [
    "Node",
    "Reference",
    "SymbolicRead",
    "TensorSpec",
    "apply",
    "compute",
    "infer",
    "is_tracing",
    "keys_of",
    "outside_trace",
    "state",
    "stop_recording",
    "tracing",
]
