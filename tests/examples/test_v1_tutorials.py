"""The TensorFlow 1 tutorials run, and reach what they promise."""

import importlib.util
import pathlib
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "examples" / "tutorials"
CHECKS = {
    "v1_counter": lambda r: r == ([1, 2, 3], (6.0, 100.0), [10.0, 20.0]),
    "v1_housing_regression": lambda r: max(r.values()) < 1.1 * min(r.values()),
    "v1_save_and_watch": lambda r: r[0] == r[1] < 1.0,
    "v1_shared_variables": lambda r: (
        len(r) == 5 and all(len(names) == 1 and y == [3.0, 8.25] for names, y in r.values())
    ),
}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_tutorial(name, capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert CHECKS[name](module.main())


def test_every_tutorial_is_checked():
    names = {path.stem for path in FOLDER.glob("v1_*.py")} - {"v1_housing_data"}
    assert names == set(CHECKS)
