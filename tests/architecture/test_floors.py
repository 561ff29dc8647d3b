"""Imports run downward only: the floors of the package, as a table that is enforced."""

import ast
import pathlib

import pytest

import kerasish

ROOT = pathlib.Path(kerasish.__file__).parent

# The top-level package or module of a file -> its floor. A floor may import lower floors and itself
# only within one package, except for the pairs in SIDEWAYS.
FLOORS = {
    0: ["config", "errors", "arrays", "optional", "switches"],
    1: ["core", "registry"],
    2: ["ops"],
    3: ["kernels"],
    4: [
        "activations",
        "constraints",
        "data",
        "dtype_policies",
        "identifiers",
        "initializers",
        "random",
        "regularizers",
        "saving",
        "summary",
        "tree",
    ],
    5: ["checkpoint", "layers", "losses", "metrics", "optimizers"],
    6: ["callbacks"],
    7: ["training"],
    8: ["models"],
    9: [
        "applications",
        "backend",
        "cli",
        "compat",
        "datasets",
        "distillation",
        "mixed_precision",
        "preprocessing",
        "testing",
        "utils",
        "visualization",
    ],
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names}
SIDEWAYS = {
    ("arrays", "config"),
    ("data", "saving"),
    ("arrays", "errors"),
    ("config", "errors"),
    ("optional", "errors"),
    ("switches", "config"),
    ("switches", "errors"),
    ("backend", "utils"),
    ("core", "registry"),
    ("initializers", "random"),
    ("initializers", "identifiers"),
    ("regularizers", "identifiers"),
    ("constraints", "identifiers"),
    ("activations", "identifiers"),
    ("saving", "dtype_policies"),
    *(
        (name, "saving")
        for name in ("activations", "constraints", "identifiers", "initializers", "regularizers")
    ),
    ("metrics", "losses"),
    ("initializers", "dtype_policies"),
    ("applications", "datasets"),
    ("cli", "datasets"),
    ("cli", "utils"),
    ("datasets", "utils"),
    ("preprocessing", "utils"),
    ("testing", "utils"),
    ("visualization", "utils"),
}

FILES = sorted(p for p in ROOT.rglob("*.py") if "embedded" not in p.parts)


def package_of(path):
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports_of(path):
    """(line, dotted name) of everything imported, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "kerasish":
                yield from ((node.lineno, f"kerasish.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downward(path):
    own = package_of(path)
    if own == "__init__":
        return
    assert own in FLOOR_OF, f"{own} stands on no floor: add it to FLOORS"
    for line, name in imports_of(path):
        if not name.startswith("kerasish."):
            continue
        other = name.split(".")[1]
        if other == own or other not in FLOOR_OF:
            continue
        downward = FLOOR_OF[other] < FLOOR_OF[own]
        assert downward or (own, other) in SIDEWAYS, (
            f"{path.name}:{line} imports {name} ({own} -> {other})"
        )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_function_imports_the_package(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith(
                    "kerasish"
                ):
                    raise AssertionError(f"{path.name}:{inner.lineno} imports inside {node.name}")


DOORS = {
    "cupy": "arrays",
    "cupyx": "arrays",
    "h5py": "saving",
    "matplotlib": "optional",
    "PIL": "optional",
    "pydot": "optional",
    "tensorboard": "summary",
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_optional_packages_have_one_door(path):
    for line, name in imports_of(path):
        door = DOORS.get(name.split(".")[0])
        assert door is None or package_of(path) == door, f"{path.name}:{line} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_what_it_owns_and_stays_short(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
    assert text.count("\n") <= 600, f"{path} has {text.count(chr(10))} lines"
