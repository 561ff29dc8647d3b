"""LayerState: what a layer holds (weights, layers, random generators), freezing and storing."""

import functools

from kerasish.core.rng import SeedGenerator
from kerasish.core.variable import Variable
from kerasish.errors import NotBuiltError, ShapeError, explain


class LayerState:
    """The part of `Layer` that finds, counts, freezes, reads and writes weights.

    Whatever is set as an attribute belongs to the layer: variables, layers, seed generators, and
    lists, tuples or dicts of them. Nothing is registered; the attributes are looked through.
    """

    _untracked = frozenset(
        {"_init_arguments", "_traced_methods", "_losses", "_build_shapes", "inbound_nodes"}
    )

    def _children(self):
        """Variables, layers and seed generators among the attributes, in order, once each."""
        seen, found, untracked = set(), [], self._untracked
        for key, value in self.__dict__.items():
            if _kind_of(type(value)) and key not in untracked:
                _collect(value, seen, found)
        return found

    @property
    def _layers(self):
        return [c for c in self._children() if isinstance(c, LayerState)]

    def _flatten_layers(self, include_self=True):
        found, seen = [], set()
        stack = [self]
        while stack:  # a loop: chains of thousands of layers must not exhaust Python's recursion
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            found.append(layer)
            stack.extend(reversed(layer._layers))
        return found if include_self else found[1:]

    def _own_variables(self):
        """Weights of this layer itself, the trainable ones first (the order of files)."""
        own = [c for c in self._children() if isinstance(c, Variable)]
        return [v for v in own if v.declared_trainable] + [
            v for v in own if not v.declared_trainable
        ]

    def _gather(self, pick):
        found = {}
        for layer in self._flatten_layers():
            for variable in pick(layer):
                found.setdefault(variable.key, variable)
        return list(found.values())

    @property
    def weights(self):
        """List of the weights of this layer and the layers inside it."""
        return self._gather(LayerState._own_variables)

    @property
    def variables(self):
        """All state: weights and the states of random generators."""
        return self._gather(LayerState._state_variables)

    def _state_variables(self):
        seeds = [c.state for c in self._children() if isinstance(c, SeedGenerator)]
        return self._own_variables() + seeds

    @property
    def trainable_weights(self):
        """Weights that an optimizer updates."""
        return [w for w in self.weights if w.trainable] if self.trainable else []

    @property
    def trainable_variables(self):
        """Variables that an optimizer updates."""
        return self.trainable_weights

    @property
    def non_trainable_weights(self):
        """Weights that an optimizer leaves alone."""
        trainable = {w.key for w in self.trainable_weights}
        return [w for w in self.weights if w.key not in trainable]

    @property
    def non_trainable_variables(self):
        """Variables that an optimizer leaves alone."""
        trainable = {w.key for w in self.trainable_weights}
        return [v for v in self.variables if v.key not in trainable]

    @property
    def trainable(self):
        """Whether optimizers update the weights; setting it reaches the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        for layer in self._flatten_layers():
            layer._trainable = bool(value)
            for variable in layer._own_variables():
                if variable.declared_trainable:
                    variable.trainable = bool(value)

    @property
    def path(self):
        """Name with the names of the enclosing layers: "model/block/dense"."""
        return self._path

    @property
    def dtype(self):
        """Dtype of the weights."""
        return self._own_policy().variable_dtype

    variable_dtype = dtype

    @property
    def compute_dtype(self):
        """Dtype in which the layer computes."""
        return self._own_policy().compute_dtype

    def _own_policy(self):
        policy = self.dtype_policy
        return policy[self.path] if policy.is_map else policy

    def count_params(self):
        """Number of elements of all weights.

        Raises:
            NotBuiltError: the weights do not exist yet.
        """
        if not self.built:
            raise NotBuiltError(
                explain(
                    self.path,
                    "not built, so it has no weights to count",
                    fix="call it on data, or build(input_shape)",
                )
            )
        return sum(w.size for w in self.weights)

    def get_weights(self):
        """List of NumPy arrays, one per weight."""
        return [w.numpy() for w in self.weights]

    def set_weights(self, weights):
        """Assign all weights; nothing changes unless every array fits.

        Raises:
            ShapeError: another number of arrays, or another shape.
        """
        own = self.weights
        if len(weights) != len(own):
            raise ShapeError(
                explain(
                    f"{self.path}.set_weights",
                    "wrong number of arrays",
                    received=len(weights),
                    expected=f"{len(own)}: {[w.path for w in own]}",
                )
            )
        for variable, value in zip(own, weights, strict=True):
            if tuple(variable.shape) != tuple(value.shape):
                raise ShapeError(
                    explain(
                        f"{self.path}.set_weights",
                        f"wrong shape for {variable.path}",
                        received=tuple(value.shape),
                        expected=str(variable.shape),
                    )
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store):
        """Put this layer's own weights into a dict-like store, under "0", "1", ..."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store):
        """Assign this layer's own weights from a store; nothing changes unless all fit.

        Raises:
            ShapeError: another number of arrays, or another shape.
        """
        own = self._own_variables()
        if len(store) != len(own):
            hint = "" if self.built else " The layer has not been built: call it on data first."
            raise ShapeError(
                explain(
                    self.path,
                    f"the file holds another number of weights.{hint}",
                    received=f" {len(store)} arrays",
                    expected=f"{len(own)}: {[(v.name, v.shape) for v in own]}",
                )
            )
        values = [store[str(i)] for i in range(len(own))]
        for variable, value in zip(own, values, strict=True):
            if tuple(value.shape) != tuple(variable.shape):
                raise ShapeError(
                    explain(
                        f"{self.path}/{variable.name}",
                        "the file holds another shape",
                        received=tuple(value.shape),
                        expected=str(tuple(variable.shape)),
                    )
                )
        for variable, value in zip(own, values, strict=True):
            variable.assign(value)


_PART, _CONTAINER = "part", "container"


@functools.cache  # most attributes are numbers, names and functions: one look each
def _kind_of(cls):
    """What an attribute of a type is to its layer: a part, a container of parts, or None."""
    if issubclass(cls, (Variable, SeedGenerator, LayerState)):
        return _PART
    return _CONTAINER if issubclass(cls, (list, tuple, dict)) else None


def _collect(value, seen, found):
    """Append what belongs to a layer, once each; lists and dicts may even contain themselves."""
    kind = _kind_of(type(value))
    if kind is None or id(value) in seen:
        return
    seen.add(id(value))
    if kind is _PART:
        found.append(value)
        return
    for item in value.values() if isinstance(value, dict) else value:
        _collect(item, seen, found)
