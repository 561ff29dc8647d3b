"""Function: the computation between given Input tensors and outputs, as one operation."""

from kerasish.core import tree
from kerasish.errors import ShapeError, explain
from kerasish.layers.operation import Operation, as_tensors
from kerasish.models.graph_order import layers_by_depth, reachable_nodes, run_nodes


class Function(Operation):
    """The operations between inputs and outputs, called as one; it owns no weights.

    A functional `Model` is this, and a layer that can be trained and saved.

    Args:
        inputs: Input tensors, nested as it shall take them.
        outputs: tensors made from them, nested as it shall return them.
        name: str.

    Raises:
        ValueError: an output that does not come from the inputs.

    Example:
        >>> from kerasish import layers, ops
        >>> x = layers.Input((2,))
        >>> Function(x, ops.sum(x * 2.0, axis=-1))(ops.ones((1, 2))).tolist()
        [4.0]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, inputs, outputs, name=None):
        super().__init__(name)
        self._inputs_structure, self._outputs_structure = inputs, outputs
        self._inputs, self._outputs = tree.flatten(inputs), tree.flatten(outputs)
        nodes, met = reachable_nodes(self._inputs, self._outputs)
        self._operations = layers_by_depth(nodes, met, self._inputs, self._outputs)
        keys = {t.key for t in self._inputs}
        self._plan = [n for n in nodes if n.inputs and not {o.key for o in n.outputs} & keys]

    @property
    def operations(self):
        """The operations, inputs first."""
        return list(self._operations)

    @property
    def inputs(self):
        """Flat list of the input tensors."""
        return self._inputs

    @property
    def outputs(self):
        """Flat list of the output tensors."""
        return self._outputs

    def call(self, inputs):
        """Run the operations on tensors nested like the inputs."""
        given = tree.flatten(as_tensors(inputs))
        for symbolic, value in zip(self._inputs, given, strict=False):
            shape = tuple(value.shape)
            fits = len(shape) == len(symbolic.shape) and all(
                n is None or m is None or n == m for n, m in zip(shape, symbolic.shape, strict=True)
            )
            if not fits:
                raise ShapeError(
                    explain(
                        f"{self.name} input {symbolic.name!r}",
                        "wrong shape",
                        received=shape,
                        expected=str(symbolic.shape),
                    )
                )
        if len(given) != len(self._inputs):
            raise ShapeError(
                explain(
                    self.name,
                    "wrong number of inputs",
                    received=len(given),
                    expected=str(len(self._inputs)),
                )
            )
        values = {s.key: v for s, v in zip(self._inputs, given, strict=True)}
        run_nodes(self._plan, values)
        return tree.map_structure(lambda t: values[t.key], self._outputs_structure)
