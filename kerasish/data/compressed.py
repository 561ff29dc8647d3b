"""Files to read and write as they are, or compressed with gzip or zlib."""

import gzip
import io
import os
import zlib

from kerasish.errors import explain

KINDS = ("", "GZIP", "ZLIB")


def open_to_read(path, compression="", offset=0):
    """Binary file at an offset of its plain contents.

    Args:
        path: str or path-like.
        compression: "", "GZIP" or "ZLIB"; None is "".
        offset: int.

    Returns:
        buffered binary file.

    Raises:
        OSError: the file cannot be opened.
        ValueError: an unknown compression.
    """
    compression = check_compression(compression)
    if compression == "ZLIB":
        file = io.BufferedReader(_ZlibReader(path), 1 << 16)
        left = offset
        while left and (chunk := file.read(min(left, 1 << 20))):
            left -= len(chunk)
        return file
    file = gzip.open(path, "rb") if compression else open(path, "rb", 1 << 16)
    if offset:
        file.seek(offset)
    return file


def check_compression(compression):
    """The name of a compression, "" for None.

    Raises:
        ValueError: an unknown one.
    """
    name = compression or ""
    if name not in KINDS:
        raise ValueError(
            explain("files", "unknown compression", received=compression, expected=str(KINDS))
        )
    return name


class _ZlibReader(io.RawIOBase):
    """The plain contents of a file compressed with zlib."""

    def __init__(self, path):
        self._file, self._inflate, self._rest = open(path, "rb"), zlib.decompressobj(), b""

    def readable(self):
        """True."""
        return True

    def readinto(self, buffer):
        """Fill a buffer; 0 at the end."""
        wanted = len(buffer)
        while not self._inflate.eof:
            chunk = self._rest or self._file.read(1 << 16)
            plain = self._inflate.decompress(chunk, wanted)
            self._rest = self._inflate.unconsumed_tail
            if plain:
                buffer[: len(plain)] = plain
                return len(plain)
            if not chunk:
                name = os.fspath(self._file.name)
                raise EOFError(explain(name, "the compressed data is cut off"))
        return 0

    def close(self):
        """Close the file."""
        self._file.close()
        super().close()


class ZlibWriter:
    """Compresses what is written to a binary file.

    Args:
        file: binary file.
    """

    def __init__(self, file):
        self._file, self._deflate = file, zlib.compressobj()

    def write(self, data):
        """Compress and write bytes."""
        self._file.write(self._deflate.compress(data))

    def close(self):
        """Write what is left; the file stays open."""
        self._file.write(self._deflate.flush())
