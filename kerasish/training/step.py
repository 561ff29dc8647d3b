"""Steps: a model's `train_step` and its kin, traced once per kind of batch and run as programs."""

import warnings

from kerasish.arrays import device as devices
from kerasish.config import settings
from kerasish.core import modes, tree
from kerasish.core.function import ConcreteFunction, EagerFallbackWarning, user_line
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.errors import SymbolicValueError


class CompiledStep:
    """A step function of one batch, compiled for each combination of shapes and dtypes it meets.

    Args:
        function: callable of one batch (a nested tuple of tensors).
        name: str. Name of the generated program.
        is_eager: bool. Run the function itself every time.
    """

    def __init__(self, function, name, is_eager=False):
        self.function, self.name, self.is_eager = function, name, is_eager
        self._concrete = {}

    def __call__(self, batch, wants_result=True):
        """Result of the step for one batch of arrays or tensors.

        Args:
            batch: nested tuple.
            wants_result: bool. False runs the step for its updates alone and returns {}.
        """
        if self.is_eager or settings.functions_eager or modes.state.tapes or modes.is_tracing():
            return self.function(tree.map_structure(_tensor_or_none, batch))
        leaves = tree.flatten(batch)
        arrays = [x._array if isinstance(x, Tensor) else x for x in leaves]
        key = tuple([(a.shape, a.dtype) if a is not None else None for a in arrays])
        concrete = self._concrete.get(key)
        if concrete is None or concrete.kernels != settings.kernels_enabled:
            concrete = self._trace(key, batch, arrays)
            if concrete is None:
                return self.function(tree.map_structure(_tensor_or_none, batch))
        arrays = [a for a in arrays if a is not None]
        if not wants_result:
            concrete.run_silently(arrays)
            return {}
        return concrete(arrays)

    def _trace(self, key, batch, arrays):
        specs = [None if a is None else TensorSpec(a.shape, as_tensor(a).dtype) for a in arrays]
        argument = tree.unflatten(batch, specs)
        try:
            concrete = ConcreteFunction(self.function, (argument,), {}, self.name)
        except SymbolicValueError as error:
            self.is_eager = True
            warnings.warn(
                f"{self.name} runs eagerly, step by step and slower, because it needs the value "
                f"of a tensor while it is traced: {user_line(error)}: {error}",
                EagerFallbackWarning,
                stacklevel=5,
            )
            return None
        concrete.kernels = settings.kernels_enabled
        self._concrete[key] = concrete
        return concrete

    @property
    def traces(self):
        """The ConcreteFunctions made so far."""
        return list(self._concrete.values())

    def source(self):
        """Generated program of the latest trace."""
        return self.traces[-1].program.source()


def _tensor_or_none(leaf):
    return None if leaf is None else as_tensor(leaf)


def logs_to_floats(logs):
    """Logs as Python floats (arrays where a metric has several values)."""
    found = {}
    for name, value in logs.items():
        if isinstance(value, Tensor) or devices.is_array(value) or hasattr(value, "_as_tensor"):
            value = as_tensor(value)
            value = value.item() if value.size == 1 else value.numpy()
        found[name] = value
    return found
