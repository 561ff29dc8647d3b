"""What is in an HDF5 file, listed before a value is read: anything unusual is refused."""

import math
import os
import re

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # HDF5 then loads no foreign filter library

import h5py  # noqa: E402 (the setting must come first)
import numpy  # noqa: E402

from kerasish.arrays import dtypes  # noqa: E402
from kerasish.errors import CheckpointError, CorruptFileError, UnsafeFileError, explain  # noqa: E402

_MAX_OBJECTS = 1_000_000
_MAX_DEPTH = 256
_FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32"}  # others load foreign libraries
_SMALL = 2**16  # bytes: what a data set may claim without having them stored
_MAX_EXPANSION = 1100  # deflate cannot do better than 1032 to 1
_MOST_CLAIMED = 2**28  # bytes beyond which all data sets together may not claim much more than ...
_CLAIMED_PER_BYTE = 20  # ... the size of the file
_TEXTS = re.compile(
    r"name|backend|keras_version|model_config|training_config|sealed_by|"
    r"(layer_names|weight_names)\d{0,6}"
)


class Content:
    """Groups, texts and data sets of a file, by full path; all plain data.

    Attributes:
        groups: dict from path ("" for the root) to a dict from attribute to str, list of str, or
            None for one that should be text and is not.
        datasets: dict from path to (shape, dtype name or None when the values are not numbers).
    """

    def __init__(self, groups, datasets):
        self.groups, self.datasets = groups, datasets


def refusal(where, path, what, kind=UnsafeFileError):
    """The error about a file that holds what no model file does."""
    return kind(
        explain(
            where,
            f"refused: {what}, at {path!r}",
            expected="a file with plain groups and data sets, as Keras writes",
        )
    )


class Listing:
    """An open HDF5 file and its Content.

    Only plain hard links are followed, so nothing outside the file can be reached; external,
    virtual and filtered data sets are refused. Names from the file are keys of dicts here and never
    become paths of the file system.

    Args:
        content: bytes-like, the whole file.
        where: str. What to call the file in errors.

    Raises:
        CheckpointError: not an HDF5 file, damaged, or with content that no model file has.
    """

    def __init__(self, content, where):
        self.where, self._size = where, len(content)
        self._items, self._claimed = {}, 0
        groups, datasets = {}, {}
        with Readable(where):
            self._file = h5py.File(h5py.h5f.open_file_image(bytes(content)))
        try:
            with Readable(where):
                self._scan(groups, datasets)
        except BaseException:
            self._file.close()
            raise
        self.content = Content(groups, datasets)

    def close(self):
        """Close the file."""
        self._file.close()

    def read(self, path):
        """Values of a data set of numbers, as a NumPy array in the machine's byte order."""
        with Readable(self.where):
            values = numpy.asarray(self._items[path][()])
        if self.content.datasets[path][1] == "bfloat16":
            return values.view(dtypes.to_numpy("bfloat16"))
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def _scan(self, groups, datasets):
        stack, seen, count = [("", self._file, 0)], set(), 0
        while stack:
            path, group, depth = stack.pop()
            address = h5py.h5o.get_info(group.id).addr
            if address in seen or depth > _MAX_DEPTH:
                raise self._refusal(path, "groups contain each other or are nested too deeply")
            seen.add(address)
            groups[path] = self._texts(group)
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
                    self._items[inner] = item
                    datasets[inner] = tuple(item.shape or ()), self._dtype(item)
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
        self._claimed += size
        if size > max(_SMALL, _MAX_EXPANSION * dataset.id.get_storage_size()):
            raise self._refusal(path, f"a data set that claims {size} bytes it does not hold")
        if self._claimed > _MOST_CLAIMED + _CLAIMED_PER_BYTE * self._size:
            raise self._refusal(
                path, f"data sets that claim {self._claimed} bytes, in a file of {self._size}"
            )

    def _dtype(self, dataset):
        """Name of the dtype of a data set, or None when its values are not numbers."""
        if dataset.dtype.kind in "fiub":
            return dataset.dtype.name if dataset.shape is not None else None
        is_raw = (
            dataset.dtype.kind == "V" and dataset.dtype.itemsize == 2 and not dataset.dtype.fields
        )
        # Keras marks bfloat16, which HDF5 does not know, in `.weights.h5` files, but not in `.h5`.
        if is_raw and _text(dataset.attrs.get("dtype")) in ("bfloat16", None):
            return "bfloat16"
        return None

    def _texts(self, group):
        """Attributes that are texts, or lists of them; None for what should be and is not."""
        found = {}
        for name in filter(_TEXTS.fullmatch, group.attrs):
            value = group.attrs[name]
            if isinstance(value, numpy.ndarray):
                texts = [_text(v) for v in value.ravel().tolist()]
                found[name] = None if None in texts else texts
            else:
                found[name] = _text(value)
        return found

    def _refusal(self, path, what):
        return refusal(self.where, path, what)


def _text(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else None


class Readable:
    """Context that turns what h5py raises on a damaged file into a CorruptFileError."""

    def __init__(self, where):
        self.where = where

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is None or not isinstance(error, Exception):
            return
        if not isinstance(error, (CheckpointError, MemoryError)):
            raise CorruptFileError(
                explain(
                    self.where,
                    f"not an HDF5 file, or a damaged one: {str(error)[:200]}",
                    fix="write it again, or take another copy",
                )
            ) from error
