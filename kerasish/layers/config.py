"""AutoConfig: `get_config` and `from_config` derived from the constructor's signature."""

import inspect

from kerasish import dtype_policies
from kerasish.core.variable import Variable
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

_BASE = ("name", "trainable", "dtype")
_ABSENT = object()


class AutoConfig:
    """Base of layers: a class that keeps its arguments as attributes needs no `get_config`.

    The arguments given to the constructor are remembered too, so that a class which does not keep
    them still has a config.
    """

    def __new__(cls, *args, **kwargs):
        instance = super().__new__(cls)
        instance.__dict__["_init_arguments"] = (args, kwargs)
        return instance

    @classmethod
    def _parameters(cls):
        """Names of the constructor's arguments, those of base classes included where passed on."""
        found = {}
        for base in cls.__mro__:
            if "__init__" not in base.__dict__ or base is object:
                continue
            parameters = list(inspect.signature(base.__init__).parameters.values())[1:]
            for p in parameters:
                is_hidden = AutoConfig in base.__bases__ and p.name in _HIDDEN
                if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and not is_hidden:
                    found.setdefault(p.name, p)
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
        return found

    def get_config(self):
        """Arguments that make an equal layer, as JSON-ready values.

        Returns:
            dict.
        """
        config = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": dtype_policies.serialize(self.dtype_policy),
        }
        accepted = self._parameters()
        config = {key: value for key, value in config.items() if key in accepted}
        given = self._given_arguments()
        for name, parameter in self._own_parameters().items():
            value = self.__dict__.get(name, given.get(name, _ABSENT))
            if value is _ABSENT:
                value = None if parameter.default is parameter.empty else parameter.default
            if isinstance(value, Variable) and name in given:
                value = given[name]  # an attribute of the same name became a weight
            config[name] = _serialize(value)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = _serialize(self.activity_regularizer)
        return config

    @classmethod
    def _own_parameters(cls):
        return {n: p for n, p in cls._parameters().items() if n not in _BASE}

    def _given_arguments(self):
        args, kwargs = self._init_arguments
        parameters = list(inspect.signature(type(self).__init__).parameters.values())[1:]
        positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        return {**dict(zip(positional, args, strict=False)), **kwargs}

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`."""
        config = dict(config)
        config.pop("build_config", None)
        return cls(**{k: _deserialize(k, v) for k, v in config.items()})


# Arguments of the base layer that Keras leaves out of configs, unless a layer declares them itself.
_HIDDEN = ("autocast", "activity_regularizer")


def _serialize(value):
    """Functions of the package by their bare name, as Keras writes activations."""
    if callable(value) and not isinstance(value, type) and not hasattr(value, "get_config"):
        serialized = serialize_keras_object(value)
        is_ours = serialized["module"] != "builtins"
        return serialized["config"] if is_ours else serialized
    return serialize_keras_object(value)


def _deserialize(key, value):
    """Nested layers and functions become objects; the rest is read by the constructor's `get`s."""
    if isinstance(value, dict) and value.get("class_name") and "config" in value and key != "dtype":
        # A layer inside a layer is built by its owner, so that its weights get the owner's path.
        return deserialize_keras_object({k: v for k, v in value.items() if k != "build_config"})
    return value
