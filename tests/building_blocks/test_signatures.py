"""Names, arguments and defaults of the building blocks, optimizers and callbacks are Keras's."""

import inspect
import re

import pytest

from kerasish import activations, callbacks, constraints, initializers, optimizers, regularizers
from kerasish.optimizers import schedules
from tests.support import shared_path

MODULES = {
    "keras.activations": activations,
    "keras.callbacks": callbacks,
    "keras.constraints": constraints,
    "keras.initializers": initializers,
    "keras.optimizers": optimizers,
    "keras.optimizers.schedules": schedules,
    "keras.regularizers": regularizers,
}
ABSENT = {  # services of others, Keras's migration errors, and what `saving` owns
    "keras.callbacks.OrbaxCheckpoint", "keras.callbacks.RemoteMonitor",
    "keras.callbacks.BackupAndRestore", "keras.callbacks.TensorBoard",
}  # fmt: skip
# Bases, of which Keras records the arguments of no constructor at all.
WITHOUT_ARGUMENTS = re.compile(r"\((/, )?\*args, \*\*kwargs\)")


def plain(signature):
    """Text of a signature without annotations."""
    return re.sub(r": [\w\[\], |]+ = ", "=", str(signature))


@pytest.mark.parametrize("module", MODULES)
def test_names_arguments_and_defaults(module):
    checked = 0
    for line in shared_path("spec/keras_api.tsv").read_text().splitlines():
        symbol, _, signature = line.split("\t")
        home, name = symbol.rpartition(".")[::2]
        if home != module or symbol in ABSENT:
            continue
        item = getattr(MODULES[module], name, None)
        assert item is not None, f"{symbol} is missing"
        if not WITHOUT_ARGUMENTS.fullmatch(signature):
            assert plain(inspect.signature(item)) == plain(signature), symbol
        checked += 1
    assert checked > 5
