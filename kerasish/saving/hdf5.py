"""The only door to h5py: files are looked through for anything unusual before a value is read."""

import io
import math

import h5py
import numpy

from kerasish.arrays import dtypes
from kerasish.errors import CheckpointError, explain

_MAX_OBJECTS = 1_000_000
_MAX_DEPTH = 256
_FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32"}  # others load foreign libraries
_SMALL = 2**16  # bytes: what a data set may claim without having them stored
_MAX_EXPANSION = 1100  # deflate cannot do better than 1032 to 1
_ATTRIBUTE_LIMIT = 64512  # bytes that fit in the header of an HDF5 object


class Reader:
    """An HDF5 file opened for reading, with its groups and data sets listed by full path.

    Only plain hard links are followed, so nothing outside the file can be reached; external,
    virtual and filtered data sets are refused. Names from the file are keys of dicts here and
    never become paths.

    Args:
        file: binary file object.
        where: str. What to call the file in errors.

    Raises:
        CheckpointError: not an HDF5 file, damaged, or with content that no model file has.
    """

    def __init__(self, file, where):
        self.where = where
        self.groups, self.datasets, self._names = {}, {}, {}
        with self._readable():
            self._file = h5py.File(file, "r")
        try:
            with self._readable():
                self._scan()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._file.close()

    def _readable(self):
        return _Readable(self.where)

    def _scan(self):
        stack, seen, count = [("", self._file, 0)], set(), 0
        while stack:
            path, group, depth = stack.pop()
            address = h5py.h5o.get_info(group.id).addr
            if address in seen or depth > _MAX_DEPTH:
                raise self._refusal(path, "groups contain each other or are nested too deeply")
            seen.add(address)
            self.groups[path] = group
            self._names[path] = []
            for name in group:
                count += 1
                if count > _MAX_OBJECTS:
                    raise self._refusal(path, "too many objects")
                inner = f"{path}/{name}" if path else name
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise self._refusal(inner, "a link to another place or file")
                item = group[name]
                if isinstance(item, h5py.Group):
                    stack.append((inner, item, depth + 1))
                elif isinstance(item, h5py.Dataset):
                    self._check_storage(inner, item)
                    self.datasets[inner] = item
                    self._names[path].append(name)
                else:
                    raise self._refusal(inner, "neither a group nor a data set")

    def _check_storage(self, path, dataset):
        if dataset.external or dataset.is_virtual:
            raise self._refusal(path, "a data set whose values lie in another place")
        plist = dataset.id.get_create_plist()
        filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
        if any(f not in _FILTERS for f in filters):
            raise self._refusal(path, f"a data set packed with unknown filters {filters}")
        size = math.prod(dataset.shape or ()) * dataset.dtype.itemsize
        if size > max(_SMALL, _MAX_EXPANSION * dataset.id.get_storage_size()):
            raise self._refusal(path, f"a data set that claims {size} bytes it does not hold")

    def _refusal(self, path, what):
        return CheckpointError(
            explain(
                self.where,
                f"refused: {what}, at {path!r}",
                expected="a file with plain groups and data sets, as Keras writes",
            )
        )

    def names(self, path):
        """Names of the data sets directly in a group; empty for a group that is not there."""
        return self._names.get(path, [])

    def shape(self, path):
        """Shape of a data set."""
        return tuple(self.datasets[path].shape or ())

    def dtype(self, path):
        """Name of the dtype of a data set, or None when its values are not numbers."""
        dataset = self.datasets[path]
        if dataset.dtype.kind in "fiub":
            return dataset.dtype.name if dataset.shape is not None else None
        is_raw = (
            dataset.dtype.kind == "V" and dataset.dtype.itemsize == 2 and not dataset.dtype.fields
        )
        # Keras marks bfloat16, which HDF5 does not know, in `.weights.h5` files, but not in `.h5`.
        return "bfloat16" if is_raw and self._text(dataset, "dtype") in ("bfloat16", None) else None

    def read(self, path):
        """Values of a data set as a NumPy array."""
        dtype = self.dtype(path)
        if dtype is None:
            raise self._refusal(path, "a data set that does not hold numbers")
        with self._readable():
            values = self.datasets[path][()]
        values = numpy.asarray(values)
        if dtype == "bfloat16":
            return values.view(dtypes.to_numpy("bfloat16"))
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def text(self, path, name):
        """Text of an attribute of a group, or None when it is absent or not text."""
        return self._text(self.groups[path], name)

    def _text(self, item, name):
        with self._readable():
            value = item.attrs.get(name)
        if isinstance(value, bytes):
            return value.decode("utf-8", "surrogateescape")
        return value if isinstance(value, str) else None

    def has_texts(self, path, name):
        """Whether a group has an attribute, whole or spread over several."""
        with self._readable():
            return any(n in self.groups[path].attrs for n in (name, f"{name}0"))

    def texts(self, path, name):
        """List of str from an attribute of a group, also where it is spread over several."""
        with self._readable():
            attributes = self.groups[path].attrs
            found = [attributes[name]] if name in attributes else []
            while f"{name}{len(found)}" in attributes and name not in attributes:
                found.append(attributes[f"{name}{len(found)}"])
        result = []
        for values in found:
            for value in numpy.atleast_1d(values).tolist():
                if isinstance(value, bytes):
                    value = value.decode("utf-8", "surrogateescape")
                if not isinstance(value, str):
                    raise self._refusal(path, f"attribute {name!r} is not a list of names")
                result.append(value)
        return result


class _Readable:
    """Context that turns what h5py raises on a damaged file into a CheckpointError."""

    def __init__(self, where):
        self.where = where

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is None or not isinstance(error, Exception):
            return
        if not isinstance(error, (CheckpointError, MemoryError)):
            raise CheckpointError(
                explain(
                    self.where,
                    f"not an HDF5 file, or a damaged one: {str(error)[:200]}",
                    fix="write it again, or take another copy",
                )
            ) from error


class Writer:
    """An HDF5 file made in memory, so that a full disk cannot interrupt HDF5 in the middle.

    Example:
        >>> writer = Writer()
        >>> writer.write("vars/0", numpy.zeros(3))
        >>> bytes(writer.finish()[:4])
        b'\\x89HDF'
    """

    def __init__(self):
        self._buffer = io.BytesIO()
        self._file = h5py.File(self._buffer, "w")

    def group(self, path, **attributes):
        """Make a group, and those above it, and set attributes; an existing one is kept."""
        group = self._file.require_group(path) if path else self._file
        for name, value in attributes.items():
            group.attrs[name] = value

    def texts(self, path, name, values):
        """Set an attribute to a list of names; a long list is spread over several attributes."""
        group = self._file[path] if path else self._file
        encoded = [value.encode("utf-8") for value in values]
        parts = [numpy.asarray(encoded)]
        while any(part.nbytes > _ATTRIBUTE_LIMIT for part in parts):
            parts = numpy.array_split(numpy.asarray(encoded), len(parts) + 1)
        if len(parts) == 1:
            group.attrs[name] = encoded
        else:
            for i, part in enumerate(parts):
                group.attrs[f"{name}{i}"] = part

    def write(self, path, values):
        """Make a data set of an array."""
        values = numpy.asarray(values)
        if values.dtype.kind in "fiub":
            self._file.create_dataset(path, data=values)
        elif dtypes.name_of(values.dtype) == "bfloat16":
            self._file.create_dataset(path, data=values).attrs["dtype"] = "bfloat16"
        else:
            raise CheckpointError(
                explain(
                    path,
                    "values of this kind cannot be written to a file",
                    received=values,
                    expected="numbers",
                )
            )

    def finish(self):
        """The finished file as bytes."""
        self._file.close()
        return self._buffer.getbuffer()
