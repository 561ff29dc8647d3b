"""Data sets of files: lines of text, TFRecord files, comma-separated values."""

import os

import numpy

from kerasish.core.spec import TensorSpec
from kerasish.data.compressed import check_compression
from kerasish.data.dataset import Dataset
from kerasish.data.elements import as_element
from kerasish.data.stages.files import CsvColumns, CsvReader, Files, LineReader, RecordReader
from kerasish.data.stages.interleaving import Interleave
from kerasish.data.stages.sources import Slices
from kerasish.errors import explain


class _FileDataset(Dataset):
    """Base of them: the transformations give plain data sets."""

    def _derive(self, stage):
        return _plain_class(type(self))(stage, self._options, self._runs)


def _plain_class(kind):
    """The Dataset class that a class of file data sets belongs to."""
    for base in kind.__mro__:
        if not issubclass(base, _FileDataset):
            return base
    raise AssertionError(kind)


def _stage_of(filenames, compression_type, num_parallel_reads, reader, spec, options=None):
    compression = check_compression(compression_type)
    if getattr(filenames, "is_dataset", False):
        files = filenames._stage
    else:
        if isinstance(filenames, os.PathLike):
            filenames = os.fspath(filenames)
        if isinstance(filenames, (list, tuple)):
            filenames = [os.fspath(name) for name in filenames]
        paths = [_path(name) for name in numpy.ravel(as_element(filenames)).tolist()]
        if num_parallel_reads is None:
            return Files(paths, compression, reader, spec, options)
        files = Slices(numpy.array(paths, dtype=object))

    def open_one(path):
        return Files([_path(path)], compression, reader, spec, options)

    if num_parallel_reads is None:
        return Interleave(files, open_one)
    count = 4 if num_parallel_reads < 0 else num_parallel_reads
    return Interleave(files, open_one, count, 1, True)


def _path(name):
    return name.decode() if isinstance(name, bytes) else name


class TextLineDataset(_FileDataset):
    """The lines of text files, without their ends, as `str`.

    Args:
        filenames: path, list of paths, or a data set of paths.
        compression_type: "", "GZIP" or "ZLIB".
        buffer_size: ignored.
        num_parallel_reads: int or AUTOTUNE; if given, so many files are read in turn, by threads.
        name: ignored.

    Example:
        >>> with open("poem.txt", "w") as file:
        ...     count = file.write("one\\ntwo\\n")
        >>> list(TextLineDataset("poem.txt"))
        ['one', 'two']

    Source: TensorFlow's name; the lines are `bytes` there.
    """

    def __init__(
        self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None, name=None
    ):
        spec = TensorSpec((), "string")
        super().__init__(
            _stage_of(filenames, compression_type, num_parallel_reads, LineReader, spec)
        )


class TFRecordDataset(_FileDataset):
    """The records of TFRecord files, as `bytes`.

    Lengths are always checked; records are, where google-crc32c is installed (extra `tf`).

    Args:
        filenames: path, list of paths, or a data set of paths.
        compression_type: "", "GZIP" or "ZLIB".
        buffer_size: ignored.
        num_parallel_reads: int or AUTOTUNE; if given, so many files are read in turn, by threads.
        name: ignored.

    Raises:
        DataError: a damaged file (while iterating).

    Source: TensorFlow's name.
    """

    def __init__(
        self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None, name=None
    ):
        spec = TensorSpec((), "string")
        super().__init__(
            _stage_of(filenames, compression_type, num_parallel_reads, RecordReader, spec)
        )


class CsvDataset(_FileDataset):
    """The rows of files of comma-separated values, as tuples of scalars.

    Args:
        filenames: path, list of paths, or a data set of paths.
        record_defaults: list; for each column a dtype if it must have a value, else what an empty
            field is.
        compression_type: "", "GZIP" or "ZLIB".
        buffer_size: ignored.
        header: bool. Whether each file begins with a line to leave out.
        field_delim: str.
        use_quote_delim: bool. Whether quotes enclose fields.
        na_value: str, which also counts as empty.
        select_cols: list of int, the columns to read, ascending; all when None.
        exclude_cols: list of int, the columns not to read, in place of select_cols.

    Raises:
        DataError: a row does not fit (while iterating).

    Example:
        >>> with open("table.csv", "w") as file:
        ...     count = file.write("n,name\\n1,one\\n,none\\n")
        >>> [(int(n), name) for n, name in CsvDataset("table.csv", [0, "string"], header=True)]
        [(1, 'one'), (0, 'none')]

    Source: TensorFlow's name (`tf.data.experimental`).
    """

    def __init__(
        self, filenames, record_defaults, compression_type=None, buffer_size=None, header=False,
        field_delim=",", use_quote_delim=True, na_value="", select_cols=None, exclude_cols=None,
    ):  # fmt: skip
        if select_cols is not None and exclude_cols is not None:
            raise ValueError(explain("CsvDataset", "give select_cols or exclude_cols, not both"))
        columns = CsvColumns(
            record_defaults, header, field_delim, use_quote_delim, na_value, select_cols,
            exclude_cols,
        )  # fmt: skip
        stage = _stage_of(filenames, compression_type, None, CsvReader, columns.spec, columns)
        super().__init__(stage)
