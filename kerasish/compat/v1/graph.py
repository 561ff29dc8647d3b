"""Graph: named operations, name scopes, control dependencies, collections; the default graph."""

import collections
import contextlib
import re
import threading

from kerasish.compat.v1.shapes import TensorShape
from kerasish.errors import explain

_VALID_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")


class GraphKeys:
    """Names of the standard collections."""

    GLOBAL_VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    LOSSES = "losses"
    UPDATE_OPS = "update_ops"
    SUMMARIES = "summaries"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"
    SAVERS = "savers"
    INIT_OP = "init_op"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    QUEUE_RUNNERS = "queue_runners"
    ASSET_FILEPATHS = "asset_filepaths"
    VARIABLES = GLOBAL_VARIABLES


class Graph:
    """Operations under unique names, to be run by a Session.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> graph = tf.Graph()
        >>> with graph.as_default(), tf.name_scope("layer"):
        ...     total = tf.constant(1.0) + tf.constant(2.0)
        >>> total.name, [op.name for op in graph.get_operations()]
        ('layer/add:0', ['layer/Const', 'layer/Const_1', 'layer/add'])
    """

    def __init__(self):
        self._operations, self._names_in_use = {}, {}
        self._collections = collections.defaultdict(list)
        self._prefix, self._device = "", ""
        self._control_inputs = []
        self._is_finalized = False
        self.context = None  # the branch or loop body being recorded, or None
        self.seed = None
        self.variable_store, self.variable_scope = None, None  # variable_scope.py keeps them here

    # ---- operations ----

    def add_operation(self, operation, name):
        """Give an operation its name and place.

        Raises:
            RuntimeError: the graph is finalized.
            ValueError: not a valid name.
        """
        if self._is_finalized:
            raise RuntimeError(explain("tf.Graph", "Graph is finalized and cannot be modified"))
        name = name[:-1] if name.endswith("/") else self.unique_name(name)
        if not _VALID_NAME.match(name):
            raise ValueError(explain("tf.Operation", f"'{name}' is not a valid node name"))
        self._operations[name] = operation
        operation.name, operation.graph, operation.device = name, self, self._device
        operation.number = len(self._operations)
        operation.control_inputs = list(dict.fromkeys(self._control_inputs))
        operation.context = self.context

    def unique_name(self, name, mark_as_used=True):
        """`name` under the open scopes, with a number where it is taken (in any case)."""
        name = f"{self._prefix}{name}"
        key = name.lower()
        number = self._names_in_use.get(key, 0)
        if mark_as_used:
            self._names_in_use[key] = number + 1
        if number:
            base = key
            while key in self._names_in_use:
                key = f"{base}_{number}"
                number += 1
            if mark_as_used:
                self._names_in_use[key] = 1
            name = f"{name}_{number - 1}"
        return name

    def get_operations(self):
        """List of the operations in the order they were made."""
        return list(self._operations.values())

    @property
    def number_of_operations(self):
        """How many operations there are."""
        return len(self._operations)

    def get_operation_by_name(self, name):
        """Operation of this name; KeyError if there is none."""
        return self.as_graph_element(name, allow_tensor=False)

    def get_tensor_by_name(self, name):
        """Tensor of a name such as "add:0"; KeyError if there is none."""
        return self.as_graph_element(name, allow_operation=False)

    def as_graph_element(self, value, allow_tensor=True, allow_operation=True):
        """Tensor or Operation of this graph that an object or a name stands for.

        Raises:
            KeyError: no element of this name.
            ValueError: a malformed name, or an element of another graph.
            TypeError: neither name nor element.
        """
        if isinstance(value, str):
            return self._named(value, allow_tensor, allow_operation)
        element = value._as_graph_element() if hasattr(value, "_as_graph_element") else None
        if element is None:
            raise TypeError(f"Can not convert a {type(value).__name__} into a Tensor or Operation.")
        if element.graph is not self:
            raise ValueError(f"{element!r} is not an element of this graph.")
        return element

    def _named(self, name, allow_tensor, allow_operation):
        base, colon, index = name.partition(":")
        operation = self._operations.get(base)
        if colon:
            if not allow_tensor:
                raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a Operation.")
            if not index.isdigit():
                raise ValueError(f"The name {name!r} looks like a Tensor name, but is not valid.")
            if operation is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{base!r}, does not exist in the graph."
                )
            if int(index) >= len(operation.outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{base!r}, exists but only has {len(operation.outputs)} outputs."
                )
            return operation.outputs[int(index)]
        if not allow_operation:
            raise ValueError(
                f"The name {name!r} refers to an Operation, not a Tensor. Tensor names must be of "
                'the form "<op_name>:<output_index>".'
            )
        if operation is None:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return operation

    # ---- what new operations get ----

    @contextlib.contextmanager
    def name_scope(self, name):
        """Context that puts `name/` before new names; yields the whole prefix.

        A name that ends with "/" is entered as it is; None or "" goes back to the top.
        """
        before = self._prefix
        if not name:
            self._prefix = ""
        elif name.endswith("/"):
            self._prefix = name
        else:
            self._prefix = f"{self.unique_name(name)}/"
        try:
            yield self._prefix
        finally:
            self._prefix = before

    def get_name_scope(self):
        """The open name scopes joined by "/"."""
        return self._prefix.removesuffix("/")

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs):
        """Context in which new operations run after these; None forgets those of outer contexts."""
        before = self._control_inputs
        if control_inputs is None:
            self._control_inputs = []
        else:
            elements = [self.as_graph_element(x) for x in control_inputs]
            self._control_inputs = before + [getattr(x, "op", x) for x in elements]
        try:
            yield
        finally:
            self._control_inputs = before

    @contextlib.contextmanager
    def device(self, name):
        """Context that marks new operations with a device's name; the session's device runs all."""
        before = self._device
        self._device = canonical_device(name) if isinstance(name, str) else ""
        try:
            yield
        finally:
            self._device = before

    @contextlib.contextmanager
    def inside(self, context):
        """Context in which new operations belong to a branch or loop body."""
        before = self.context, self._control_inputs
        self.context, self._control_inputs = context, []
        try:
            yield
        finally:
            self.context, self._control_inputs = before

    # ---- collections ----

    def add_to_collection(self, name, value):
        """Append to the collection of this name."""
        self._collections[name].append(value)

    def add_to_collections(self, names, value):
        """Append to each of several collections."""
        for name in dict.fromkeys([names] if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def get_collection(self, name, scope=None):
        """List of what a collection holds, of names that begin like `scope` only if given."""
        values = list(self._collections.get(name, ()))
        if scope is None:
            return values
        pattern = re.compile(scope)
        return [v for v in values if hasattr(v, "name") and pattern.match(v.name)]

    def get_collection_ref(self, name):
        """The list itself."""
        return self._collections[name]

    def clear_collection(self, name):
        """Empty a collection."""
        self._collections.pop(name, None)

    def get_all_collection_keys(self):
        """Names of the collections in use."""
        return [name for name, values in self._collections.items() if values]

    # ---- the whole ----

    def finalize(self):
        """Let no further operation be added."""
        self._is_finalized = True

    @property
    def finalized(self):
        """Whether `finalize` was called."""
        return self._is_finalized

    @contextlib.contextmanager
    def as_default(self):
        """Context in which this is the default graph."""
        _stack.graphs.append(self)
        try:
            yield self
        finally:
            _stack.graphs.pop()


def canonical_device(name):
    """TensorFlow's full form of a device's name: "/cpu:0" is "/device:CPU:0"."""
    short = re.fullmatch(r"/?(?:device:)?(cpu|gpu)(?::(\d+))?", name, re.IGNORECASE)
    return f"/device:{short[1].upper()}:{short[2] or 0}" if short else name


class _Stack(threading.local):
    def __init__(self):
        self.graphs, self.sessions = [], []


_stack = _Stack()
_global = [Graph()]


def get_default_graph():
    """The graph that new operations are added to."""
    return _stack.graphs[-1] if _stack.graphs else _global[0]


def reset_default_graph():
    """Begin an empty default graph.

    Raises:
        AssertionError: inside `Graph.as_default`.
    """
    if _stack.graphs:
        raise AssertionError(
            explain("tf.reset_default_graph", "not possible inside a graph's context")
        )
    _global[0] = Graph()


def get_default_session():
    """The innermost session whose context is open, or None."""
    return _stack.sessions[-1] if _stack.sessions else None


def session_stack():
    """This thread's open sessions, outermost first."""
    return _stack.sessions


def default_session(what, session, method):
    """`session`, or the default one; ValueError if there is none."""
    session = get_default_session() if session is None else session
    if session is None:
        raise ValueError(
            f"Cannot {what} using `{method}()`: No default session is registered. Use `with "
            f"sess.as_default()` or pass an explicit session to `{method}(session=sess)`"
        )
    return session


__all__ = ["Graph", "GraphKeys", "TensorShape"]
