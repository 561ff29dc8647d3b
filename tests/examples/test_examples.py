"""Every example runs, and reaches what it promises."""

import importlib.util
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
CHECKS = {  # of the examples that return what is to be checked; the others check themselves
    "digits": lambda accuracy: accuracy >= 0.95,
    "functional": lambda last: last["close_accuracy"] >= 0.85,
    "own_step": lambda errors: errors[-1] < errors[0] / 1.5,
    "read_the_step": lambda source: "np.subtract" in source or "segment0()" in source,
    "record_runs": lambda losses: len(losses) == 8 and losses[-1] < losses[0] / 2,
    "tape": lambda nothing: nothing is None,
}
NEEDS = {"record_runs": "tensorboard"}
PORTED = sorted(
    path.relative_to(FOLDER).with_suffix("").as_posix()
    for folder in ("guides", "keras_io")
    for path in (FOLDER / folder).glob("*.py")
)


def module_of(name):
    """An example, loaded from its file."""
    spec = importlib.util.spec_from_file_location(name.replace("/", "_"), FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_listed():
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert names == set(CHECKS)
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in (*names, *PORTED) if f"`{name}.py`" not in listed]
    rows = [line for line in listed.splitlines() if line.startswith(("| `guides", "| `keras_io"))]
    assert len(rows) == len(PORTED)  # none is listed that is not there


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_example(name):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f"needs the extra {NEEDS[name]!r}")
    assert CHECKS[name](module_of(name).main())


@pytest.mark.parametrize("name", PORTED)
def test_program_written_for_keras(name, capsys):
    module = module_of(name)
    source = pathlib.Path(module.__file__).read_text(encoding="utf-8")
    assert "import kerasish as keras\n" in source and "assert " in source
    module.main()
    assert capsys.readouterr().out  # it says what it found
