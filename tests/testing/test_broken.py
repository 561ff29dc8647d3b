"""The checks can fail: components that break one property each, and the error that tells it."""

import numpy as np
import pytest

from kerasish import callbacks, initializers, layers, losses, metrics, ops, optimizers
from kerasish.core.custom_gradient import custom_gradient
from kerasish.testing import (
    ContractError,
    check_activation,
    check_callback,
    check_constraint,
    check_initializer,
    check_layer,
    check_loss,
    check_metric,
    check_optimizer,
    check_regularizer,
    check_schedule,
)
from kerasish.testing.contract import Contract

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


class ForgetsAnArgument(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return {"name": self.name, "factor": 1.0}

    def call(self, inputs):
        return inputs * self.factor


class HoldsAnObject(layers.Layer):
    def get_config(self):
        return {"name": self.name, "object": object()}


class ForgetsToBuild(layers.Layer):
    def call(self, inputs):
        self.factor = self.add_weight((3,), "ones", name=f"factor_{len(self.weights)}")
        self.factors = [*getattr(self, "factors", []), self.factor]
        return inputs * self.factor


class AnnouncesAnotherShape(layers.Layer):
    def compute_output_shape(self, input_shape):
        return (input_shape[0], 7)

    def call(self, inputs):
        return inputs


class NeedsTheBatch(layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (4, 3))


class RunsPythonOnce(layers.Layer):
    calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs * float(self.calls)


class IsRandomAtRest(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.generator = np.random.default_rng(0)

    def call(self, inputs, training=False):
        return inputs + self.generator.normal()


class StopsTheGradient(layers.Layer):
    def build(self, input_shape):
        self.used = self.add_weight((3,), "ones", name="used")

    def call(self, inputs):
        return inputs + ops.stop_gradient(self.used)


class HasAnInfiniteGradient(layers.Layer):
    def call(self, inputs):
        return ops.sqrt(ops.relu(inputs))


class HasAWrongGradient(layers.Layer):
    def call(self, inputs):
        @custom_gradient
        def double(x):
            return 2 * x, lambda g: 3 * g

        return double(inputs)


class IgnoresThePolicy(layers.Layer):
    def call(self, inputs):
        return ops.cast(inputs, "float32")


class DropsTheMask(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = False

    def call(self, inputs):
        return inputs


class TakesEverything(layers.Layer):
    def call(self, inputs):
        return inputs


class SavesNothing(layers.Dense):
    def save_own_variables(self, store):
        for i, _ in enumerate(self.weights):
            store[str(i)] = np.zeros_like(self.weights[i].numpy())


LAYERS = [
    (ForgetsAnArgument(3.0), {}, "config_makes_an_equal_layer"),
    (HoldsAnObject(), {}, "config_makes_an_equal_layer"),
    (ForgetsToBuild(), {"skip": ("config_makes_an_equal_layer",)},
     "build_makes_the_weights_of_a_call"),
    (AnnouncesAnotherShape(), {}, "announced_shapes_are_real"),
    (NeedsTheBatch(), {}, "batch_may_be_unknown"),
    (RunsPythonOnce(), {"skip": ("config_makes_an_equal_layer",)},
     "compiled_equals_eager"),
    (IsRandomAtRest(), {"skip": ("compiled_equals_eager", "compiled_for_any_batch_equals_eager",
                                 "config_makes_an_equal_layer", "model_of_it_survives_a_file")},
     "equal_state_gives_equal_results"),
    (StopsTheGradient(), {}, "gradients_are_finite"),
    (HasAnInfiniteGradient(), {"inputs": np.zeros((2, 3), "float32")}, "gradients_are_finite"),
    (HasAWrongGradient(), {}, "gradients_are_those_of_the_values"),
    (IgnoresThePolicy(), {"skip": ("gradients_are_those_of_the_values",)},
     "dtype_policies_are_obeyed"),
    (DropsTheMask(), {"supports_masking": True}, "masks_go_where_it_says"),
    (SavesNothing(2), {}, "model_of_it_survives_a_file"),
    (TakesEverything(), {"wrong_inputs": (np.ones((4,), "float32"),)}, "wrong_rank_is_refused"),
]  # fmt: skip


def _id(row):
    return type(row[0]).__name__


@pytest.mark.parametrize(("layer", "options", "name"), LAYERS, ids=map(_id, LAYERS))
def test_broken_layer_fails_by_its_property(layer, options, name):
    options = dict(options)
    inputs = options.pop("inputs", X)
    with pytest.raises(ContractError, match=f"check_layer.{layer.name}") as caught:
        check_layer(layer, inputs, **options)
    assert name in "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


class WrongLoss(losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(ops.stop_gradient(y_pred) - y_true) * y_pred, axis=-1)


class ForgettingMetric(metrics.Metric):
    def __init__(self, name="forgetting"):
        super().__init__(name=name)
        self.last = self.add_variable((), "zeros", name="last")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.last.assign(ops.mean(ops.convert_to_tensor(y_pred, "float32")))

    def result(self):
        return self.last.value

    def get_config(self):
        return {"name": self.name}


class Climber(optimizers.SGD):
    def update_step(self, gradient, variable, learning_rate):
        self.assign_add(variable, ops.cast(learning_rate, gradient.dtype) * gradient)


class NotOfTheShape(initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return ops.ones((2, 2), dtype=dtype or "float32")


class PythonCounter(optimizers.schedules.LearningRateSchedule):
    calls = 0

    def __call__(self, step):
        self.calls += 1
        return ops.convert_to_tensor(0.1 * self.calls)

    def get_config(self):
        return {}


class Vector:
    def get_config(self):
        return {}

    def __call__(self, x):
        return ops.sum(x, axis=0)


class KeepsAModel(callbacks.Callback):
    def get_state(self):
        return {"model": self.model}


OTHERS = [
    (check_loss, (WrongLoss(), X, X + 1), "gradient_is_that_of_the_values"),
    (check_metric, (ForgettingMetric(), X, X), "batches_do_not_matter"),
    (check_optimizer, (Climber(0.01),), "the_loss_gets_smaller"),
    (check_initializer, (NotOfTheShape(),), "shape_and_dtype_are_as_asked"),
    (check_schedule, (PythonCounter(),), "config_makes_an_equal_schedule"),
    (check_regularizer, (Vector(),), "value_is_a_finite_scalar"),
    (check_constraint, (Vector(),), "shape_and_dtype_are_kept"),
    (check_activation, (lambda x: ops.stop_gradient(x) * x,),
     "gradient_of_the_activation_is_that_of_the_values"),
    (check_callback, (KeepsAModel,), "its_state_is_plain_data"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "arguments", "name"), OTHERS,
                         ids=[row[0].__name__ for row in OTHERS])  # fmt: skip
def test_broken_component_fails_by_its_property(check, arguments, name):
    with pytest.raises(ContractError, match=check.__name__) as caught:
        check(*arguments)
    assert name in "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def test_skipping_what_is_no_property_is_told():
    with pytest.raises(ValueError, match="did you mean 'gradients_are_finite'"):
        check_layer(layers.Dense(2), X, skip=("gradient_is_finite",))


def test_a_property_that_does_not_apply_is_not_listed():
    contract = Contract("number")
    contract.property(lambda number: False)
    assert contract.check(3, where="three") == ()
