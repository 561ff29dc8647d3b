"""Every example runs, and reaches what it promises."""

import importlib.util
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
CHECKS = {
    "digits": lambda accuracy: accuracy >= 0.95,
    "functional": lambda last: last["close_accuracy"] >= 0.85,
    "own_step": lambda errors: errors[-1] < errors[0] / 1.5,
    "read_the_step": lambda source: "np.subtract" in source or "segment0()" in source,
    "record_runs": lambda losses: len(losses) == 8 and losses[-1] < losses[0] / 2,
    "tape": lambda nothing: nothing is None,
}
NEEDS = {"record_runs": "tensorboard"}


def test_every_example_is_listed():
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert names == set(CHECKS)
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.py`" in listed for name in names)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_example(name, capsys):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f"needs the extra {NEEDS[name]!r}")
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert CHECKS[name](module.main())
