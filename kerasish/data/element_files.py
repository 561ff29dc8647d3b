"""Files of elements: records of nested arrays and text with checksums, read by number.

A file is a line that names the format, the records, and an index: a JSON text with the nested form
and the place of each record. Each record and the index carry a CRC-32. Nothing in a file is run.
"""

import contextlib
import json
import math
import mmap
import os
import struct
import zlib

import numpy

from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.data.elements import merge_specs, read_only, spec_of, stack
from kerasish.errors import CheckpointError, DataError, explain
from kerasish.saving.atomic import atomic_write

_MAGIC = b"kerasish elements 1\n"
_HEAD = struct.Struct("<QI")  # length and CRC-32 of what follows
_TAIL = struct.Struct("<Q")  # where the index begins


class ElementWriter:
    """Writes a file that appears, whole, when it is finished.

    Args:
        path: str or path-like.
    """

    def __init__(self, path):
        self._stack = contextlib.ExitStack()
        self._file = self._stack.enter_context(atomic_write(path))
        self._file.write(_MAGIC)
        self._places, self._form, self._spec = [], None, None

    def add(self, element):
        """Append an element.

        Raises:
            DataError: it holds something else than arrays and text, or has another form.
        """
        spec, form = spec_of(element), _form(element)
        if self._form is None:
            self._form, self._spec = form, spec
        elif form != self._form:
            raise DataError(
                explain("save", "elements have different forms", received=form, expected=self._form)
            )
        self._spec = merge_specs(self._spec, spec)
        self._places.append(self._file.tell())
        self._write(_encode(element))

    def _write(self, payload):
        self._file.write(_HEAD.pack(len(payload), zlib.crc32(payload)))
        self._file.write(payload)

    def finish(self):
        """Write the index and give the file its name."""
        place = self._file.tell()
        specs = [] if self._form is None else tree.flatten(self._spec)
        index = {
            "form": self._form,
            "specs": [None if s is None else [s.dtype, list(s.shape)] for s in specs],
            "places": self._places,
        }
        self._write(json.dumps(index).encode())
        self._file.write(_TAIL.pack(place))
        self._stack.close()

    def abandon(self):
        """Leave no file."""

        def fail():
            raise _Abandoned

        self._stack.callback(fail)
        with contextlib.suppress(_Abandoned):
            self._stack.close()


class _Abandoned(Exception):
    """Makes the atomic write remove its temporary file."""


class ElementFile:
    """The elements of a file, as rows.

    Args:
        path: str or path-like.

    Raises:
        CheckpointError: no such file, or a damaged one.
    """

    def __init__(self, path):
        self._path = os.fspath(path)
        try:
            with open(path, "rb") as file:
                # Mapped, so that threads and forked processes read it without a shared position.
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise self._error("there is no such file") from None
        except ValueError:  # an empty file
            raise self._error("not a file of elements") from None
        if self._data[: len(_MAGIC)] != _MAGIC:
            raise self._error("not a file of elements")
        try:
            index = json.loads(bytes(self._read(_TAIL.unpack(self._data[-_TAIL.size :])[0])))
            self._places, self._form = index["places"], index["form"]
            specs = [s if s is None else TensorSpec(s[1], s[0]) for s in index["specs"]]
            self.spec = _unform(self._form, iter(specs))
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise self._error(f"damaged index: {error}") from None
        self.size = len(self._places)

    def _error(self, problem):
        return CheckpointError(explain(self._path, problem))

    def _read(self, place):
        start = place + _HEAD.size
        if start > len(self._data):
            raise self._error("damaged: a place outside of the file")
        length, crc = _HEAD.unpack(self._data[place:start])
        payload = memoryview(self._data)[start : start + length]
        if len(payload) != length or zlib.crc32(payload) != crc:
            raise self._error("damaged record: the checksum differs")
        return payload

    def at(self, index):
        """One element, of views of the file."""
        return read_only(_decode(self._read(self._places[index]), self._form))

    def gather(self, chosen):
        """Elements in one, along a new first axis."""
        return stack([self.at(i) for i in chosen])


def _form(element):
    """The nested form as JSON has it."""
    if isinstance(element, dict):
        return {"dict": [[key, _form(element[key])] for key in sorted(element)]}
    if isinstance(element, tuple):
        return {"tuple": [_form(item) for item in element]}
    return "leaf"


def _unform(form, leaves):
    if isinstance(form, dict) and "dict" in form:
        return {key: _unform(part, leaves) for key, part in form["dict"]}
    if isinstance(form, dict):
        return tuple([_unform(part, leaves) for part in form["tuple"]])
    return next(leaves) if form is not None else None


def _encode(element):
    heads, bodies = [], []
    for leaf in tree.flatten(element):
        head, body = _encode_leaf(leaf)
        heads.append([*head, len(body)])
        bodies.append(body)
    head = json.dumps(heads).encode()
    return b"".join([_TAIL.pack(len(head)), head, *bodies])


def _encode_leaf(leaf):
    if leaf is None:
        return ["none", []], b""
    is_array = isinstance(leaf, numpy.ndarray)
    if isinstance(leaf, (str, bytes)) or (is_array and leaf.dtype == object):
        items = list(leaf.ravel()) if is_array else [leaf]
        if not all(isinstance(item, (str, bytes)) for item in items):
            raise DataError(explain("save", "an array of objects that are no text", received=leaf))
        texts = [i if isinstance(i, str) else i.decode("latin-1") for i in items]
        kinds = "".join("s" if isinstance(i, str) else "b" for i in items)
        kind = "texts" if is_array else "text"
        return [kind, numpy.shape(leaf)], json.dumps([kinds, texts]).encode()
    if not isinstance(leaf, (numpy.ndarray, numpy.generic)):
        raise DataError(explain("save", "only arrays and text can be saved", received=leaf))
    name = dtypes.name_of(leaf.dtype)
    body = numpy.asarray(leaf).astype(dtypes.to_numpy(name).newbyteorder("<"), copy=False)
    return [name, leaf.shape], body.tobytes()


def _decode(payload, form):
    start = _TAIL.size
    (length,) = _TAIL.unpack(payload[:start])
    heads, place, leaves = json.loads(bytes(payload[start : start + length])), start + length, []
    for kind, shape, size in heads:
        leaves.append(_decode_leaf(kind, tuple(shape), payload[place : place + size]))
        place += size
    return _unform(form, iter(leaves))


def _decode_leaf(kind, shape, body):
    if kind == "none":
        return None
    if kind in ("text", "texts"):
        kinds, texts = json.loads(bytes(body))
        items = [t if k == "s" else t.encode("latin-1") for k, t in zip(kinds, texts, strict=True)]
        if kind == "text":
            return items[0]
        array = numpy.empty(math.prod(shape), object)
        array[:] = items
        return array.reshape(shape)
    array = numpy.frombuffer(body, dtypes.to_numpy(kind).newbyteorder("<")).reshape(shape)
    array = array.astype(dtypes.to_numpy(kind), copy=False)
    return array if shape else array[()]
