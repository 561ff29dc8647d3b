"""Operation and Tensor of a graph, and `record`, which adds an operation to it."""

import numpy

from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.errors import OperatorNotAllowedInGraphError
from kerasish.compat.v1.graph import default_session, get_default_graph
from kerasish.compat.v1.shapes import TensorShape
from kerasish.core import modes, tree
from kerasish.core.graph import Graph as Trace
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, as_tensor
from kerasish.core.tensor import Tensor as Value
from kerasish.errors import SymbolicValueError, explain

_TRIED_RANKS = (0, 1, 2, 3, 4)  # in place of an unknown one, to find what comes out
FOLDED = 64  # elements of a constant whose value shapes are computed with


class Operation:
    """A node of a graph.

    Attributes:
        name, type: str.
        inputs, outputs: lists of Tensor.
        control_inputs: list of Operation that run before it.
        graph: Graph.
        device: str.
    """

    is_effect = False  # changes a variable: runs as late as it may
    is_random = False  # gives other values when it runs again
    is_host = False  # runs in Python, between compiled parts of a run
    is_alias = False  # stands for the present value of a variable, whenever it is asked for
    depends_on_initialization = False

    def __init__(self, type_name, inputs=(), function=None, name=None, outputs=None, hint=None):
        graph = graph_of(inputs)
        self.type, self.inputs, self._function = type_name, list(inputs), function
        if outputs is None:
            outputs = infer(function, self.inputs, hint)
        graph.add_operation(self, name or type_name)
        self.outputs = [Tensor(self, i, *output) for i, output in enumerate(outputs)]

    def arguments(self, frame):
        """The values of the inputs, while a run is traced."""
        return [frame.value(t) for t in self.inputs]

    def execute(self, frame, values):
        """The values of the outputs (one value, or a tuple), while a run is traced."""
        return self._function(*values)

    def values(self):
        """The outputs."""
        return tuple(self.outputs)

    @property
    def output(self):
        """The only output."""
        return self.outputs[0]

    def run(self, feed_dict=None, session=None):
        """Run it in a session (the default one)."""
        default_session("execute operation", session, "run").run(self, feed_dict)

    def _as_graph_element(self):
        return self

    def __repr__(self):
        return f"<tf.Operation {self.name!r} type={self.type}>"

    def __str__(self):
        inputs = "".join(f'\ninput: "{t.name.removesuffix(":0")}"' for t in self.inputs)
        return f'name: "{self.name}"\nop: "{self.type}"{inputs}'


class Tensor(SymbolicTensor):
    """An output of an operation; it has a value only within a run of a session.

    Attributes:
        op: Operation that makes it.
        value_index: which of its outputs it is.
        constant: small array that it always is, or None.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default():
        ...     total = tf.add(tf.constant([1.0, 2.0]), 1.0)
        >>> print(total)
        Tensor("Add:0", shape=(2,), dtype=float32)
        >>> with tf.Session(graph=total.graph):
        ...     print(total.eval())
        [2. 3.]
    """

    __slots__ = ("op", "value_index", "constant", "_sizes", "_dtype")
    __hash__ = object.__hash__

    def __init__(self, op, value_index, sizes, dtype, constant=None):
        dtype = dtypes.as_dtype(dtype)
        super().__init__(spec=TensorSpec(sizes or (), dtype.name))
        self.op, self.value_index, self.constant = op, value_index, constant
        self._sizes, self._dtype = sizes, dtype

    name = property(lambda self: f"{self.op.name}:{self.value_index}", lambda self, name: None)
    graph = property(lambda self: self.op.graph, lambda self, graph: None)
    shape = property(lambda self: TensorShape(self._sizes))
    dtype = property(lambda self: self._dtype)
    device = property(lambda self: self.op.device)

    @property
    def sizes(self):
        """Tuple of int and None, or None for an unknown shape."""
        return self._sizes

    @property
    def ndim(self):
        """Number of axes, or None."""
        return None if self._sizes is None else len(self._sizes)

    def get_shape(self):
        """TensorShape, as far as it is known before a run."""
        return TensorShape(self._sizes)

    def set_shape(self, shape):
        """Say more about the shape than was found out.

        Raises:
            ValueError: what is known contradicts it.
        """
        self._sizes = TensorShape(self._sizes).merge_with(shape).sizes
        self._spec = TensorSpec(self._sizes or (), self.dtype.name)

    def eval(self, feed_dict=None, session=None):
        """Its value in a session (the default one)."""
        return default_session("evaluate tensor", session, "eval").run(self, feed_dict)

    def consumers(self):
        """List of the operations that it is an input of."""
        return [op for op in self.graph.get_operations() if self in op.inputs]

    def record_call(self, function, args, kwargs):
        """Record a function of `kerasish.ops` that was called on tensors of this graph."""
        return record_function(function.__name__, function, args, kwargs)

    def _as_graph_element(self):
        return self

    def _refuse(self, wanted):
        raise OperatorNotAllowedInGraphError(
            explain(
                "tf.Tensor",
                f"{wanted} is not allowed: a symbolic `tf.Tensor` has no value while the graph is "
                "built",
                received=self,
                fix="tf.cond or tf.while_loop in the graph, or the value that Session.run returns",
            )
        )

    def __bool__(self):
        self._refuse("using a symbolic `tf.Tensor` as a Python `bool`")

    def __iter__(self):
        self._refuse("iterating over a symbolic `tf.Tensor`")

    def __len__(self):
        raise TypeError(explain("len", "not well defined for a symbolic tensor", received=self))

    def __array__(self, dtype=None, copy=None):
        raise NotImplementedError(f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy "
                                  "array.")  # fmt: skip

    def __format__(self, spec):
        return format(str(self), spec)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __str__(self):
        shape = "" if self._sizes is None else f" shape={self.shape},"
        return f'Tensor("{self.name}",{shape} dtype={self.dtype.name})'

    def __repr__(self):
        return f"<tf.Tensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"


def graph_of(inputs):
    """The graph of some tensors, or the default one.

    Raises:
        ValueError: they are of different graphs.
    """
    graph = None
    for x in inputs:
        if graph is None:
            graph, first = x.graph, x
        elif x.graph is not graph:
            raise ValueError(
                f"{x} must be from the same graph as {first} (graphs are {x.graph} and {graph})."
            )
    if graph is None:
        return get_default_graph()
    if graph is not get_default_graph() and get_default_graph().context is not None:
        raise ValueError(f"{inputs[0]} must be from the same graph as the branch or loop body.")
    return graph


# ---- what comes out --------------------------------------------------------------------------


def infer(function, inputs, hint=None):
    """(sizes, dtype, constant) of every output, found by recording the function in a scratch trace.

    Args:
        function: callable of core tensors.
        inputs: list of Tensor.
        hint: dtype of the one output where its shape follows from values that are not known.
    """
    if all(t.sizes is not None for t in inputs):
        return _inferred(function, inputs, 0, hint)
    found, error = [], None
    for rank in _TRIED_RANKS:
        try:
            found.append(_inferred(function, inputs, rank, hint))
        except (ValueError, TypeError, IndexError) as failed:
            error = failed
    if not found:
        raise error
    first = found[0]
    if len(found) > 1 and all(f == first for f in found):
        return first
    return [(None, dtype, None) for _, dtype, _ in first]


def _inferred(function, inputs, rank, hint):
    trace = Trace("scratch")
    try:
        with modes.tracing(trace):
            arguments = [stand_in(trace, t, rank) for t in inputs]
            result = function(*arguments)
            outputs = tuple(result) if isinstance(result, (list, tuple)) else (result,)
            outputs = [as_tensor(y) for y in outputs]
    except SymbolicValueError:
        if hint is None:
            raise
        return [(None, dtypes.as_dtype(hint), None)]
    return [(tuple(y.shape), dtypes.as_dtype(y.dtype), _small_constant(y)) for y in outputs]


def stand_in(trace, tensor, rank=0, folds=True):
    """A symbolic tensor of a trace for a tensor of a graph; its value where it is constant."""
    if folds and tensor.constant is not None:
        return Value(numpy.asarray(tensor.constant))
    sizes = (None,) * rank if tensor.sizes is None else tensor.sizes
    return trace.add_input(TensorSpec(sizes, tensor.dtype.name))


def _small_constant(y):
    if isinstance(y, SymbolicTensor) or y.size > FOLDED:
        return None
    return y.numpy()


# ---- recording -------------------------------------------------------------------------------


def record(type_name, function, inputs, name=None, hint=None):
    """Add an operation that computes a function of tensors; returns its only output, or a list."""
    outputs = Operation(type_name, inputs, function, name, hint=hint).outputs
    return outputs[0] if len(outputs) == 1 else outputs


def record_function(type_name, function, args, kwargs, name=None, hint=None):
    """Add an operation for `function(*args, **kwargs)`, of which any leaf may be a Tensor."""
    leaves = [as_read(leaf) for leaf in tree.flatten((args, kwargs))]
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]

    def compute(*values):
        filled = list(leaves)
        for i, value in zip(places, values, strict=True):
            filled[i] = value
        inner_args, inner_kwargs = tree.unflatten((args, kwargs), filled)
        return function(*inner_args, **inner_kwargs)

    return record(type_name, compute, [leaves[i] for i in places], name, hint)


def as_read(leaf):
    return leaf._as_read() if hasattr(leaf, "_as_read") else leaf
