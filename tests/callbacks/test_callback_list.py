"""CallbackList: order by role, hooks that are skipped, logs, states."""

import pytest

from kerasish import callbacks, ops
from kerasish.callbacks import Callback, CallbackList, History, LambdaCallback
from tests.callbacks.fakes import FakeModel

HOOKS = [name for name in vars(Callback) if name.startswith("on_")]


class Recorder(Callback):
    """Writes (role, hook) of every call into a list."""

    def __init__(self, role, calls):
        super().__init__()
        self.role, self.calls = role, calls


for _hook in HOOKS:
    if _hook not in ("on_batch_begin", "on_batch_end"):
        setattr(Recorder, _hook, lambda self, *a, _hook=_hook, **k: self.calls.append(
            (self.role, _hook)))  # fmt: skip


def test_callbacks_run_in_the_order_of_their_roles():
    calls = []
    shuffled = ["save", "custom", "backup", "display", "guard", "record", "control", "weights",
                "schedule"]  # fmt: skip
    both = CallbackList([Recorder(role, calls) for role in shuffled])
    for hook in HOOKS:
        if hook in ("on_batch_begin", "on_batch_end"):
            continue
        calls.clear()
        getattr(both, hook)(*([0] if "batch" in hook or "epoch" in hook else []))
        assert calls == [(role, hook) for role in callbacks.ROLES]


def test_callbacks_of_one_role_keep_the_order_of_the_list():
    seen = []
    first = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append("first"))
    second = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append("second"))
    CallbackList([first, [second]]).on_epoch_end(0)
    assert seen == ["first", "second"]


def test_roles_of_the_package():
    roles = {name: getattr(callbacks, name).role for name in callbacks.__all__ if name != "ROLES"}
    assert roles == {
        "BackupAndRestore": "backup", "CSVLogger": "record", "Callback": "custom", "CallbackList": "custom",
        "EarlyStopping": "control", "History": "record", "LambdaCallback": "custom",
        "LearningRateScheduler": "schedule", "ModelCheckpoint": "save",
        "MonitorCallback": "custom", "ProgbarLogger": "display", "ReduceLROnPlateau": "control",
        "RemoteMonitor": "record", "SwapEMAWeights": "weights", "TensorBoard": "record",
        "TerminateOnNaN": "guard",
    }  # fmt: skip


def test_what_one_adds_to_the_logs_the_next_ones_see_and_the_caller_does_not():
    add = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=1.0))
    history, logs = History(), {"loss": 0.5}
    CallbackList([history, add]).on_epoch_end(0, logs)
    assert history.history == {"loss": [0.5], "extra": [1.0]}
    assert logs == {"loss": 0.5}


def test_scalar_tensors_arrive_as_floats():
    history = History()
    CallbackList(history).on_epoch_end(0, {"loss": ops.array(0.5)})
    assert history.history == {"loss": [0.5]}
    assert type(history.history["loss"][0]) is float


def test_batch_logs_are_not_needed_without_a_reader(tmp_path):
    idle = [
        callbacks.EarlyStopping("loss"), callbacks.CSVLogger(tmp_path / "log.csv"),
        callbacks.ModelCheckpoint("a.keras"), callbacks.ReduceLROnPlateau("loss"),
        callbacks.LearningRateScheduler(lambda epoch, rate: rate), callbacks.ProgbarLogger(),
    ]  # fmt: skip
    calls = CallbackList(idle, add_history=True, model=FakeModel(), verbose=1, steps=3, epochs=1)
    assert not calls.needs_batch_logs

    def logs():
        raise AssertionError("the logs were asked for")

    calls.on_train_begin()
    calls.on_train_batch_begin(0, logs)
    calls.on_train_batch_end(0, logs)
    calls.on_test_batch_end(0, logs)


@pytest.mark.parametrize(
    "reader",
    [
        callbacks.TerminateOnNaN(),
        callbacks.ModelCheckpoint("a.keras", save_freq=5),
        LambdaCallback(on_train_batch_end=lambda batch, logs: None),
        LambdaCallback(on_test_batch_end=lambda batch, logs: None),
        LambdaCallback(on_batch_end=lambda batch, logs: None),
    ],
    ids=["nan", "checkpoint", "train", "test", "older"],
)
def test_batch_logs_are_needed_by_a_reader(reader):
    assert CallbackList([reader], model=FakeModel()).needs_batch_logs


def test_readers_get_the_logs_of_a_function_that_is_called_once():
    seen, asked = [], []
    readers = [LambdaCallback(on_train_batch_end=lambda b, logs: seen.append((b, logs)))] * 2

    def logs():
        asked.append(1)
        return {"loss": 0.5}

    CallbackList(readers).on_train_batch_end(3, logs)
    assert seen == [(3, {"loss": 0.5})] * 2
    assert len(asked) == 1


def test_hook_set_after_the_list_was_made_is_found_when_training_begins():
    seen, late = [], Callback()
    calls = CallbackList([late])
    late.on_train_batch_end = lambda batch, logs: seen.append(batch)
    calls.on_train_begin()
    calls.on_train_batch_end(4, {})
    assert seen == [4]


def test_older_batch_hooks_are_called():
    seen = []

    class Older(Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            seen.append(("end", batch, logs))

    calls = CallbackList(Older())
    calls.on_train_batch_begin(0)
    calls.on_train_batch_end(0, {"loss": 1.0})
    assert seen == [("begin", 0), ("end", 0, {"loss": 1.0})]


def test_history_and_progress_are_added_once():
    history = History()
    calls = CallbackList([history], add_history=True, add_progbar=True, verbose=0)
    assert [type(c).__name__ for c in calls.callbacks] == ["History", "ProgbarLogger"]
    assert calls.callbacks[0] is history


def test_model_and_params_reach_all():
    model, callback = FakeModel(), Callback()
    CallbackList([callback], add_history=True, model=model, epochs=3)
    assert callback.model is model
    assert callback.params == {"epochs": 3}
    assert isinstance(model.history, History)


def test_callback_without_super_init_works():
    class Bare(Callback):
        def __init__(self):
            self.seen = 0

        def on_epoch_end(self, epoch, logs=None):
            self.seen += self.params["epochs"] + (self.model is not None)

    bare = Bare()
    CallbackList([bare], model=FakeModel(), epochs=3).on_epoch_end(0)
    assert bare.seen == 4


@pytest.mark.parametrize(
    ("item", "match"),
    [
        (callbacks.TerminateOnNaN, r"instance of Callback.*TerminateOnNaN\(...\)"),
        (print, "instance of Callback.*derive its class from Callback"),
    ],
)
def test_items_that_are_no_callbacks_raise(item, match):
    with pytest.raises(TypeError, match=match):
        CallbackList([item])


def test_unknown_role_raises():
    odd = Callback()
    odd.role = "last"
    with pytest.raises(ValueError, match="unknown role.*'last'"):
        CallbackList([odd])


def test_states_by_class_and_number():
    def make():
        return CallbackList([callbacks.EarlyStopping("loss"), Callback()], add_history=True,
                            model=FakeModel())  # fmt: skip

    first, second = make(), make()
    first.on_train_begin()
    first.on_epoch_end(0, {"loss": 0.5})
    state = first.get_state()
    assert sorted(state) == ["EarlyStopping:0", "History:0"]
    second.on_train_begin()
    second.set_state(state)
    assert second.get_state() == state
    assert second.callbacks[1].best == 0.5


def test_states_of_other_callbacks_raise():
    calls = CallbackList([Callback()])
    with pytest.raises(ValueError, match="not in the list.*EarlyStopping:0"):
        calls.set_state({"EarlyStopping:0": {"wait": 1}})
    with pytest.raises(ValueError, match="keeps no state"):
        calls.set_state({"Callback:0": {"wait": 1}})
    with pytest.raises(ValueError, match="not one of this callback"):
        callbacks.ReduceLROnPlateau("loss").set_state({"wait": 1})


def test_lambda_callback_refuses_what_is_no_hook():
    with pytest.raises(
        ValueError, match="no such hook.*on_epoch_ends.*did you mean 'on_epoch_end'"
    ):
        LambdaCallback(on_epoch_ends=print)


def test_lambda_callback_takes_every_hook():
    seen = []
    both = CallbackList([LambdaCallback(**{h: (lambda *a, h=h: seen.append(h)) for h in HOOKS})])
    for hook in HOOKS:
        if hook not in ("on_batch_begin", "on_batch_end"):
            getattr(both, hook)(*([0] if "batch" in hook or "epoch" in hook else []))
    assert seen == [h for h in HOOKS if h not in ("on_batch_begin", "on_batch_end")]


# ---- history ----


def test_history_keeps_metrics_that_some_epochs_lack():
    history = History()
    history.on_train_begin()
    history.on_epoch_end(3, {"loss": 1.0})
    history.on_epoch_end(4, {"loss": 0.5, "val_loss": 2.0})
    assert history.epoch == [3, 4]
    assert history.history == {"loss": [1.0, 0.5], "val_loss": [2.0]}


def test_history_state_is_a_copy():
    history = History()
    history.on_epoch_end(0, {"loss": 1.0})
    state = history.get_state()
    history.on_epoch_end(1, {"loss": 0.5})
    assert state == {"epoch": [0], "history": {"loss": [1.0]}}
    again = History()
    again.on_train_begin()
    again.set_state(state)
    again.on_epoch_end(1, {"loss": 0.5})
    assert again.get_state() == history.get_state()
