"""What the base class promises for every optimizer: checks, options, state, configuration."""

import json

import numpy as np
import pytest

import kerasish
from kerasish import Variable, constraints, ops, optimizers
from kerasish.errors import CheckpointError, ShapeError
from kerasish.optimizers import SGD, Adam, Optimizer, schedules
from kerasish.testing import check_optimizer
from tests.optimizers.cases import CASES, IDS


def make_variables():
    rng = np.random.default_rng(7)
    return [
        Variable(rng.normal(size=(4, 3)).astype(np.float32), name="kernel"),
        Variable(rng.normal(size=(3,)).astype(np.float32), name="bias"),
    ]


def make_gradients(seed):
    rng = np.random.default_rng(seed)
    return [ops.array(rng.normal(size=s).astype(np.float32)) for s in [(4, 3), (3,)]]


def values_of(variables):
    return [v.numpy() for v in variables]


def assert_same(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


# ---- every optimizer ----


@pytest.mark.parametrize(("name", "cls", "arguments"), CASES, ids=IDS)
def test_optimizer_keeps_the_contract(name, cls, arguments):
    assert len(check_optimizer(cls(learning_rate=0.01, **arguments))) == 8


@pytest.mark.parametrize(("name", "cls", "arguments"), CASES, ids=IDS)
def test_saved_state_continues_exactly(name, cls, arguments):
    options = {"use_ema": True, "ema_momentum": 0.5}
    first, a = cls(learning_rate=0.01, **arguments, **options), make_variables()
    for i in range(3):
        first.apply(make_gradients(i), a)
    store = {}
    first.save_own_variables(store)
    assert sorted(store, key=int) == [str(i) for i in range(len(first.variables))]
    second, b = cls(learning_rate=0.5, **arguments, **options), make_variables()
    for variable, value in zip(b, values_of(a), strict=True):
        variable.assign(value)
    second.build(b)
    second.load_own_variables(store)
    for i in range(3, 6):
        first.apply(make_gradients(i), a)
        second.apply(make_gradients(i), b)
    assert_same(values_of(a), values_of(b))
    assert_same(values_of(first.variables), values_of(second.variables))


@pytest.mark.parametrize(("name", "cls", "arguments"), CASES, ids=IDS)
def test_traced_with_all_options_equals_eager(name, cls, arguments):
    def make():
        optimizer = cls(
            learning_rate=schedules.ExponentialDecay(0.01, 5, 0.5), **arguments,
            global_clipnorm=1.0, use_ema=True, ema_overwrite_frequency=2, loss_scale_factor=8.0,
            gradient_accumulation_steps=2,
        )  # fmt: skip
        variables = make_variables()
        optimizer.build(variables)
        return optimizer, variables

    (eager, a), (traced, b) = make(), make()
    step = kerasish.function(lambda gradients: traced.apply(gradients, b))
    for i in range(6):
        eager.apply(make_gradients(i))
        step(make_gradients(i))
        for x, y in zip([*a, *eager.variables], [*b, *traced.variables], strict=True):
            np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-5, atol=1e-7)


def test_gradient_of_another_shape_raises_before_any_change():
    optimizer, variables = Adam(0.1), make_variables()
    optimizer.apply(make_gradients(0), variables)
    before = values_of([*variables, *optimizer.variables])
    gradients = make_gradients(1)
    with pytest.raises(ShapeError, match=r"gradient of 'bias' has another shape.*\(4,\).*\(3,\)"):
        optimizer.apply([gradients[0], ops.zeros((4,))], variables)
    assert_same(values_of([*variables, *optimizer.variables]), before)


def test_first_gradients_of_another_shape_leave_the_optimizer_unbuilt():
    optimizer, variables = Adam(0.1), make_variables()
    with pytest.raises(ShapeError, match="another shape"):
        optimizer.apply([ops.zeros((2, 2)), ops.zeros((3,))], variables)
    assert not optimizer.built
    assert len(optimizer.variables) == 2


def test_missing_gradient_warns_with_its_path_and_leaves_the_variable():
    optimizer, (kernel, bias) = SGD(0.1, momentum=0.9), make_variables()
    before = bias.numpy()
    with pytest.warns(UserWarning, match="without a gradient.*bias"):
        optimizer.apply_gradients([(make_gradients(0)[0], kernel), (None, bias)])
    np.testing.assert_array_equal(bias.numpy(), before)
    assert int(optimizer.iterations) == 1


def test_no_gradient_at_all_raises():
    with pytest.raises(ValueError, match="no variable has a gradient"):
        SGD().apply([None, None], make_variables())


def test_no_pairs_do_nothing():
    optimizer = SGD()
    assert int(optimizer.apply_gradients([])) == 0


def test_unequal_numbers_raise():
    with pytest.raises(
        ValueError, match="one gradient for each variable.*1 gradients, 2 variables"
    ):
        SGD().apply(make_gradients(0)[:1], make_variables())


def test_unbuilt_without_variables_raises():
    with pytest.raises(ValueError, match="unbuilt"):
        SGD().apply(make_gradients(0))


def test_variables_of_another_model_raise_with_their_paths():
    optimizer = SGD()
    optimizer.build(make_variables())
    with pytest.raises(ValueError, match="built without these variables.*kernel"):
        optimizer.apply(make_gradients(0), make_variables())


# ---- learning rate ----


def test_learning_rate_is_a_variable_that_can_be_set():
    optimizer = SGD(0.5)
    assert isinstance(optimizer.learning_rate, Variable)
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.get_config()["learning_rate"] == 0.25


def test_set_learning_rate_takes_effect_in_a_traced_step():
    optimizer, v = SGD(1.0), Variable(0.0)
    optimizer.build([v])
    step = kerasish.function(lambda: optimizer.apply([ops.ones(())], [v]))
    step()
    optimizer.learning_rate = 10.0
    step()
    assert float(v) == -11.0


def test_schedule_cannot_be_overwritten_by_a_number():
    optimizer = SGD(schedules.ExponentialDecay(1.0, 1, 0.5))
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


def test_schedule_replaces_the_variable():
    optimizer, v = SGD(0.5), Variable(0.0)
    optimizer.learning_rate = schedules.PiecewiseConstantDecay([0], [1.0, 0.5])
    assert [v.name for v in optimizer.variables] == ["iteration"]
    optimizer.apply([ops.ones(())], [v])
    optimizer.apply([ops.ones(())], [v])
    assert float(v) == -1.5


def test_function_as_learning_rate():
    optimizer, v = SGD(lambda: 0.25), Variable(0.0)
    optimizer.apply([ops.ones(())], [v])
    assert float(v) == -0.25


@pytest.mark.parametrize("rate", ["0.1", True, None, [0.1]])
def test_unusable_learning_rate_raises(rate):
    with pytest.raises(ValueError, match="unusable learning rate"):
        SGD(rate)


# ---- options ----


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "only one kind of clipping"),
        ({"clipnorm": -1.0}, "clipnorm must be a positive float"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps must be an int >= 2"),
        ({"use_ema": True, "ema_momentum": 1.5}, "ema_momentum must be a number from 0 to 1"),
        ({"use_ema": True, "ema_overwrite_frequency": 0.5}, "ema_overwrite_frequency must be"),
        ({"momentum": 2.0}, "momentum must be a number from 0 to 1"),
        ({"learning_rat": 0.1}, "unknown argument.*learning_rat"),
    ],
)
def test_option_out_of_range_raises(arguments, match):
    with pytest.raises(ValueError, match=match):
        SGD(**arguments)


def test_decay_of_old_configs_warns():
    with pytest.warns(UserWarning, match="`decay` has no effect"):
        SGD(decay=0.1)


def test_constraint_is_applied_after_the_update():
    v = Variable([0.5, 2.0])
    v.constraint = constraints.NonNeg()
    SGD(1.0).apply([ops.ones((2,))], [v])
    assert v.numpy().tolist() == [0.0, 1.0]


def test_weight_decay_leaves_out_excluded_variables():
    kernel, bias, gamma = (Variable(1.0, name=n) for n in ("kernel", "bias", "gamma"))
    optimizer = SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[gamma], var_names=["bias"])
    optimizer.apply([ops.zeros(())] * 3, [kernel, bias, gamma])
    assert [float(v) for v in (kernel, bias, gamma)] == [0.75, 1.0, 1.0]


def test_global_clipnorm_makes_all_nan_where_a_gradient_is_infinite():
    a, b = Variable(1.0, name="a"), Variable(1.0, name="b")
    optimizer = SGD(1.0, global_clipnorm=1.0)
    with np.errstate(all="ignore"):
        optimizer.apply([ops.array(np.float32("inf")), ops.array(1.0)], [a, b])
    assert np.isnan(float(a))
    assert np.isnan(float(b))


def test_zero_gradients_are_clipped_without_a_warning():
    for key in ("clipnorm", "global_clipnorm", "clipvalue"):
        v = Variable([1.0, 2.0])
        SGD(1.0, **{key: 0.5}).apply([ops.zeros((2,))], [v])
        assert v.numpy().tolist() == [1.0, 2.0]


def test_scale_loss_and_unscaled_gradients():
    optimizer, v = SGD(1.0, loss_scale_factor=4.0), Variable(1.0)
    assert float(optimizer.scale_loss(ops.array(2.0))) == 8.0
    optimizer.apply([ops.array(4.0)], [v])
    assert float(v) == 0.0


def test_accumulation_waits_and_uses_the_mean():
    optimizer, v = SGD(1.0, gradient_accumulation_steps=2), Variable(0.0)
    seen = []
    for g in (1.0, 3.0, 5.0, 7.0):
        optimizer.apply([ops.array(g)], [v])
        seen.append((float(v), int(optimizer.iterations)))
    assert seen == [(0.0, 0), (-2.0, 1), (-2.0, 1), (-8.0, 2)]


def test_average_replaces_the_variable_at_the_end():
    optimizer, v = SGD(1.0, use_ema=True, ema_momentum=0.5), Variable(0.0)
    optimizer.apply([ops.array(1.0)], [v])
    optimizer.apply([ops.array(1.0)], [v])
    assert float(v) == -2.0
    optimizer.finalize_variable_values([v])
    assert float(v) == -1.5


def test_variable_overwritten_with_its_gradient_has_no_state():
    weight, scale = Variable(1.0, name="weight"), Variable(1.0, name="scale")
    scale.overwrite_with_gradient = True
    optimizer = Adam(0.5)
    optimizer.apply([ops.array(1.0), ops.array(7.0)], [weight, scale])
    assert float(scale) == 7.0
    assert not any("scale" in v.path for v in optimizer.variables)


def test_overwriting_gradients_accumulate_by_their_maximum():
    scale, weight = Variable(1.0, name="scale"), Variable(1.0, name="weight")
    scale.overwrite_with_gradient = True
    optimizer = SGD(0.5, gradient_accumulation_steps=2)
    seen = []
    for g in (5.0, 3.0, 2.0, 1.0):
        optimizer.apply([ops.array(g), ops.array(0.0)], [scale, weight])
        seen.append(float(scale))
    assert seen == [1.0, 5.0, 5.0, 2.0]


# ---- state ----


def test_loading_another_number_of_variables_raises_and_changes_nothing():
    first, second = SGD(0.1, momentum=0.9), Adam(0.1)
    store = {}
    for optimizer in (first, second):
        optimizer.apply(make_gradients(0), make_variables())
    first.save_own_variables(store)
    before = values_of(second.variables)
    with pytest.raises(CheckpointError, match="another number of variables.*4 arrays.*6: adam"):
        second.load_own_variables(store)
    assert_same(values_of(second.variables), before)


def test_loading_another_shape_raises_and_changes_nothing():
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.build(make_variables())
    weights = [v.numpy() + 1 for v in optimizer.variables]
    weights[-1] = np.zeros((9,), np.float32)
    before = values_of(optimizer.variables)
    with pytest.raises(CheckpointError, match=r"bias_momentum: .*another shape.*\(9,\)"):
        optimizer.set_weights(weights)
    assert_same(values_of(optimizer.variables), before)


def test_set_weights_of_an_unbuilt_optimizer_raises():
    with pytest.raises(ValueError, match="no state yet"):
        SGD().set_weights([])


def test_variable_kept_as_attribute_is_state():
    class WithCounter(SGD):
        def build(self, variables):
            super().build(variables)
            self.extra = Variable(3.0, name="extra")

    optimizer = WithCounter(0.1)
    optimizer.build(make_variables())
    assert optimizer.variables[-1] is optimizer.extra


def test_variable_before_super_init_raises():
    class TooEarly(Optimizer):
        def __init__(self):
            self.extra = Variable(1.0)
            super().__init__(0.1)

    with pytest.raises(RuntimeError, match=r"super\(\).__init__"):
        TooEarly()


def test_missing_formula_raises():
    with pytest.raises(NotImplementedError, match="update_step"):
        Optimizer(0.1).apply(make_gradients(0), make_variables())


def test_names_are_numbered():
    kerasish.core.names.reset()
    assert [SGD().name, SGD().name, Adam(name="mine").name] == ["sgd", "sgd_1", "mine"]


# ---- get ----


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM", "RMSprop", "rmsprop", "SGD", "adamw"])
def test_get_by_name_of_any_case(name):
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


def test_get_passes_objects_and_makes_classes():
    optimizer = SGD()
    assert optimizers.get(optimizer) is optimizer
    assert isinstance(optimizers.get(Adam), Adam)
    assert optimizers.get(None) is None


def test_get_offers_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        optimizers.get("adaam")
    with pytest.raises(ValueError, match="not an optimizer"):
        optimizers.get(3)


def test_custom_class_by_custom_objects():
    class Mine(SGD):
        pass

    config = optimizers.serialize(Mine(0.125))
    assert type(optimizers.deserialize(config, custom_objects={"Mine": Mine})) is Mine


def test_reading_a_config_leaves_it_as_it_was():
    config = optimizers.serialize(Adam(schedules.ExponentialDecay(0.5, 2, 0.5)))
    text = json.dumps(config)
    assert isinstance(optimizers.deserialize(config).learning_rate, kerasish.Tensor)
    assert json.dumps(config) == text


# ---- schedules ----


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.PolynomialDecay(0.1, -1),
        lambda: schedules.InverseTimeDecay(0.1, 0, 0.5),
        lambda: schedules.CosineDecay(0.1, 0),
        lambda: schedules.CosineDecayRestarts(0.1, 0),
    ],
)
def test_schedule_without_steps_raises(make):
    with pytest.raises(ValueError, match="decay_steps must be positive"):
        make()


def test_piecewise_needs_one_value_more():
    with pytest.raises(ValueError, match="one value more than boundaries.*1 boundaries, 1 values"):
        schedules.PiecewiseConstantDecay([1], [1.0])


def test_restarts_of_equal_length():
    schedule = schedules.CosineDecayRestarts(1.0, 4, t_mul=1.0, m_mul=0.5)
    values = [float(schedule(i)) for i in (0, 2, 4, 6, 8)]
    np.testing.assert_allclose(values, [1.0, 0.5, 0.5, 0.25, 0.25], rtol=1e-6)


def test_warmup_without_steps_starts_at_the_target():
    schedule = schedules.CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=0)
    assert float(schedule(0)) == 1.0
