"""Learning rates that change, and an optimizer of one's own."""

import math

import numpy as np

import kerasish as keras
from kerasish import layers, ops


@keras.saving.register_keras_serializable(package="examples")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Up in a line, down along a cosine."""

    def __init__(self, peak, warmup_steps, total_steps):
        super().__init__()
        self.peak, self.warmup_steps, self.total_steps = peak, warmup_steps, total_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        up = self.peak * step / self.warmup_steps
        share = (step - self.warmup_steps) / (self.total_steps - self.warmup_steps)
        down = 0.5 * self.peak * (1 + ops.cos(math.pi * ops.clip(share, 0, 1)))
        return ops.where(step < self.warmup_steps, up, down)

    def get_config(self):
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }


@keras.saving.register_keras_serializable(package="examples")
class SignMomentum(keras.optimizers.Optimizer):
    """Steps of one size, in the direction of an average of gradients."""

    def __init__(self, learning_rate=0.001, momentum=0.9, name="sign_momentum", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.averages = self.add_optimizer_variables(variables, "average")

    def update_step(self, gradient, variable, learning_rate):
        average = self.averages[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign(average, self.momentum * average + (1 - self.momentum) * gradient)
        self.assign_sub(variable, rate * ops.sign(average))

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


def main():
    """Train with both, save, load."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64).astype("float32") / 16, x_test.reshape(-1, 64) / 16
    schedule = WarmupCosine(0.01, warmup_steps=45, total_steps=360)
    rates = [float(schedule(step)) for step in (0, 45, 200, 360)]
    print("rates:", [round(rate, 4) for rate in rates])
    np.testing.assert_allclose(rates[:2] + rates[3:], [0, 0.01, 0], atol=1e-6)
    kinds = {
        "warmup, Adam": keras.optimizers.Adam(schedule, clipnorm=1.0),
        "own": SignMomentum(0.001, ema_momentum=0.9),
        "own, warmup": SignMomentum(WarmupCosine(0.003, 45, 360), weight_decay=1e-3),
    }
    for name, optimizer in kinds.items():
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [keras.Input((64,)), layers.Dense(32, activation="relu"), layers.Dense(10)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss, metrics=["accuracy"])
        model.fit(x, y, epochs=8, verbose=0)
        _, accuracy = model.evaluate(x_test, y_test, verbose=0)
        print(f"{name}: accuracy {accuracy:.3f} after {int(optimizer.iterations)} steps")
        assert accuracy > 0.9
    data = keras.optimizers.serialize(optimizer)
    again = keras.optimizers.deserialize(data)
    assert type(again) is SignMomentum and again.get_config() == optimizer.get_config()


if __name__ == "__main__":
    main()
