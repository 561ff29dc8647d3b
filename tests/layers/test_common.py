"""The contract of every layer, and what the rows add: weights, training, masks, error texts."""

import numpy as np
import pytest

from kerasish import layers, ops, registry
from kerasish.core import masks
from kerasish.core.tape import GradientTape
from kerasish.testing import check_layer
from tests.layers.cases import CASES

GRADIENTS = ("gradients_are_finite", "gradients_are_those_of_the_values")

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def cases_where(condition):
    found = [case for case in CASES if condition(case)]
    return pytest.mark.parametrize("case", found, ids=lambda case: case.id)


def make(case, **more):
    config = {**case.config, **more}
    return layers.deserialize({"class_name": case.layer, "config": config})


def inputs_of(case, dtype="float32", shapes=None):
    generator = np.random.default_rng(3)
    arrays = [generator.standard_normal(s).astype("float32") for s in shapes or case.shapes]
    tensors = [ops.cast(ops.convert_to_tensor(a), dtype) for a in arrays]
    return tensors if case.listed else tensors[0]


def at_rest(layer, case, inputs=None):
    """The output outside training (which is not what image layers do when nothing is said)."""
    inputs = inputs_of(case) if inputs is None else inputs
    return layer(inputs, training=False) if case.is_random else layer(inputs)


def assert_close(a, b, tolerance=1e-5):
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=tolerance, atol=tolerance)


@every_case
def test_layer_keeps_the_contract(case):
    wrong = (inputs_of(case, shapes=case.bad),) if case.bad else None
    skip = case.skip
    if not case.has_gradient:  # values that go up in steps, and jump where short types round
        skip += (*GRADIENTS, "dtype_policies_are_obeyed")
    checked = check_layer(
        make(case), inputs_of(case), wrong_inputs=wrong, unknown_axes=case.unknown, skip=skip
    )
    assert len(checked) >= 11 - len(skip)


@every_case
def test_weights_have_names_and_order(case):
    layer = make(case, name="here")
    layer(inputs_of(case))
    assert {w.name: tuple(w.shape) for w in layer.weights} == case.weights
    assert [w.name for w in layer.weights] == list(case.weights)


@cases_where(lambda case: case.weights and case.layer != "Normalization")
def test_gradient_step_changes_weights(case):
    layer = make(case)
    inputs = inputs_of(case)
    layer(inputs)
    before = [w.numpy() for w in layer.trainable_weights]

    def loss():
        output = layer(inputs, training=True)
        target = np.random.default_rng(4).standard_normal(output.shape).astype("float32")
        return ops.mean(ops.square(output - target))

    losses = []
    for _ in range(2):
        with GradientTape() as tape:
            value = loss()
        losses.append(value.item())
        for w, g in zip(
            layer.trainable_weights, tape.gradient(value, layer.trainable_weights), strict=True
        ):
            assert g is not None, w.path
            w.assign_sub(0.01 * g)
    unchanged = [
        w.name
        for w, b in zip(layer.trainable_weights, before, strict=True)
        if (w.numpy() == b).all()
    ]
    assert unchanged == []
    assert losses[1] < losses[0]


@cases_where(lambda case: "data_format" in case.config and case.layer != "Flatten")
def test_channels_first_is_channels_last_moved(case):
    first, last = make(case), make(case, data_format="channels_last")
    x = inputs_of(case)
    moved = ops.moveaxis(x, 1, -1)
    expected = last(moved, training=True) if case.is_random else last(moved)
    first(x)
    first = make(case) if case.is_random else first  # with the same state of its generator
    first.set_weights(last.get_weights())
    actual = first(x, training=True) if case.is_random else first(x)
    if len(actual.shape) > 2:
        actual = ops.moveaxis(actual, 1, -1)
    assert_close(actual, expected)


@cases_where(lambda case: case.is_random)
def test_random_layer_repeats_under_a_seed(case):
    inputs = inputs_of(case)
    first, second = make(case), make(case)
    outputs = [first(inputs, training=True).numpy() for _ in range(3)]
    assert any((outputs[0] != other).any() for other in outputs[1:])
    again = [second(inputs, training=True).numpy() for _ in range(3)]
    assert all((a == b).all() for a, b in zip(outputs, again, strict=True))
    assert [v.name for v in first.variables] == ["seed_generator_state"]
    if case.layer != "RandomCrop":
        assert_close(first(inputs, training=False), inputs, 0)


@cases_where(
    lambda case: (
        not case.listed
        and len(case.shapes[0]) in (2, 3)
        and case.layer != "Softmax"  # its mask is of the inputs' shape
        and "data_format" not in case.config
    )
)
def test_mask_goes_with_the_output_or_ends(case):
    layer, inputs = make(case), inputs_of(case)
    mask = ops.convert_to_tensor(np.random.default_rng(5).random(inputs.shape[:-1]) < 0.7)
    masks.set_mask(inputs, mask)
    output = layer(inputs)
    if case.masks:
        assert masks.get_mask(output) is mask
    else:
        assert masks.get_mask(output) is None


@cases_where(lambda case: case.bad)
def test_wrong_shape_is_explained(case):
    layer = make(case, name="my_layer")
    layer(inputs_of(case))
    with pytest.raises(ValueError, match=case.problem) as caught:
        layer(inputs_of(case, shapes=case.bad))
    assert "my_layer" in str(caught.value)
    assert "Received" in str(caught.value) or "Fix" in str(caught.value)
    assert_close(layer(inputs_of(case)), layer(inputs_of(case)), 0)


@cases_where(
    lambda case: case.problem == "wrong number of axes" and case.layer != "EinsumDense"
)  # which learns its rank when it is built
def test_wrong_rank_at_the_first_call_makes_no_weights(case):
    layer = make(case, name="my_layer")
    with pytest.raises(ValueError, match="my_layer.*wrong number of axes"):
        layer(inputs_of(case, shapes=case.bad))
    assert layer.weights == []


@pytest.mark.parametrize("name", sorted({case.layer for case in CASES}))
def test_layer_is_registered_under_its_name(name):
    cls = getattr(layers, name)
    assert registry.lookup("layers", name) is cls
    assert name in layers.__all__
