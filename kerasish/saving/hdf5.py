"""HDF5 files: read as lists of groups and data sets, written in memory, sealed."""

import io

import h5py
import numpy

from kerasish.arrays import dtypes
from kerasish.errors import CheckpointError, CorruptFileError, explain
from kerasish.saving.hdf5_content import Listing, refusal
from kerasish.saving.isolated import ParsedFile
from kerasish.saving.sealing import seal_of, unsealed, without_seal

_ATTRIBUTE_LIMIT = 64512  # bytes that fit in the header of an HDF5 object
_SEALED_BY = "sealed_by"  # attribute that tells a file which has lost its seal


class Reader:
    """An HDF5 file opened for reading, with its groups and data sets listed by full path.

    A file with our seal is read here, once the seal is found right; any other one is parsed by a
    child process.

    Args:
        file: binary file object, or bytes-like.
        where: str. What to call the file in errors.

    Attributes:
        is_sealed: bool. It is a file of ours, as it was written.

    Raises:
        CheckpointError: not an HDF5 file, damaged, or with content that no model file has.
    """

    def __init__(self, file, where):
        self.where = where
        if hasattr(file, "read"):
            file.seek(0)
            file = file.read()
        content, self.is_sealed = unsealed(file, where)
        self._parsed = (Listing if self.is_sealed else ParsedFile)(content, where)
        self.groups, self.datasets = self._parsed.content.groups, self._parsed.content.datasets
        if not self.is_sealed and _SEALED_BY in self.groups[""]:
            self._parsed.close()
            raise CorruptFileError(
                explain(
                    where,
                    "the file is damaged: its seal, the last line, is missing",
                    fix="take another copy; after a change on purpose, kerasish.saving.seal(path)",
                )
            )
        self._names = {path: [] for path in self.groups}
        for path in self.datasets:
            group, _, name = path.rpartition("/")
            self._names[group].append(name)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._parsed.close()

    def names(self, path):
        """Names of the data sets directly in a group; empty for a group that is not there."""
        return self._names.get(path, [])

    def shape(self, path):
        """Shape of a data set."""
        return self.datasets[path][0]

    def dtype(self, path):
        """Name of the dtype of a data set, or None when its values are not numbers."""
        return self.datasets[path][1]

    def read(self, path):
        """Values of a data set as a NumPy array."""
        if self.dtype(path) is None:
            raise refusal(self.where, path, "a data set that does not hold numbers")
        return self._parsed.read(path)

    def text(self, path, name):
        """Text of an attribute of a group, or None when it is absent or not text."""
        value = self.groups[path].get(name)
        return value if isinstance(value, str) else None

    def has_texts(self, path, name):
        """Whether a group has an attribute, whole or spread over several."""
        return any(n in self.groups[path] for n in (name, f"{name}0"))

    def texts(self, path, name):
        """List of str from an attribute of a group, also where it is spread over several."""
        attributes = self.groups[path]
        found = [attributes[name]] if name in attributes else []
        while f"{name}{len(found)}" in attributes and name not in attributes:
            found.append(attributes[f"{name}{len(found)}"])
        if None in found:
            raise refusal(self.where, path, f"attribute {name!r} that is not a list of names")
        return [text for part in found for text in ([part] if isinstance(part, str) else part)]


def sealed(content, where):
    """An HDF5 file with a right seal, once a child process has parsed it.

    Args:
        content: bytes, with or without a seal.
        where: str. What to call the file in errors.

    Raises:
        CheckpointError: not an HDF5 file, damaged, or with content that no model file has.
    """
    content = without_seal(content)
    ParsedFile(content, where).close()
    return bytes(content) + seal_of(content)


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
        self._file.attrs[_SEALED_BY] = "kerasish"

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
        """The finished file as bytes, sealed."""
        self._file.close()
        seal = seal_of(self._buffer.getbuffer())
        self._buffer.seek(0, io.SEEK_END)
        self._buffer.write(seal)
        return self._buffer.getbuffer()
