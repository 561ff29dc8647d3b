"""Callbacks that follow a metric: EarlyStopping, ReduceLROnPlateau; and LearningRateScheduler."""

import numpy as np
import pytest

from kerasish.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from kerasish.optimizers import SGD, Adam, MultiOptimizer, OptimizerMap, schedules
from tests.callbacks.fakes import FakeModel, Metric, run


def series(*values, name="val_loss"):
    return lambda epoch: {"loss": 1.0, name: values[epoch]}


# ---- EarlyStopping ----


def test_stops_after_patience_epochs_without_improvement():
    stopping = EarlyStopping(patience=2)
    run([stopping], 10, series(3.0, 2.0, 2.5, 2.0, 1.0, 0.5))
    assert (stopping.stopped_epoch, stopping.best, stopping.best_epoch) == (3, 2.0, 1)


def test_min_delta_and_mode_max():
    stopping = EarlyStopping("val_score", patience=1, mode="max", min_delta=0.1)
    run([stopping], 10, series(1.0, 1.05, 9.0, name="val_score"))
    assert stopping.stopped_epoch == 1


def test_baseline_must_be_beaten_in_time():
    stopping = EarlyStopping(patience=2, baseline=1.0)
    run([stopping], 4, series(3.0, 2.0, 1.5, 0.5))
    assert stopping.stopped_epoch == 0  # improved each time, so never stopped
    run([stopping], 10, series(3.0, 2.0, 2.5, 0.5))
    assert stopping.stopped_epoch == 2


def test_start_from_epoch_ignores_the_first_ones():
    stopping = EarlyStopping(patience=1, start_from_epoch=2)
    run([stopping], 5, series(0.1, 0.2, 3.0, 2.0, 2.5))
    assert (stopping.best, stopping.stopped_epoch) == (2.0, 4)


def test_second_fit_starts_again():
    stopping = EarlyStopping(patience=1)
    run([stopping], 3, series(1.0, 2.0, 3.0))
    run([stopping], 3, series(5.0, 4.0, 3.0))
    assert (stopping.best, stopping.stopped_epoch) == (3.0, 0)


class StopAt(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == 2


@pytest.mark.parametrize("ending", ["itself", "all epochs", "another callback", "error"])
def test_best_weights_are_restored_however_training_ends(ending):
    stopping = EarlyStopping(patience=1 if ending == "itself" else 99, restore_best_weights=True)
    callbacks = [stopping, StopAt()] if ending == "another callback" else [stopping]
    model = FakeModel()
    losses = series(3.0, 1.0, 2.0, 2.5)
    if ending == "error":
        with pytest.raises(RuntimeError, match="the step failed"):
            run(callbacks, 4, losses, model=model, fail_at=3)
    else:
        run(callbacks, 4, losses, model=model)
    assert [w.tolist() for w in model.get_weights()] == [2.0, [2.0, 2.0]]


def test_nan_is_no_improvement_even_at_first():
    stopping = EarlyStopping(patience=9, restore_best_weights=True)
    model = run([stopping], 3, series(float("nan"), 2.0, float("nan")))
    assert stopping.best == 2.0
    assert float(model.variables[0]) == 2.0


def test_verbose_says_what_is_done(capsys):
    run([EarlyStopping(patience=1, restore_best_weights=True, verbose=1)], 4, series(1.0, 2.0))
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 2: no better val_loss, training stops",
        "The model gets the weights of epoch 1 back",
    ]


@pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau,
                                  lambda m: ModelCheckpoint("a.keras", m, save_best_only=True)],
                         ids=["stopping", "plateau", "checkpoint"])  # fmt: skip
def test_metric_that_is_not_logged_raises_at_the_first_epoch(make):
    with pytest.raises(ValueError, match="'val_acc' is not among the logs.*did you mean") as error:
        run([make("val_acc")], 3, lambda epoch: {"loss": 1.0, "val_accuracy": 0.5})
    assert "val_accuracy" in str(error.value).split("Received: ")[1]
    with pytest.raises(ValueError, match="pass validation_data or validation_split to fit"):
        run([make("val_loss")], 3, lambda epoch: {"loss": 1.0})


def test_epochs_without_validation_are_passed_over():
    def logs_of(epoch):
        return {"loss": 1.0, **({"val_loss": 5.0 + epoch} if epoch % 2 else {})}

    stopping = EarlyStopping(patience=1)
    run([stopping], 9, logs_of, validation_freq=2)
    assert (stopping.best, stopping.stopped_epoch) == (6.0, 3)
    run([stopping], 9, logs_of, validation_freq=[2, 4, 6, 8])
    assert stopping.stopped_epoch == 3
    with pytest.raises(ValueError, match="not among the logs"):  # validation should have run
        run([EarlyStopping()], 3, lambda epoch: {"loss": 1.0}, validation_freq=1)
    with pytest.raises(ValueError, match="not among the logs"):  # and here never will
        run([EarlyStopping()], 3, lambda epoch: {"loss": 1.0}, validation_freq=None)


@pytest.mark.parametrize(
    ("monitor", "is_more_better"),
    [
        ("loss", False), ("val_loss", False), ("head_loss", False), ("val_mae", False),
        ("accuracy", True), ("val_acc", True), ("auc", True), ("val_mean_io_u", True),
        ("categorical_crossentropy", False), ("precision", True),
    ],
)  # fmt: skip
def test_auto_mode_by_name(monitor, is_more_better):
    stopping = EarlyStopping(monitor)
    stopping.set_model(FakeModel())
    assert stopping.is_improvement(2.0, 1.0) is is_more_better


def test_auto_mode_by_the_direction_of_the_metric():
    stopping, model = EarlyStopping("val_quality"), FakeModel()
    model.metrics = [Metric("quality", "up")]
    stopping.set_model(model)
    assert stopping.is_improvement(2.0, 1.0)


def test_auto_mode_that_cannot_tell_raises():
    with pytest.raises(ValueError, match='cannot tell.*mode="min" or mode="max"'):
        run([EarlyStopping("val_quality", patience=1)], 3, series(1, 2, 3, name="val_quality"))


def test_unknown_mode_raises():
    with pytest.raises(ValueError, match="unknown mode.*'biggest'"):
        EarlyStopping(mode="biggest")


# ---- ReduceLROnPlateau ----


def rates(model):
    return model.history.history["learning_rate"]


def test_rate_is_lowered_after_patience_and_logged():
    plateau = ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.125)
    model = run([plateau], 9, lambda epoch: {"val_loss": 1.0})
    assert rates(model) == [0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125]


def test_cooldown_delays_the_next_change():
    plateau = ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2)
    model = run([plateau], 6, lambda epoch: {"val_loss": 1.0})
    assert rates(model) == [0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def test_improvement_smaller_than_min_delta_does_not_count():
    plateau = ReduceLROnPlateau(factor=0.5, patience=1, min_delta=0.1)
    model = run([plateau], 3, series(1.0, 0.95, 0.94))
    assert rates(model) == [0.5, 0.5, 0.25]


def test_rates_of_several_optimizers(capsys):
    parts = OptimizerMap(SGD(0.5, name="s"), {"b": Adam(0.25, name="t")})
    model = FakeModel(MultiOptimizer(parts))
    plateau = ReduceLROnPlateau(factor=0.5, patience=1, verbose=1)
    run([plateau], 3, lambda epoch: {"val_loss": 1.0}, model=model)
    assert model.history.history["learning_rate_s"] == [0.5, 0.5, 0.25]
    assert model.history.history["learning_rate_t"] == [0.25, 0.25, 0.125]
    assert "the learning rate of s is lowered to 0.25" in capsys.readouterr().out


def test_plateau_checks_its_arguments():
    with pytest.raises(ValueError, match="factor must be below 1"):
        ReduceLROnPlateau(factor=1.0)
    with pytest.raises(ValueError, match="unknown argument.*epsilon"):
        ReduceLROnPlateau(epsilon=0.1)


# ---- states ----


def as_lists(state):
    weights = state.get("best_weights") or []
    return {**state, "best_weights": [w.tolist() for w in weights]}


@pytest.mark.parametrize("make", [lambda: EarlyStopping(patience=3, restore_best_weights=True),
                                  lambda: ReduceLROnPlateau(patience=2, cooldown=1)],
                         ids=["stopping", "plateau"])  # fmt: skip
@pytest.mark.parametrize("stop", range(6))
def test_resumed_callback_goes_on_as_if_never_stopped(make, stop):
    losses = series(3.0, 2.0, 2.5, 2.6, 1.9, 2.7, 2.8, 2.9, 3.0, 3.1)
    whole, first, second, states = make(), make(), make(), {}
    wanted = run([whole], 10, losses)
    model = run([first], stop + 1, losses, states_at=stop, states=states)
    last_epoch = model.history.epoch[-1]
    model.set_weights([np.float32(last_epoch + 1), np.full(2, last_epoch + 1, np.float32)])
    if not model.stop_training:
        run([second], 10, losses, model=model, first_epoch=stop + 1, states=states)
        assert as_lists(second.get_state()) == as_lists(whole.get_state())
    assert model.history.history == wanted.history.history
    assert float(model.optimizer.learning_rate) == float(wanted.optimizer.learning_rate)
    if isinstance(whole, EarlyStopping):
        assert float(model.variables[0]) == float(wanted.variables[0])


# ---- LearningRateScheduler ----


def test_schedule_of_epoch_and_rate():
    seen = []

    def schedule(epoch, rate):
        seen.append((epoch, rate))
        return rate / 2

    model = run([LearningRateScheduler(schedule)], 3, lambda epoch: {"loss": 1.0})
    assert seen == [(0, 0.5), (1, 0.25), (2, 0.125)]
    assert rates(model) == [0.25, 0.125, 0.0625]


def test_schedule_of_the_epoch_alone(capsys):
    scheduler = LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1), verbose=1)
    model = run([scheduler], 2, lambda epoch: {"loss": 1.0})
    assert rates(model) == [1.0, 0.5]
    assert capsys.readouterr().out.splitlines()[1] == "Epoch 2: the learning rate is 0.5"


def test_type_error_inside_a_schedule_is_not_hidden():
    def schedule(epoch, rate):
        return rate + "a"

    with pytest.raises(TypeError, match="unsupported operand"):
        run([LearningRateScheduler(schedule)], 1, lambda epoch: {})


def test_schedule_that_returns_no_number_raises():
    with pytest.raises(TypeError, match="must return a float.*None"):
        run([LearningRateScheduler(lambda epoch: None)], 1, lambda epoch: {})


def test_optimizer_with_a_schedule_of_its_own_raises():
    model = FakeModel(SGD(schedules.ExponentialDecay(0.1, 1, 0.5)))
    with pytest.raises(TypeError, match="follows a schedule"):
        run([LearningRateScheduler(lambda epoch: 0.1)], 1, lambda epoch: {}, model=model)


# ---- TerminateOnNaN ----


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_training_stops_at_a_loss_that_is_not_finite(value, capsys):
    def logs_of(epoch):
        return {"loss": value if epoch == 1 else 0.5}

    model = run([TerminateOnNaN()], 5, logs_of)
    assert model.history.epoch == [0, 1]
    assert float(model.variables[0]) == 1.5  # after the first of two batches
    assert capsys.readouterr().out == f"Batch 0: the loss is {value}, training stops\n"
    with pytest.raises(RuntimeError, match="loss of batch 0 is not finite"):
        run([TerminateOnNaN(raise_error=True)], 5, logs_of)
