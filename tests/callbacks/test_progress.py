"""Progress: what is written, where, how often."""

import contextlib
import io
import re
import threading

import pytest

from kerasish.callbacks import CallbackList, EarlyStopping, ProgbarLogger, progress_bar
from tests.callbacks.fakes import run


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_terminal():
    """Context in which standard output is a terminal; gives what is written."""
    return contextlib.redirect_stdout(Terminal())


@pytest.fixture
def clock(monkeypatch):
    """Time that stands still unless the test moves it."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress_bar, "time", clock)
    return clock


LINE = r"Epoch {}/2 - 2/2 - 0s - \d+[um]?s/step - accuracy: 0.5000 - loss: 1.0000e-04"


@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_one_plain_line_an_epoch_where_lines_cannot_be_redrawn(capsys, verbose):
    run([ProgbarLogger()], 2, lambda epoch: {"accuracy": 0.5, "loss": 1e-4}, verbose=verbose)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    for number, line in enumerate(out.splitlines(), 1):
        assert re.fullmatch(LINE.format(number), line), line
    assert not set(out) & {"\r", "\b", "\x1b"}


def test_silence(capsys):
    run([ProgbarLogger()], 2, lambda epoch: {"loss": 1.0}, verbose=0)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_bar_on_a_terminal_gives_way_to_a_line_at_the_end():
    with on_terminal() as terminal:
        run([ProgbarLogger()], 2, lambda epoch: {"loss": 0.25, "b" * 200: 1.0}, verbose="auto")
    lines = terminal.getvalue().split("\n")
    assert len(lines) == 3
    for number, line in enumerate(lines[:2], 1):
        drawn = line.split("\r")
        assert any(f"Epoch {number}/2:   0%|" in text for text in drawn)
        wanted = (
            rf"Epoch {number}/2 - 2/2 - \d+s - \d+[um]?s/step - loss: 0.2500 - b{{200}}: 1.0000"
        )
        assert re.fullmatch(wanted, drawn[-1])
    assert lines[2] == ""


def test_bar_asks_for_logs_ten_times_a_second(clock):
    asked = []

    def logs():
        asked.append(clock.now)
        return {"loss": 0.5}

    with on_terminal() as terminal:
        calls = CallbackList([], add_progbar=True, verbose=1, epochs=1, steps=100)
        calls.on_train_begin()
        calls.on_epoch_begin(0)
        for batch in range(100):
            clock.now += 0.03
            calls.on_train_batch_end(batch, logs)
        calls.on_epoch_end(0, {"loss": 0.5})
    assert 20 <= len(asked) <= 30
    assert "40%" in terminal.getvalue()
    assert "loss: 0.5000" in terminal.getvalue()


def test_verbose_two_on_a_terminal_draws_no_bar():
    with on_terminal() as terminal:
        run([ProgbarLogger()], 2, lambda epoch: {"loss": 1.0}, verbose=2)
    assert "\r" not in terminal.getvalue()


def test_unknown_number_of_steps_is_known_after_the_first_epoch(capsys):
    calls = CallbackList([], add_progbar=True, verbose=2, epochs=2, steps=None)
    calls.on_train_begin()
    for epoch in range(2):
        calls.on_epoch_begin(epoch)
        for batch in range(3):
            calls.on_train_batch_end(batch, {})
        calls.on_epoch_end(epoch, {})
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 1/2 - 3 - ")
    assert second.startswith("Epoch 2/2 - 3/3 - ")


def test_messages_of_other_callbacks_stay_on_their_own_lines():
    stopping = EarlyStopping("loss", patience=1, verbose=1)
    with on_terminal() as terminal:
        run([ProgbarLogger(), stopping], 4, lambda epoch: {"loss": 1.0}, verbose=1)
    lines = [line.split("\r")[-1] for line in terminal.getvalue().split("\n")]
    assert "Epoch 2: no better loss, training stops" in lines


def test_announcement_during_a_bar_is_a_line_of_its_own():
    with on_terminal() as terminal:
        bar = progress_bar.ProgressBar(10, "Epoch 1/2", 1)
        progress_bar.announce("a message")
        bar.finish(10, {})
    lines = [line.split("\r")[-1] for line in terminal.getvalue().split("\n")]
    assert "a message" in lines


def test_error_closes_the_bar():
    with on_terminal() as terminal, pytest.raises(RuntimeError, match="the step failed"):
        run([ProgbarLogger()], 2, lambda epoch: {"loss": 1.0}, verbose=1, fail_at=0)
    assert terminal.getvalue().endswith("\n")


def test_bars_start_no_thread():
    before = set(threading.enumerate())
    with on_terminal():
        run([ProgbarLogger()], 2, lambda epoch: {"loss": 1.0}, verbose=1)
    assert set(threading.enumerate()) == before


def phases(calls, phase, batches=3, logs=None):
    getattr(calls, f"on_{phase}_begin")()
    for batch in range(batches):
        getattr(calls, f"on_{phase}_batch_end")(batch, {"loss": 0.5})
    getattr(calls, f"on_{phase}_end")(logs)


def test_evaluate_and_predict_print_one_line(capsys):
    calls = CallbackList([], add_progbar=True, verbose=2, epochs=1, steps=3)
    phases(calls, "test", logs={"loss": 0.5})
    phases(calls, "predict")
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"3/3 - 0s - \d+[um]?s/step - loss: 0.5000", first)
    assert re.fullmatch(r"3/3 - 0s - \d+[um]?s/step", second)


def test_validation_inside_fit_is_silent_and_its_results_are_shown(capsys):
    calls = CallbackList([], add_progbar=True, verbose=2, epochs=1, steps=3)
    calls.on_train_begin()
    calls.on_epoch_begin(0)
    for batch in range(3):
        calls.on_train_batch_end(batch, {"loss": 0.5})
    phases(calls, "test", batches=7, logs={"loss": 0.25})
    calls.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.25})
    calls.on_train_end()
    out = capsys.readouterr().out
    assert re.fullmatch(r"3/3 - 0s - \d+[um]?s/step - loss: 0.5000 - val_loss: 0.2500\n", out)
    phases(calls, "test", logs={"loss": 0.25})  # after fit, evaluate shows itself again
    assert "loss: 0.2500" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0000123, "12us"), (0.0123, "12ms"), (12.3, "12s"), (0.9999, "1000ms")]
)
def test_durations(seconds, text):
    assert progress_bar._duration_text(seconds) == text


def test_control_characters_in_names_are_not_sent_to_the_terminal():
    assert progress_bar.metrics_text({"\x1b[2J\r": 1.0}) == r"\x1b[2J\r: 1.0000"


def test_numbers():
    text = progress_bar.metrics_text({"a": 0.0, "b": -0.0005, "c": float("nan"), "d": "x", "e": 3})
    assert text == "a: 0.0000 - b: -5.0000e-04 - c: nan - d: x - e: 3.0000"
