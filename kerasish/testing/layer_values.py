"""Properties of layers that concern their values: compiled calls, state, derivatives, dtypes."""

import numpy

from kerasish import ops
from kerasish.core import tree
from kerasish.core.function import function
from kerasish.core.tape import GradientTape
from kerasish.testing.contract import (
    is_float,
    plain,
    require,
    require_close,
    slope_by_differences,
    total_of,
)
from kerasish.testing.layer_case import LAYER

_ROUGHLY = {"float16": 3e-2, "bfloat16": 2e-1, "float32": 1e-5, "float64": 1e-5}


@LAYER.property
def compiled_equals_eager(case):
    """A compiled call gives what an eager one gives, and leaves the same state."""
    for training in case.phases():
        eager, compiled = case.pair()
        signature = [x.spec for x in case.leaves]
        _require_compiled(case, eager, compiled, training, signature)


@LAYER.property
def compiled_for_any_batch_equals_eager(case):
    """A call compiled for an unknown batch gives what an eager one gives."""
    for training in case.phases():
        eager, compiled = case.pair()
        _require_compiled(case, eager, compiled, training, case.open_specs())


def _require_compiled(case, eager, compiled, training, signature):
    program = function(
        lambda *leaves: _with_gradients(case, compiled, leaves, training),
        input_signature=signature,
    )
    for step in ("first", "second"):  # the second sees the state that the first has left
        for label, found, expected in zip(
            ("call", "derivative"),
            program(*case.leaves),
            _with_gradients(case, eager, case.leaves, training),
            strict=True,
        ):
            require_close(
                case.where,
                f"the {step} compiled {label} (training={training}) is not eager's",
                found,
                expected,
                case.tolerance,
            )
    for mine, other in zip(compiled.variables, eager.variables, strict=True):
        require_close(
            case.where, f"compiled calls leave another {mine.path}", mine, other, case.tolerance
        )


def _with_gradients(case, layer, leaves, training):
    """The output of a call, and the derivatives of a number made of it."""
    watched = [*case.floats(leaves), *layer.trainable_weights]
    with GradientTape() as tape:
        tape.watch(case.floats(leaves))
        outputs = case.call(layer, leaves, training)
        total = total_of(outputs)
    if total is None:
        return outputs, []
    return outputs, [g for g in tape.gradient(total, watched) if g is not None]


@LAYER.property
def equal_state_gives_equal_results(case):
    """Twins with equal weights and seeds compute the same, bit by bit; so does one, twice."""
    first, second = case.pair()
    for training in case.phases():
        require_close(
            case.where,
            f"twins of equal state differ (training={training})",
            case.call(first, training=training),
            case.call(second, training=training),
        )
    if case.takes_training:
        require_close(
            case.where,
            "two calls outside training differ",
            case.call(first, training=False),
            case.call(first, training=False),
        )
    if isinstance(case.config.get("seed"), int):
        require_close(
            case.where,
            "layers of one seed start with other random numbers",
            [v for v in case.built().variables if v.dtype == "uint32"],
            [v for v in case.built().variables if v.dtype == "uint32"],
        )


@LAYER.property
def gradients_are_finite(case):
    """Every float input and every trainable weight has a finite derivative of its shape."""
    for training in case.phases():
        layer = case.built()
        watched, found = _gradients(case, layer, case.leaves, training)
        if watched is None:
            return False
        for x, g in zip(watched, found, strict=True):
            label = getattr(x, "path", "an input")
            require(
                case.where,
                g is not None,
                f"{label} has no derivative",
                fix="compute with kerasish.ops only, and use every weight",
            )
            require(
                case.where,
                tuple(g.shape) == tuple(x.shape),
                f"the derivative by {label} has another shape",
                received=g,
                expected=str(tuple(x.shape)),
            )
            require(
                case.where,
                numpy.isfinite(plain(g)).all(),
                f"the derivative by {label} is not finite",
            )


@LAYER.property
def gradients_are_those_of_the_values(case):
    """In float64 the derivative along a random direction is the quotient of differences."""
    layer = case.make("float64")
    leaves = [ops.cast(x, "float64") if is_float(x) else x for x in case.leaves]
    case.call(layer, leaves, training=False)
    watched, found = _gradients(case, layer, leaves, False)
    if watched is None:
        return False
    rng = numpy.random.default_rng(17)
    start = [plain(x) for x in watched]
    directions = [rng.standard_normal(x.shape) for x in start]
    slope = sum(
        float((plain(g) * d).sum()) for g, d in zip(found, directions, strict=True) if g is not None
    )
    count = len(case.floats(leaves))

    def value(arrays):
        for weight, array in zip(layer.trainable_weights, arrays[count:], strict=True):
            weight.assign(array)
        given = iter(arrays[:count])
        at = [ops.convert_to_tensor(next(given)) if is_float(x) else x for x in leaves]
        return float(plain(total_of(case.call(layer, at, training=False))))

    expected = slope_by_differences(value, start, directions)
    require(
        case.where,
        abs(slope - expected) <= 1e-4 * max(1.0, abs(expected)),
        "the derivative is not that of the values",
        received=slope,
        expected=f"{expected:.8g}",
    )


@LAYER.property
def dtype_policies_are_obeyed(case):
    """Float outputs have the compute dtype, float weights the variable dtype; values agree."""
    reference = case.built()
    expected = [plain(y) for y in tree.flatten(case.call(reference, training=False))]
    for policy in case.policies:
        layer = case.built(policy)
        for mine, other in zip(layer.variables, reference.variables, strict=True):
            mine.assign(other.numpy())
        outputs = tree.flatten(case.call(layer, training=False))
        for y in outputs:
            require(
                case.where,
                not is_float(y) or y.dtype == layer.compute_dtype,
                f"under {policy} an output has another dtype",
                received=y,
                expected=layer.compute_dtype,
            )
        for w in layer.weights:
            require(
                case.where,
                "float" not in w.dtype or w.dtype == layer.variable_dtype,
                f"under {policy} the weight {w.path} has another dtype",
                received=w.dtype,
                expected=layer.variable_dtype,
            )
        if case.floats():
            require_close(
                case.where,
                f"under {policy} the values are others",
                [plain(y) for y in outputs],
                expected,
                _ROUGHLY[layer.compute_dtype],
            )


def _gradients(case, layer, leaves, training):
    """Float inputs and trainable weights with their derivatives; (None, None) without floats."""
    floats = case.floats(leaves)
    with GradientTape() as tape:
        tape.watch(floats)
        total = total_of(case.call(layer, leaves, training))
    watched = [*floats, *layer.trainable_weights]
    if total is None or not watched:
        return None, None
    return watched, tape.gradient(total, watched)
