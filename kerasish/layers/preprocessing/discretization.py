"""Discretization: numbers replaced by the index of the bin they fall into."""

import numpy

from kerasish import ops, registry
from kerasish.core.variable import Variable
from kerasish.errors import DataError, explain
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.adapting import batches_of
from kerasish.layers.preprocessing.categories import check_output_mode, encode, encoded_shape
from kerasish.layers.preprocessing.host_layer import TakesData
from kerasish.layers.preprocessing.quantiles import QuantileSummary

_MODES = ("int", "one_hot", "multi_hot", "count")


@registry.register("layers")
class Discretization(TakesData, Layer):
    """Bin of each number: output = i where bin_boundaries[i - 1] <= inputs < bin_boundaries[i].

    The boundaries are given, or found by `adapt(data)` so that the bins hold about the same share
    of the data each.

    Args:
        bin_boundaries: ascending list of n numbers, for n + 1 bins. Not with `num_bins`.
        num_bins: int. How many bins `adapt` makes.
        epsilon: float. How finely `adapt` knows the shares: its summary has about 1 / epsilon
            values.
        output_mode: "int", "one_hot", "multi_hot" or "count", as of CategoryEncoding.
        sparse: only False; there are no sparse tensors.
        dtype: dtype of the output where it is not "int" (then it is int32).
        name: str.

    Call arguments:
        inputs: tensor of numbers.

    Returns:
        int32 tensor of the input shape, or codes.

    Raises:
        ValueError: both or neither of `bin_boundaries` and `num_bins`; a call before `adapt`.

    Example:
        >>> Discretization(bin_boundaries=[0.0, 1.0])([-1.0, 0.0, 5.0]).tolist()
        [0, 1, 2]

    Source: Keras 3 names and defaults.
    """

    _untracked = Layer._untracked | {"_edges"}  # it is part of the config, not a weight

    def __init__(self, bin_boundaries=None, num_bins=None, epsilon=0.01, output_mode="int",
                 sparse=False, dtype=None, name=None):  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        self.output_mode = check_output_mode(self.name, output_mode, _MODES, sparse)
        if (bin_boundaries is None) == (num_bins is None) or (num_bins or 0) < 0:
            raise ValueError(
                explain(
                    self.name,
                    "give either bin_boundaries, or a num_bins of at least 0",
                    received=f" bin_boundaries={bin_boundaries}, num_bins={num_bins}",
                )
            )
        self.num_bins, self.epsilon, self.sparse = num_bins, epsilon, False
        self.bin_boundaries = self._edges = None
        self.reset_state()
        if bin_boundaries is not None:
            self._set_boundaries(bin_boundaries)

    def _set_boundaries(self, boundaries):
        self.bin_boundaries = numpy.asarray(boundaries).tolist()
        edges = numpy.asarray(boundaries, "float32")
        if self._edges is not None and tuple(self._edges.shape) == edges.shape:
            self._edges.assign(edges)  # what has been compiled sees them, too
        else:
            self._edges = Variable(edges, trainable=False, autocast=False, name="bin_boundaries")

    def adapt(self, data, steps=None):
        """Choose the boundaries so that the bins hold about equal shares of the data.

        Args:
            data: array or tensor, or an iterable of batches.
            steps: int or None. How many batches of an iterable to read.

        Raises:
            ValueError: the boundaries were given to the constructor.
            DataError: no data.
        """
        if self.num_bins is None:
            raise ValueError(
                explain(
                    self.path,
                    "bin_boundaries were given, so there is nothing to adapt",
                    fix="give num_bins to the constructor instead",
                )
            )
        self.reset_state()
        for batch in batches_of(data, steps, lists_are_data=False):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self):
        """Forget the data seen."""
        self._summary = QuantileSummary(self.epsilon)

    def update_state(self, data):
        """See more data."""
        self._summary.add(numpy.asarray(data))

    def finalize_state(self):
        """Choose the boundaries from the data seen."""
        if self._summary.is_empty:
            raise DataError(explain(self.path, "there is no data to adapt to"))
        self._set_boundaries(self._summary.boundaries(self.num_bins))

    def call(self, inputs):
        """Find the bins, and encode them."""
        if self.bin_boundaries is None:
            raise ValueError(
                explain(
                    self.path,
                    "the bins are not known",
                    fix="call adapt(data) first, or give bin_boundaries to the constructor",
                )
            )
        bins = ops.digitize(ops.cast(inputs, "float32"), self._edges)
        dtype = "int32" if self.output_mode == "int" else self.compute_dtype
        return encode(bins, self.output_mode, len(self.bin_boundaries) + 1, dtype)

    def compute_output_shape(self, input_shape):
        """The input shape, or that of the codes."""
        edges = self.bin_boundaries
        depth = self.num_bins if edges is None else len(edges) + 1
        return encoded_shape(input_shape, self.output_mode, depth)

    def get_config(self):
        """Constructor arguments, and the boundaries that `adapt` found."""
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name", "dtype")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`, adapted if that one was."""
        if config.get("num_bins") is None or config.get("bin_boundaries") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer._set_boundaries(config["bin_boundaries"])
        return layer
