"""Session: runs parts of a graph, each as one compiled program that is kept for the next run."""

import numpy

from kerasish.compat.v1 import plans
from kerasish.compat.v1.constants import as_array
from kerasish.compat.v1.execution import SessionState
from kerasish.compat.v1.graph import get_default_graph, session_stack
from kerasish.compat.v1.tensors import Operation, Tensor
from kerasish.errors import explain

_KEPT = 256  # plans and programs of one session: beyond that the oldest are built anew


class Session:
    """Holds variables, and runs what is asked for.

    A run is one compiled program, built at the first run with these fetches, feeds and shapes.

    Args:
        target: must be "".
        graph: Graph; the default one when None.
        config: accepted, unused.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     x = tf.placeholder(tf.float32)
        ...     session.run({"double": x * 2, "same": x}, feed_dict={x: 4.0})["double"].item()
        8.0

    Source: TensorFlow 1.
    """

    def __init__(self, target="", graph=None, config=None):
        self.graph = get_default_graph() if graph is None else graph
        self.sess_str, self._config = target, config
        self.state = SessionState()
        self._plans, self._is_closed, self._contexts = {}, False, []

    # ---- running ----

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Values of `fetches`.

        Args:
            fetches: Tensor, Variable, Operation or name, or nested list, tuple, namedtuple or dict.
            feed_dict: dict from a tensor (any one) or its name to its value in this run.

        Returns:
            the structure of `fetches`, with an array, a NumPy scalar, or None for an operation.

        Raises:
            RuntimeError: the session is closed, or the graph is empty.
            ValueError: a fetch of another graph or an unknown name; a value of the wrong shape.
            TypeError: something that cannot be fetched or fed.
            errors.FailedPreconditionError: a variable has no value yet.
            errors.InvalidArgumentError: a placeholder is not fed.
        """
        if self._is_closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self.graph.number_of_operations:
            raise RuntimeError("The Session graph is empty. Add operations to the graph before "
                               "calling run().")  # fmt: skip
        elements = []
        structure = self._flatten(fetches, elements)
        fed = self._feeds(feed_dict) if feed_dict else {}
        values = self._run(tuple(elements), fed)
        return _restored(structure, values)

    def _run(self, elements, fed):
        key = (elements, tuple(fed))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = plans.Plan(elements, tuple(fed))
            self._forget_oldest()
        return plan.run(self.state, list(fed.values()))

    def _forget_oldest(self):
        while len(self._plans) > _KEPT:
            del self._plans[next(iter(self._plans))]

    def _flatten(self, fetches, elements):
        """Structure with positions in `elements` at the leaves."""
        if isinstance(fetches, (Tensor, Operation)) or hasattr(fetches, "_as_graph_element"):
            return self._leaf(fetches, elements)
        if isinstance(fetches, (list, tuple)):
            parts = [self._flatten(f, elements) for f in fetches]
            if isinstance(fetches, list):
                return parts
            return type(fetches)(*parts) if hasattr(fetches, "_fields") else tuple(parts)
        if isinstance(fetches, dict):
            return type(fetches)((k, self._flatten(f, elements)) for k, f in fetches.items())
        return self._leaf(fetches, elements)

    def _leaf(self, fetch, elements):
        try:
            element = self.graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(
                f'Argument `fetch` = {fetch} has invalid type "{type(fetch).__name__}" must be a '
                f"string or Tensor. ({error})"
            ) from None
        except (KeyError, ValueError) as error:
            text = error.args[0] if error.args else error
            raise ValueError(
                f"Argument `fetch` = {fetch} cannot be interpreted as a Tensor. ({text})"
            ) from None
        if (
            element.__class__ is Tensor
            and element.op.context is not None
            or (isinstance(element, Operation) and element.context is not None)
        ):
            raise ValueError(f"Operation {getattr(element, 'op', element).name!r} has been marked "
                             "as not fetchable.")  # fmt: skip
        elements.append(element)
        return _Place(len(elements) - 1)

    def _feeds(self, feed_dict):
        fed = {}
        for key, value in feed_dict.items():
            try:
                tensor = self.graph.as_graph_element(key, allow_operation=False)
            except (TypeError, KeyError, ValueError) as error:
                text = error.args[0] if error.args else error
                raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None
            if isinstance(value, Tensor):
                raise TypeError(
                    "The value of a feed cannot be a tf.Tensor object. Acceptable feed values "
                    "include Python scalars, strings, lists, or numpy ndarrays. For reference, the "
                    f"tensor object was {value} which was passed to the feed with key {key}."
                )
            if not isinstance(tensor, Tensor):
                raise TypeError(f"Cannot interpret feed_dict key as Tensor: {key}")
            if tensor.dtype == "string":
                array = as_array(value, "string")
            else:
                array = numpy.asarray(value, tensor.dtype.as_numpy_dtype)
            if tensor.sizes is not None and array.shape != tensor.sizes:
                if not tensor.shape.is_compatible_with(array.shape):
                    raise ValueError(f"Cannot feed value of shape {array.shape} for Tensor "
                                     f"{tensor.name}, which has shape {tensor.shape}")  # fmt: skip
            fed[tensor] = array
        return fed

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function of the values of `feed_list` that returns the values of `fetches`."""
        feed_list = list(feed_list or ())
        return lambda *values: self.run(fetches, dict(zip(feed_list, values, strict=True)))

    # ---- life ----

    def as_default(self):
        """Context in which `eval` and `Operation.run` use this session."""
        return _Default(self)

    def __enter__(self):
        self._contexts.append((self.graph.as_default(), self.as_default()))
        for context in self._contexts[-1]:
            context.__enter__()
        return self

    def __exit__(self, *exc_info):
        for context in reversed(self._contexts.pop()):
            context.__exit__(*exc_info)
        self.close()

    def close(self):
        """Give up the variables."""
        self._is_closed = True
        self._plans, self.state = {}, SessionState()

    @property
    def graph_def(self):
        """Not available: operations are Python functions, which no file can hold."""
        raise NotImplementedError(explain("tf.Session.graph_def", "graphs are not serialized"))


class InteractiveSession(Session):
    """A session that is the default one from when it is made until `close`."""

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        session_stack().append(self)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Give up the variables, and being the default."""
        if self in session_stack():
            session_stack().remove(self)
        super().close()


class _Default:
    def __init__(self, session):
        self._session = session

    def __enter__(self):
        session_stack().append(self._session)
        return self._session

    def __exit__(self, *exc_info):
        session_stack().remove(self._session)


class _Place:
    """Where in the list of values a leaf of the structure stands."""

    __slots__ = ("index",)

    def __init__(self, index):
        self.index = index


def _restored(structure, values):
    if isinstance(structure, _Place):
        return values[structure.index]
    if isinstance(structure, dict):
        return type(structure)((k, _restored(v, values)) for k, v in structure.items())
    parts = [_restored(v, values) for v in structure]
    if isinstance(structure, list):
        return parts
    return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
