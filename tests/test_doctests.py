"""Every example in a docstring runs, and every public name says what it is and what it takes."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import kerasish
from kerasish import registry
from kerasish.core import names
from kerasish.core.primitive import operations

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(kerasish.__path__, "kerasish.")
    if not info.name.endswith("__main__")
    and ".native-" not in info.name  # no module: loaded by ctypes
)
PUBLIC = (
    "activations applications backend callbacks constraints data distillation initializers "
    "layers losses metrics mixed_precision models ops optimizers preprocessing.image random "
    "regularizers saving testing tree utils utils.bounding_boxes visualization "
).split()


# ---- examples --------------------------------------------------------------------------------


@pytest.fixture
def as_before():
    """What examples register and declare ends with them; names start anew."""
    families = {family: dict(table) for family, table in registry._families.items()}
    known = set(operations)
    names.reset()
    kerasish.utils.set_random_seed(1)
    yield
    registry._families.clear()
    registry._families.update(families)
    for name in set(operations) - known:
        del operations[name]


def own_objects(module):
    """(name, object) of the functions and classes that a module defines."""
    for name, item in vars(module).items():
        is_callable = inspect.isfunction(item) or inspect.isclass(item)
        if is_callable and getattr(item, "__module__", None) == module.__name__:
            yield name, item


@pytest.mark.parametrize("name", ["kerasish", *MODULES])
def test_examples_run(name, as_before, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    finder, runner = doctest.DocTestFinder(recurse=True), doctest.DocTestRunner(verbose=False)
    for label, item in own_objects(module):
        # Operations are built, not defined in the file, so for functions the origin is not asked;
        # tensors borrow methods from operations, whose examples run in their own files.
        origin = module if inspect.isclass(item) else False
        for test in finder.find(item, f"{name}.{label}", origin, globs=dict(vars(module))):
            runner.run(test)
    for test in doctest.DocTestFinder(recurse=False).find(module, name, globs=dict(vars(module))):
        runner.run(test)  # the module's own docstring
    assert runner.failures == 0, capsys.readouterr().out


# ---- descriptions ----------------------------------------------------------------------------


def public_names():
    """(path, object) of every function and class that the package offers."""
    modules = {"kerasish": kerasish}
    modules.update({name: importlib.import_module(f"kerasish.{name}") for name in PUBLIC})
    for path, module in modules.items():
        for name in module.__all__:
            item = getattr(module, name)
            if inspect.isfunction(item) or inspect.isclass(item):
                yield f"{path}.{name}", item


def parameters(item):
    """Names of the arguments that a user may give."""
    if inspect.isclass(item) and item.__init__ is object.__init__:
        return []
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = inspect.signature(item).parameters.values()
    return [p.name for p in found if p.kind not in kinds]


def is_variadic(item):
    """Whether a function or class takes arguments that its signature does not name."""
    found = inspect.signature(item).parameters.values()
    return any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in found)


def described(text):
    """Names that the Args section of a docstring describes; None without such a section."""
    section = re.search(r"^( *)Args:\n(.*?)(?=^\1\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return None
    margin = re.match(r" *", section[2])[0]
    entries = re.split(rf"^{margin}(?=\S)", section[2], flags=re.MULTILINE)[1:]
    heads = [entry.split(":")[0] for entry in entries]
    return {name.strip(" *`\n") for head in heads for name in head.split(",")}


def faults(path, item):
    """What is wrong with the docstring of a function or class."""
    text = inspect.cleandoc(item.__doc__ or "")
    if not re.search(r"\w{3}.*[.:?!)]$", text.split("\n\n")[0], re.DOTALL):
        yield f"{path}: no first sentence"
        return
    wanted, found = parameters(item), described(text)
    if found is None:
        # One argument may be explained in the sentence itself.
        if len(wanted) > 1 or not all(re.search(rf"\b{name}\b", text) for name in wanted):
            yield f"{path}: no Args section ({', '.join(wanted)})"
        return
    missing = [name for name in wanted if name not in found]
    if missing and not re.search(r"^ *others: (as of|see) \S", text, re.MULTILINE):
        yield f"{path}: Args lacks {', '.join(missing)}"
    unknown = found - set(wanted) - {"others"}
    if unknown and not is_variadic(item):
        yield f"{path}: Args names {', '.join(sorted(unknown))}, which it does not take"


def test_every_public_name_says_what_it_is_and_what_it_takes():
    found = sorted(fault for path, item in public_names() for fault in faults(path, item))
    assert not found, f"{len(found)} descriptions:\n" + "\n".join(found)


def _described_well(x, axis=None, *others, **options):
    """Something of `x`.

    Args:
        x, axis: given.
        *others: more.
        **options: still more.
    """


def _described_at_length(first, second, third):
    """Something.

    Args:
        first, second,
            third: see
            elsewhere.

    Returns: nothing.
    """


def _without_arguments(x, y):
    """Something of `x` and `y`."""


def _with_wrong_arguments(x, y):
    """Something of them.

    Args:
        x: given: and a colon.
            y: not at the margin.
        z: not there.

    Returns:
        nothing: at all.
    """


def _without_a_sentence(x):
    """something"""


def test_the_test_itself():
    assert list(faults("f", _described_well)) == []
    assert list(faults("f", _described_at_length)) == []
    assert list(faults("f", _without_arguments)) == ["f: no Args section (x, y)"]
    assert list(faults("f", _with_wrong_arguments)) == [
        "f: Args lacks y",
        "f: Args names z, which it does not take",
    ]
    assert list(faults("f", _without_a_sentence)) == ["f: no first sentence"]
