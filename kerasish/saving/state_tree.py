"""Nested Python values and arrays in one HDF5 file: a JSON text that points to data sets."""

import json
import math

import numpy

from kerasish.core.tensor import Tensor
from kerasish.core.variable import Variable
from kerasish.errors import CheckpointError, explain
from kerasish.saving import json_text

_TEXT, _ARRAYS = "state", "arrays"
_SPECIAL_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class PackedTree:
    """A nested value taken apart, so that what happens to it later changes nothing.

    Args:
        value: nested dicts (with str keys), lists and tuples of None, bool, int, float, str, bytes,
            arrays, tensors and variables.

    Attributes:
        text: str, JSON.
        arrays: list of arrays of its own.

    Raises:
        ValueError: a value of another kind; its place is named.
    """

    def __init__(self, value):
        self.arrays = []
        self.text = json.dumps(_packed(value, self.arrays, "state"), allow_nan=False)

    def write(self, writer):
        """Write the arrays as data sets, and everything else as one text.

        Args:
            writer: hdf5.Writer.
        """
        encoded = self.text.encode("utf-8", "surrogatepass")
        writer.write(_TEXT, numpy.frombuffer(encoded, numpy.uint8))
        for i, array in enumerate(self.arrays):
            writer.write(f"{_ARRAYS}/{i}", array)


def read_tree(reader):
    """The value that a PackedTree wrote, equal to the last bit.

    Args:
        reader: hdf5.Reader.

    Raises:
        CheckpointError: the file holds no such value, or not all of it.
    """
    if _TEXT not in reader.datasets:
        raise CheckpointError(
            explain(reader.where, "the file holds no state of a run", expected="a data set 'state'")
        )
    where = f"{reader.where} (state)"
    content = reader.read(_TEXT)
    text = content.tobytes().decode("utf-8", "surrogatepass")
    value = json_text.parse_object(text, where)
    try:
        return _unpacked(value, reader)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, CheckpointError):
            raise
        problem = f"the state cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise CheckpointError(explain(where, problem)) from error


# Every node is an object with one key that tells its kind, so no value can be taken for another.


def _packed(value, arrays, place):
    if value is None or isinstance(value, (bool, str)):
        return {"plain": value}
    if isinstance(value, numpy.generic) or _is_array(value):
        array = value.numpy() if hasattr(value, "numpy") else numpy.array(value)
        if array.dtype.kind in "OSU":  # texts
            texts = [_packed(item, arrays, place) for item in array.ravel().tolist()]
            return {"texts": [array.dtype.str, list(array.shape), texts]}
        arrays.append(array)
        return {"scalar" if isinstance(value, numpy.generic) else "array": len(arrays) - 1}
    if isinstance(value, int):
        return {"plain": value}
    if isinstance(value, float):
        return {"plain": value} if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(v, arrays, f"{place}[{i}]") for i, v in enumerate(value)]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {k: _packed(v, arrays, f"{place}[{k!r}]") for k, v in value.items()}}
    raise ValueError(
        explain(
            place,
            "the state of a run cannot hold this value",
            received=value,
            expected="numbers, text, arrays, and lists, tuples and dicts (with text keys) of them",
        )
    )


def _is_array(value):
    return isinstance(value, (numpy.ndarray, Tensor, Variable))


def _unpacked(node, reader):
    ((kind, value),) = node.items()
    if kind == "plain":
        return value
    if kind == "list":
        return [_unpacked(v, reader) for v in value]
    if kind == "tuple":
        return tuple(_unpacked(v, reader) for v in value)
    if kind == "dict":
        return {k: _unpacked(v, reader) for k, v in value.items()}
    if kind == "array":
        return reader.read(f"{_ARRAYS}/{int(value)}")
    if kind == "scalar":
        return reader.read(f"{_ARRAYS}/{int(value)}")[()]
    if kind == "texts":
        dtype, shape, texts = value
        if numpy.dtype(dtype).kind not in "OSU":
            raise CheckpointError(explain(reader.where, "texts of another dtype", received=dtype))
        values = numpy.empty(len(texts), dtype)
        values[:] = [_unpacked(text, reader) for text in texts]
        return values.reshape(shape)
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind == "float":
        return _SPECIAL_FLOATS[value]
    raise CheckpointError(explain(reader.where, "unknown kind of value", received=kind))
