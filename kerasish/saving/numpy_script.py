"""A model's inference as a Python script that needs NumPy only, with its weights beside it."""

import ast
import inspect
import io
import pathlib
import sys
import textwrap
import types

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.function import ConcreteFunction
from kerasish.core.program import Program
from kerasish.core.spec import TensorSpec
from kerasish.errors import KerasishError, explain
from kerasish.saving.atomic import atomic_write

_HEAD = '''"""{name}: inference of a kerasish model. It needs NumPy, and {weights} beside it.

    python {script} inputs.npz outputs.npz     (arrays in the order of the model's inputs)
    from {module} import predict               (predict(*inputs) -> list of outputs)
"""

import pathlib
import sys
import types

import numpy


class Arrays:
    """NumPy, and the few names besides it that the functions below expect of an array module."""

    is_gpu = False
    scatter_add = staticmethod(numpy.add.at)
    scatter_max = staticmethod(numpy.maximum.at)
    scatter_min = staticmethod(numpy.minimum.at)

    def __getattr__(self, name):
        return getattr(numpy, name)


np = Arrays()
inf, nan = float("inf"), float("nan")
WEIGHTS = numpy.load(pathlib.Path(__file__).with_suffix(".npz"), allow_pickle=False)


def explain(where, problem, **facts):
    return "; ".join([f"{{where}}: {{problem}}", *[f"{{k}} {{v}}" for k, v in facts.items()]])

'''

_TAIL = '''

def predict(*inputs):
    """Outputs of the model for arrays of its inputs, as a list."""
    arrays = [numpy.asarray(x, dtype) for x, dtype in zip(inputs, {dtypes}, strict=True)]
    with numpy.errstate(all="ignore"):
        return [numpy.asarray(y) for y in program(*arrays, *[WEIGHTS[name] for name in {weights}])]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    given = numpy.load(sys.argv[1], allow_pickle=False)
    found = predict(*[given[name] for name in given.files])
    numpy.savez(sys.argv[2], *found)
'''


def export_numpy(model, filepath):
    """Write `filepath` (a script) and the weights as `.npz` of the same name.

    Args:
        model: built Model with known input shapes.
        filepath: path that ends in `.py`.

    Raises:
        ValueError: a path of another ending, or a model whose input shapes are unknown.
        KerasishError: an operation that cannot be written as NumPy source.
    """
    path = pathlib.Path(filepath)
    if path.suffix != ".py":
        raise ValueError(
            explain("export_numpy", "the path must end in .py", received=str(filepath))
        )
    concrete = ConcreteFunction(
        lambda *inputs: model(_nested(model, inputs), training=False),
        _input_specs(model),
        {},
        "program",
    )
    program = Program(concrete.graph, devices.cpu, "program", reuses_buffers=False, is_plain=True)
    _refuse_host_calls(program)
    writer = _SourceWriter()
    lines = [writer.bind(name, value) for name, value in sorted(program.constants.items())]
    if any(".erf(" in text for text in writer.sources):
        lines.append(f"Arrays.erf = staticmethod({writer.expression(devices.cpu.xp.erf, 'erf')})")
    weights = {f"w{i}": source.numpy() for i, (source, _) in enumerate(program.captures)}
    weights.update(writer.arrays)
    head = _HEAD.format(
        name=model.name, weights=path.with_suffix(".npz").name, script=path.name, module=path.stem
    )
    tail = _TAIL.format(
        dtypes=[t.dtype for t in concrete.graph.inputs],
        weights=[f"w{i}" for i in range(len(program.captures))],
    )
    parts = [head, *writer.sources, *[line for line in lines if line], "", program.source(), tail]
    content = io.BytesIO()
    numpy.savez(content, **weights)
    with atomic_write(path.with_suffix(".npz"), "wb") as file:
        file.write(content.getvalue())
    with atomic_write(path, "w") as file:
        file.write("\n".join(parts))


def _refuse_host_calls(program):
    for node in program.nodes:
        if "host" in node.operation.tags:
            raise KerasishError(
                explain(
                    "export_numpy",
                    "a layer computes in Python, on text or tables, which is not exported",
                    received=f" {node.scope}",
                    fix="export the model behind that layer",
                )
            )


def _input_specs(model):
    inputs = getattr(model, "_functional", None) or model
    try:
        tensors = inputs.inputs
    except AttributeError:
        config = model.get_build_config() or {}
        if "input_shape" not in config:
            raise ValueError(
                explain(
                    "export_numpy",
                    "the input shapes of the model are unknown",
                    received=model,
                    fix="call it on data first, or build it from kerasish.Input",
                )
            ) from None
        return (TensorSpec((None, *config["input_shape"][1:]), model.compute_dtype),)
    return tuple(TensorSpec((None, *t.shape[1:]), t.dtype) for t in tensors)


def _nested(model, inputs):
    structure = getattr(model, "_inputs_structure", None)
    if structure is None:
        return inputs[0] if len(inputs) == 1 else list(inputs)
    return tree.unflatten(structure, inputs)


class _SourceWriter:
    """Collects the source of functions and of everything they name, each once.

    Attributes:
        sources: list of source texts, dependencies first.
        arrays: dict of arrays too large to write out.
    """

    # What the script has in a form of its own.
    _REPLACED = {dtypes.to_numpy: "numpy.dtype", explain: "explain"}

    def __init__(self):
        self.sources, self.arrays, self._names, self._taken = [], {}, {}, set()

    def bind(self, name, value):
        """A line that gives `name` the value, or "" where it has that name already."""
        text = self.expression(value, name)
        return "" if text == name else f"{name} = {text}"

    def expression(self, value, hint):
        """Python text for a value; functions and classes are written out before."""
        if devices.is_array(value):
            key = f"c{len(self.arrays)}"
            self.arrays[key] = value
            return f"WEIGHTS[{key!r}]"
        if isinstance(value, (types.FunctionType, type)) and value in self._REPLACED:
            return self._REPLACED[value]
        if isinstance(value, types.ModuleType):
            if value is numpy:
                return "numpy"
            return (
                f"__import__({value.__name__!r})"
                if value.__name__ in sys.stdlib_module_names
                else ""
            )
        if isinstance(value, (types.FunctionType, type)) and _is_ours(value):
            return self._definition(value)
        if isinstance(value, type) and value.__module__ == "builtins":
            return value.__name__
        text = repr(value)
        try:
            ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise KerasishError(
                explain("export_numpy", f"{hint} cannot be written as source", received=value)
            ) from None
        return text

    def _definition(self, item):
        if id(item) not in self._names:
            name = item.__name__
            while name in self._taken:
                name += "_"
            self._taken.add(name)
            self._names[id(item)] = name
            self._write(item, name)
        return self._names[id(item)]

    def _write(self, item, name):
        if getattr(item, "__closure__", None):
            raise KerasishError(
                explain(
                    "export_numpy",
                    f"{item.__qualname__} is made by another function, so it has no "
                    "source of its own",
                    received=item.__module__,
                )
            )
        parsed = ast.parse(textwrap.dedent(inspect.getsource(item))).body[0]
        parsed.decorator_list = [d for d in getattr(parsed, "decorator_list", []) if _is_kept(d)]
        parsed.name = name
        module = sys.modules[item.__module__]
        renamed = {}
        for used, attributes in _global_names(parsed, vars(module)).items():
            renamed[used] = self._global(used, vars(module)[used], attributes)
        parsed = _Rename({k: v for k, v in renamed.items() if k != v}).visit(parsed)
        self.sources.append(ast.unparse(ast.fix_missing_locations(parsed)) + "\n")

    def _global(self, used, value, attributes):
        if isinstance(value, types.ModuleType) and value.__name__.startswith("kerasish"):
            fields = ", ".join(
                f"{a}={self.expression(getattr(value, a), a)}" for a in sorted(attributes)
            )
            return f"types.SimpleNamespace({fields})"
        return self.expression(value, used)


def _is_ours(item):
    return item.__module__.startswith("kerasish")


def _is_kept(decorator):
    return isinstance(decorator, ast.Name) and decorator.id in (
        "property",
        "staticmethod",
        "classmethod",
    )


def _global_names(parsed, space):
    """Names of module globals that a definition uses -> attributes read from each."""
    bound = {n.arg for n in ast.walk(parsed) if isinstance(n, ast.arg)}
    stored = {
        n.id
        for n in ast.walk(parsed)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    found = {}
    for node in ast.walk(parsed):
        if isinstance(node, ast.Name) and node.id in space and node.id not in bound | stored:
            if not node.id.startswith("__"):
                found.setdefault(node.id, set())
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in space and node.value.id not in bound | stored:
                found.setdefault(node.value.id, set()).add(node.attr)
    return found


class _Rename(ast.NodeTransformer):
    """Replaces names by expressions."""

    def __init__(self, renamed):
        self.renamed = {k: ast.parse(v, mode="eval").body for k, v in renamed.items()}

    def visit_Name(self, node):
        return self.renamed.get(node.id, node)
