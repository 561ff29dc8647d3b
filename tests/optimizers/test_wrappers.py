"""Optimizers around optimizers: loss scaling and several optimizers for one model."""

import json

import numpy as np
import pytest

import kerasish
from kerasish import Variable, ops, optimizers
from kerasish.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap


def make_scaled(**arguments):
    v = Variable([1.0, 2.0])
    optimizer = LossScaleOptimizer(SGD(0.5, momentum=0.5), initial_scale=8.0, **arguments)
    optimizer.build([v])
    return optimizer, v


def test_gradients_of_the_scaled_loss_are_divided():
    optimizer, v = make_scaled()
    assert float(optimizer.scale_loss(ops.array(2.0))) == 16.0
    optimizer.apply([ops.array([8.0, 8.0])])
    assert v.numpy().tolist() == [0.5, 1.5]


@pytest.mark.parametrize("is_traced", [False, True], ids=["eager", "traced"])
@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_step_that_is_not_finite_changes_only_the_scale(bad, is_traced):
    optimizer, v = make_scaled(dynamic_growth_steps=100)
    step = optimizer.apply
    if is_traced:
        step = kerasish.function(lambda gradients: optimizer.apply(gradients, [v]))
    step([ops.array([8.0, 8.0])])
    before = [x.numpy() for x in (v, *optimizer.inner_optimizer.variables)]
    step([ops.array(np.array([bad, 1.0], np.float32))])
    after = [x.numpy() for x in (v, *optimizer.inner_optimizer.variables)]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(optimizer.dynamic_scale) == 4.0
    assert int(optimizer.step_counter) == 0
    assert int(optimizer.iterations) == 1


def test_scale_doubles_after_finite_steps_in_a_row():
    optimizer, _ = make_scaled(dynamic_growth_steps=2)
    scales = []
    for g in (0.0, np.inf, 0.0, 0.0, 0.0):
        optimizer.apply([ops.array(np.array([g, 0.0], np.float32))])
        scales.append(float(optimizer.dynamic_scale))
    assert scales == [8.0, 4.0, 4.0, 8.0, 8.0]


def test_wrapper_shows_the_inner_learning_rate():
    optimizer, _ = make_scaled()
    optimizer.learning_rate = 0.125
    assert float(optimizer.inner_optimizer.learning_rate) == 0.125
    assert optimizer.learning_rate is optimizer.inner_optimizer.learning_rate


def test_inner_loss_scale_factor_is_switched_off():
    inner = SGD(0.5, loss_scale_factor=16.0)
    LossScaleOptimizer(inner)
    assert inner.loss_scale_factor is None


def test_wrapper_refuses_options_of_the_inner_optimizer():
    LossScaleOptimizer(SGD(), clipnorm=None, use_ema=False)  # as older files have it
    with pytest.raises(ValueError, match="'clipnorm' is not supported.*inner optimizer"):
        LossScaleOptimizer(SGD(), clipnorm=1.0)


def test_wrapper_round_trip_of_config_and_state():
    first, a = make_scaled()
    first.apply([ops.array([8.0, 4.0])])
    second = optimizers.deserialize(json.loads(json.dumps(optimizers.serialize(first))))
    b = Variable(a.numpy())
    second.build([b])
    store = {}
    first.save_own_variables(store)
    second.load_own_variables(store)
    for optimizer in (first, second):
        optimizer.apply([ops.array([1.0, 2.0])])
    np.testing.assert_array_equal(a.numpy(), b.numpy())


# ---- several optimizers ----


def make_multi(**arguments):
    paths = ("encoder", "encoder_2", "head")
    variables = [Variable(1.0, name=f"{path}_kernel") for path in paths]
    chosen = OptimizerMap(SGD(0.5), {"encoder.*": Adam(0.25)})
    return MultiOptimizer(chosen, **arguments), variables


def test_each_part_updates_its_variables():
    optimizer, variables = make_multi()
    optimizer.apply([ops.array(1.0)] * 3, variables)
    np.testing.assert_allclose([float(v) for v in variables], [0.75, 0.75, 0.5], rtol=1e-5)
    assert int(optimizer.iterations) == 1
    assert [type(part) for part in optimizer.optimizers] == [Adam, SGD]


def test_parts_by_a_function():
    parts = {"encoder_kernel": SGD(0.5)}
    rest = SGD(0.25)
    optimizer = MultiOptimizer(lambda variable: parts.get(variable.path, rest))
    _, variables = make_multi()
    optimizer.apply([ops.array(1.0)] * 3, variables)
    assert [float(v) for v in variables] == [0.5, 0.75, 0.75]


def test_multi_round_trip_of_config_and_state():
    first, a = make_multi()
    first.apply([ops.array(1.0)] * 3, a)
    second, b = optimizers.deserialize(json.loads(json.dumps(optimizers.serialize(first)))), []
    b = [Variable(v.numpy(), name=v.name) for v in a]
    second.build(b)
    store = {}
    first.save_own_variables(store)
    second.load_own_variables(store)
    first.apply([ops.array(2.0)] * 3, a)
    second.apply([ops.array(2.0)] * 3, b)
    assert [float(v) for v in a] == [float(v) for v in b]


def test_multi_has_no_learning_rate():
    optimizer, _ = make_multi()
    with pytest.raises(AttributeError, match="no learning rate of its own"):
        _ = optimizer.learning_rate
    with pytest.raises(AttributeError, match="no learning rate of its own"):
        optimizer.learning_rate = 0.1


def test_loss_scale_factor_reaches_the_parts():
    optimizer, _ = make_multi(loss_scale_factor=4.0)
    assert [part.loss_scale_factor for part in optimizer.optimizers] == [4.0, 4.0]
    assert float(optimizer.scale_loss(ops.array(1.0))) == 4.0


def test_patterns_that_both_match_raise():
    chosen = OptimizerMap(SGD(), {"a.*": SGD(), ".*b": SGD()})
    with pytest.raises(ValueError, match="several patterns match 'ab'"):
        chosen["ab"]


def test_parts_must_be_plain_optimizers():
    with pytest.raises(ValueError, match="plain optimizers"):
        OptimizerMap(LossScaleOptimizer(SGD()))
    with pytest.raises(ValueError, match="a new string"):
        OptimizerMap(SGD(), {"a": SGD()})["a"] = SGD()
