"""kerasish: the Keras 3 API on a small core of its own, for NumPy on the CPU and CuPy on the GPU.

Names are loaded when they are first used, so `import kerasish` costs little more than NumPy.
"""

import importlib

__version__ = "0.1.0"

_MODULES = frozenset(
    {
        "activations",
        "applications",
        "backend",
        "callbacks",
        "checkpoint",
        "compat",
        "config",
        "constraints",
        "data",
        "datasets",
        "distillation",
        "dtype_policies",
        "errors",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "ops",
        "optimizers",
        "preprocessing",
        "random",
        "regularizers",
        "saving",
        "testing",
        "summary",
        "tree",
        "utils",
        "visualization",
    }
)

_HOMES = {
    "kerasish.arrays.device": "Device device devices set_default_device",
    "kerasish.core.function": "function",
    "kerasish.core.custom_gradient": "custom_gradient",
    "kerasish.core.names": "name_scope",
    "kerasish.core.rng": "SeedGenerator set_random_seed",
    "kerasish.core.spec": "TensorSpec",
    "kerasish.core.stateless": "StatelessScope",
    "kerasish.core.structural": "convert_to_tensor stop_gradient",
    "kerasish.core.tape": "GradientTape",
    "kerasish.core.tensor": "Tensor",
    "kerasish.core.variable": "Variable",
    "kerasish.dtype_policies": "DTypePolicy FloatDTypePolicy",
    "kerasish.initializers": "Initializer",
    "kerasish.layers": "Input InputSpec Layer",
    "kerasish.layers.operation": "Operation",
    "kerasish.layers.rematerialization": "RematScope remat",
    "kerasish.losses": "Loss",
    "kerasish.metrics": "Metric",
    "kerasish.models": "Functional Model Sequential",
    "kerasish.models.function": "Function",
    "kerasish.optimizers": "Optimizer",
    "kerasish.regularizers": "Regularizer",
}
_ALIASES = {"KerasTensor": ("kerasish.core.tensor", "SymbolicTensor")}
_HOME_OF = {name: (home, name) for home, names in _HOMES.items() for name in names.split()}
_HOME_OF.update(_ALIASES)

__all__ = sorted([*_MODULES, *_HOME_OF, "__version__", "version"])


def version():
    """Version of the package, a str."""
    return __version__


def __getattr__(name):
    if name in _HOME_OF:
        home, attribute = _HOME_OF[name]
        if home.startswith("kerasish.core."):
            importlib.import_module("kerasish.ops")  # gives tensors their operators
        value = getattr(importlib.import_module(home), attribute)
    elif name in _MODULES:
        value = importlib.import_module(f"kerasish.{name}")
    else:
        raise AttributeError(f"module 'kerasish' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return __all__
