"""Model: a layer made of layers that can be trained, saved, loaded and summarized."""

import json

from kerasish import registry, saving
from kerasish.core import tree
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.models.summary import print_summary
from kerasish.training.trainer import Trainer


@registry.register("layers")
class Model(Trainer, Layer):
    """A trainable graph of layers.

    Two ways to make one: `Model(inputs, outputs)` from tensors that began with `Input`, or a
    subclass that sets layers in `__init__` and uses them in `call`.

    Args:
        inputs: Input tensors (first form), nested as the model shall take them.
        outputs: tensors made from them, nested as the model shall return them.
        name: str.

    Example:
        >>> from kerasish import layers
        >>> x = layers.Input((3,))
        >>> model = Model(x, layers.Dense(2)(x))
        >>> model.count_params()
        8

    Source: Keras 3 names and defaults.
    """

    def __new__(cls, *args, **kwargs):
        if cls is Model and is_functional_call(args, kwargs):
            return super().__new__(_functional_class())
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args, **kwargs):
        if is_functional_call(args, kwargs) and not isinstance(self, _functional_class()):
            # A subclass that passes inputs and outputs up becomes a functional model of its class.
            cls = type(self)
            self.__class__ = type(
                cls.__name__, (cls, _functional_class()), {"__module__": cls.__module__}
            )
            _functional_class().__init__(self, *args, **kwargs)
            return
        super().__init__(*args, **kwargs)

    def call(self, *args, **kwargs):
        """Compute the outputs; to be defined by subclasses."""
        raise NotImplementedError(
            explain(
                type(self).__name__,
                "a model needs a call method",
                fix="def call(self, inputs, training=False), or Model(inputs, outputs)",
            )
        )

    @property
    def layers(self):
        """List of the layers directly inside."""
        return [layer for layer in self._layers if layer is not self]

    def get_layer(self, name=None, index=None):
        """A layer by its name or its place in `layers`.

        Raises:
            ValueError: no such layer, or not exactly one of the two given.
        """
        if (name is None) == (index is None):
            raise ValueError(explain("get_layer", "give either name or index"))
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    explain(
                        "get_layer",
                        "index out of range",
                        received=index,
                        expected=f"0 to {len(layers) - 1}",
                    )
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            explain(
                "get_layer",
                f"no layer named {name!r}",
                received=name,
                expected=str([layer.name for layer in layers]),
            )
        )

    def summary(
        self,
        line_length=None,
        positions=None,
        print_fn=None,
        expand_nested=False,
        show_trainable=False,
        layer_range=None,
    ):
        """Print a table of the layers, their output shapes and their numbers of weights.

        Args:
            line_length: int. Width of the table in characters.
            positions: accepted for compatibility.
            print_fn: callable of one string; `print` when None.
            expand_nested: bool. Show the layers of inner models.
            show_trainable: bool. Show which layers are trained.
            layer_range: pair of names; only the layers from the first to the second.
        """
        print_summary(self, line_length, print_fn, expand_nested, show_trainable, layer_range)

    # ---- files ----

    def save(self, filepath, overwrite=True, **kwargs):
        """Write architecture, weights, optimizer and compile arguments to `.keras` (or `.h5`)."""
        saving.save_model(self, filepath, overwrite=overwrite, **kwargs)

    def save_weights(self, filepath, overwrite=True):
        """Write the weights to a `.weights.h5` file."""
        saving.save_weights(self, filepath, overwrite=overwrite)

    def load_weights(self, filepath, skip_mismatch=False, **kwargs):
        """Read a `.weights.h5`, `.keras` or `.h5` file's weights; all fit, or nothing changes."""
        saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def export_numpy(self, filepath):
        """Write inference as a script `filepath` that needs NumPy only, the weights beside it."""
        saving.export_numpy(self, filepath)

    def to_json(self, **kwargs):
        """The architecture as JSON text; kwargs go to `json.dumps`."""
        return json.dumps(saving.serialize_keras_object(self), **kwargs)

    def get_config(self):
        """Arguments that make an equal model.

        Raises:
            NotImplementedError: a subclass without a config of its own whose arguments are unknown.
        """
        return super().get_config()

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Model from `get_config()`: by layers and calls, or by the constructor's arguments."""
        functional = _functional_class()
        if not issubclass(cls, functional) and functional.describes(config):
            return functional.from_config(config, custom_objects)
        with registry.CustomObjectScope(custom_objects):
            return super().from_config(config)

    def build_from_config(self, config):
        """Build from what `get_build_config` returned."""
        if config and config.get("input_shape") is not None or "shapes_dict" in (config or {}):
            super().build_from_config(config)


def is_functional_call(args, kwargs):
    """Whether constructor arguments are (inputs, outputs) of symbolic tensors."""
    if len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs):
        return _all_symbolic(args[0])
    return "inputs" in kwargs and "outputs" in kwargs and _all_symbolic(kwargs["inputs"])


def _all_symbolic(structure):
    leaves = tree.flatten(structure)
    return bool(leaves) and all(isinstance(leaf, SymbolicTensor) for leaf in leaves)


_functional = []


def set_functional_class(cls):
    """Tell `Model` which class `Model(inputs, outputs)` makes: a subclass of Model itself."""
    _functional.append(cls)


def _functional_class():
    return _functional[0]


def model_from_json(json_string, custom_objects=None):
    """Model of an architecture written by `to_json`; the weights are new.

    Args:
        json_string: str.
        custom_objects: dict from name to class or function.

    Returns:
        Model.
    """
    return saving.deserialize_keras_object(json.loads(json_string), custom_objects=custom_objects)
