"""Reads the object arrays and pickled batches of the classic data files without trusting them."""

import io
import pickle
import zipfile

import numpy as np

from kerasish.errors import DataError, explain


class _ArrayType:
    """Stands for `numpy.ndarray` in a pickle: it may be named there, but not called."""

    def __new__(cls, *args, **kwargs):
        raise pickle.UnpicklingError("a data file may not construct arrays directly")


def _reconstruct(array_type, shape, kind):
    """The one way NumPy's own pickles begin an array: empty, its state set afterwards."""
    if array_type is not _ArrayType or tuple(shape) != (0,) or kind not in (b"b", "b"):
        raise pickle.UnpicklingError("an array in the data file is not written as NumPy does")
    return np.ndarray((0,), dtype=np.int8)


_ADMITTED = {
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}


class ArrayUnpickler(pickle.Unpickler):
    """Unpickler that rebuilds arrays, lists, dicts, numbers and text, and refuses every other name.

    A pickle names what it calls; this one looks the name up in a table of four and never imports.
    """

    def find_class(self, module, name):
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which no data file needs"
            ) from None


def unpickle(stream, where, *, encoding="ASCII"):
    """Return the object of a pickle stream that holds arrays and plain containers only.

    Args:
        stream: binary file.
        where: str. The file's name, for the error.
        encoding: str. How Python 2 text is read; "bytes" leaves it alone.

    Raises:
        DataError: the pickle is damaged or asks for anything else than arrays.
    """
    try:
        return ArrayUnpickler(stream, encoding=encoding).load()
    except (pickle.UnpicklingError, EOFError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            explain(where, f"the pickle inside is damaged or unsafe ({error})", fix="delete it")
        ) from error


def read_npz(path):
    """Return the arrays of an .npz file as a dict, object arrays of plain lists included.

    Args:
        path: str or Path.

    Returns:
        dict: name to NumPy array.

    Raises:
        DataError: a member is damaged, or its pickle asks for anything but arrays and lists.
    """
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            stream = io.BytesIO(archive.read(member))
            arrays[member.removesuffix(".npy")] = _read_npy(stream, f"{path}:{member}")
    return arrays


def _read_npy(stream, where):
    version = np.lib.format.read_magic(stream)
    # Versions 2 and 3 share the header's length field; only the text encoding differs.
    read_header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = read_header(stream)
    if not dtype.hasobject:
        stream.seek(0)
        return np.lib.format.read_array(stream, allow_pickle=False)
    array = unpickle(stream, where)
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise DataError(
            explain(where, "the pickle does not hold the array that its header announces")
        )
    return array


def read_cifar_batch(archive, member, label_key):
    """Return the images and labels of one pickled batch inside an open CIFAR tar archive.

    Args:
        archive: open `tarfile.TarFile`; its members are read in place, never extracted.
        member: str. Path of the batch in the archive.
        label_key: bytes. b"labels", b"fine_labels" or b"coarse_labels".

    Returns:
        uint8 array (images, 32, 32, 3) and uint8 array (images, 1).
    """
    batch = unpickle(archive.extractfile(member), member, encoding="bytes")
    images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    labels = np.asarray(batch[label_key], dtype=np.uint8).reshape(-1, 1)
    return np.ascontiguousarray(images), labels
