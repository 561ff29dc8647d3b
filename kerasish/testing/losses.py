"""check_loss: what every loss must do."""

import numpy

from kerasish import losses, ops
from kerasish.core.function import function
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape
from kerasish.testing.contract import (
    Contract,
    plain,
    require,
    require_close,
    require_config,
    serialized,
    slope_by_differences,
)

_CONTRACT = Contract("loss")


def check_loss(loss, y_true, y_pred, skip=(), tolerance=1e-5, custom_objects=None):
    """Check that a loss does what every loss must do; `loss` itself is only a pattern.

    Its config makes an equal loss; the reductions are sums and means of its values; weights
    multiply the values; the derivative is finite, and that of the values; a compiled call equals an
    eager one, for an unknown batch, too; half precision gives a finite float32; lists are arrays.

    Args:
        loss: Loss.
        y_true: array of labels, batch first.
        y_pred: array of predictions, batch first.
        skip: names of properties that do not hold for this loss, and are not meant to.
        tolerance: float. Between results that are computed in another order.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> y = numpy.float32([[0.5, 1.0], [2.0, 3.0]])
        >>> "reductions_fit_the_values" in check_loss(losses.MeanSquaredError(), y, y + 1)
        True
    """
    case = _Case(loss, y_true, y_pred, tolerance, custom_objects)
    return _CONTRACT.check(case, where=case.where, skip=skip)


class _Case:
    def __init__(self, loss, y_true, y_pred, tolerance, custom_objects):
        self.loss, self.cls = loss, type(loss)
        self.y_true, self.y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        self.tolerance, self.where = tolerance, f"check_loss({loss.name})"
        self.custom_objects = {self.cls.__name__: self.cls, **(custom_objects or {})}

    def make(self, **more):
        return self.cls.from_config({**self.loss.get_config(), **more})

    def values(self):
        return self.make(reduction="none")(self.y_true, self.y_pred)

    def weights(self):
        count = self.values().shape[0]
        return ops.convert_to_tensor(numpy.linspace(0.5, 2.0, count).astype("float32"))


@_CONTRACT.property
def config_makes_an_equal_loss(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal losses."""
    require_config(case.where, case.loss, case.make())
    config = serialized(losses.serialize(case.loss))
    twin = losses.deserialize(config, custom_objects=case.custom_objects)
    require(case.where, type(twin) is case.cls, "deserialize makes another class", received=twin)
    for other in (twin, case.make()):
        require(
            case.where,
            (other.name, other.reduction) == (case.loss.name, case.loss.reduction),
            "name or reduction get lost",
            received=(other.name, other.reduction),
        )
        require_close(
            case.where,
            "a loss from its config computes else",
            other(case.y_true, case.y_pred),
            case.loss(case.y_true, case.y_pred),
        )


@_CONTRACT.property
def reductions_fit_the_values(case):
    """Reduction "sum" adds the values up, "sum_over_batch_size" and "mean" average them."""
    values = plain(case.values()).astype("float64")
    expected = {
        "sum": values.sum(),
        "sum_over_batch_size": values.mean(),
        "mean": values.mean(),
        "mean_with_sample_weight": values.mean(),
        None: values,
    }
    for reduction, value in expected.items():
        found = case.make(reduction=reduction)(case.y_true, case.y_pred)
        require_close(
            case.where,
            f"reduction {reduction!r} does not fit the values",
            found,
            value.astype("float32"),
            10 * case.tolerance,
        )


@_CONTRACT.property
def weights_multiply_the_values(case):
    """`sample_weight` multiplies the values; those of 0 leave nothing, of 1 all."""
    values, weights = plain(case.values()).astype("float64"), plain(case.weights())
    weights = weights.reshape(weights.shape + (1,) * (values.ndim - 1))
    each = case.make(reduction="none")(case.y_true, case.y_pred, sample_weight=case.weights())
    require_close(
        case.where,
        "weighted values are not weight times value",
        each,
        (values * weights).astype("float32"),
        10 * case.tolerance,
    )
    for number, expected in ((0.0, 0.0 * values.sum()), (1.0, values.sum())):
        given = ops.zeros_like(case.weights()) + number
        found = case.make(reduction="sum")(case.y_true, case.y_pred, sample_weight=given)
        require_close(
            case.where, f"weights of {number}", found, numpy.float32(expected), 10 * case.tolerance
        )


@_CONTRACT.property
def gradient_is_that_of_the_values(case):
    """The derivative by the predictions is finite, and in float64 the quotient of differences."""
    loss, start = case.make(dtype="float64"), plain(case.y_pred).astype("float64")
    x = ops.convert_to_tensor(start)
    with GradientTape() as tape:
        tape.watch(x)
        value = ops.sum(loss(case.y_true, x))
    gradient = tape.gradient(value, x)
    require(
        case.where,
        gradient is not None and tuple(gradient.shape) == start.shape,
        "the derivative is missing or of another shape",
        received=gradient,
    )
    require(case.where, numpy.isfinite(plain(gradient)).all(), "the derivative is not finite")
    direction = numpy.random.default_rng(17).standard_normal(start.shape)
    slope = float((plain(gradient) * direction).sum())

    def at(arrays):
        return float(plain(ops.sum(loss(case.y_true, arrays[0]))))

    expected = slope_by_differences(at, [start], [direction])
    require(
        case.where,
        abs(slope - expected) <= 1e-5 * max(1.0, abs(expected)),
        "the derivative is not that of the values",
        received=slope,
        expected=f"{expected:.8g}",
    )


@_CONTRACT.property
def compiled_equals_eager(case):
    """Value and derivative of a compiled call, also for an unknown batch, equal an eager one's."""
    loss, weights = case.make(), case.weights()
    arguments = (case.y_true, case.y_pred, weights)

    def value_and_gradient(y_true, y_pred, sample_weight):
        with GradientTape() as tape:
            tape.watch(y_pred)
            value = loss(y_true, y_pred, sample_weight=sample_weight)
        return value, tape.gradient(value, y_pred)

    is_batch = weights.shape[0] == case.y_pred.shape[0]  # not so for a loss along the first axis
    for batch in ("static", "unknown") if is_batch else ("static", "unknown, but for weights"):
        specs = [x.spec for x in arguments]
        if batch != "static":
            specs = [TensorSpec((None, *x.shape[1:]), x.dtype) for x in arguments]
            specs[2] = specs[2] if is_batch else weights.spec
        compiled = function(value_and_gradient, input_signature=specs)
        require_close(
            case.where,
            f"compiled ({batch} batch) is not eager",
            compiled(*arguments),
            value_and_gradient(*arguments),
            case.tolerance,
        )


@_CONTRACT.property
def half_precision_gives_a_finite_float32(case):
    """Predictions of half precision give a finite float32 near that of float32 ones."""
    expected = case.make(dtype="float32")(case.y_true, case.y_pred)
    for dtype, tolerance in (("float16", 2e-2), ("bfloat16", 1e-1)):
        found = case.make(dtype="float32")(case.y_true, ops.cast(case.y_pred, dtype))
        require(
            case.where,
            found.dtype == "float32",
            "the loss is of another dtype",
            received=found,
            expected="float32",
        )
        require_close(case.where, f"{dtype} predictions", found, expected, tolerance)


@_CONTRACT.property
def lists_are_arrays(case):
    """Nested lists are taken as arrays are."""
    found = case.make()(case.y_true.numpy().tolist(), case.y_pred.numpy().tolist())
    require_close(
        case.where,
        "lists give another value",
        found,
        case.make()(case.y_true, case.y_pred),
        case.tolerance,
    )
