"""check_schedule: what every learning rate schedule must do."""

import numpy

from kerasish import ops, optimizers
from kerasish.core.function import function
from kerasish.core.variable import Variable
from kerasish.testing.contract import (
    Contract,
    plain,
    require,
    require_close,
    require_config,
    serialized,
)

_CONTRACT = Contract("schedule")


def check_schedule(schedule, steps=(0, 1, 2, 10, 1000), skip=(), custom_objects=None):
    """Check that a learning rate schedule does what every one must do.

    Its config makes an equal one; its values are finite float scalars, the same compiled as eager,
    for steps of every integer dtype; an optimizer takes it.

    Args:
        schedule: LearningRateSchedule.
        steps: sequence of int. Where it is asked.
        skip: names of properties that do not hold, and are not meant to.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> from kerasish.optimizers.schedules import ExponentialDecay
        >>> len(check_schedule(ExponentialDecay(0.1, 10, 0.5))) > 2
        True
    """
    objects = {type(schedule).__name__: type(schedule), **(custom_objects or {})}
    where = f"check_schedule({type(schedule).__name__})"
    return _CONTRACT.check((where, schedule, steps, objects), where=where, skip=skip)


@_CONTRACT.property
def config_makes_an_equal_schedule(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal schedules."""
    where, schedule, steps, objects = case
    twin = type(schedule).from_config(schedule.get_config())
    require_config(where, schedule, twin)
    config = serialized(optimizers.schedules.serialize(schedule))
    again = optimizers.schedules.deserialize(config, custom_objects=objects)
    for step in steps:
        require_close(where, "a schedule from its config is another", again(step), schedule(step))
        require_close(where, "a schedule from its config is another", twin(step), schedule(step))


@_CONTRACT.property
def values_are_finite_scalars(case):
    """A step gives one finite float that is not negative."""
    where, schedule, steps, _ = case
    for step in steps:
        value = plain(schedule(step))
        require(
            where,
            value.shape == () and value.dtype.kind == "f",
            "not a float scalar",
            received=value,
        )
        require(
            where,
            numpy.isfinite(value) and value >= 0,
            f"a rate of step {step} is unusable",
            received=float(value),
        )


@_CONTRACT.property
def compiled_equals_eager(case):
    """A compiled call gives what an eager one gives, for steps of int32, int64 and float32."""
    where, schedule, steps, _ = case
    compiled = function(lambda step: schedule(step))
    for dtype in ("int32", "int64", "float32"):
        for step in steps:
            given = ops.cast(step, dtype)
            require_close(
                where,
                f"compiled is not eager at step {step} ({dtype})",
                compiled(given),
                schedule(given),
                1e-6,
            )


@_CONTRACT.property
def an_optimizer_takes_it(case):
    """An optimizer updates with its rates, and has it in its config."""
    where, schedule, _, objects = case
    optimizer, v = optimizers.SGD(schedule), Variable(0.0)
    for _ in range(2):
        optimizer.apply([ops.ones(())], [v])
    require_close(
        where,
        "an optimizer updates by another rate",
        v,
        -(plain(schedule(0)) + plain(schedule(1))),
        1e-6,
    )
    config = serialized(optimizers.serialize(optimizer))
    twin = optimizers.deserialize(config, custom_objects=objects)
    require_close(
        where, "an optimizer's config has another schedule", twin.learning_rate, schedule(0), 1e-6
    )
