"""Functions of text: Python's, element by element, as host calls."""

import re

import numpy

from kerasish import ops
from kerasish.ops.host import host_call


class _Each:
    """A function of one str, for every element."""

    def __init__(self, function, dtype="object"):
        self.function, self.dtype = function, dtype

    def __call__(self, array):
        made = numpy.empty(array.shape, self.dtype)
        made.reshape(-1)[:] = [self.function(item) for item in array.flat]
        return made


def _each(x, function, dtype=None):
    kind = "object" if dtype is None else dtype
    return host_call(x, function=_Each(function, kind),
                     output_spec=lambda s: s.with_dtype(dtype or "string"))  # fmt: skip


def lower(x):
    """Small letters."""
    return _each(x, str.lower)


def upper(x):
    """Capital letters."""
    return _each(x, str.upper)


def strip(x):
    """Without white space around it."""
    return _each(x, str.strip)


def length(x, unit="BYTE"):
    """Number of bytes, or of characters for the unit UTF8_CHAR."""
    count = len if unit == "UTF8_CHAR" else (lambda s: len(s.encode("utf-8", "surrogateescape")))
    return _each(x, count, "int32")


def regex_replace(x, pattern, rewrite, replace_global=True):
    """With every match of a pattern (or the first) replaced; `\\\\1` is the first group."""
    compiled = re.compile(pattern)
    return _each(x, lambda s: compiled.sub(rewrite, s, count=0 if replace_global else 1))


def regex_full_match(x, pattern):
    """Whether a pattern matches the whole text."""
    compiled = re.compile(pattern)
    return _each(x, lambda s: compiled.fullmatch(s) is not None, "bool")


def substr(x, pos, len, unit="BYTE"):
    """Parts from a place on."""
    if unit == "UTF8_CHAR":
        return _each(x, lambda s: s[pos:][:len])

    def part(s):
        return s.encode("utf-8", "surrogateescape")[pos:][:len].decode("utf-8", "surrogateescape")

    return _each(x, part)


def split(x, sep=None):
    """Words of one text; of several texts with equally many words, a row each.

    Raises:
        ValueError: numbers of words differ, since there are no ragged tensors.
    """
    rows = [item.split(sep or None) for item in x._array.flat]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("tf.strings.split: texts have different numbers of words, and there are "
                         "no ragged tensors; split them one by one")  # fmt: skip
    words = numpy.array(rows, object).reshape(*x.shape, -1)
    return ops.convert_to_tensor(words, "string")


def join(inputs, separator=""):
    """Texts of several tensors joined, element by element."""

    def joined(*arrays):
        parts = numpy.broadcast_arrays(*arrays)
        made = numpy.empty(parts[0].shape, object)
        made.reshape(-1)[:] = [separator.join(row) for row in zip(*(p.flat for p in parts))]
        return made

    def widest(*specs):
        return max(specs, key=lambda s: s.ndim)

    return host_call(*inputs, function=joined, output_spec=widest)


def reduce_join(x, axis=None, keepdims=False, separator=""):
    """Texts along axes joined (along all when None)."""
    array = x._array
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = [a % x.ndim for a in axes]
    rest = [a for a in range(x.ndim) if a not in axes]
    rows = array.transpose(*rest, *axes).reshape(*[array.shape[a] for a in rest], -1)
    made = numpy.empty(rows.shape[:-1], object)
    made.reshape(-1)[:] = [separator.join(row) for row in rows.reshape(-1, rows.shape[-1])]
    if keepdims:
        made = made.reshape([1 if a in axes else n for a, n in enumerate(array.shape)])
    return ops.convert_to_tensor(made, "string")


def as_string(x, precision=-1, scientific=False, shortest=False, width=-1, fill=""):
    """Numbers as text, as C's printf writes them."""
    kind = "e" if scientific else "g" if shortest else "f"
    places = "" if precision < 0 else f".{precision}"
    pad = "" if width < 0 else f"{fill}{width}"
    code = {"f": f"%{pad}{places}{kind}", "i": f"%{pad}d", "u": f"%{pad}d"}

    def written(array):
        form = code.get(array.dtype.kind)
        if array.dtype.kind == "b":
            return _Each(lambda v: "true" if v else "false")(array)
        return _Each(lambda v: form % v)(array)

    return host_call(x, function=written, output_spec=lambda s: s.with_dtype("string"))


def to_number(x, out_type="float32"):
    """Numbers that texts write."""
    convert = int if out_type.startswith("int") else float
    return _each(x, convert, out_type[:])


def to_hash_bucket_fast(x, num_buckets):
    """A number below `num_buckets` for each text: the same at every run (not TensorFlow's)."""

    def bucket(s):
        value = 14695981039346656037
        for byte in s.encode("utf-8", "surrogateescape"):
            value = ((value ^ byte) * 1099511628211) % 2**64
        return value % num_buckets

    return _each(x, bucket, "int64")


def unicode_decode(x, input_encoding="UTF-8"):
    """Code points of one text."""
    return ops.array(numpy.array([ord(c) for c in x._array.item()], numpy.int32))
