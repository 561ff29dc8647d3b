"""Which public components have a row that a contract is checked by, and the rows of some kinds."""

import inspect

from kerasish import (
    activations,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from kerasish.optimizers import schedules
from tests.building_blocks import cases as building_blocks
from tests.layers import cases as layer_cases
from tests.layers_recurrent import cases as recurrent_cases
from tests.losses import cases as loss_cases
from tests.metrics import cases as metric_cases
from tests.optimizers import cases as optimizer_cases

# Of one kind each: (row for the check, name) -> further arguments of the check.
ACTIVATIONS = {
    name: (getattr(activations, name), {})
    for name in activations.__all__
    if name not in ("get", "serialize", "deserialize", "glu", "threshold")
} | {
    "glu": (activations.glu, {"skip": ("shape_and_dtype_are_kept",), "inputs": [[1.0, -2.0]] * 3}),
    "threshold": (
        lambda x: activations.threshold(x, 0.5, 0.0),
        {"skip": ("its_name_finds_it",)},
    ),
}

SCHEDULES = {
    "ExponentialDecay": schedules.ExponentialDecay(0.1, 10, 0.5),
    "ExponentialDecay-staircase": schedules.ExponentialDecay(0.1, 2, 0.5, staircase=True),
    "PiecewiseConstantDecay": schedules.PiecewiseConstantDecay([2, 5], [1.0, 0.5, 0.1]),
    "PolynomialDecay": schedules.PolynomialDecay(0.1, 10, power=2.0, cycle=True),
    "InverseTimeDecay": schedules.InverseTimeDecay(0.1, 10, 0.5),
    "CosineDecay": schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=3),
    "CosineDecayRestarts": schedules.CosineDecayRestarts(0.1, 10),
}

CALLBACKS = {
    "BackupAndRestore": lambda: callbacks.BackupAndRestore("backup"),
    "CSVLogger": lambda: callbacks.CSVLogger("log.csv"),
    "Callback": callbacks.Callback,
    "EarlyStopping": lambda: callbacks.EarlyStopping(restore_best_weights=True),
    "History": callbacks.History,
    "LambdaCallback": lambda: callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
    "LearningRateScheduler": lambda: callbacks.LearningRateScheduler(lambda i, rate: rate * 0.9),
    "ModelCheckpoint": lambda: callbacks.ModelCheckpoint("model.keras", save_best_only=True),
    "ProgbarLogger": callbacks.ProgbarLogger,
    "ReduceLROnPlateau": lambda: callbacks.ReduceLROnPlateau(patience=1),
    "SwapEMAWeights": callbacks.SwapEMAWeights,
    "TerminateOnNaN": callbacks.TerminateOnNaN,
}

VALUE_METRICS = {
    "Mean": (metrics.Mean(), {}),
    "Sum": (metrics.Sum(), {}),
    "MeanMetricWrapper": (
        metrics.MeanMetricWrapper(losses.mean_absolute_error, name="wrapped"),
        {},
    ),
}


def public_classes(module, base):
    """Names of the public classes of a module that derive from a base."""
    found = {name: getattr(module, name) for name in module.__all__}
    return {n for n, c in found.items() if inspect.isclass(c) and issubclass(c, base)}


def aliases_left_out(module, names):
    """The names with one name only for each class: its own."""
    return {getattr(module, name).__name__ for name in names}


ROWS = {
    "layers": {case.layer for case in layer_cases.CASES}
    | {type(case.make()).__name__ for case in recurrent_cases.CASES.values()},
    "losses": {case.name for case in (*loss_cases.CASES, *loss_cases.OTHERS)},
    "metrics": {case.name for case in metric_cases.CASES} | set(VALUE_METRICS),
    "optimizers": {case[1].__name__ for case in optimizer_cases.CASES},
    "schedules": {name.split("-")[0] for name in SCHEDULES},
    "initializers": {case[1].__name__ for case in building_blocks.INITIALIZERS},
    "regularizers": {case[1].__name__ for case in building_blocks.REGULARIZERS},
    "constraints": {case[1].__name__ for case in building_blocks.CONSTRAINTS},
    "callbacks": set(CALLBACKS),
}

# Public classes that no row makes, and why.
_ITS_OWN_TESTS = "tables, text or sound go in: not under check_layer yet, but its own tests"

WITHOUT_ROW = {
    "layers": {
        "AbstractRNNCell": "a base",
        "Cropping": "a base",
        "GRUCell": "called by RNN's rows, and by test_cells",
        "Input": "no layer",
        "InputLayer": "called by nobody",
        "LSTMCell": "called by RNN's rows, and by test_cells",
        "Lambda": "its function is no config: test_core",
        "Layer": "the base",
        "RNN": "the rows of cells",
        "SimpleRNNCell": "called by RNN's rows, and by test_cells",
        "StackedRNNCells": "called by RNN's rows, and by test_cells",
        "Wrapper": "a base",
        "CategoryEncoding": _ITS_OWN_TESTS,
        "Discretization": _ITS_OWN_TESTS,
        "HashedCrossing": _ITS_OWN_TESTS,
        "Hashing": _ITS_OWN_TESTS,
        "IntegerLookup": _ITS_OWN_TESTS,
        "Pipeline": _ITS_OWN_TESTS,
        "ReversibleEmbedding": _ITS_OWN_TESTS,
        "StringLookup": _ITS_OWN_TESTS,
        "TextVectorization": _ITS_OWN_TESTS,
    },
    "losses": {"Loss": "the base", "LossFunctionWrapper": "a base"},
    "metrics": {"Metric": "the base", "MeanMetricWrapper": "a base"},
    "optimizers": {
        "Optimizer": "the base",
        "LossScaleOptimizer": "test_wrappers",
        "MultiOptimizer": "test_wrappers",
    },
    "schedules": {"LearningRateSchedule": "the base"},
    "initializers": {
        "Initializer": "the base",
        "RandomInitializer": "a base",
        "STFT": "of its own shape: test_initializers",
    },
    "regularizers": {"Regularizer": "the base"},
    "constraints": {"Constraint": "the base"},
    "callbacks": {
        "CallbackList": "no callback of its own",
        "MonitorCallback": "a base",
        "RemoteMonitor": "needs a server: test_remote_monitor",
        "TensorBoard": "needs the package tensorboard: tests/summary/test_callback.py",
    },
}

KINDS = {
    "layers": (layers, layers.Layer),
    "losses": (losses, losses.Loss),
    "metrics": (metrics, metrics.Metric),
    "optimizers": (optimizers, optimizers.Optimizer),
    "schedules": (schedules, schedules.LearningRateSchedule),
    "initializers": (initializers, initializers.Initializer),
    "regularizers": (regularizers, regularizers.Regularizer),
    "constraints": (constraints, constraints.Constraint),
    "callbacks": (callbacks, callbacks.Callback),
}
