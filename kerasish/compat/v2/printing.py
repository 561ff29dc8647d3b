"""tf.print: prints values when an operation runs, in a compiled program too."""

import sys

import numpy

from kerasish.arrays import device as devices
from kerasish.compat.v2.conversion import is_tensor, to_plain
from kerasish.compat.v2.tensors import plain
from kerasish.core import tree
from kerasish.core.primitive import primitive
from kerasish.core.spec import TensorSpec


@primitive(
    spec=lambda *values, writer: TensorSpec((), "bool"),
    tags=("effect", "host"),
    name="print_values",
)
def print_values(xp, *values, writer):
    """Hand the values to a writer, each time the program runs; the result means nothing."""
    writer([devices.to_host(v) for v in values])
    return xp.asarray(True)


def print(*inputs, output_stream=sys.stderr, end="\n", sep=" ", summarize=3, name=None):
    """Print tensors and Python values, to the standard error stream unless told otherwise.

    Args:
        *inputs: tensors, Python values, or nested structures of them.
        output_stream: file-like, or "file://PATH" to append to a file.
        end: str, written at the end.
        sep: str, written between the inputs.
        summarize: int, how many first and last elements of an axis are shown; -1 for all.
        name: ignored.

    Example:
        >>> import sys
        >>> from kerasish.compat import v2 as tf
        >>> tf.print("numbers:", tf.range(8), output_stream=sys.stdout)
        numbers: [0 1 2 ... 5 6 7]

    Source: TensorFlow `tf.print`.
    """
    leaves = [x for i in inputs for x in tree.flatten(i)]
    tensors = [plain(to_plain(x)) for x in leaves if _is_value(x)]

    def write(arrays):
        arrays = iter(arrays)
        shown = [
            _Text(_written(next(arrays), summarize)) if _is_value(x) else x for x in leaves
        ]
        rest = iter(shown)
        texts = [_structure(i, rest) for i in inputs]
        _write(output_stream, sep.join(texts) + end)

    if any(x.is_symbolic for x in tensors):
        print_values(*tensors, writer=write)
    else:
        write([devices.to_host(x._array) for x in map(_read, tensors)])


def _read(x):
    return x if not hasattr(x, "_as_tensor") else x._as_tensor()


def _is_value(x):
    return is_tensor(x) or isinstance(x, (numpy.ndarray, numpy.generic))


class _Text(str):
    """Text that stands without quotes inside lists and dicts."""

    __slots__ = ()

    def __repr__(self):
        return str.__str__(self)


def _structure(value, leaves):
    filled = tree.map_structure(lambda _: next(leaves), value)
    return filled if isinstance(filled, str) else str(filled)


def _write(stream, text):
    if isinstance(stream, str) and stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a", encoding="utf-8") as file:
            file.write(text)
    else:
        stream.write(text)


def _written(array, summarize, depth=0):
    if array.ndim == 0:
        return _number(array[()])
    count = len(array)
    whole = summarize < 0 or count <= 2 * summarize
    chosen = range(count) if whole else [*range(summarize), *range(count - summarize, count)]
    parts = [_written(array[i], summarize, depth + 1) for i in chosen]
    if not whole:
        parts.insert(summarize, "...")
    gap = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (depth + 1)
    return f"[{gap.join(parts)}]"


def _number(value):
    if isinstance(value, (str, bytes)):
        return f'"{value}"'
    if isinstance(value, (bool, numpy.bool_)):
        return str(int(value))
    if isinstance(value, numpy.floating):
        return _shortest(value)
    return str(value)


def _shortest(value):
    if not numpy.isfinite(value):
        return str(value)
    text = repr(value.item()) if value.dtype == numpy.float64 else str(value)
    number = float(text)
    if number and not 1e-4 <= abs(number) < 1e8:
        mantissa, _, exponent = f"{numpy.format_float_scientific(value, trim='-')}".partition("e")
        return f"{mantissa}e{exponent}"
    return text.removesuffix(".0")
