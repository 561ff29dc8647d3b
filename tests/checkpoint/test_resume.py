"""Runs that are killed and started again end with the bits of a run that was not."""

import os
import random
import signal
import subprocess
import sys

import pytest

from tests.checkpoint import resumable
from tests.support import REPOSITORY


def run(name, folder, kill=None):
    """(exit status, digest or "") of the program for a case."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.checkpoint.resumable", name, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command + ([kill] if kill else []),
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL, -signal.SIGTERM), done.stderr
    return done.returncode, done.stdout.strip()


def resumed(name, folder, kills):
    """Digest of a run that is killed at each of these points, and then left alone."""
    for kill in kills:
        status, _ = run(name, folder, kill)
        assert status in (0, -signal.SIGKILL, -signal.SIGTERM)
        if status == 0:
            # It ended before it could be killed, and the next start would be a new run.
            return None
    status, digest = run(name, folder)
    assert status == 0
    assert not (folder / "backup").exists()
    return digest


@pytest.mark.parametrize(
    ("name", "kills"),
    [
        ("adam_batches", ["13", "save:1", "save:5", "term:3"]),
        ("augmentation", ["7", "term:1"]),
        ("early_stopping", ["10"]),
        ("generator", ["11", "term:9"]),
        ("data_set", ["13", "term:9"]),
        ("data_set_threads", ["11", "term:9"]),
    ],
)
def test_a_killed_run_ends_as_one_that_was_not(name, kills, tmp_path):
    _, expected = run(name, tmp_path / "whole")
    assert resumed(name, tmp_path / "killed", kills) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(resumable.CASES))
def test_any_number_of_kills_anywhere(name, tmp_path):
    """`KERASISH_KILLS` kills of each case, three to a run, at random places."""
    _, expected = run(name, tmp_path / "whole")
    source, wanted, done, number = random.Random(name), _kills_wanted(), 0, 0
    while done < wanted:
        kills = [_place(source) for _ in range(3)]
        digest = resumed(name, tmp_path / f"killed{number}", kills)
        number += 1
        if digest is not None:
            assert digest == expected, kills
            done += len(kills)


def _kills_wanted():
    return int(os.environ.get("KERASISH_KILLS", "21"))


def _place(source):
    kind = source.choice(["", "", "save:", "term:", "after:"])
    if kind == "after:":
        return f"after:{source.uniform(0.3, 1.5):.3f}"
    return f"{kind}{source.randint(1, 6 if kind == 'save:' else 12)}"
