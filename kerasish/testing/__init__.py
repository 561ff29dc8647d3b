"""Checks that a layer, loss, metric, ... of one's own does what all of its kind must do.

The package's own tests apply them to every public component. A check takes a pattern, of which it
makes twins from its config, and raises ContractError (an AssertionError) that says which property
does not hold, with what was received and expected.

Example:
    >>> from kerasish import layers, ops
    >>> checked = check_layer(layers.Dense(3, "tanh"), ops.ones((2, 4)))
    >>> "compiled_equals_eager" in checked
    True
"""

from kerasish.testing.building_blocks import (
    check_activation,
    check_constraint,
    check_initializer,
    check_regularizer,
)
from kerasish.testing.callbacks import check_callback
from kerasish.testing.contract import ContractError
from kerasish.testing.layers import check_layer
from kerasish.testing.losses import check_loss
from kerasish.testing.metrics import check_metric
from kerasish.testing.optimizers import check_optimizer
from kerasish.testing.schedules import check_schedule

__all__ = [
    "ContractError",
    "check_activation",
    "check_callback",
    "check_constraint",
    "check_initializer",
    "check_layer",
    "check_loss",
    "check_metric",
    "check_optimizer",
    "check_regularizer",
    "check_schedule",
]
