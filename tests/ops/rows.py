"""All rows of tests/ops/samples, and the list of those that a check applies to."""

import importlib
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).parent / "samples"
MODULES = [
    importlib.import_module(f"tests.ops.samples.{path.stem}")
    for path in sorted(FOLDER.glob("*.py"))
    if path.stem != "__init__"
]
ROWS = [row for module in MODULES for row in module.SAMPLES]


def each_row(condition=lambda row: True):
    """Decorator: run a test once for every row that meets a condition; the id is the op's name."""
    chosen = [row for row in ROWS if condition(row)]
    names = [row.op for row in chosen]
    ids = [n if names.count(n) == 1 else f"{n}-{i}" for i, n in enumerate(names)]
    return pytest.mark.parametrize("row", chosen, ids=ids)
