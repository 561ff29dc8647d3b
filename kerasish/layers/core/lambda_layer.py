"""Lambda: a function as a layer."""

import inspect

from kerasish import dtype_policies, registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@registry.register("layers")
class Lambda(Layer):
    """Any function of tensors as a layer without weights: output = function(inputs).

    A model with it can be saved where the function has a name: decorate it with
    `kerasish.saving.register_keras_serializable()` or pass `custom_objects` when loading. The code
    of a function is never written to a file nor read from one.

    Args:
        function: callable of the inputs; it may also take `mask` and `training`.
        output_shape: kept for Keras's sake; the shape is found by recording the function.
        mask: callable `f(inputs, mask)`, a tensor, or None: the mask of the output.
        arguments: dict of further keyword arguments of the function.

    Call arguments:
        inputs: what the function takes.

    Returns:
        what the function returns.

    Raises:
        TypeError: `function` is not callable.

    Example:
        >>> from kerasish import ops
        >>> Lambda(ops.square)(ops.array([3.0])).tolist()
        [9.0]

    Source: Keras 3 names and defaults. Departure: no code in files.
    """

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(explain(self.name, "function must be callable", received=function))
        self.function = function
        self.arguments = arguments or {}
        self.mask = mask
        self._output_shape = output_shape
        self.supports_masking = mask is not None
        self._taken = _argument_names(function)

    def call(self, inputs, mask=None, training=None):
        """Apply the function."""
        extra = {"mask": mask, "training": training}
        extra = {k: v for k, v in extra.items() if k in self._taken}
        return self.function(inputs, **self.arguments, **extra)

    def compute_mask(self, inputs, previous_mask):
        """The mask given to the constructor, computed where it is a function."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def get_config(self):
        """Constructor arguments; the function by its name.

        Raises:
            ValueError: the function is a Python lambda, which has no name.
        """
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": dtype_policies.serialize(self.dtype_policy),
            "function": serialize_keras_object(self.function),
            "arguments": serialize_keras_object(self.arguments),
        }
        for key, value in (("output_shape", self._output_shape), ("mask", self.mask)):
            if value is not None:
                config[key] = serialize_keras_object(value)
        return config

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`; ValueError where the config holds code."""
        read = {k: deserialize_keras_object(config[k]) for k in _SERIALIZED if k in config}
        if isinstance(read.get("output_shape"), list):
            read["output_shape"] = tuple(read["output_shape"])
        return cls(**{**config, **read})


_SERIALIZED = ("function", "arguments", "output_shape", "mask")


def _argument_names(function):
    try:
        return set(inspect.signature(function).parameters)
    except ValueError:  # a function written in C tells nothing of its arguments
        return set()
