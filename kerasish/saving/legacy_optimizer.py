"""Optimizer state in `.h5` files: the same values under the names and orders of Keras 2 and 3."""

import warnings

from kerasish.errors import CheckpointError, explain
from kerasish.saving.assignment import unchanged_on_failure, value_mismatch
from kerasish.saving.stores import OrderedStore
from kerasish.saving.weights_file import as_unbuilt, no_optimizer_state

_GROUP = "optimizer_weights"


def read_optimizer(reader, model):
    """Assign the optimizer's state from an `.h5` file to a model that was just compiled.

    Raises:
        CheckpointError: state of another optimizer, or for other weights.
    """
    if _GROUP not in reader.groups:
        warnings.warn(no_optimizer_state(reader.where), stacklevel=4)
        return
    optimizer = model.optimizer
    with unchanged_on_failure([optimizer]):
        names = reader.texts(_GROUP, "weight_names")
        if not optimizer.built and len(names) > len(optimizer.variables):
            optimizer.build(model.trainable_variables)
        variables = optimizer.variables
        paths = _paths_for(names, optimizer, model.trainable_variables, reader.where)
        for path, variable in zip(paths, variables, strict=True):
            problem = path and value_mismatch(reader, path, variable, optimizer.name)
            if problem:
                raise CheckpointError(problem)
        optimizer.load_own_variables(OrderedStore(reader, paths, variables))


def _paths_for(names, optimizer, weights, where):
    """Path of the data set for each state variable; None where a new one's value is right."""
    variables = optimizer.variables
    paths = [f"{_GROUP}/{name}" for name in names]
    if len(names) == len(variables) and not names[0].endswith(":0"):
        return paths  # Keras 3
    before_first_step = as_unbuilt(paths, optimizer)
    if before_first_step:
        return before_first_step
    if len(names) == 1:  # Keras 2, saved before the first step
        return [*paths, *[None] * (len(variables) - 1)]
    scalars = 1 + (len(variables) > 1 and variables[1].name == "learning_rate")
    # Adam/m/dense/kernel:0, but Adam/dense/kernel/m:0 from the optimizers before TensorFlow 2.11.
    place = 1 if names[0].startswith("iteration") else -1
    slots = [name.removesuffix(":0").split("/")[place] for name in names[1:]]
    saved = _by_slot(slots, paths[1:])
    wanted = [_slot(v, weights) for v in variables[scalars:]]
    slots = list(dict.fromkeys(slot for slot, _ in wanted))
    if None in slots or len(saved) != len(slots) or any(len(s) != len(weights) for s in saved):
        raise CheckpointError(
            explain(
                f"loading {where}",
                "the state of the optimizer is of another kind",
                received=f" {names[:6]}",
                expected=f"{[v.path for v in variables][:6]}",
                fix="load_model(..., compile=False), and compile the model again",
            )
        )
    return [paths[0], *[None] * (scalars - 1), *[saved[slots.index(s)][i] for s, i in wanted]]


def _by_slot(slots, paths):
    found = {}
    for slot, path in zip(slots, paths, strict=True):
        found.setdefault(slot, []).append(path)
    return list(found.values())


def _slot(variable, weights):
    """(slot, number of the weight) of a state variable named path_of_weight_slot."""
    prefixes = [f"{w.path.replace('/', '_')}_" for w in weights]
    fitting = [i for i, p in enumerate(prefixes) if variable.name.startswith(p)]
    if not fitting:
        return None, 0
    i = max(fitting, key=lambda k: len(prefixes[k]))
    return variable.name[len(prefixes[i]) :], i
