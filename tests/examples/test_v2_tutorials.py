"""The tutorial programs on compat.v2 run; each asserts what it shows."""

import pathlib
import runpy

import pytest

TUTORIALS = pathlib.Path(__file__).parents[2] / "examples" / "tutorials"
PROGRAMS = sorted(TUTORIALS.glob("v2_*.py"))


def test_there_are_programs():
    assert len(PROGRAMS) >= 6


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_program(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out
