"""Callbacks that write files: ModelCheckpoint and CSVLogger."""

import math
import os

import pytest

from kerasish.callbacks import Callback, CSVLogger, ModelCheckpoint, TerminateOnNaN
from tests.callbacks.fakes import FakeModel, run


def series(*values, name="val_loss"):
    return lambda epoch: {"loss": 1.0, name: values[epoch]}


# ---- ModelCheckpoint ----


def test_saves_each_epoch_into_a_new_folder(tmp_path):
    path = tmp_path / "runs" / "e{epoch:02d}-{val_loss:.2f}.keras"
    run([ModelCheckpoint(path)], 2, series(0.5, 0.25))
    assert sorted(os.listdir(tmp_path / "runs")) == ["e01-0.50.keras", "e02-0.25.keras"]


def test_best_only(tmp_path, capsys):
    path = tmp_path / "best.weights.h5"
    saver = ModelCheckpoint(path, verbose=1, save_best_only=True, save_weights_only=True)
    model = run([saver], 4, series(3.0, 2.0, 2.5, 1.0))
    assert len(model.saved) == 3
    assert path.read_text() == "4.0"
    assert capsys.readouterr().out.splitlines()[2].startswith("Epoch 3: val_loss 2.50000 is not")


def test_best_value_of_an_earlier_run_is_kept(tmp_path):
    path = tmp_path / "best.keras"
    path.write_text("old")
    saver = ModelCheckpoint(path, save_best_only=True, initial_value_threshold=1.5)
    run([saver], 2, series(3.0, 2.0))
    assert path.read_text() == "old"
    saver = ModelCheckpoint(path, save_best_only=True)
    states = {}
    run([saver], 1, series(1.0), states_at=0, states=states)
    assert path.read_text() == "1.0"
    run([ModelCheckpoint(path, save_best_only=True)], 2, series(1.0, 1.25), first_epoch=1,
        states=states)  # fmt: skip
    assert path.read_text() == "1.0"


def test_best_value_lasts_over_a_second_fit(tmp_path):
    saver = ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    model = run([saver], 2, series(2.0, 1.0))
    run([saver], 2, series(1.5, 1.25), model=model)
    assert len(model.saved) == 2


@pytest.mark.parametrize("steps_seen", [range(4), [1, 3]], ids=["each batch", "by two"])
def test_saves_after_a_number_of_batches(tmp_path, steps_seen):
    saver = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=6)
    saver.set_model(FakeModel())
    for epoch in range(3):
        saver.on_epoch_begin(epoch)
        for batch in steps_seen:
            saver.on_train_batch_end(batch, {"loss": 1.0})
        saver.on_epoch_end(epoch, {"loss": 1.0})
    assert sorted(os.listdir(tmp_path)) == ["2-2.keras", "3-4.keras"]


def test_error_in_saving_reaches_the_user(tmp_path):
    class Broken(FakeModel):
        def save(self, path, overwrite=True):
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        run([ModelCheckpoint(tmp_path / "a.keras")], 1, series(1.0), model=Broken())


def test_loss_that_is_not_finite_does_not_replace_a_good_file(tmp_path):
    path = tmp_path / "last.keras"
    with pytest.warns(UserWarning, match="nothing is saved at epoch 2.*a loss of nan"):
        run([ModelCheckpoint(path), TerminateOnNaN()], 3,
            lambda epoch: {"loss": math.nan if epoch else 1.0})  # fmt: skip
    assert path.read_text() == "1.0"


def test_nan_metric_is_never_the_best(tmp_path):
    saver = ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    model = run([saver], 3, series(math.nan, 2.0, math.nan))
    assert len(model.saved) == 1
    assert saver.best == 2.0


def test_what_another_callback_logs_can_be_the_metric_and_name_the_file(tmp_path):
    class Score(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["score"] = float(epoch)

    saver = ModelCheckpoint(
        tmp_path / "{score:.0f}.keras", "score", save_best_only=True, mode="max"
    )
    run([saver, Score()], 2, lambda epoch: {"loss": 1.0})
    assert sorted(os.listdir(tmp_path)) == ["0.keras", "1.keras"]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"filepath": "a.txt"}, "must end in .keras or .h5"),
        ({"filepath": "a.h5", "save_weights_only": True}, "must end in .weights.h5"),
        ({"filepath": "a.keras", "save_freq": "batch"}, "save_freq must be"),
        ({"filepath": "a.keras", "save_freq": 0}, "save_freq must be"),
    ],
)
def test_checkpoint_checks_its_arguments(arguments, match):
    with pytest.raises(ValueError, match=match):
        ModelCheckpoint(**arguments)


def test_unknown_name_in_the_path_raises(tmp_path):
    saver = ModelCheckpoint(tmp_path / "{accuracy}.keras")
    with pytest.raises(ValueError, match=r"names what is not logged.*'accuracy'.*'epoch', 'loss'"):
        run([saver], 1, lambda epoch: {"loss": 1.0})


def test_folder_in_place_of_the_file_raises(tmp_path):
    (tmp_path / "a.keras").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        run([ModelCheckpoint(tmp_path / "a.keras")], 1, series(1.0))


# ---- CSVLogger ----


def lines(path):
    return path.read_text().splitlines()


def test_one_header_and_one_row_an_epoch(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path)], 2, lambda epoch: {"val_loss": 2.0, "loss": 0.5 + epoch})
    assert lines(path) == ["epoch,loss,val_loss", "0,0.5,2.0", "1,1.5,2.0"]
    run([CSVLogger(path, separator=";")], 1, lambda epoch: {"loss": 0.5})
    assert lines(path) == ["epoch;loss", "0;0.5"]


def test_columns_of_a_validation_to_come(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path)], 2, lambda epoch: {"loss": 1.0, **({"val_loss": 2.0} if epoch else {})},
        validation_freq=2)  # fmt: skip
    assert lines(path) == ["epoch,loss,val_loss", "0,1.0,NA", "1,1.0,2.0"]


def test_column_that_turns_up_late(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path)], 3, lambda epoch: {"loss": 1.0, **({"extra": 2.0} if epoch == 1 else {})})
    assert lines(path) == ["epoch,loss,extra", "0,1.0,NA", "1,1.0,2.0", "2,1.0,NA"]


def test_append_continues_with_one_header(tmp_path):
    path = tmp_path / "log.csv"
    for _ in range(2):
        run([CSVLogger(path, append=True)], 2, lambda epoch: {"loss": 1.0})
    assert lines(path) == ["epoch,loss", "0,1.0", "1,1.0", "0,1.0", "1,1.0"]


def test_append_at_a_later_epoch_replaces_the_rows_from_there(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path, append=True)], 4, lambda epoch: {"loss": 1.0})
    run([CSVLogger(path, append=True)], 4, lambda epoch: {"loss": 2.0}, first_epoch=2)
    assert lines(path) == ["epoch,loss", "0,1.0", "1,1.0", "2,2.0", "3,2.0"]


def test_append_removes_what_a_kill_left_of_a_row(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,val_loss\n0,1.0,2.0\n1,1.0")
    run([CSVLogger(path, append=True)], 2, lambda epoch: {"loss": 3.0, "val_loss": 4.0},
        first_epoch=1)  # fmt: skip
    assert lines(path) == ["epoch,loss,val_loss", "0,1.0,2.0", "1,3.0,4.0"]


def test_append_to_an_empty_or_foreign_file(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("")
    run([CSVLogger(path, append=True)], 1, lambda epoch: {"loss": 1.0})
    assert lines(path) == ["epoch,loss", "0,1.0"]
    path.write_text("name,age\nx,3\n")
    with pytest.raises(ValueError, match="not a log that can be continued.*'name'"):
        run([CSVLogger(path, append=True)], 1, lambda epoch: {"loss": 1.0})
    assert path.read_text() == "name,age\nx,3\n"
    path.write_text("epoch,age\nx,3\n")
    with pytest.raises(ValueError, match="not a log that can be continued"):
        run([CSVLogger(path, append=True)], 1, lambda epoch: {"loss": 1.0})


def test_training_that_fails_in_its_first_epoch_leaves_the_old_file(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,1.0\n")
    with pytest.raises(RuntimeError, match="the step failed"):
        run([CSVLogger(path)], 2, lambda epoch: {"loss": 2.0}, fail_at=0)
    assert lines(path) == ["epoch,loss", "0,1.0"]


@pytest.mark.parametrize("stop", range(4))
@pytest.mark.parametrize("append", [False, True])
def test_resumed_log_is_that_of_an_uninterrupted_run(tmp_path, stop, append):
    def logs_of(epoch):
        return {"loss": 1.0 / (epoch + 1), **({"late": 1.0} if epoch == 2 else {})}

    whole, parts, states = tmp_path / "whole.csv", tmp_path / "parts.csv", {}
    run([CSVLogger(whole, append=append)], 6, logs_of)
    # Killed one epoch after the state was saved: the row of that epoch is in the file.
    run([CSVLogger(parts, append=append)], stop + 2, logs_of, states_at=stop, states=states)
    run([CSVLogger(parts, append=append)], 6, logs_of, first_epoch=stop + 1, states=states)
    assert parts.read_bytes() == whole.read_bytes()


def test_state_before_the_first_row_restores_nothing(tmp_path):
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    logger.on_train_begin()
    other = CSVLogger(path)
    other.set_state(logger.get_state())
    assert not path.exists()


def test_cells_with_separators_and_lists_can_be_read_back(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path)], 1, lambda epoch: {"a,b": "x,y", "loss": 1.0, "several": [1, 2]})
    assert lines(path) == ['epoch,"a,b",loss,several', '0,"x,y",1.0,"[1, 2]"']


def test_separator_must_be_one_character(tmp_path):
    with pytest.raises(ValueError, match="separator must be one character"):
        CSVLogger(tmp_path / "log.csv", separator="::")
