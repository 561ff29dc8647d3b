"""LayerCase: a layer, what it is called on, and how its twins are made and called."""

import contextlib
import copy

import numpy

from kerasish import ops, registry
from kerasish.arrays import device as devices
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor
from kerasish.testing.contract import Contract, is_float

LAYER = Contract("layer")


class LayerCase:
    """What the properties of a layer are functions of.

    Args:
        layer: Layer, the pattern of all twins.
        inputs: tuple of the positional arguments of its call, nested arrays.
        call_kwargs: dict of further arguments of the call; its arrays are inputs, too.
        unknown_axes: axes that are unknown while tracing, besides the batch.
        others: see `check_layer`.
    """

    def __init__(
        self,
        layer,
        inputs,
        call_kwargs,
        wrong_inputs,
        supports_masking,
        policies,
        unknown_axes,
        tolerance,
        custom_objects,
    ):
        self.layer, self.cls = layer, type(layer)
        self.where = f"check_layer({layer.name})"
        self.config = layer.get_config()
        self.inputs = _tensors(inputs)
        self.call_kwargs = _tensors(call_kwargs or {})
        self.wrong_inputs = None if wrong_inputs is None else _tensors(wrong_inputs)
        self.supports_masking, self.policies = supports_masking, tuple(policies)
        self.unknown_axes, self.tolerance = tuple(unknown_axes), tolerance
        self.custom_objects = {self.cls.__name__: self.cls, **(custom_objects or {})}
        self.takes_training = self.cls._call_facts().takes_training
        arguments = (self.inputs, self.call_kwargs)
        self.leaves = [x for x in tree.flatten(arguments) if isinstance(x, Tensor)]

    def scope(self):
        """Context in which the layer's own class, and what it holds, can be found by name."""
        is_known = registry.origin(self.cls) is not None
        if is_known and len(self.custom_objects) == 1:
            return contextlib.nullcontext()
        return registry.CustomObjectScope(self.custom_objects)

    def make(self, policy=None):
        """A twin, not built; `policy` replaces the dtype policy, of layers inside, too."""
        config = copy.deepcopy(self.config)
        if policy is not None:
            config = {**with_policy(config, policy), "dtype": policy}
        with self.scope():
            return self.cls.from_config(config)

    def built(self, policy=None):
        """A twin that has been called once."""
        twin = self.make(policy)
        self.call(twin, training=False)
        return twin

    def pair(self):
        """Two twins with the same weights and the same state of their random generators."""
        first, second = self.built(), self.built()
        copy_state(first, second)
        return first, second

    def call(self, layer, leaves=None, training=None):
        """What a twin returns for the inputs, or for other leaves in their places."""
        args, kwargs = self.filled(leaves)
        if self.takes_training and training is not None and "training" not in kwargs:
            kwargs = {**kwargs, "training": training}
        return layer(*args, **kwargs)

    def filled(self, leaves=None):
        """args and kwargs with other leaves in the places of the tensors."""
        if leaves is None:
            return self.inputs, self.call_kwargs
        rest = iter(leaves)
        return tree.map_structure(
            lambda x: next(rest) if isinstance(x, Tensor) else x, (self.inputs, self.call_kwargs)
        )

    def phases(self):
        """Values of `training` that make a difference."""
        return (False, True) if self.takes_training else (None,)

    def open_specs(self):
        """Specs of the leaves with an unknown batch, and unknown sizes where the case says so."""
        unknown = {0, *self.unknown_axes}
        return [
            TensorSpec([None if i in unknown else n for i, n in enumerate(x.shape)], x.dtype)
            for x in self.leaves
        ]

    def floats(self, leaves=None):
        """The float leaves: those with a derivative."""
        return [x for x in leaves or self.leaves if is_float(x)]

    def lone_input(self):
        """The one input tensor, or None where there are several, or none."""
        lone = len(self.leaves) == 1 and len(self.inputs) == 1
        return self.inputs[0] if lone and isinstance(self.inputs[0], Tensor) else None


def copy_state(source, target):
    """Give one layer all state of another: weights and random generators."""
    for mine, other in zip(target.variables, source.variables, strict=True):
        mine.assign(other.numpy())


def with_policy(config, policy):
    """A layer's config with another dtype policy for the layers inside, too."""
    if isinstance(config, dict):
        if config.get("class_name") in ("DTypePolicy", "FloatDTypePolicy"):
            return {**config, "config": {"name": policy}}
        return {k: with_policy(v, policy) for k, v in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)([with_policy(v, policy) for v in config])
    return config


def _tensors(structure):
    def as_leaf(x):
        is_array = isinstance(x, Tensor) or devices.is_array(x) or isinstance(x, numpy.generic)
        return ops.convert_to_tensor(x) if is_array else x

    return tree.map_structure(as_leaf, structure)
