"""Operation: what is called on tensors, and on Input tensors to become part of a graph."""

from kerasish.core import calls, names, tree
from kerasish.core.graph import specs_of
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import NotBuiltError, explain


class Operation:
    """A named computation without weights; layers are operations with weights.

    A subclass computes in `call`. Called on tensors it runs; called on Input tensors it is
    recorded, and becomes a part of the functional models made of its outputs.

    Args:
        name: str; made from the class name when None.

    Raises:
        ValueError: a name with a slash, or that is no string.

    Example:
        >>> from kerasish import ops
        >>> class Double(Operation):
        ...     def call(self, x):
        ...         return 2.0 * x
        >>> Double()(ops.ones((2,))).tolist()
        [2.0, 2.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name=None):
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(
                explain(type(self).__name__, "a name is a string without a slash", received=name)
            )
        self.name = name or names.unique_name(names.snake_case(type(self).__name__))
        self.inbound_nodes = []  # calls on Input tensors

    def __call__(self, *args, **kwargs):
        if calls.has_free_tensor(args, kwargs):
            return calls.record_call(self, self.call, args, kwargs)
        return self.call(*args, **kwargs)

    def symbolic_call(self, *args, **kwargs):
        """Record a call on Input tensors.

        Args:
            *args, **kwargs: as of a call.

        Returns:
            symbolic tensors.
        """
        return calls.record_call(self, self.call, args, kwargs)

    def call(self, *args, **kwargs):
        """Compute the output; to be defined by subclasses."""
        raise NotImplementedError(
            explain(
                type(self).__name__, "an operation needs a call method", fix="def call(self, x)"
            )
        )

    def compute_output_spec(self, *args, **kwargs):
        """Spec (shape and dtype) of the output for inputs given as tensors or specs."""

        def run(*leaves):
            filled = tree.unflatten((args, kwargs), leaves)
            return self.call(*filled[0], **filled[1])

        leaves = [x.spec if isinstance(x, Tensor) else x for x in tree.flatten((args, kwargs))]
        return specs_of(run, leaves)

    def get_config(self):
        """Arguments that make an equal operation; to be extended by subclasses that take more."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        """Operation from `get_config()`."""
        return cls(**config)

    def _only_node(self, what):
        if not self.inbound_nodes:
            raise NotBuiltError(
                explain(
                    getattr(self, "path", self.name),
                    f"it has no {what}: it has not been called on an Input",
                    fix="build the model with kerasish.Input, or call the layer on one",
                )
            )
        return self.inbound_nodes[0]

    @property
    def input(self):
        """Input tensor (or structure) of its first call in a functional model."""
        args = self._only_node("input").args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self):
        """Output tensor (or structure) of its first call in a functional model."""
        return self._only_node("output").output_structure

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"


def as_tensors(structure):
    """Arrays of a nested structure as tensors; other values as they are."""
    return tree.map_structure(lambda x: as_tensor(x) if hasattr(x, "shape") else x, structure)
