"""SwapEMAWeights: averages for evaluating and saving, weights for training."""

import pytest

from kerasish import ops
from kerasish.callbacks import LambdaCallback, ModelCheckpoint, SwapEMAWeights
from kerasish.optimizers import SGD, LossScaleOptimizer
from tests.callbacks.fakes import FakeModel, run


def make_model(wrap=lambda optimizer: optimizer):
    model = FakeModel(wrap(SGD(1.0, use_ema=True, ema_momentum=0.5)))
    model.optimizer.build(model.variables[:1])
    scale = float(model.optimizer.scale_loss(ops.array(1.0)))
    for _ in range(2):  # the weight goes to -2, its average to -1.5
        model.optimizer.apply([ops.array(scale)])
    return model


@pytest.mark.parametrize("wrap", [lambda o: o, LossScaleOptimizer], ids=["plain", "loss scale"])
@pytest.mark.parametrize("phase", ["test", "predict"])
def test_averages_during_a_phase(phase, wrap):
    model, swap = make_model(wrap), SwapEMAWeights()
    swap.set_model(model)
    getattr(swap, f"on_{phase}_begin")()
    assert float(model.variables[0]) == -1.5
    getattr(swap, f"on_{phase}_end")()
    assert float(model.variables[0]) == -2.0


def test_averages_from_epoch_end_to_epoch_begin(tmp_path):
    model, seen = make_model(), []
    look = LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(float(model.variables[0])))
    saver = ModelCheckpoint(tmp_path / "{epoch}.keras")
    run([saver, look, SwapEMAWeights(swap_on_epoch=True)], 2, lambda epoch: {"loss": 1.0},
        model=model)  # fmt: skip
    assert seen == [-2.0, 1.0]  # the loop sets the weight to epoch + 1
    assert (tmp_path / "1.keras").read_text() == "-1.5"
    assert float(model.variables[0]) == -1.5


def test_resumed_between_epochs():
    model, swap = make_model(), SwapEMAWeights(swap_on_epoch=True)
    swap.set_model(model)
    swap.on_epoch_end(0)
    again = SwapEMAWeights(swap_on_epoch=True)
    again.set_model(model)
    again.on_train_begin()
    again.set_state(swap.get_state())
    again.on_epoch_begin(1)
    assert float(model.variables[0]) == -2.0


def test_optimizer_without_averages_raises():
    swap = SwapEMAWeights()
    swap.set_model(FakeModel())
    with pytest.raises(ValueError, match="keeps no moving averages.*use_ema=True"):
        swap.on_test_begin()
