"""Sources: what users hand over, as arrays to take batches from; floats become floatx."""

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.arrays.text import is_text, to_text
from kerasish.config import settings
from kerasish.core.tensor import Tensor
from kerasish.errors import DataError, explain

_PLAIN = (numpy.ndarray, numpy.memmap)
_MAY_BE_TEXT = ("x", "a batch")  # labels of what text layers may read


def as_source(value, label):
    """Array to take batches from; tensors and lists become arrays, memory maps stay as they are."""
    if type(value) in _PLAIN and value.dtype.kind not in dtypes.TEXT_KINDS:
        return value
    if hasattr(value, "_as_tensor"):
        value = value._as_tensor()
    if isinstance(value, Tensor):
        return value.numpy()
    if hasattr(value, "to_numpy"):  # pandas
        value = value.to_numpy()
    if not devices.is_array(value) or (
        isinstance(value, numpy.ndarray) and type(value) not in _PLAIN
    ):
        try:  # a matrix or masked array would be sliced in its own way
            value = numpy.asarray(value)
        except ValueError as error:
            raise DataError(
                explain("data", f"{label} cannot become an array", received=value, fix=str(error))
            ) from None
    if value.dtype.kind in dtypes.TEXT_KINDS:
        if label in _MAY_BE_TEXT and is_text(value):
            return to_text(value)
        raise DataError(
            explain(
                "data",
                f"{label} holds no numbers",
                received=value,
                expected="numeric arrays",
                fix="encode text as integers, and pad rows to one "
                "length with kerasish.utils.pad_sequences",
            )
        )
    return value


def is_one_batch(value, batch_size):
    """Whether a value is an array of numbers that goes into one batch of the given size."""
    if type(value) is not numpy.ndarray or value.ndim == 0 or value.dtype.kind in dtypes.TEXT_KINDS:
        return False
    size = 32 if batch_size is None else batch_size
    return type(size) is int and 0 < len(value) <= size


def batch_dtype(dtype):
    """The NumPy dtype that batches of an array have: floats in floatx, native byte order."""
    if dtype.kind == "f" and dtypes.name_of(dtype) != settings.floatx:
        return dtypes.to_numpy(settings.floatx)
    return dtype if dtype.isnative else dtype.newbyteorder("=")


def standardize(array):
    """A batch in the dtype that layers expect: floats in floatx, everything else as it is."""
    wanted = batch_dtype(array.dtype)
    return array if wanted is array.dtype else array.astype(wanted)


def as_batch_array(value):
    """A leaf of a batch that a user made: a tensor as it is, anything else as an array."""
    return value if isinstance(value, Tensor) else standardize(as_source(value, "a batch"))


def class_weights_to_samples(y, class_weight):
    """Weight of each sample from its class: y of labels (n,) or (n, 1), or one-hot (n, classes)."""
    y = numpy.asarray(y)
    labels = y.argmax(axis=-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(len(y), -1)[:, 0]
    weights = numpy.ones(len(labels), numpy.float32)
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights


def weigh_classes(batch, class_weight):
    """The batch `(x, y)` or `(x, y, sample_weight)` with the weights of the classes in it."""
    weights = class_weights_to_samples(batch[1], class_weight)
    if len(batch) == 3 and batch[2] is not None:
        weights = weights * numpy.asarray(batch[2]).reshape(len(weights), -1)[:, 0]
    return batch[0], batch[1], weights
