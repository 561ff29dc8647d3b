"""Hashing: text and integers put into a fixed number of bins by their hash."""

import numpy

from kerasish import registry
from kerasish.config import settings
from kerasish.core.spec import TensorSpec
from kerasish.errors import explain
from kerasish.layers.preprocessing.categories import (
    check_output_mode,
    encode,
    encoded_shape,
)
from kerasish.layers.preprocessing.fingerprints import (
    as_decimal_text,
    farm_fingerprints,
    sip_hashes,
)
from kerasish.layers.preprocessing.host_layer import HostLayer

_MODES = ("int", "one_hot", "multi_hot", "count")


@registry.register("layers")
class Hashing(HostLayer):
    """Bin of each value: output = hash(inputs) % num_bins, equal values in equal bins, always.

    Integers are hashed as their decimal text, floats as their integer part. The hashes are those of
    TensorFlow: FarmHash's Fingerprint64, or SipHash under a salt.

    Args:
        num_bins: int > 0. With a mask value, bin 0 is for that alone.
        mask_value: str or int that goes to bin 0, or None.
        salt: int or pair of int: the key of SipHash. None: FarmHash.
        output_mode: "int", "one_hot", "multi_hot" or "count", as of CategoryEncoding.
        sparse: only False; there are no sparse tensors.

    Call arguments:
        inputs: tensor or list of text or numbers.

    Returns:
        int64 tensor of the input shape, or codes in floatx (or of the dtype given).

    Raises:
        ValueError: `num_bins`, `salt` or the mode is not usable; a float dtype for "int".

    Example:
        >>> Hashing(num_bins=3)([["A"], ["B"], ["C"]]).tolist()
        [[1], [0], [1]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, num_bins, mask_value=None, salt=None, output_mode="int", sparse=False,
                 **kwargs):  # fmt: skip
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else settings.floatx
        super().__init__(**kwargs)
        if num_bins is None or num_bins <= 0:
            raise ValueError(
                explain(self.name, "num_bins must be a positive int", received=num_bins)
            )
        self.output_mode = check_output_mode(self.name, output_mode, _MODES, sparse)
        if self.output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise ValueError(
                explain(
                    self.name,
                    'output_mode "int" needs an integer dtype',
                    received=self.compute_dtype,
                    expected="int32 or int64",
                )
            )
        self.num_bins, self.mask_value, self.sparse = num_bins, mask_value, False
        self.salt = checked_salt(self.name, salt)

    def call(self, inputs):
        """Hash on the host, and encode."""
        bins = self.run_on_host(inputs)
        return encode(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def compute(self, values):
        """The bins of an array."""
        texts = values
        if values.dtype.kind != "O":
            is_integer = values.dtype.kind in "iu"
            texts = as_decimal_text(values if is_integer else values.astype(numpy.int64))
        is_masked = self.mask_value is not None and self.num_bins > 1
        bins = hash_bins(texts, self.num_bins - is_masked, self.salt)
        return numpy.where(values == self.mask_value, 0, bins + 1) if is_masked else bins

    def output_spec(self, spec):
        """Spec of the bins."""
        return TensorSpec(spec.shape, "int64")

    def compute_output_shape(self, input_shape):
        """The input shape, or that of the codes."""
        return encoded_shape(input_shape, self.output_mode, self.num_bins)


def checked_salt(where, salt):
    """None, or a salt as a list of two integers.

    Raises:
        ValueError: something else.
    """
    if salt is None:
        return None
    pair = [salt, salt] if isinstance(salt, int) else salt
    is_pair = isinstance(pair, (tuple, list)) and len(pair) == 2
    if not is_pair or not all(isinstance(n, (int, numpy.integer)) for n in pair):
        raise ValueError(
            explain(where, "salt must be an int or a pair of them", received=salt, fix="salt=7")
        )
    return [int(n) for n in pair]


def hash_bins(texts, bins, salt=None):
    """int64 array of bins 0 to `bins - 1`: by FarmHash, or by SipHash under a salt."""
    hashes = farm_fingerprints(texts) if salt is None else sip_hashes(texts, salt)
    return (hashes % numpy.uint64(bins)).astype(numpy.int64)
