"""Functional: a model given by the tensors it begins and ends with."""

from kerasish import ops, registry
from kerasish.arrays import dtypes
from kerasish.core import masks, names, tree
from kerasish.core.tensor import SymbolicTensor, as_data_tensor
from kerasish.errors import DataError, ShapeError, explain
from kerasish.layers.layer import Layer
from kerasish.models import functional_config
from kerasish.models.graph_order import layers_by_depth, reachable_nodes, run_nodes
from kerasish.models.model import Model, set_functional_class


@registry.register("layers")
class Functional(Model):
    """What `Model(inputs, outputs)` makes: the layers between the two, run in order.

    Args:
        inputs: Input tensor, or list or dict of them.
        outputs: tensor, or list or dict of tensors.
        name: str.
        trainable: bool.

    Raises:
        ValueError: an output that does not come from the inputs; inputs that are no `Input`.

    Source: Keras 3 names and defaults.
    """

    _untracked = Layer._untracked | {
        "_nodes",
        "_plan",
        "_inputs_structure",
        "_outputs_structure",
        "_functional_inputs",
        "_functional_outputs",
    }

    def __init__(self, inputs, outputs, name=None, **kwargs):
        trainable = kwargs.pop("trainable", None)
        Layer.__init__(self, name=name or names.unique_name("functional"), **kwargs)
        self._inputs_structure, self._outputs_structure = inputs, outputs
        self._functional_inputs, self._functional_outputs = (
            tree.flatten(inputs),
            tree.flatten(outputs),
        )
        self._check_tensors()
        self._nodes, met = reachable_nodes(self._functional_inputs, self._functional_outputs)
        operations = layers_by_depth(
            self._nodes, met, self._functional_inputs, self._functional_outputs
        )
        self._operations = operations
        self._model_layers = [o for o in operations if isinstance(o, Layer)]
        _check_unique_names(self.name, operations)
        self._plan = [n for n in self._nodes if n.inputs and not self._makes_input(n)]
        self.built = True
        if trainable is not None and not trainable:
            self.trainable = False

    def _check_tensors(self):
        for label, tensors in (
            ("input", self._functional_inputs),
            ("output", self._functional_outputs),
        ):
            for t in tensors:
                if not isinstance(t, SymbolicTensor) or t.graph is not None:
                    raise ValueError(
                        explain(
                            "Model(inputs, outputs)",
                            f"an {label} is not a symbolic tensor",
                            received=t,
                            expected="what kerasish.Input, or a layer called on it, returns",
                        )
                    )
        keys = [t.key for t in self._functional_inputs]
        if len(set(keys)) != len(keys):
            raise ValueError(explain("Model(inputs, outputs)", "an input is listed twice"))

    def _makes_input(self, node):
        return any(o.key == t.key for o in node.outputs for t in self._functional_inputs)

    @property
    def layers(self):
        """Layers in Keras's order: inputs first."""
        return list(self._model_layers)

    @property
    def inputs(self):
        """Flat list of the input tensors."""
        return self._functional_inputs

    @property
    def outputs(self):
        """Flat list of the output tensors."""
        return self._functional_outputs

    @property
    def input(self):
        """The inputs, nested as the model takes them."""
        return self._inputs_structure

    @property
    def output(self):
        """The outputs, nested as the model returns them."""
        return self._outputs_structure

    @property
    def input_shape(self):
        """Shapes of the inputs, nested like them."""
        return tree.map_structure(lambda t: t.shape, self._inputs_structure)

    @property
    def output_shape(self):
        """Shapes of the outputs, nested like them."""
        return tree.map_structure(lambda t: t.shape, self._outputs_structure)

    @property
    def input_names(self):
        """Names of the inputs."""
        if isinstance(self._inputs_structure, dict):
            return list(self._inputs_structure)
        return [t.node.operation.name for t in self._functional_inputs]

    @property
    def output_names(self):
        """Names of the outputs: dict keys, or the names of the layers that make them."""
        if isinstance(self._outputs_structure, dict):
            return list(self._outputs_structure)
        return [t.node.operation.name for t in self._functional_outputs]

    def call(self, inputs, training=None, mask=None):
        """Run the layers on tensors nested like the inputs."""
        values = self._fed(inputs, mask)
        run_nodes(self._plan, values, training)
        return tree.map_structure(lambda t: values[t.key], self._outputs_structure)

    def _fed(self, inputs, mask):
        given = self._matched(inputs)
        given_masks = tree.flatten(mask) if mask is not None else [None] * len(given)
        triples = zip(self._functional_inputs, given, given_masks, strict=True)
        return {symbolic.key: self._fed_one(symbolic, value, m) for symbolic, value, m in triples}

    def _fed_one(self, symbolic, value, mask):
        value = self._fitted(symbolic, value)
        if mask is not None:
            masks.set_mask(value, mask)
        return value

    def _matched(self, inputs):
        """Flat list of the given inputs in the model's order."""
        structure = self._inputs_structure
        if isinstance(structure, dict):
            if isinstance(inputs, dict):
                missing = [k for k in structure if k not in inputs]
                if missing:
                    raise ShapeError(
                        explain(
                            self.path,
                            f"input {missing[0]!r} is missing",
                            received=sorted(inputs),
                            expected=str(sorted(structure)),
                        )
                    )
                return tree.flatten({k: inputs[k] for k in structure})
            leaves = tree.flatten(inputs)
            by_insertion = dict(zip(structure, leaves, strict=False))
            self._check_count(leaves)
            return tree.flatten(by_insertion)
        if isinstance(inputs, dict):
            found = {t.node.operation.name: t for t in self._functional_inputs}
            missing = [k for k in found if k not in inputs]
            if missing:
                raise ShapeError(
                    explain(
                        self.path,
                        f"input {missing[0]!r} is missing",
                        received=sorted(inputs),
                        expected=str(sorted(found)),
                    )
                )
            return [inputs[t.node.operation.name] for t in self._functional_inputs]
        leaves = tree.flatten(inputs)
        self._check_count(leaves)
        return leaves

    def _check_count(self, leaves):
        if len(leaves) != len(self._functional_inputs):
            raise ShapeError(
                explain(
                    self.path,
                    "wrong number of inputs",
                    received=len(leaves),
                    expected=f"{len(self._functional_inputs)}: {self.input_names}",
                )
            )

    def _fitted(self, symbolic, value):
        """A value in the dtype of its Input, with a missing or extra last axis of 1 mended."""
        if value is None:
            return None
        value = as_data_tensor(value)
        if (value.dtype == "string") != (symbolic.dtype == "string"):
            raise self._not_text_error(symbolic, value)
        if value.dtype == symbolic.dtype and _fits(value.shape, symbolic.shape):
            return value  # as it should be, and nearly always is
        if value.dtype != symbolic.dtype and dtypes.is_float(symbolic.dtype):
            if not (dtypes.is_float(value.dtype) and self._own_policy().is_mixed):
                value = ops.cast(value, symbolic.dtype)
        wanted = symbolic.shape
        if len(value.shape) == len(wanted) + 1 and value.shape[-1] == 1:
            value = ops.squeeze(value, axis=-1)
        elif len(value.shape) == len(wanted) - 1 and wanted and wanted[-1] == 1:
            value = ops.expand_dims(value, -1)
        if not _fits(value.shape, wanted):
            raise ShapeError(
                explain(
                    f"{self.path} input {symbolic.node.operation.name!r}",
                    "wrong shape",
                    received=tuple(value.shape),
                    expected=str(wanted),
                    fix="the first axis is the batch; reshape the data or the Input",
                )
            )
        return value

    def _not_text_error(self, symbolic, value):
        holds, fix = "text", 'Input((), dtype="string") in front of a text layer takes text'
        if value.dtype == "string":
            holds = "numbers"
            fix = f"layers.TextVectorization or layers.StringLookup first, or encode it; {fix}"
        return DataError(
            explain(
                f"{self.path} input {symbolic.node.operation.name!r}",
                f"the data holds no {holds}",
                received=value,
                expected=f"a tensor of dtype {symbolic.dtype}",
                fix=fix,
            )
        )

    def get_config(self):
        """Layers, their calls, and which tensors begin and end the model."""
        if type(self).get_config is not Functional.get_config or not self._is_plain():
            return Layer.get_config(self)
        return functional_config.get_config(self)

    def _is_plain(self):
        """Whether the constructor's arguments are inputs and outputs (a subclass may differ)."""
        return type(self).__init__ is Functional.__init__

    @staticmethod
    def describes(config):
        """Whether a config lists layers and their calls (and not a constructor's arguments)."""
        return functional_config.is_functional_config(config)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Model from `get_config()`; from a subclass's own config, by its constructor."""
        if cls.describes(config):
            with registry.CustomObjectScope(custom_objects):
                inputs, outputs = functional_config.rebuild(config)
            maker = cls if cls.__init__ is Functional.__init__ else Functional
            return maker(
                inputs, outputs, name=config.get("name"), trainable=config.get("trainable")
            )
        return super().from_config(config, custom_objects)

    def get_build_config(self):
        """Nothing is needed: a functional model is built from its config."""
        return {"input_shape": None}


def _fits(shape, wanted):
    if len(shape) != len(wanted):
        return False
    for size, expected in zip(shape, wanted, strict=True):
        if size != expected and size is not None and expected is not None:
            return False
    return True


def _check_unique_names(model_name, operations):
    seen = {}
    for operation in operations:
        if operation.name in seen and seen[operation.name] is not operation:
            raise ValueError(
                explain(
                    f"Model {model_name!r}",
                    f"two layers are named {operation.name!r}",
                    fix="give one of them another name",
                )
            )
        seen[operation.name] = operation


set_functional_class(Functional)
