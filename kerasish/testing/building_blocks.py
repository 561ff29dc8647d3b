"""check_initializer, check_regularizer, check_constraint and check_activation."""

import types

import numpy

from kerasish import activations, constraints, initializers, ops, regularizers
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

_INITIALIZER, _REGULARIZER = Contract("initializer"), Contract("regularizer")
_CONSTRAINT, _ACTIVATION = Contract("constraint"), Contract("activation")


class _Case:
    """A building block, what it is tried on, and the module that knows its kind."""

    def __init__(self, contract, module, item, values, custom_objects):
        self.item, self.module, self.values = item, module, values
        name = getattr(item, "__name__", type(item).__name__)
        self.where = f"check_{contract.kind}({name})"
        self.custom_objects = {type(item).__name__: type(item), **(custom_objects or {})}

    def twins(self):
        """Equal objects: from its config, and from its serialized form."""
        require_config(self.where, self.item, type(self.item).from_config(self.item.get_config()))
        config = serialized(self.module.serialize(self.item))
        again = self.module.deserialize(config, custom_objects=self.custom_objects)
        require(
            self.where,
            type(again) is type(self.item),
            "deserialize makes another class",
            received=again,
        )
        return type(self.item).from_config(self.item.get_config()), again


def check_initializer(initializer, shapes=((4, 3), (5, 5)), skip=(), custom_objects=None):
    """Check that an initializer does what every initializer must do.

    It makes finite tensors of the shape and dtype asked for; its config makes an equal one; with a
    seed it makes the same values each time.

    Args:
        initializer: Initializer.
        shapes: shapes to try it on.
        skip: names of properties that do not hold, and are not meant to.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> check_initializer(initializers.HeNormal(seed=1))[0]
        'shape_and_dtype_are_as_asked'
    """
    case = _Case(_INITIALIZER, initializers, initializer, shapes, custom_objects)
    return _INITIALIZER.check(case, where=case.where, skip=skip)


@_INITIALIZER.property
def shape_and_dtype_are_as_asked(case):
    """It makes a finite tensor of the shape and dtype asked for; floatx when none is."""
    for shape in case.values:
        for dtype in (None, "float32", "float64", "float16", "bfloat16"):
            value = case.item(shape, dtype=dtype)
            require(
                case.where,
                tuple(value.shape) == tuple(shape),
                "another shape",
                received=value,
                expected=str(shape),
            )
            require(
                case.where,
                value.dtype == (dtype or "float32"),
                "another dtype",
                received=value,
                expected=dtype or "float32",
            )
            require(case.where, numpy.isfinite(plain(value)).all(), "values are not finite")


@_INITIALIZER.property
def config_makes_an_equal_initializer(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal initializers."""
    has_seed = "seed" in case.item.get_config()
    for twin in case.twins():
        for shape in case.values:
            if not has_seed or isinstance(case.item.get_config()["seed"], int):
                require_close(
                    case.where,
                    "one from its config makes other values",
                    twin(shape),
                    case.item(shape),
                )


@_INITIALIZER.property
def a_seed_repeats(case):
    """With an int as seed it makes the same values each time."""
    if not isinstance(case.item.get_config().get("seed"), int):
        return False
    for shape in case.values:
        require_close(
            case.where, "two calls with one seed differ", case.item(shape), case.item(shape)
        )


def check_regularizer(regularizer, weights=None, skip=(), custom_objects=None):
    """Check that a regularizer does what every regularizer must do.

    It gives one finite scalar, the same compiled as eager; its derivative is that of its values;
    its config makes an equal one.

    Args:
        regularizer: Regularizer.
        weights: array to try it on; of shape (4, 3) when None.
        skip: names of properties that do not hold, and are not meant to.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> check_regularizer(regularizers.L2(0.01))[0]
        'value_is_a_finite_scalar'
    """
    case = _Case(_REGULARIZER, regularizers, regularizer, _array(weights), custom_objects)
    return _REGULARIZER.check(case, where=case.where, skip=skip)


@_REGULARIZER.property
def value_is_a_finite_scalar(case):
    """It gives one finite number, for weights of zero, too, in the weights' dtype."""
    for dtype in ("float32", "float64"):
        for x in (case.values, numpy.zeros_like(case.values)):
            value = case.item(ops.cast(x, dtype))
            require(case.where, tuple(value.shape) == (), "not a scalar", received=value)
            require(
                case.where,
                value.dtype == dtype,
                "another dtype than the weights'",
                received=value,
                expected=dtype,
            )
            require(case.where, numpy.isfinite(plain(value)), "not finite", received=value)


@_REGULARIZER.property
def config_makes_an_equal_regularizer(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal regularizers."""
    x = ops.convert_to_tensor(case.values)
    for twin in case.twins():
        require_close(case.where, "one from its config gives another value", twin(x), case.item(x))


@_REGULARIZER.property
def gradient_is_that_of_the_values(case):
    """The derivative is finite, and in float64 the quotient of differences."""
    _require_gradient(case, case.item)


@_REGULARIZER.property
def compiled_regularizer_equals_eager(case):
    """A compiled call gives what an eager one gives."""
    _require_compiled(case)


def check_constraint(constraint, weights=None, skip=(), custom_objects=None):
    """Check that a constraint does what every constraint must do.

    It keeps shape and dtype and makes finite values, of zeros, too; its config makes an equal one;
    a compiled call equals an eager one.

    Args:
        constraint: Constraint.
        weights: array to try it on; of shape (4, 3) when None.
        skip: names of properties that do not hold, and are not meant to.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> check_constraint(constraints.NonNeg())[0]
        'shape_and_dtype_are_kept'
    """
    case = _Case(_CONSTRAINT, constraints, constraint, _array(weights), custom_objects)
    return _CONSTRAINT.check(case, where=case.where, skip=skip)


@_CONSTRAINT.property
def shape_and_dtype_are_kept(case):
    """It gives finite values of the weights' shape and dtype."""
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        for x in (case.values, numpy.zeros_like(case.values)):
            value = case.item(ops.cast(x, dtype))
            require(
                case.where,
                (tuple(value.shape), value.dtype) == (x.shape, dtype),
                "another shape or dtype",
                received=value,
                expected=f"{x.shape}, {dtype}",
            )
            require(case.where, numpy.isfinite(plain(value)).all(), "values are not finite")


@_CONSTRAINT.property
def config_makes_an_equal_constraint(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal constraints."""
    x = ops.convert_to_tensor(case.values)
    for twin in case.twins():
        require_close(case.where, "one from its config gives other values", twin(x), case.item(x))


@_CONSTRAINT.property
def compiled_constraint_equals_eager(case):
    """A compiled call gives what an eager one gives."""
    _require_compiled(case)


def check_activation(activation, inputs=None, skip=(), custom_objects=None):
    """Check that an activation does what every activation must do.

    It keeps shape and dtype, in half precision, too; its derivative is that of its values; a
    compiled call equals an eager one, for an unknown batch, too; its name finds it again.

    Args:
        activation: function of a tensor, or an object with a config.
        inputs: array to try it on; of shape (4, 3) when None.
        skip: names of properties that do not hold, and are not meant to.
        custom_objects: dict from name to function, to find one that is not registered.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> check_activation(activations.softplus)[0]
        'shape_and_dtype_are_kept'
    """
    case = _Case(_ACTIVATION, activations, activation, _array(inputs), custom_objects)
    return _ACTIVATION.check(case, where=case.where, skip=skip)


def _activation_keeps_shape_and_dtype(case):
    """It gives finite values of the inputs' shape and dtype."""
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        x = ops.cast(case.values, dtype)
        value = case.item(x)
        require(
            case.where,
            (value.shape, value.dtype) == (x.shape, dtype),
            "another shape or dtype",
            received=value,
            expected=f"{x.shape}, {dtype}",
        )
        require(case.where, numpy.isfinite(plain(value)).all(), "values are not finite")


_ACTIVATION.properties["shape_and_dtype_are_kept"] = _activation_keeps_shape_and_dtype


@_ACTIVATION.property
def gradient_of_the_activation_is_that_of_the_values(case):
    """The derivative is finite, and in float64 the quotient of differences."""
    _require_gradient(case, lambda x: ops.sum(ops.sin(case.item(x))))


@_ACTIVATION.property
def compiled_activation_equals_eager(case):
    """A compiled call gives what an eager one gives, for an unknown batch, too."""
    _require_compiled(case)


@_ACTIVATION.property
def its_name_finds_it(case):
    """`get(serialize(activation))` is the activation again."""
    if not isinstance(case.item, types.FunctionType):
        return False
    found = activations.deserialize(
        activations.serialize(case.item), custom_objects=case.custom_objects
    )
    require(
        case.where, found is case.item, "its serialized name finds another function", received=found
    )


# ---- parts of the properties -----------------------------------------------------------------


def _array(values):
    if values is None:
        values = numpy.random.default_rng(23).standard_normal((4, 3))
    return numpy.asarray(values, "float32")


def _require_gradient(case, function_of_values):
    start = case.values.astype("float64")
    x = ops.convert_to_tensor(start)
    with GradientTape() as tape:
        tape.watch(x)
        value = function_of_values(x)
    gradient = tape.gradient(value, x)
    require(
        case.where,
        gradient is not None and tuple(gradient.shape) == start.shape,
        "the derivative is missing or of another shape",
        received=gradient,
    )
    direction = numpy.random.default_rng(17).standard_normal(start.shape)
    slope = float((plain(gradient) * direction).sum())

    def at(arrays):
        return float(plain(function_of_values(ops.convert_to_tensor(arrays[0]))))

    expected = slope_by_differences(at, [start], [direction])
    require(
        case.where,
        abs(slope - expected) <= 1e-5 * max(1.0, abs(expected)),
        "the derivative is not that of the values",
        received=slope,
        expected=f"{expected:.8g}",
    )


def _require_compiled(case):
    x = ops.convert_to_tensor(case.values)
    for batch in (x.shape[0], None):
        compiled = function(
            lambda x: case.item(x), input_signature=[TensorSpec((batch, *x.shape[1:]), x.dtype)]
        )
        require_close(
            case.where, f"compiled (batch {batch}) is not eager", compiled(x), case.item(x), 1e-5
        )
