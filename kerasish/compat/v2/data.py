"""tf.data: the package's data sets with elements that have TensorFlow's face."""

from kerasish import data as own
from kerasish.compat.v2.conversion import to_plain
from kerasish.compat.v2.shapes import of_spec
from kerasish.compat.v2.tensors import face, plain
from kerasish.core import tree

AUTOTUNE, INFINITE_CARDINALITY = own.AUTOTUNE, own.INFINITE_CARDINALITY
UNKNOWN_CARDINALITY, Options = own.UNKNOWN_CARDINALITY, own.Options


def as_tensor(leaf):
    """A leaf of an element as a tensor; data sets and None stay as they are."""
    if leaf is None or getattr(leaf, "is_dataset", False):
        return leaf
    return face(plain(to_plain(leaf)))


class _Faced:
    """Elements are tensors, for users' functions and in iteration."""

    to_user = staticmethod(as_tensor)

    @property
    def element_spec(self):
        """Nested TensorSpecs of the elements."""
        return tree.map_structure(of_spec, super().element_spec)

    def cardinality(self):
        """Number of elements as a tensor, -1 if infinite, -2 if unknown."""
        return as_tensor(_int64(super().cardinality()))

    def __len__(self):
        size = super().cardinality()
        if size < 0:
            raise TypeError("The dataset is infinite." if size == -1 else
                            "The dataset length is unknown.")  # fmt: skip
        return size


def _int64(value):
    return to_plain(value, dtype="int64")


class Dataset(_Faced, own.Dataset):
    """A sequence of elements of tensors; see `kerasish.data.Dataset`.

    Example:
        >>> for x in Dataset.range(4).batch(2):
        ...     print(x)
        tf.Tensor([0 1], shape=(2,), dtype=int64)
        tf.Tensor([2 3], shape=(2,), dtype=int64)

    Source: TensorFlow `tf.data.Dataset`.
    """


def _files(kind):
    class Files(Dataset):
        __doc__ = kind.__doc__.split("\n")[0]

        def __new__(cls, *args, **kwargs):
            made = kind(*args, **kwargs)
            return Dataset(made._stage, made._options, made._runs)

    Files.__name__ = Files.__qualname__ = kind.__name__
    return Files


TextLineDataset, TFRecordDataset = _files(own.TextLineDataset), _files(own.TFRecordDataset)


class experimental:
    """What TensorFlow keeps under `tf.data.experimental`."""

    AUTOTUNE, INFINITE_CARDINALITY = AUTOTUNE, INFINITE_CARDINALITY
    UNKNOWN_CARDINALITY = UNKNOWN_CARDINALITY
    CsvDataset = _files(own.CsvDataset)

    @staticmethod
    def cardinality(dataset):
        """Number of elements as a tensor."""
        return dataset.cardinality()
