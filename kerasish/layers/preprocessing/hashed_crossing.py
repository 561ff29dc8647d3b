"""HashedCrossing: combinations of several features put into a fixed number of bins."""

import numpy

from kerasish import registry
from kerasish.arrays import dtypes
from kerasish.core import tree
from kerasish.core.spec import TensorSpec
from kerasish.errors import ShapeError, explain
from kerasish.layers.preprocessing.categories import check_output_mode, encode, encoded_shape
from kerasish.layers.preprocessing.fingerprints import farm_fingerprints, joined_fingerprints
from kerasish.layers.preprocessing.host_layer import HostLayer, as_data

_MODES = ("int", "one_hot")
_KEY = 0xDECAFCAFFE  # what TensorFlow's crosses begin with


@registry.register("layers")
class HashedCrossing(HostLayer):
    """Bin of each combination: output = hash(inputs[0], inputs[1], ...) % num_bins.

    The hash is that of `tf.sparse.cross_hashed`.

    Args:
        num_bins: int > 0.
        output_mode: "int" or "one_hot".
        sparse: only False; there are no sparse tensors.
        name: str.
        dtype: dtype-like; int64 for "int", floatx for "one_hot".

    Call arguments:
        inputs: list of at least two tensors of text or integers, all of one shape: (), (batch,) or
            (batch, 1).

    Returns:
        tensor of that shape, or (batch, num_bins) for "one_hot".

    Raises:
        ValueError: fewer inputs, other or different shapes, or floats.

    Example:
        >>> HashedCrossing(num_bins=5)([["A", "B", "A"], [101, 101, 102]]).tolist()
        [1, 4, 3]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, num_bins, output_mode="int", sparse=False, name=None, dtype=None, **kwargs):
        dtype = "int64" if output_mode == "int" and dtype is None else dtype
        super().__init__(name=name, dtype=dtype, **kwargs)
        if num_bins is None or num_bins <= 0:
            raise ValueError(
                explain(self.name, "num_bins must be a positive int", received=num_bins)
            )
        self.output_mode = check_output_mode(self.name, output_mode, _MODES, sparse)
        self.num_bins, self.sparse = num_bins, False

    def _convert(self, value):
        return [as_data(v) for v in value] if isinstance(value, (list, tuple)) else value

    def call(self, inputs):
        """Hash on the host, and encode."""
        self._check(inputs)
        bins = self.run_on_host(*inputs)
        return encode(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _check(self, inputs):
        problem = None
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            problem, expected = "a list of at least two inputs is needed", None
        elif len({tuple(x.shape) for x in inputs}) > 1 or not _is_column(inputs[0].shape):
            problem, expected = "inputs of other shapes", "all (), (batch,) or (batch, 1)"
        elif not all(dtypes.is_integer(x.dtype) or x.dtype == "string" for x in inputs):
            problem, expected = "inputs must be text or integers", None
        if problem:
            shown = [getattr(x, "spec", x) for x in tree.flatten(inputs)]
            raise ShapeError(explain(self.path, problem, received=shown, expected=expected))

    def compute(self, *arrays):
        """The bins of a combination for each place."""
        result = numpy.full(arrays[0].shape, _KEY, numpy.uint64)
        for array in arrays:
            is_text = array.dtype.kind == "O"
            hashes = farm_fingerprints(array) if is_text else array.astype(numpy.int64)
            result = joined_fingerprints(result, hashes.astype(numpy.uint64))
        return (result % numpy.uint64(self.num_bins)).astype(numpy.int64)

    def output_spec(self, first, *others):
        """Spec of the bins."""
        return TensorSpec(first.shape, "int64")

    def compute_output_shape(self, input_shape):
        """The shape of the inputs, or that of the codes."""
        return encoded_shape(input_shape[0], self.output_mode, self.num_bins)

    def get_config(self):
        """Constructor arguments."""
        names = ("num_bins", "output_mode", "sparse", "name", "dtype")
        return {name: getattr(self, name) for name in names}


def _is_column(shape):
    return len(shape) < 2 or (len(shape) == 2 and shape[-1] == 1)
