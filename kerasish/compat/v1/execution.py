"""What a run computes: the slice of the graph that it needs, in order, and its evaluation."""

import heapq

from kerasish import initializers
from kerasish.compat.v1 import errors
from kerasish.core import modes
from kerasish.core.rng import SeedGenerator
from kerasish.core.structural import identity
from kerasish.core.tape import GradientTape
from kerasish.core.variable import Variable
from kerasish.errors import explain


def needed(elements, known, context=None):
    """The operations that have to run for some tensors and operations, in order.

    Those that change variables come as late as they may: whatever does not depend on them, by data
    or by control inputs, sees the old values, at every run alike.

    Args:
        elements: tensors and operations of the graph.
        known: tensors that have a value already; what only they need is left out.
        context: the branch or loop body whose operations are meant; those outside are known.

    Returns:
        list of Operation.
    """
    found, waiting = {}, [_producer(x, known) for x in elements]
    while waiting:
        op = waiting.pop()
        if op is None or op in found or op.context is not context:
            continue
        found[op] = dependencies(op, known)
        waiting += found[op]
    missing = {op: {d for d in deps if d in found} for op, deps in found.items()}
    users = {op: [] for op in found}
    for op, deps in missing.items():
        for d in deps:
            users[d].append(op)
    ready = [(op.is_effect, op.number, op) for op, deps in missing.items() if not deps]
    heapq.heapify(ready)
    order = []
    while ready:
        op = heapq.heappop(ready)[2]
        order.append(op)
        for user in users[op]:
            missing[user].discard(op)
            if not missing[user]:
                heapq.heappush(ready, (user.is_effect, user.number, user))
    return order


def dependencies(op, known):
    """Operations that an operation waits for."""
    return [d for d in (_producer(x, known) for x in op.inputs) if d] + op.control_inputs


def _producer(element, known):
    if element in known:
        return None
    return getattr(element, "op", element)


class Frame:
    """Values of tensors while a run is traced.

    Args:
        state: SessionState.
        watched: set of the tensors that some derivative is taken by.
        parent: the frame around a branch or a loop body.

    Attributes:
        tape: GradientTape over everything that is computed, or None where nobody differentiates.
    """

    def __init__(self, state, watched=(), parent=None):
        self.state, self.parent, self.values = state, parent, {}
        self.watched = watched if parent is None else parent.watched
        self.tape = None if parent is None else parent.tape
        self._keys = set() if parent is None else parent._keys
        self.reads = {} if parent is None else parent.reads

    def open_tape(self):
        """Context in which what is computed can be differentiated, to any order."""
        self.tape = GradientTape(persistent=True, watch_accessed_variables=False)
        return self.tape

    def compute(self, operations):
        """Run operations in order."""
        for op in operations:
            if op.is_alias:
                continue
            results = op.execute(self, op.arguments(self))
            if op.outputs:
                results = results if isinstance(results, (tuple, list)) else (results,)
                for tensor, value in zip(op.outputs, results, strict=True):
                    if tensor not in self.values:  # unless it is fed
                        self.set(tensor, value)

    def set(self, tensor, value):
        """Give a tensor its value."""
        if self.tape is not None:
            if getattr(value, "key", None) in self._keys:
                value = identity(value)  # two tensors have a derivative each
            self._keys.add(value.key)
            if tensor in self.watched:
                self.watch(value)
        self.values[tensor] = value

    def watch(self, value):
        """Let derivatives by a value be taken."""
        if self.tape is not None and value.dtype.startswith(("float", "bfloat", "complex")):
            self.tape.watch(value)

    def value(self, tensor):
        """The value of a tensor, here or in a frame around."""
        frame = self
        while frame is not None:
            if tensor in frame.values:
                return frame.values[tensor]
            frame = frame.parent
        if tensor.op.is_alias:
            return self.read(tensor.op.variable)
        raise errors.InternalError(None, tensor.op, explain("tf.Session.run", f"{tensor} has no "
                                                            "value"))  # fmt: skip

    def has(self, tensor):
        """Whether the tensor has a value here or in a frame around."""
        return tensor in self.values or (self.parent is not None and self.parent.has(tensor))

    # ---- variables ----

    def read(self, variable):
        """The present value of a variable."""
        for fed in variable.aliases:
            if self.has(fed):
                return next(f for f in self.chain() if fed in f.values).values[fed]
        held = self.state.variables.get(variable)
        if held is None or not (variable in self.state.ready or variable in self.state.written):
            name = variable.op.name
            raise errors.FailedPreconditionError(
                None, variable.op, f"Attempting to use uninitialized value {name}"
            )
        value = held._snapshot()
        if self.tape is not None and any(t in self.watched for t in variable.aliases):
            if value.key not in {r.key for r in self.reads.get(variable, ())}:
                self.reads.setdefault(variable, []).append(value)
                self.watch(value)
        return value

    def chain(self):
        """This frame and those around it."""
        frame = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def assign(self, variable, value):
        """Change a variable; returns the new value."""
        held = self.state.hold(variable, value)
        self.state.written.add(variable)
        return held.assign(value)

    def sources(self, tensor):
        """The values whose derivatives add up to the derivative by a tensor."""
        if tensor.op.is_alias and not self.has(tensor):
            return self.reads.get(tensor.op.variable, [])
        return [self.value(tensor)]

    def seed(self, op):
        """A seed that is another one at every run, from the seeds of operation and graph."""
        return self.state.generator(op).next()


class SessionState:
    """What a session keeps between runs: variables and random counters.

    Attributes:
        variables: dict from the graph's variable to the core Variable that holds its value.
        ready: set of those that have been initialised.
        written: set of those that the trace being made assigns.
    """

    def __init__(self):
        self.variables, self.ready, self.written = {}, set(), set()
        self.generators = {}
        self.replaced = 0  # how often a variable got another shape: programs are out of date

    def hold(self, variable, value):
        """The core Variable for a value to be assigned; made where there is none that fits."""
        held = self.variables.get(variable)
        shape, dtype = tuple(value.shape), variable.dtype.name
        if held is not None and held.shape == shape:
            return held
        if None in shape:
            raise errors.UnimplementedError(
                None, variable.op,
                explain(f"variable {variable.op.name!r}", "a value whose shape is only known while "
                        "it is computed cannot be assigned", received=shape),
            )  # fmt: skip
        if variable.validate_shape and not variable.shape.is_compatible_with(shape):
            raise errors.InvalidArgumentError(
                None, variable.op,
                "Assign requires shapes of both tensors to match. lhs shape= "
                f"{variable.shape} rhs shape= {shape}",
            )  # fmt: skip
        with modes.outside_trace():
            self.replaced += held is not None
            held = Variable(initializers.Zeros(), shape, dtype, trainable=False,
                            name=variable.op.name.replace("/", "_"))  # fmt: skip
        self.variables[variable] = held
        return held

    def generator(self, op):
        """The random counter of an operation."""
        if op not in self.generators:
            with modes.outside_trace():
                self.generators[op] = SeedGenerator(op.seed)
        return self.generators[op]
