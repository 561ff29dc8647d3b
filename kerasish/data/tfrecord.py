"""TFRecord files: records of bytes, each with its length and two masked CRC-32C checksums.

A record is its length (8 bytes, little-endian), the checksum of those 8 bytes, the data, and the
checksum of the data. Masked means rotated by 15 bits and shifted by a constant.
"""

import functools
import gzip
import importlib
import os
import struct

from kerasish.data.compressed import ZlibWriter, check_compression
from kerasish.errors import DataError, explain
from kerasish.saving.atomic import atomic_write

_HEAD = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_MASK = 0xA282EAD8
_POLYNOMIAL = 0x82F63B78  # Castagnoli's, reversed


@functools.cache
def fast_checksum():
    """The function of google-crc32c, or None where it is not installed."""
    try:
        return importlib.import_module("google_crc32c").value
    except ImportError:
        return None


@functools.cache
def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return table


def plain_checksum(data):
    """CRC-32C of bytes, one by one: for lengths, and where there is no library.

    Example:
        >>> hex(plain_checksum(b"123456789"))
        '0xe3069283'
    """
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked_checksum(data):
    """Masked CRC-32C of bytes."""
    crc = (fast_checksum() or plain_checksum)(data)
    return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + _MASK) & 0xFFFFFFFF


def read_record(file, name):
    """The next record of a binary file, or None at its end.

    Without google-crc32c (extra `tf`) only the checksums of lengths are compared.

    Args:
        file: binary file at the beginning of a record.
        name: str, for errors.

    Raises:
        DataError: the file is cut off or a checksum differs.
    """
    head = file.read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise _damaged(name, "the file ends inside a record")
    length, crc = _HEAD.unpack(head)
    if masked_checksum(head[:8]) != crc:
        raise _damaged(name, "the checksum of a length differs")
    both = file.read(length + _CHECKSUM.size)
    if len(both) < length + _CHECKSUM.size:
        raise _damaged(name, "the file ends inside a record")
    data = both[:length]
    (crc,) = _CHECKSUM.unpack_from(both, length)
    if fast_checksum() is not None and masked_checksum(data) != crc:
        raise _damaged(name, "the checksum of a record differs")
    return data


def record_size(data):
    """Bytes that a record takes in a file."""
    return _HEAD.size + len(data) + _CHECKSUM.size


def _damaged(name, problem):
    return DataError(
        explain(os.fspath(name), problem, fix="check the file and its compression_type")
    )


class TFRecordWriter:
    """Writes a TFRecord file, which appears when it is closed without an error.

    Args:
        path: str or path-like.
        options: None, "", "GZIP" or "ZLIB", or an object with `compression_type`.

    Raises:
        ValueError: an unknown compression.

    Example:
        >>> with TFRecordWriter("two.tfrecord") as writer:
        ...     writer.write(b"one")
        ...     writer.write(b"two")
        >>> from kerasish.data import TFRecordDataset
        >>> list(TFRecordDataset("two.tfrecord"))
        [b'one', b'two']

    Source: TensorFlow's names and file format.
    """

    def __init__(self, path, options=None):
        compression = check_compression(getattr(options, "compression_type", options))
        self._atomic = atomic_write(path)
        self._plain = self._file = self._atomic.__enter__()
        if compression == "GZIP":
            self._file = gzip.GzipFile(fileobj=self._plain, mode="wb", filename="")
        elif compression == "ZLIB":
            self._file = ZlibWriter(self._plain)

    def write(self, record):
        """Append a record of bytes."""
        if self._atomic is None:
            raise ValueError(explain("TFRecordWriter", "the file is closed"))
        length = struct.pack("<Q", len(record))
        self._file.write(length + _CHECKSUM.pack(masked_checksum(length)))
        self._file.write(record)
        self._file.write(_CHECKSUM.pack(masked_checksum(record)))

    def flush(self):
        """Nothing: the file is written when it is closed."""

    def close(self):
        """Finish the file."""
        if self._atomic is not None:
            if self._file is not self._plain:
                self._file.close()
            atomic, self._atomic = self._atomic, None
            atomic.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None or self._atomic is None:
            self.close()
            return
        atomic, self._atomic = self._atomic, None
        try:
            atomic.__exit__(kind, error, trace)
        except BaseException as raised:
            if raised is not error:
                raise
