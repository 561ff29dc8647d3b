"""Variable: a named value that each session holds for itself, and the operations that change it."""

from kerasish import ops
from kerasish.compat.v1.constants import as_array, convert_to_tensor
from kerasish.compat.v1.graph import GraphKeys, default_session, get_default_graph
from kerasish.compat.v1.tensors import Operation
from kerasish.core.structural import identity
from kerasish.core.tensor import as_tensor
from kerasish.errors import explain


class _VariableOperation(Operation):
    """The variable itself; its output stands for the present value."""

    is_alias = True

    def __init__(self, variable, sizes, dtype, name):
        self.variable = variable
        super().__init__("VariableV2", (), None, name, [(sizes, dtype)])


class _Read(Operation):
    """The present value of a variable, whenever it is used."""

    is_alias = True

    def __init__(self, variable, name):
        self.variable = variable
        ref = variable.op.output
        super().__init__("Identity", [ref], None, name, [(ref.sizes, ref.dtype)])


class _Assign(Operation):
    """A change of a variable; the output is the new value."""

    is_effect = True

    def __init__(self, type_name, variable, value, combine=None, name=None, validate_shape=True):
        self.variable, self._combine = variable, combine
        sizes = variable.sizes if validate_shape and variable.sizes else value.sizes
        ref = variable.op.output
        super().__init__(type_name, [ref, value], None, name, [(sizes, variable.dtype)])

    def arguments(self, frame):
        return [frame.value(self.inputs[1])]

    def execute(self, frame, values):
        (value,) = values
        if self._combine is not None:
            value = self._combine(frame.read(self.variable), value)
        return frame.assign(self.variable, value)


class _ValueOrInitial(Operation):
    """A variable's value, or where it has none yet its initial value."""

    depends_on_initialization = True

    def __init__(self, variable, initial):
        self.variable = variable
        super().__init__("Cond", [initial], None, "cond", [(initial.sizes, initial.dtype)])

    def execute(self, frame, values):
        is_ready = self.variable in frame.state.ready
        return identity(frame.read(self.variable)) if is_ready else values[0]


class _IsInitialized(Operation):
    """Whether a variable has a value in the session."""

    depends_on_initialization = True

    def __init__(self, variable, name):
        self.variable = variable
        super().__init__("IsVariableInitialized", (), None, name, [((), "bool")])

    def execute(self, frame, values):
        return as_tensor(self.variable in frame.state.ready)


class Variable:
    """A value that lasts from run to run of a session; it has none until its initializer runs.

    As an input it is read when the operation that uses it runs. Of one run, whatever does not
    depend on an assignment (by data or `control_dependencies`) sees the value from before it; the
    variable itself, fetched, is read at the end of the run.

    Args:
        initial_value: number, array, tensor, or callable that returns one.
        trainable: bool. In the collection of trainable variables.
        collections: names of collections; [GraphKeys.GLOBAL_VARIABLES] when None.
        validate_shape: bool. False lets assignments change the shape.
        name: str.
        dtype: dtype-like.
        constraint: callable that optimizers apply to the value after each update.

    Raises:
        ValueError: no initial value, or one of unknown shape.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     count = tf.Variable(0, name="count")
        ...     step = count.assign_add(1)
        ...     _ = session.run(count.initializer)
        ...     [session.run(step).item() for _ in range(3)]
        [1, 2, 3]

    Source: TensorFlow 1.
    """

    __hash__ = object.__hash__
    __array_priority__ = 100

    def __init__(self, initial_value=None, trainable=None, collections=None, validate_shape=True,
                 caching_device=None, name=None, variable_def=None, dtype=None,
                 expected_shape=None, import_scope=None, constraint=None, use_resource=None,
                 synchronization=None, aggregation=None, shape=None):  # fmt: skip
        if initial_value is None:
            raise ValueError(explain("tf.Variable", "initial_value must be specified"))
        graph = get_default_graph()
        self.trainable = trainable is None or bool(trainable)
        self.constraint, self.validate_shape = constraint, validate_shape
        with graph.control_dependencies(None), graph.name_scope(name or "Variable") as scope:
            value = initial_value() if callable(initial_value) else initial_value
            value = convert_to_tensor(value, dtype, name="initial_value")
            if validate_shape and value.sizes is None:
                raise ValueError(f"initial_value must have a shape specified: {value}")
            self._initial_value = value
            sizes = value.sizes if validate_shape else None
            self.op = _VariableOperation(self, sizes, value.dtype, scope)
            self._initializer = _Assign(
                "Assign", self, value, name="Assign", validate_shape=validate_shape
            )
            self._read = _Read(self, "read").output
        self.aliases = (self.op.output, self._read)
        graph.add_to_collections(collections or [GraphKeys.GLOBAL_VARIABLES], self)
        if self.trainable:
            graph.add_to_collection(GraphKeys.TRAINABLE_VARIABLES, self)

    # ---- what it is ----

    name = property(lambda self: self.op.output.name)
    graph = property(lambda self: self.op.graph)
    device = property(lambda self: self.op.device)
    dtype = property(lambda self: self.op.output.dtype)
    shape = property(lambda self: self.op.output.shape)
    sizes = property(lambda self: self.op.output.sizes)
    initializer = property(lambda self: self._initializer)
    initial_value = property(lambda self: self._initial_value)

    def get_shape(self):
        """TensorShape."""
        return self.shape

    def set_shape(self, shape):
        """Say more about the shape."""
        for tensor in self.aliases:
            tensor.set_shape(shape)

    def _as_graph_element(self):
        return self.op.output

    def _as_read(self):
        return self._read

    # ---- reading ----

    def value(self):
        """The value as a tensor, read when it is used."""
        return self._read

    def read_value(self):
        """The value at the place of this operation among the control dependencies."""
        return Operation("Identity", [self._read], identity, "read").output

    def initialized_value(self):
        """The value, or the initial value where the initializer has not run yet."""
        return _ValueOrInitial(self, self._initial_value).output

    def eval(self, session=None):
        """The value in a session (the default one)."""
        return default_session("evaluate variable", session, "eval").run(self)

    # ---- changing ----

    def _change(self, type_name, value, combine, name, read_value=True):
        value = convert_to_tensor(value, self.dtype, name="value")
        if (
            combine is None
            and self.validate_shape
            and not self.shape.is_compatible_with(value.shape)
        ):
            raise ValueError(
                f"Dimensions of both shapes must be equal in '{type_name}' of variable "
                f"{self.op.name!r}. Shapes are {self.shape} and {value.shape}."
            )
        made = _Assign(type_name, self, value, combine, name, self.validate_shape)
        return made.output if read_value else made

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """A tensor that is the new value, once `value` has been assigned."""
        return self._change("Assign", value, None, name, read_value)

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        """A tensor that is the new value, once `delta` has been added."""
        return self._change("AssignAdd", delta, ops.add, name, read_value)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        """A tensor that is the new value, once `delta` has been subtracted."""
        return self._change("AssignSub", delta, ops.subtract, name, read_value)

    def load(self, value, session=None):
        """Set the value in a session (the default one) at once."""
        session = default_session("load variable", session, "load")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    def set_in(self, session, array):
        """Set the value in a session to an array, whatever shape it has (for `Saver`)."""
        state = session.state
        value = as_tensor(as_array(array, self.dtype))
        state.hold(self, value).assign(value)
        state.ready = state.ready | {self}

    def __eq__(self, other):
        return self is other

    def __repr__(self):
        return f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}_ref>"


def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """A tensor that is the new value of a variable, once `value` has been assigned."""
    if validate_shape is False:
        value = convert_to_tensor(value, ref.dtype, name="value")
        ref.validate_shape = False
        return _Assign("Assign", ref, value, None, name, False).output
    return ref.assign(value, name=name)


def assign_add(ref, value, use_locking=None, name=None):
    """A tensor that is the new value of a variable, once `value` has been added."""
    return ref.assign_add(value, name=name)


def assign_sub(ref, value, use_locking=None, name=None):
    """A tensor that is the new value of a variable, once `value` has been subtracted."""
    return ref.assign_sub(value, name=name)


def is_variable_initialized(ref, name=None):
    """A bool tensor: whether the variable has a value in the session."""
    return _IsInitialized(ref, name).output


class _Uninitialized(Operation):
    """Names of the variables without a value."""

    is_host = True
    depends_on_initialization = True

    def __init__(self, flags, names, name):
        self._names = as_array(names, "string")
        super().__init__("Report", flags, None, name, [((None,), "string")])

    def call(self, arrays):
        keep = [not bool(a) for a in arrays]
        return (self._names[keep] if keep else as_array([], "string"),)


def report_uninitialized_variables(var_list=None, name="report_uninitialized_variables"):
    """A tensor of the names of variables that have no value yet in the session."""
    if var_list is None:
        var_list = global_variables() + local_variables()
    flags = [is_variable_initialized(v) for v in var_list]
    return _Uninitialized(flags, [v.op.name for v in var_list], name).output


def _collection(key):
    def variables(scope=None):
        return get_default_graph().get_collection(key, scope)

    variables.__doc__ = f"List of the default graph's variables of the collection {key!r}."
    return variables


global_variables = _collection(GraphKeys.GLOBAL_VARIABLES)
local_variables = _collection(GraphKeys.LOCAL_VARIABLES)
model_variables = _collection(GraphKeys.MODEL_VARIABLES)
trainable_variables = _collection(GraphKeys.TRAINABLE_VARIABLES)
moving_average_variables = _collection(GraphKeys.MOVING_AVERAGE_VARIABLES)
all_variables = global_variables


def group(*inputs, name=None):
    """An operation that runs all of some operations and tensors."""
    flat = []
    for x in inputs:
        flat += list(x) if isinstance(x, (list, tuple)) else [x]
    with get_default_graph().control_dependencies([x for x in flat if x is not None]):
        return no_op(name or "group_deps")


def no_op(name=None):
    """An operation that does nothing: a place for control dependencies."""
    return Operation("NoOp", (), lambda: (), name, [])


def tuple_of(tensors, name=None, control_inputs=None):
    """The same tensors, available once all of them are."""
    graph = get_default_graph()
    with graph.name_scope(name or "tuple"):
        present = [t for t in tensors if t is not None]
        with graph.control_dependencies([*present, *(control_inputs or ())]):
            made = [None if t is None else Operation("Identity", [convert_to_tensor(t)], identity,
                                                     "control_dependency").output
                    for t in tensors]  # fmt: skip
    return made


def variables_initializer(var_list, name="init"):
    """An operation that runs the initializers of some variables."""
    return group(*[v.initializer for v in var_list], name=name)


def global_variables_initializer():
    """An operation that initialises all global variables."""
    return variables_initializer(global_variables())


def local_variables_initializer():
    """An operation that initialises all local variables."""
    return variables_initializer(local_variables())


initialize_all_variables = global_variables_initializer
