"""The examples in the docstrings run, and every public name has a docstring."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import kerasish

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(kerasish.__path__, "kerasish.")
    if not info.name.endswith("__main__")
)
PUBLIC = (
    "activations callbacks constraints initializers layers losses metrics models ops optimizers "
    "random regularizers saving tree utils"
).split()


def own_objects(module):
    """(name, object) of the functions and classes that a module defines."""
    for name, item in vars(module).items():
        is_callable = inspect.isfunction(item) or inspect.isclass(item)
        if is_callable and getattr(item, "__module__", None) == module.__name__:
            yield name, item


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, capsys):
    module = importlib.import_module(name)
    finder, runner = doctest.DocTestFinder(recurse=True), doctest.DocTestRunner(verbose=False)
    for label, item in own_objects(module):
        # Operations are built, not defined in the file, so for functions the origin is not asked;
        # tensors borrow methods from operations, whose examples run in their own files.
        origin = module if inspect.isclass(item) else False
        for test in finder.find(item, f"{name}.{label}", origin, globs=dict(vars(module))):
            runner.run(test)
    assert runner.failures == 0, capsys.readouterr().out


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_have_docstrings(package):
    module = importlib.import_module(f"kerasish.{package}")
    missing = [
        name
        for name in module.__all__
        if callable(getattr(module, name)) and not inspect.getdoc(getattr(module, name))
    ]
    assert not missing, f"kerasish.{package}: no docstring: {missing}"
