"""Optimizers: how gradients change weights, by class or by name."""

from kerasish import identifiers, registry
from kerasish.errors import explain
from kerasish.optimizers import legacy, schedules
from kerasish.optimizers.adadelta import Adadelta
from kerasish.optimizers.adafactor import Adafactor
from kerasish.optimizers.adagrad import Adagrad
from kerasish.optimizers.adam import Adam, AdamW
from kerasish.optimizers.adamax import Adamax
from kerasish.optimizers.ftrl import Ftrl
from kerasish.optimizers.lamb import Lamb
from kerasish.optimizers.lion import Lion
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerasish.optimizers.multi_optimizer import MultiOptimizer, OptimizerMap
from kerasish.optimizers.muon import Muon
from kerasish.optimizers.nadam import Nadam
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.rmsprop import RMSprop
from kerasish.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from kerasish.optimizers.sgd import SGD
from kerasish.saving.serialization import serialize_keras_object

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "legacy",
    "schedules",
    "serialize",
]


def get(identifier):
    """Optimizer named by a string of any case ("adam", "SGD"), a config, its class or itself.

    Args:
        identifier: str, dict, class, Optimizer or None.

    Returns:
        Optimizer, or None for None.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or no optimizer.

    Example:
        >>> type(get("adam")).__name__
        'Adam'

    Source: Keras 3 names and defaults.
    """
    if identifier is None:
        return None
    found = identifier
    if isinstance(identifier, (str, dict)):
        found = deserialize(identifier)
    elif isinstance(identifier, type):
        found = identifier()
    if not isinstance(found, Optimizer):
        raise ValueError(  # noqa: TRY004 (as in Keras)
            explain(
                "optimizers.get",
                "not an optimizer",
                received=identifier,
                expected="a name, a config or an Optimizer",
            )
        )
    return found


def serialize(optimizer):
    """Config of an optimizer, for `deserialize`; without its state."""
    return serialize_keras_object(optimizer)


def deserialize(config, custom_objects=None):
    """Optimizer from its config or its name.

    Args:
        config: dict with "class_name" and "config", or a name; of any case.
        custom_objects: dict from name to class.

    Returns:
        the optimizer.
    """
    name = config if isinstance(config, str) else config.get("class_name")
    with registry.CustomObjectScope(custom_objects):
        if isinstance(name, str) and registry.find("optimizers", name) is None:
            is_known = registry.find("optimizers", name.lower()) is not None
            name = name.lower() if is_known else name
        if isinstance(config, str):
            return registry.lookup("optimizers", name, where="optimizers.get")()
        return identifiers.from_config("optimizers", {**config, "class_name": name})
