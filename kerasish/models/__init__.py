"""Models: layers that can be trained, saved and summarized."""

from kerasish import saving
from kerasish.models.cloning import clone_model
from kerasish.models.functional import Functional
from kerasish.models.model import Model, model_from_json
from kerasish.models.sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]


def __getattr__(name):
    if name in ("load_model", "save_model"):  # late, since they bring h5py with them
        return getattr(saving, name)
    raise AttributeError(f"module 'kerasish.models' has no attribute {name!r}")
