"""Checks of the options that all optimizers share."""

import numbers
import warnings

from kerasish.errors import explain


def check_options(optimizer, unknown):
    """Raise if an option of the optimizer is out of its range.

    Args:
        optimizer: Optimizer with its options set as attributes.
        unknown: dict of further keyword arguments that the constructor received.

    Raises:
        ValueError: see `Optimizer`.
    """
    name = optimizer.name
    if unknown.pop("decay", None) is not None:
        warnings.warn(
            explain(
                name,
                "argument `decay` has no effect",
                fix="pass learning_rate=schedules.InverseTimeDecay(...)",
            ),
            stacklevel=5,
        )
    if unknown:
        raise ValueError(explain(name, "unknown argument", received=sorted(unknown)))
    clips = {key: getattr(optimizer, key) for key in ("clipnorm", "clipvalue", "global_clipnorm")}
    clips = {key: value for key, value in clips.items() if value is not None}
    if len(clips) > 1:
        raise ValueError(explain(name, "only one kind of clipping is possible", received=clips))
    for key, value in clips.items():
        if not isinstance(value, numbers.Real) or not value >= 0:
            raise ValueError(explain(name, f"{key} must be a positive float", received=value))
    steps = optimizer.gradient_accumulation_steps
    if steps and (not isinstance(steps, numbers.Integral) or steps < 2):
        raise ValueError(
            explain(name, "gradient_accumulation_steps must be an int >= 2", received=steps)
        )
    if optimizer.use_ema:
        check_fraction(name, "ema_momentum", optimizer.ema_momentum)
    frequency = optimizer.ema_overwrite_frequency
    if optimizer.use_ema and frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ValueError(
            explain(name, "ema_overwrite_frequency must be an int >= 1", received=frequency)
        )


def check_fraction(where, key, value):
    """Raise ValueError unless `value` is a number from 0 to 1."""
    if not isinstance(value, numbers.Real) or not 0 <= value <= 1:
        raise ValueError(explain(where, f"{key} must be a number from 0 to 1", received=value))
