"""CheckpointManager: states come back to the last bit, whole or not at all, and old ones go."""

import os
import threading

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish
from kerasish.checkpoint import CheckpointManager, step_folder
from kerasish.errors import CheckpointError


def manager(folder, **arguments):
    return CheckpointManager(folder / "run", background=False, **arguments)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(tree=TREES)
def test_plain_values_come_back(tree, tmp_path_factory):
    kept = manager(tmp_path_factory.mktemp("m"))
    kept.save(0, {"tree": tree})
    assert repr(kept.restore()["tree"]) == repr(tree)  # by repr: NaN, -0.0 and types count


@pytest.mark.parametrize(
    "array",
    [
        numpy.array([1.5, numpy.nan, -0.0], "float32"),
        numpy.zeros((0, 3), "int64"),
        numpy.array(True),
        numpy.array(["a", "ü", ""]),
        numpy.array([b"\x00\xff", "text", None], object),
        kerasish.ops.ones((2, 2), "bfloat16").numpy(),
        numpy.float16(3),
        numpy.arange(6).reshape(2, 3)[:, ::2],
    ],
    ids=str,
)
def test_arrays_come_back(array, tmp_path):
    kept = manager(tmp_path)
    kept.save(3, {"a": array})
    found = kept.restore(3)["a"]
    assert type(found) is type(array)
    assert found.dtype == array.dtype and found.shape == array.shape
    if array.dtype.kind in "OU":
        assert found.tolist() == array.tolist()
    else:
        assert found.tobytes() == numpy.ascontiguousarray(array).tobytes()


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"state\['a'\]\[1\].*cannot hold"):
        manager(tmp_path).save(0, {"a": [1, object()]})
    assert not list(tmp_path.glob("run/step*"))


def test_the_newest_and_the_best_are_kept(tmp_path):
    kept = manager(tmp_path, max_to_keep=2, best="accuracy", mode="max")
    for step, value in enumerate([0.1, 0.9, float("nan"), 0.5, 0.2]):
        kept.save(step, {"value": value}, {"accuracy": value})
    assert kept.steps() == [1, 3, 4]
    assert (kept.best_step(), kept.latest_step()) == (1, 4)
    assert kept.metrics(3) == {"accuracy": 0.5}
    assert kept.restore(kept.best_step()) == {"value": 0.9}


def test_a_step_can_be_saved_again(tmp_path):
    kept = manager(tmp_path)
    for value in range(3):
        kept.save(7, {"value": value})
    assert kept.restore() == kept.restore(7) == {"value": 2}
    assert len(list(tmp_path.glob("run/step*"))) == 1


def test_later_changes_do_not_reach_a_state_that_waits(tmp_path, monkeypatch):
    gate, write = threading.Event(), step_folder.write
    monkeypatch.setattr(step_folder, "write", lambda *a: (gate.wait(10), write(*a)))
    array, variable = numpy.zeros(3), kerasish.Variable([1.0, 2.0])
    with CheckpointManager(tmp_path / "run") as kept:
        kept.save(0, {"array": array, "variable": variable})
        array[:] = 5
        variable.assign([7.0, 7.0])
        gate.set()
    found = kept.restore()
    assert found["array"].tolist() == [0, 0, 0] and found["variable"].tolist() == [1, 2]


def test_the_newest_state_replaces_one_that_waits(tmp_path, monkeypatch):
    begun, gate, write = threading.Event(), threading.Event(), step_folder.write

    def slow(*arguments):
        begun.set()
        gate.wait(10)
        return write(*arguments)

    monkeypatch.setattr(step_folder, "write", slow)
    with CheckpointManager(tmp_path / "run", max_to_keep=None) as kept:
        kept.save(0, {"step": 0})
        begun.wait(10)
        for step in range(1, 5):
            kept.save(step, {"step": step})
        gate.set()
    assert kept.steps() == [0, 4] and kept.replaced == 3


def test_an_error_in_the_background_is_raised_once(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "no space left on device")

    kept = CheckpointManager(tmp_path / "run")
    kept.save(0, {"a": 1})
    kept.wait()
    with monkeypatch.context() as patched:
        patched.setattr(step_folder, "_write_file", full)
        kept.save(1, {"a": 2})
        with pytest.raises(OSError, match="no space"):
            kept.wait()
    kept.save(2, {"a": 3})
    kept.close()
    assert kept.steps() == [0, 2]


_CALLS = ["mkdir", "open_temporary", "fsync", "rename", "sync_folder"]


@pytest.mark.parametrize("call", _CALLS)
def test_a_failing_disk_leaves_the_old_checkpoint(call, tmp_path, monkeypatch):
    kept = manager(tmp_path)
    kept.save(0, {"a": 1})

    def failing(*arguments, **keywords):
        raise OSError(5, "input/output error")

    home = step_folder if hasattr(step_folder, call) else os
    with monkeypatch.context() as patched:
        patched.setattr(home, call, failing)
        with pytest.raises(OSError, match="input/output"):
            kept.save(1, {"a": 2})
    assert kept.restore() == {"a": 1}
    assert not list(tmp_path.glob("run/.step*"))
    kept.save(2, {"a": 3})
    assert kept.restore() == {"a": 3}


def test_a_damaged_checkpoint_is_told_of_and_the_one_before_taken(tmp_path):
    kept = manager(tmp_path)
    for step in range(2):
        kept.save(step, {"step": step})
    state = tmp_path / "run" / "step-0000000001" / "state.h5"
    state.write_bytes(state.read_bytes()[:-9])
    with pytest.warns(UserWarning, match="damaged"):
        assert kept.restore() == {"step": 0}
    with pytest.raises(CheckpointError):
        kept.restore(1)
    with pytest.raises(CheckpointError, match="no checkpoint of step 9"):
        kept.restore(9)


def test_one_writer_at_a_time(tmp_path):
    first, second = manager(tmp_path), manager(tmp_path)
    first.save(0, {"a": 1})
    with pytest.raises(OSError, match="another run is writing"):
        second.save(1, {"a": 2})
    assert second.restore() == {"a": 1}
    first.close()
    second.save(1, {"a": 2})
    assert first.steps() == [0, 1]


def test_what_a_killed_process_left_is_removed(tmp_path):
    left = tmp_path / "run" / ".step-0000000004.123-ab.part"
    left.mkdir(parents=True)
    (left / "state.h5").write_bytes(b"half")
    kept = manager(tmp_path)
    assert kept.restore() is None and kept.latest_step() is None
    kept.save(0, {})
    assert not left.exists()
    kept.delete()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [({"max_to_keep": 0}, "max_to_keep"), ({"mode": "up"}, "unknown mode")],
)
def test_unusable_arguments(arguments, text, tmp_path):
    with pytest.raises(ValueError, match=text):
        CheckpointManager(tmp_path, **arguments)


def test_unusable_saves(tmp_path):
    kept = manager(tmp_path, best="loss")
    with pytest.raises(ValueError, match="step must be an int"):
        kept.save(-1, {}, {"loss": 1})
    with pytest.raises(ValueError, match="'loss' is missing"):
        kept.save(0, {}, {"accuracy": 1})
