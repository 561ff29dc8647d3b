"""Files as elements: lines of text, records of bytes, rows of comma-separated values."""

import csv
import os

import numpy

from kerasish.arrays import dtypes
from kerasish.core.spec import TensorSpec
from kerasish.data.compressed import open_to_read
from kerasish.data.elements import as_element
from kerasish.data.stages.stage import UNKNOWN_CARDINALITY, Stage, StageIterator
from kerasish.data.tfrecord import read_record, record_size
from kerasish.errors import DataError, explain


class Files(Stage):
    """What a reader finds in one file after the other.

    Args:
        paths: list of str.
        compression: "", "GZIP" or "ZLIB".
        reader: class of readers, called with a file, its path and `options`.
        spec: nested specs.
        options: whatever the reader takes.
    """

    def __init__(self, paths, compression, reader, spec, options=None):
        self.paths, self.compression = paths, compression
        self.reader, self.options, self._spec = reader, options, spec

    def cardinality(self):
        """Nobody knows."""
        return UNKNOWN_CARDINALITY

    def spec(self):
        """Those that were given."""
        return self._spec

    def iterate(self, run):
        """From the first file on."""
        return FilesIterator(self)


class FilesIterator(StageIterator):
    """Reads one file after the other.

    Args:
        stage: Files.
    """

    def __init__(self, stage):
        self._stage, self._number, self._offset = stage, 0, 0
        self._file, self._reader, self._process = None, None, None

    def __next__(self):
        while self._number < len(self._stage.paths):
            if self._file is None or self._process != os.getpid():
                self._open()
            try:
                element = self._reader.read()
            except Exception:
                # What follows a damaged record is not found again: the next file is.
                if not self._reader.can_go_on:
                    self._next_file()
                raise
            if element is not None:
                return element
            self._next_file()
        raise StopIteration

    def _open(self):
        if self._file is not None:  # forked: its position is shared with the other process
            self.close()
        stage, path = self._stage, self._stage.paths[self._number]
        try:
            self._file = open_to_read(path, stage.compression, self._offset)
        except OSError:
            self._next_file()
            raise
        self._process = os.getpid()
        self._reader = stage.reader(self._file, path, stage.options, self._offset)

    def _next_file(self):
        self.close()
        self._number += 1
        self._offset = 0

    def state(self):
        """Number of the file, and the place in it."""
        offset = self._offset if self._file is None else self._reader.offset
        return {"file": self._number, "offset": offset}

    def restore(self, state):
        """Go on at a place."""
        self.close()
        self._number, self._offset = state["file"], state["offset"]

    def close(self):
        """Close the file."""
        if self._file is not None:
            self._offset = self._reader.offset
            self._file.close()
        self._file = None


class _Reader:
    can_go_on = False

    def __init__(self, file, path, options, offset):
        self._file, self._path, self._options = file, path, options
        self.offset = offset  # what was read lies before it


class LineReader(_Reader):
    """Lines without their ends, as text; bytes that are no UTF-8 become lone surrogates."""

    def read(self):
        """The next line, or None."""
        line = self._file.readline()
        if not line:
            return None
        self.offset += len(line)
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        return line.decode("utf-8", "surrogateescape")


class RecordReader(_Reader):
    """Records of a TFRecord file."""

    def read(self):
        """The next record, or None."""
        record = read_record(self._file, self._path)
        if record is not None:
            self.offset += record_size(record)
        return record


class CsvColumns:
    """How to read rows of comma-separated values.

    Args:
        defaults: list; a dtype for a column that must have values, else what an empty one is.
        header: bool. Whether each file begins with a line to leave out.
        delimiter: str.
        uses_quotes: bool.
        na_value: str, which also counts as empty.
        columns: list of int, the only ones to read, or None.
        excluded: list of int, those not to read, or None.
    """

    def __init__(
        self, defaults, header, delimiter, uses_quotes, na_value, columns=None, excluded=None
    ):
        self.excluded = set(excluded or ())
        self.header, self.delimiter, self.uses_quotes = header, delimiter, uses_quotes
        self.na_value, self.columns = na_value, columns
        self._names, self._defaults = [], []
        for default in defaults:
            if _is_dtype(default):
                name, value = dtypes.standardize(default), None
            else:
                value = as_element(default)
                value = value.reshape(-1)[0] if numpy.ndim(value) else value
                name = "string" if isinstance(value, str) else dtypes.name_of(value.dtype)
            self._names.append(name)
            self._defaults.append(value)

    @property
    def spec(self):
        """A tuple of scalars."""
        return tuple([TensorSpec((), name) for name in self._names])

    def convert(self, fields, where):
        """The values of a row.

        Raises:
            DataError: too few or many fields, a required one that is empty, or no number.
        """
        if self.columns is not None and fields and max(self.columns) < len(fields):
            fields = [fields[i] for i in self.columns]
        if self.excluded:
            fields = [field for i, field in enumerate(fields) if i not in self.excluded]
        if len(fields) != len(self._names):
            raise DataError(
                explain(
                    where,
                    "a row has another number of fields than there are defaults",
                    received=fields,
                    expected=str(len(self._names)),
                )
            )
        parts = zip(fields, self._names, self._defaults, strict=True)
        return tuple([self._field(*part, where) for part in parts])

    def _field(self, text, name, default, where):
        if text == "" or text == self.na_value:
            if default is None:
                raise DataError(explain(where, "a field without a default is empty"))
            return default
        if name == "string":
            return text
        try:
            return dtypes.to_numpy(name).type(text)
        except (ValueError, OverflowError):
            raise DataError(explain(where, f"a field is no {name}", received=text)) from None


def _is_dtype(default):
    """Whether a default is a dtype-like rather than a value."""
    if isinstance(default, (str, type)):
        return default in dtypes.ALLOWED or isinstance(default, type)
    return isinstance(default, numpy.dtype) or hasattr(default, "as_numpy_dtype")


class CsvReader(_Reader):
    """Rows of comma-separated values, as tuples of scalars."""

    can_go_on = True

    def __init__(self, file, path, options, offset):
        super().__init__(file, path, options, offset)
        quoting = csv.QUOTE_MINIMAL if options.uses_quotes else csv.QUOTE_NONE
        self._rows = csv.reader(self._lines(), delimiter=options.delimiter, quoting=quoting)
        if options.header and not offset:
            next(self._rows, None)

    def _lines(self):
        while line := self._file.readline():
            self.offset += len(line)
            yield line.decode("utf-8", "surrogateescape")

    def read(self):
        """The next row, or None; empty lines are left out."""
        for fields in self._rows:
            if fields:
                return self._options.convert(fields, os.fspath(self._path))
        return None
