"""Pipeline: layers applied one after the other, as one layer."""

from kerasish import registry
from kerasish.core import masks, tree
from kerasish.core.tensor import Tensor
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@registry.register("layers")
class Pipeline(Layer):
    """Layers one after the other: output = layers[-1](... layers[0](inputs)).

    For preprocessing: unlike a Sequential it takes what its first layer takes, such as dicts of
    images and boxes, or text.

    Args:
        layers: list of layers.
        name: str.

    Call arguments:
        inputs: what the first layer takes.
        training: bool. Random layers change nothing outside training.

    Returns:
        what the last layer returns.

    Example:
        >>> from kerasish.layers.preprocessing.rescaling import Rescaling
        >>> Pipeline([Rescaling(2.0), Rescaling(1.0, offset=1.0)])([[1.0, 2.0]]).tolist()
        [[3.0, 5.0]]

    Source: Keras 3 names and defaults.
    """

    keeps_input_dtype = True

    def __init__(self, layers, name=None):
        super().__init__(name=name, autocast=False)
        for layer in layers:
            if not isinstance(layer, Layer):
                raise TypeError(explain(self.name, "a pipeline consists of layers", received=layer))
        self._pipeline_layers = list(layers)

    @property
    def layers(self):
        """List of the layers."""
        return self._pipeline_layers

    def call(self, inputs, training=True, mask=None):
        """Apply the layers in order."""
        for layer in self._pipeline_layers:
            facts = layer._call_facts()
            kwargs = {"mask": mask} if "mask" in facts.mask_names else {}
            if facts.takes_training and training is not None:
                kwargs["training"] = training
            inputs = layer(inputs, **kwargs)
            mask = tree.map_structure(_mask_of, inputs)
        return inputs

    def get_config(self):
        """Configs of the layers, and the name."""
        return {
            "layers": [serialize_keras_object(layer) for layer in self._pipeline_layers],
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`."""
        layers = [deserialize_keras_object(entry) for entry in config["layers"]]
        return cls(layers, name=config.get("name"))


def _mask_of(value):
    return masks.get_mask(value) if isinstance(value, Tensor) else None
