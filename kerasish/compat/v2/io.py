"""tf.io: files, TFRecords, and pictures as tensors."""

import base64
import glob
import importlib
import io
import os
import shutil

import numpy

from kerasish import ops, optional
from kerasish.arrays.text import encoded
from kerasish.compat.v2.conversion import dtype_or, to_plain
from kerasish.compat.v2.errors import InvalidArgumentError, NotFoundError
from kerasish.compat.v2.image_functions import convert_image_dtype
from kerasish.compat.v2.tables import FUNCTIONS
from kerasish.compat.v2.tensors import face, faces, plain
from kerasish.saving.atomic import atomic_write

_DATA = {
    "FixedLenFeature": "kerasish.data.protos",
    "TFRecordWriter": "kerasish.data.tfrecord",
}
_MODES = {0: None, 1: "L", 3: "RGB", 4: "RGBA"}


def __getattr__(name):
    if name in _DATA:
        return getattr(importlib.import_module(_DATA[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _bytes(value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return encoded(plain(to_plain(value))._array)[0]


def _path(value):
    return os.fsdecode(_bytes(value)) if not isinstance(value, os.PathLike) else value


def _text(content):
    array = numpy.empty((), object)
    array[()] = content.decode("utf-8", "surrogateescape")
    return face(ops.convert_to_tensor(array, "string"))


def read_file(filename, name=None):
    """Bytes of a file, as a text tensor.

    Args:
        filename: path, str or text tensor.
        name: ignored.

    Raises:
        NotFoundError: there is no such file.
    """
    try:
        with open(_path(filename), "rb") as file:
            return _text(file.read())
    except FileNotFoundError as error:
        raise NotFoundError(None, "ReadFile", f"{_path(filename)}; {error.strerror}") from error


def write_file(filename, contents, name=None):
    """Write bytes to a file, which appears when it is whole; folders are made.

    Args:
        filename: path, str or text tensor.
        contents: bytes, str or text tensor.
        name: ignored.
    """
    path = _path(filename)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with atomic_write(path) as file:
        file.write(_bytes(contents))


def matching_files(pattern, name=None):
    """Names of the files that match a pattern, in order.

    Args:
        pattern: str.
        name: ignored.
    """
    return face(ops.convert_to_tensor(numpy.array(sorted(glob.glob(_path(pattern))), object),
                                      "string"))  # fmt: skip


def parse_single_example(serialized, features, example_names=None, name=None):
    """Dict of tensors from one serialized Example.

    Args:
        serialized: bytes or text tensor.
        features: dict from name to FixedLenFeature.
        example_names, name: ignored.
    """
    protos = importlib.import_module("kerasish.data.protos")
    return faces({key: plain(to_plain(value)) for key, value in
                  protos.parse_single_example(_bytes(serialized), features).items()})  # fmt: skip


def parse_example(serialized, features, example_names=None, name=None):
    """Dict of tensors from several serialized Examples, one row each.

    Args:
        serialized: list of bytes, or text tensor.
        features: dict from name to FixedLenFeature.
        example_names, name: ignored.
    """
    if hasattr(serialized, "dtype"):
        serialized = encoded(plain(to_plain(serialized))._array)
    rows = [parse_single_example(s, features) for s in serialized]
    return {key: FUNCTIONS["stack"]([row[key] for row in rows]) for key in features}


def decode_raw(input_bytes, out_type, little_endian=True, name=None):
    """Numbers from their bytes.

    Args:
        input_bytes: bytes or text tensor without axes.
        out_type: dtype-like.
        little_endian: bool.
        name: ignored.
    """
    dtype = numpy.dtype(dtype_or(out_type, None)).newbyteorder("<" if little_endian else ">")
    return face(plain(to_plain(numpy.frombuffer(_bytes(input_bytes), dtype))))


def serialize_tensor(tensor, name=None):
    """A tensor as bytes, for `parse_tensor` (NumPy's format, not TensorFlow's).

    Args:
        tensor: tensor of numbers.
        name: ignored.
    """
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.asarray(face(plain(to_plain(tensor))).numpy()), allow_pickle=False)
    return _text(buffer.getvalue())


def parse_tensor(serialized, out_type, name=None):
    """The tensor that `serialize_tensor` wrote.

    Args:
        serialized: bytes or text tensor.
        out_type: dtype-like; must be the tensor's.
        name: ignored.
    """
    array = numpy.load(io.BytesIO(_bytes(serialized)), allow_pickle=False)
    if array.dtype != dtype_or(out_type, None):
        raise InvalidArgumentError(None, "ParseTensor", f"Type mismatch between parsed tensor "
                                   f"({array.dtype}) and dtype ({out_type})")  # fmt: skip
    return face(plain(to_plain(array)))


def encode_base64(input, pad=False, name=None):
    """Bytes in web-safe base64.

    Args:
        input: bytes or text tensor.
        pad: bool.
        name: ignored.
    """
    made = base64.urlsafe_b64encode(_bytes(input))
    return _text(made if pad else made.rstrip(b"="))


def decode_base64(input, name=None):
    """Bytes of web-safe base64.

    Args:
        input: bytes or text tensor.
        name: ignored.
    """
    content = _bytes(input)
    return _text(base64.urlsafe_b64decode(content + b"=" * (-len(content) % 4)))


def decode_image(contents, channels=0, dtype="uint8", name=None, expand_animations=True):
    """Picture of the bytes of a PNG, JPEG, GIF or BMP file: (height, width, channels).

    Args:
        contents: bytes or text tensor.
        channels: 0 (the file's own), 1, 3 or 4.
        dtype: dtype-like.
        name: ignored.
        expand_animations: ignored: the first picture of an animation is read.

    Raises:
        InvalidArgumentError: no picture.
    """
    pillow = optional.pillow("tf.io")
    try:
        picture = pillow.open(io.BytesIO(_bytes(contents)))
        mode = _MODES[channels]
        if mode is None:
            mode = picture.mode if picture.mode in ("L", "RGB", "RGBA") else "RGB"
        array = numpy.asarray(picture.convert(mode))
    except OSError as error:
        raise InvalidArgumentError(None, "DecodeImage", str(error)) from error
    array = array if array.ndim == 3 else array[..., None]
    wanted = dtype_or(dtype, "uint8")
    return face(convert_image_dtype(plain(to_plain(array.copy())), wanted))


def decode_png(contents, channels=0, dtype="uint8", name=None):
    """As `decode_image`.

    Args:
        contents: bytes or text tensor.
        channels: 0, 1, 3 or 4.
        dtype: dtype-like.
        name: ignored.
    """
    return decode_image(contents, channels, dtype)


def decode_jpeg(contents, channels=0, ratio=1, fancy_upscaling=True,
                try_recover_truncated=False, acceptable_fraction=1, dct_method="",
                name=None):  # fmt: skip
    """As `decode_image`; the other arguments are accepted.

    Args:
        contents: bytes or text tensor.
        channels: 0, 1 or 3.
    """
    return decode_image(contents, channels)


def _encode(image, kind, **options):
    array = numpy.asarray(face(plain(to_plain(image))).numpy())
    array = array[..., 0] if array.shape[-1] == 1 else array
    buffer = io.BytesIO()
    optional.pillow("tf.io").fromarray(array).save(buffer, kind, **options)
    return _text(buffer.getvalue())


def encode_png(image, compression=-1, name=None):
    """Bytes of a PNG file of a picture of uint8.

    Args:
        image: tensor (height, width, channels).
        compression, name: ignored.
    """
    return _encode(image, "PNG")


def encode_jpeg(image, format="", quality=95, name=None):
    """Bytes of a JPEG file of a picture of uint8.

    Args:
        image: tensor (height, width, channels).
        format, name: ignored.
        quality: int from 0 to 100.
    """
    return _encode(image, "JPEG", quality=quality)


class gfile:
    """Files and folders by TensorFlow's names."""

    GFile = staticmethod(open)
    exists = staticmethod(os.path.exists)
    isdir = staticmethod(os.path.isdir)
    listdir = staticmethod(os.listdir)
    mkdir = staticmethod(os.mkdir)
    remove = staticmethod(os.remove)
    rmtree = staticmethod(shutil.rmtree)
    glob = staticmethod(glob.glob)
    walk = staticmethod(os.walk)

    @staticmethod
    def makedirs(path):
        """Make a folder and those above it; no error if it is there."""
        os.makedirs(path, exist_ok=True)

    @staticmethod
    def copy(src, dst, overwrite=False):
        """Copy a file."""
        if not overwrite and os.path.exists(dst):
            raise FileExistsError(dst)
        shutil.copyfile(src, dst)

    @staticmethod
    def rename(src, dst, overwrite=False):
        """Rename a file."""
        if not overwrite and os.path.exists(dst):
            raise FileExistsError(dst)
        os.replace(src, dst)
