"""`get_variable` and `variable_scope`: variables shared by name."""

import contextlib
import copy
import enum

from kerasish import initializers
from kerasish.compat.v1 import dtypes
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.graph import GraphKeys, get_default_graph
from kerasish.compat.v1.random_ops import RandomOperation
from kerasish.compat.v1.shapes import TensorShape
from kerasish.compat.v1.variables import Variable


class _Reuse(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _Reuse.AUTO_REUSE


class VariableScope:
    """What `get_variable` uses inside a scope: the prefix, whether to share, and defaults."""

    def __init__(self, name="", reuse=False, initializer=None, regularizer=None, dtype="float32",
                 constraint=None, name_scope=""):  # fmt: skip
        self.name, self.reuse, self.initializer = name, reuse, initializer
        self.regularizer, self.dtype, self.constraint = regularizer, dtype, constraint
        self.original_name_scope = name_scope
        self.counts = {}  # how often each default name was used inside

    def reuse_variables(self):
        """From now on variables are shared, not made."""
        self.reuse = True

    def set_initializer(self, initializer):
        """Default initializer of the variables made inside."""
        self.initializer = initializer

    def set_regularizer(self, regularizer):
        """Default regularizer of the variables made inside."""
        self.regularizer = regularizer

    def get_variable(self, name, *args, **kwargs):
        """As `get_variable`, in this scope."""
        return _get(self, name, *args, **kwargs)

    def get_collection(self, name):
        """What a collection holds of this scope."""
        return get_default_graph().get_collection(name, f"{self.name}/" if self.name else None)

    def global_variables(self):
        """Global variables of this scope."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def trainable_variables(self):
        """Trainable variables of this scope."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)


def get_variable_scope():
    """The scope that `get_variable` works in."""
    graph = get_default_graph()
    if graph.variable_scope is None:
        graph.variable_scope, graph.variable_store = VariableScope(), {}
    return graph.variable_scope


@contextlib.contextmanager
def variable_scope(name_or_scope, default_name=None, values=None, initializer=None,
                   regularizer=None, caching_device=None, partitioner=None, custom_getter=None,
                   reuse=None, dtype=None, use_resource=None, constraint=None,
                   auxiliary_name_scope=True):  # fmt: skip
    """Context that puts `name/` before the names of variables and operations.

    Args:
        name_or_scope: str, VariableScope (reopened), or None for a unique `default_name`.
        initializer, regularizer, dtype: defaults of `get_variable` inside.
        reuse: True shares the variables that exist, AUTO_REUSE makes those that do not, None goes
            by the scope around.

    Raises:
        ValueError: neither a name nor a default name.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default():
        ...     with tf.variable_scope("layer"):
        ...         first = tf.get_variable("kernel", [2, 2])
        ...     with tf.variable_scope("layer", reuse=True):
        ...         second = tf.get_variable("kernel", [2, 2])
        >>> first is second, first.name
        (True, 'layer/kernel:0')

    Source: TensorFlow 1.
    """
    graph, outer = get_default_graph(), get_variable_scope()
    if name_or_scope is None and default_name is None:
        raise ValueError("If default_name is None then name_or_scope is required")
    if isinstance(name_or_scope, VariableScope):
        source, name = name_or_scope, name_or_scope.name
        short = name.rpartition("/")[2]
    else:
        source, short = outer, name_or_scope
        if short is None:
            if reuse:
                raise ValueError("reuse=True cannot be used without a name_or_scope")
            short = _unique(outer, default_name)
        name = f"{outer.name}/{short}" if outer.name else short
    with (
        graph.name_scope(short)
        if auxiliary_name_scope and short
        else contextlib.nullcontext("") as prefix
    ):
        graph.variable_scope = VariableScope(
            name,
            (source.reuse or outer.reuse) if reuse is None else reuse or outer.reuse,
            source.initializer if initializer is None else initializer,
            source.regularizer if regularizer is None else regularizer,
            source.dtype if dtype is None else dtype,
            source.constraint if constraint is None else constraint,
            prefix,
        )
        try:
            yield graph.variable_scope
        finally:
            graph.variable_scope = outer


def _unique(scope, name):
    number = scope.counts.get(name, 0)
    scope.counts[name] = number + 1
    return f"{name}_{number}" if number else name


def get_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None,
                 collections=None, caching_device=None, partitioner=None, validate_shape=True,
                 use_resource=None, custom_getter=None, constraint=None, synchronization=None,
                 aggregation=None):  # fmt: skip
    """The variable of this name in the present scope: made, or shared where the scope says so.

    Args:
        name: str.
        shape: sequence of int; not needed with an initial value.
        initializer: initializer, callable `f(shape, dtype=...)`, array or tensor; the scope's, or
            Glorot's uniform one (zeros for ints and bools) when None.
        regularizer: callable of the variable; what it gives is collected.

    Raises:
        ValueError: it exists and is not to be shared, or is to be shared and does not exist or has
            another shape or dtype.

    Source: TensorFlow 1.
    """
    return _get(get_variable_scope(), name, shape, dtype, initializer, regularizer, trainable,
                collections, validate_shape=validate_shape, constraint=constraint)  # fmt: skip


def _get(scope, name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None,
         collections=None, validate_shape=True, constraint=None, reuse=None):  # fmt: skip
    get_variable_scope()
    graph = get_default_graph()
    full = f"{scope.name}/{name}" if scope.name else name
    reuse = scope.reuse if reuse is None else reuse
    initializer = scope.initializer if initializer is None else initializer
    wanted = dtypes.as_dtype(scope.dtype if dtype is None else dtype)
    found = graph.variable_store.get(full)
    if found is not None:
        _check_shared(found, full, shape, dtype, reuse)
        return found
    if reuse is True:
        raise ValueError(
            f"Variable {full} does not exist, or was not created with tf.get_variable(). Did you "
            "mean to set reuse=tf.AUTO_REUSE in VarScope?"
        )
    with graph.control_dependencies(None), graph.name_scope(None):
        with graph.name_scope(f"{full}/Initializer/"):
            value = _initial(full, shape, wanted, initializer, dtype)
        variable = Variable(
            value,
            trainable=trainable,
            collections=collections,
            name=f"{full}",
            dtype=None,
            validate_shape=validate_shape,
            constraint=scope.constraint if constraint is None else constraint,
        )
    graph.variable_store[full] = variable
    regularizer = scope.regularizer if regularizer is None else regularizer
    if regularizer is not None:
        with graph.name_scope(f"{full}/Regularizer/"):
            loss = regularizer(variable)
        if loss is not None:
            graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
    return variable


def _check_shared(found, full, shape, dtype, reuse):
    if not reuse:
        raise ValueError(
            f"Variable {full} already exists, disallowed. Did you mean to set reuse=True or "
            "reuse=tf.AUTO_REUSE in VarScope?"
        )
    if shape is not None and not found.shape.is_compatible_with(shape):
        raise ValueError(f"Trying to share variable {full}, but specified shape "
                         f"{TensorShape(shape)} and found shape {found.shape}.")  # fmt: skip
    if dtype is not None and found.dtype != dtypes.as_dtype(dtype):
        raise ValueError(
            f"Trying to share variable {full}, but specified dtype {dtypes.as_dtype(dtype).name} "
            f"and found dtype {found.dtype.name}_ref."
        )


def _initial(full, shape, wanted, initializer, dtype):
    if initializer is not None and not callable(initializer):
        value = convert_to_tensor(initializer, dtype)
        if shape is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        return value
    if shape is None:
        raise ValueError(f"Variable {full} did not get an initializer, so its `shape` argument "
                         "must be specified.")  # fmt: skip
    sizes = TensorShape(shape)
    if not sizes.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({full}) must be fully defined, but instead was "
                         f"{sizes}.")  # fmt: skip
    if initializer is None:
        initializer = initializers.GlorotUniform() if wanted.is_floating else initializers.Zeros()
    return initial_tensor(initializer, sizes.sizes, wanted)


def initial_tensor(initializer, sizes, dtype):
    """Tensor of an initializer's values, other ones in every session unless there is a seed."""
    initializer = initializer() if isinstance(initializer, type) else initializer
    if not isinstance(initializer, initializers.Initializer):
        return convert_to_tensor(initializer(sizes, dtype=dtype))
    seed = initializer.get_config().get("seed")

    def draw(key):
        twin = copy.copy(initializer)
        twin.seed = key
        return twin(sizes, dtype=dtype.name)

    seed = seed if isinstance(seed, int) else None
    return RandomOperation("Initializer", draw, [], seed, "random").output
