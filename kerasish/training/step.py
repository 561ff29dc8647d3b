"""Steps: a model's `train_step` and its kin, traced once per kind of batch and run as programs."""

import contextlib
import math
import sys
import time
import warnings

from kerasish.arrays import device as devices
from kerasish.config import settings
from kerasish.core import modes, tree
from kerasish.core.function import ConcreteFunction, EagerFallbackWarning, user_line
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor, as_data_tensor, as_tensor
from kerasish.data.batches import Batch
from kerasish.errors import SymbolicValueError

_LONGEST_GO = 0.1  # seconds


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
        self._latest = None, None  # signature of the last batch, and what ran it
        self._seconds = math.inf  # that a batch took in the last block

    def __call__(self, batch):
        """Result of the step for one batch: a nested tuple of arrays or tensors."""
        return self.run(Batch(batch))

    def run(self, batch):
        """Result of the step for a Batch."""
        concrete = self._concrete_for(batch)
        return self._run_plainly(batch) if concrete is None else concrete(batch.arrays)

    def run_silently(self, batch):
        """Run the step for its updates alone."""
        concrete = self._concrete_for(batch)
        if concrete is None:
            self._run_plainly(batch)
        else:
            concrete.run_silently(batch.arrays)

    def run_each(self, block):
        """Run the step for its updates alone, once for each batch of a Block.

        In one go where that takes a moment only: nothing, not even Ctrl-C, comes in between.
        """
        start = time.perf_counter()
        if self._seconds * len(block) > _LONGEST_GO:
            for batch in block:
                self.run_silently(batch)
        else:
            for batches, arrays in block.groups():
                concrete = self._concrete_for(batches[0])
                if concrete is not None:
                    concrete.run_silently_each(arrays)
                else:
                    for batch in batches:
                        self._run_plainly(batch)
        self._seconds = (time.perf_counter() - start) / len(block)

    def prepare(self, parts):
        """Make what the step makes at its first batch (variables, a trace), and run nothing.

        Args:
            parts: tuple of nested arrays of a batch.
        """
        if self._concrete_for(Batch(parts)) is None:
            # A step that needs values has made what comes before the line that asks for one.
            with contextlib.suppress(SymbolicValueError):
                ConcreteFunction(self.function, (_specs_of(parts),), {}, self.name)

    def _run_plainly(self, batch):
        # Tensors of arrays hold copies, so what the function keeps does not change later.
        return self.function(tree.map_structure(_tensor_or_none, batch.parts))

    def _concrete_for(self, batch):
        """The trace for batches of this signature; None where the function itself is to run."""
        if self.is_eager or settings.functions_eager or modes.state.tapes or modes.is_tracing():
            return None
        if modes.state.stateless is not None:  # a program reads variables themselves
            return None
        signature, concrete = self._latest
        if batch.signature is not signature:
            concrete = self._concrete.get(batch.signature)
        if concrete is None or concrete.kernels != settings.kernels_enabled:
            concrete = self._trace(batch)
        self._latest = batch.signature, concrete
        return concrete

    def _trace(self, batch):
        try:
            concrete = ConcreteFunction(self.function, (_specs_of(batch.parts),), {}, self.name)
        except SymbolicValueError as error:
            self.is_eager = True
            warnings.warn(
                f"{self.name} runs eagerly, step by step and slower, because it needs the value "
                f"of a tensor while it is traced: {user_line(error)}: {error}",
                EagerFallbackWarning,
                stacklevel=_levels_inside(),
            )
            return None
        concrete.kernels = settings.kernels_enabled
        self._concrete[batch.signature] = concrete
        return concrete

    @property
    def traces(self):
        """The ConcreteFunctions made so far."""
        return list(self._concrete.values())

    def source(self):
        """Generated program of the latest trace."""
        return self.traces[-1].program.source()


def _levels_inside():
    """How many calls up from the caller the code outside this package is: a `stacklevel`."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals["__name__"].startswith("kerasish."):
        frame, level = frame.f_back, level + 1
    return level


def _specs_of(parts):
    specs = [
        None if leaf is None else TensorSpec(leaf.shape, leaf.dtype) for leaf in tree.flatten(parts)
    ]
    return tree.unflatten(parts, specs)


def _tensor_or_none(leaf):
    return None if leaf is None else as_data_tensor(leaf)


def logs_to_floats(logs):
    """Logs as Python floats (arrays where a metric has several values); dicts inside unfold."""
    found = {}
    for name, value in logs.items():
        if isinstance(value, dict):
            found.update(logs_to_floats(value))
            continue
        if isinstance(value, Tensor) or devices.is_array(value) or hasattr(value, "_as_tensor"):
            value = as_tensor(value)
            value = value.item() if value.size == 1 else value.numpy()
        found[name] = value
    return found
