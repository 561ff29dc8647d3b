"""Functions with TensorFlow's face, generated from a signature and a function of the package.

The wrapper brings arguments to tensors by TensorFlow's rules, calls the function with plain tensors
of the package, and gives the results TensorFlow's face.
"""

import ast
import inspect
import re

import kerasish.compat.v2.errors as errors
from kerasish.compat.v2.conversion import is_tensor, static, to_plain
from kerasish.compat.v2.tensors import faces, plain
from kerasish.core import tree
from kerasish.errors import DTypeError, ShapeError

_REQUIRED = inspect.Parameter.empty
_ROW = re.compile(
    r"(?P<names>[\w. ]+): (?P<op>\w+)\((?P<signature>.*)\)(?P<flags>[a-z ]*)(= (?P<target>[\w.]+))?"
)


class Row:
    """One line of a table: `names: Op(tensors; parameters) flags = target`.

    Flags: `floats` refuses integers, `mixed` lets tensors be of different dtypes. A tensor whose
    name starts with `*` is a list of tensors. Without a target it is the first name.

    Args:
        line: str.
    """

    def __init__(self, line):
        found = _ROW.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"not a row: {line!r}")
        self.names = found["names"].split()
        self.op = found["op"]
        self.flags = set(found["flags"].split())
        tensors, _, parameters = found["signature"].partition(";")
        self.lists = set()
        self.tensors = self._parsed(tensors)
        self.parameters = self._parsed(parameters)
        self.target = found["target"] or self.names[0].rpartition(".")[2]

    def _parsed(self, text):
        parsed = {}
        for part in filter(None, map(str.strip, re.split(r",(?![^(]*\))", text))):
            name, _, default = part.partition("=")
            if name.startswith("*"):
                name = name[1:]
                self.lists.add(name)
            parsed[name] = ast.literal_eval(default) if default else _REQUIRED
        return parsed


def faced(row, function):
    """The function of a Row, which calls a function of the package.

    Args:
        row: Row.
        function: callable; takes the row's tensors and parameters by position, in their order.
    """
    names = (*row.tensors, *row.parameters)
    defaults = {**row.tensors, **row.parameters}
    count, op, public = len(row.tensors), row.op, row.names[0]
    is_mixed, is_floats = "mixed" in row.flags, "floats" in row.flags
    lists = [name in row.lists for name in row.tensors]

    def call(*args, **kwargs):
        kwargs.pop("name", None)
        if len(args) > len(names):
            raise TypeError(f"{public}() takes at most {len(names)} arguments, {len(args)} given")
        values = dict(zip(names, args, strict=False))
        for key, value in kwargs.items():
            if key not in defaults or key in values:
                raise TypeError(f"{public}() got an unexpected or repeated argument {key!r}")
            values[key] = value
        for key, default in defaults.items():
            if values.setdefault(key, default) is _REQUIRED:
                raise TypeError(f"{public}() misses the argument {key!r}")
        inputs = [values[name] for name in names[:count]]
        tensors = converted(op, inputs, is_mixed, lists)
        if is_floats:
            _require_floats(op, tensors)
        try:
            result = function(*tensors, *[static(values[name]) for name in names[count:]])
        except (ShapeError, DTypeError) as error:
            raise errors.invalid(op, _told(error, tensors)) from error
        return faces(result)

    call.__name__ = call.__qualname__ = public.rpartition(".")[2]
    call.__module__ = "kerasish.compat.v2"
    call.__doc__ = _description(row, function)
    call.__signature__ = _signature(defaults)
    call.plain = function
    return call


def _told(error, tensors):
    """The package's words; TensorFlow's for shapes that do not broadcast."""
    text = str(error)
    if "broadcast" in text and len(tensors) == 2:
        shapes = [str(list(x.shape)).replace(" ", "") for x in tensors if hasattr(x, "shape")]
        return f"Incompatible shapes: {' vs. '.join(shapes)}"
    return text


def _signature(defaults):
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(n, kind, default=d) for n, d in defaults.items()]
    seen = False
    for i, p in enumerate(parameters):  # a parameter behind a default needs one
        seen = seen or p.default is not _REQUIRED
        if seen and p.default is _REQUIRED:
            parameters[i] = p.replace(default=None)
    return inspect.Signature([*parameters, inspect.Parameter("name", kind, default=None)])


def _description(row, function):
    first = (inspect.getdoc(function) or "").split("\n")[0]
    arguments = ", ".join([*row.tensors, *row.parameters, "name"])
    return f"{first}\n\nTensorFlow's `tf.{row.names[0]}({arguments})`.\n"


def converted(op, values, is_mixed=False, lists=None):
    """Tensors of arguments; of one dtype, unless they are mixed.

    The first tensor among the arguments says what Python numbers become; without one, the first
    argument does.

    Args:
        op: str, the operation's name in errors.
        values: list of arguments.
        is_mixed: bool.
        lists: list of bool, which arguments are lists of tensors; none when None.

    Raises:
        InvalidArgumentError: dtypes differ.
    """
    lists = lists or [False] * len(values)
    values = [list(x) if many else x for x, many in zip(values, lists, strict=True)]
    flat = [v for x, many in zip(values, lists, strict=True) for v in (x if many else [x])]
    first = None if is_mixed else next((v.dtype[:] for v in flat if is_tensor(v)), None)
    made = []
    for position, value in enumerate(flat):
        if value is None:
            made.append(None)
            continue
        tensor = plain(to_plain(value, hint=first))
        if not is_mixed:
            if position == 0 or first is None:
                first = tensor.dtype[:]
            elif tensor.dtype != first:
                raise errors.mismatch(op, position, first, tensor.dtype)
        made.append(tensor)
    parts = iter(made)
    return [
        [next(parts) for _ in x] if many else next(parts)
        for x, many in zip(values, lists, strict=True)
    ]


def _require_floats(op, tensors):
    for x in tree.flatten(tensors):
        if x is not None and x.dtype[:].startswith(("int", "uint", "bool", "string")):
            raise errors.invalid(
                op,
                f"Value for attr 'T' of {x.dtype[:]} is not in the list of allowed values: "
                "bfloat16, half, float, double, complex64, complex128",
            )


def table(text, homes):
    """Functions of a table's rows, by their full names.

    Args:
        text: str, one row a line; lines that start with # do not count.
        homes: modules or namespaces in which targets are looked up, in this order.

    Returns:
        dict from name, such as "math.abs", to function.
    """
    found = {}
    for line in text.strip().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        row = Row(line)
        for home in homes:
            target = getattr(home, row.target, None)
            if target is not None:
                break
        else:
            raise ValueError(f"no target {row.target!r} for {line!r}")
        function = faced(row, target)
        found.update(dict.fromkeys(row.names, function))
    return found
