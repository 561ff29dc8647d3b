"""`Example` messages of TFRecord files, through the protobuf package (extra `tf`).

The message types are made when they are first used, from a description written here; they read and
write the same bytes as TensorFlow's.
"""

import functools
import importlib

import numpy

from kerasish.arrays import dtypes
from kerasish.core.spec import standardize_shape
from kerasish.errors import DataError, explain

_FILE, _PACKAGE = "kerasish/example.proto", "kerasish"
_OPTIONAL, _REPEATED = 1, 3
_FLOAT, _INT64, _MESSAGE, _BYTES, _STRING = 2, 3, 11, 12, 9

# Message: [(field, number, label, type, name of the message)]
_MESSAGES = {
    "BytesList": [("value", 1, _REPEATED, _BYTES, None)],
    "FloatList": [("value", 1, _REPEATED, _FLOAT, None)],
    "Int64List": [("value", 1, _REPEATED, _INT64, None)],
    "Feature": [
        ("bytes_list", 1, _OPTIONAL, _MESSAGE, "BytesList"),
        ("float_list", 2, _OPTIONAL, _MESSAGE, "FloatList"),
        ("int64_list", 3, _OPTIONAL, _MESSAGE, "Int64List"),
    ],
    "Features": [("feature", 1, _REPEATED, _MESSAGE, "Features.FeatureEntry")],
    "FeatureList": [("feature", 1, _REPEATED, _MESSAGE, "Feature")],
    "FeatureLists": [("feature_list", 1, _REPEATED, _MESSAGE, "FeatureLists.FeatureListEntry")],
    "Example": [("features", 1, _OPTIONAL, _MESSAGE, "Features")],
    "SequenceExample": [
        ("context", 1, _OPTIONAL, _MESSAGE, "Features"),
        ("feature_lists", 2, _OPTIONAL, _MESSAGE, "FeatureLists"),
    ],
}
_MAPS = {
    "Features": ("FeatureEntry", "Feature"),
    "FeatureLists": ("FeatureListEntry", "FeatureList"),
}
_KINDS = {"bytes_list": "string", "float_list": "float32", "int64_list": "int64"}

__all__ = [*_MESSAGES, "FixedLenFeature", "parse_single_example"]


@functools.cache
def _messages():
    """Message classes by name."""
    try:
        descriptor_pb2 = importlib.import_module("google.protobuf.descriptor_pb2")
        pools = importlib.import_module("google.protobuf.descriptor_pool")
        factory = importlib.import_module("google.protobuf.message_factory")
    except ImportError:
        raise ImportError(
            explain("Example", "needs the protobuf package", fix="pip install 'kerasish[tf]'")
        ) from None
    file = descriptor_pb2.FileDescriptorProto(name=_FILE, package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if name in _MAPS:
            entry_name, value = _MAPS[name]
            entry = message.nested_type.add(name=entry_name)
            entry.options.map_entry = True
            _add_field(entry, "key", 1, _OPTIONAL, _STRING, None)
            _add_field(entry, "value", 2, _OPTIONAL, _MESSAGE, value)
        if name == "Feature":
            message.oneof_decl.add(name="kind")
        for field in fields:
            added = _add_field(message, *field)
            if name == "Feature":
                added.oneof_index = 0
    pool = pools.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return {name: factory.GetMessageClass(find(f"{_PACKAGE}.{name}")) for name in _MESSAGES}


def _add_field(message, name, number, label, kind, type_name):
    field = message.field.add(name=name, number=number, label=label, type=kind)
    if type_name is not None:
        field.type_name = f".{_PACKAGE}.{type_name}"
    return field


def __getattr__(name):
    if name not in _MESSAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _messages()[name]


class FixedLenFeature:
    """A feature of one shape in each `Example`.

    Args:
        shape: sequence of int.
        dtype: "int64", "float32" or "string" (bytes), or a dtype-like of one of them.
        default_value: what stands for a feature that is absent; None if it must be there.
    """

    def __init__(self, shape, dtype, default_value=None):
        self.shape, self.dtype = standardize_shape(shape), dtypes.standardize(dtype)
        self.default_value = default_value


def parse_single_example(serialized, features):
    """The features of a serialized `Example`, as a dict of arrays.

    Args:
        serialized: bytes.
        features: dict from name to FixedLenFeature; None as a value, or None in place of the dict,
            for arrays of whatever length there is.

    Returns:
        dict from name to array (text: array of bytes; scalars where the shape is ()).

    Raises:
        DataError: no Example, or a feature that is absent, or of another type or size.

    Example:
        >>> from kerasish.data import protos
        >>> parse_single_example(b"", {"a": protos.FixedLenFeature((), "int64", 3)})["a"].item()
        3

    Source: TensorFlow's names.
    """
    found = {}
    if serialized:
        example = _messages()["Example"]()
        try:
            example.ParseFromString(serialized)
        except Exception as error:
            raise DataError(explain("parse_single_example", f"no Example: {error}")) from None
        found = dict(example.features.feature)
    if features is None:
        features = dict.fromkeys(found)
    return {name: _feature(name, found.get(name), wanted) for name, wanted in features.items()}


def _feature(name, feature, wanted):
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        if wanted is None or wanted.default_value is None:
            raise DataError(explain("parse_single_example", f"feature {name!r} is absent"))
        dtype = dtypes.to_numpy(wanted.dtype)
        value = numpy.broadcast_to(numpy.array(wanted.default_value, dtype), wanted.shape)
        return value[()]
    values = getattr(feature, kind).value
    array = numpy.array(list(values), dtypes.to_numpy(_KINDS[kind]))
    if wanted is None:
        return array
    if _KINDS[kind] != wanted.dtype:
        raise DataError(
            explain(
                "parse_single_example",
                f"feature {name!r} has another type",
                received=f" {_KINDS[kind]}",
                expected=wanted.dtype,
            )
        )
    try:
        return array.reshape([-1 if size is None else size for size in wanted.shape])[()]
    except ValueError:
        raise DataError(
            explain(
                "parse_single_example",
                f"feature {name!r} has another size",
                received=f" {len(array)} values",
                expected=f"shape {wanted.shape}",
            )
        ) from None
