"""IntegerLookup: integers to indices of a vocabulary, and back."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.layers.preprocessing.index_lookup import IndexLookup


@registry.register("layers")
class IntegerLookup(IndexLookup):
    """Index of each integer in a vocabulary: output = index[inputs]; with `invert` the opposite.

    The vocabulary is given, or learned by `adapt(data)`: the most frequent integer first.

    Args:
        max_tokens: int > 1 or None. The most there may be, special tokens included.
        num_oov_indices: int. Indices for integers that are not in the vocabulary: one for all of
            them, several by `oov_method`, 0 to make them an error.
        mask_token: integer with index 0 (for "int"; in other modes it has no code), or None.
        oov_token: what `invert` makes of indices of no token.
        vocabulary: list or array of integers, or path of a file with one a line.
        vocabulary_dtype: only "int64".
        idf_weights: list or array of a weight for each token, for "tf_idf".
        invert: bool. Indices to integers.
        output_mode: "int", or a code of the size of the vocabulary: "one_hot" for each integer,
            "multi_hot", "count" or "tf_idf" (counts times weights) for each sample.
        sparse: only False; there are no sparse tensors.
        pad_to_max_tokens: bool. Codes of size `max_tokens`.
        oov_method: "floormod" (integer modulo `num_oov_indices`) or "farmhash" (their hash).
        salt: int or pair of int, for another hash.
        name: str.

    Call arguments:
        inputs: integers: array, tensor or list (..., integers); indices for `invert`.

    Returns:
        int64 tensor of the input shape, or codes (int64; "tf_idf": floatx).

    Raises:
        ValueError: arguments that do not fit; a call without vocabulary.

    Example:
        >>> IntegerLookup(vocabulary=[12, 36])([[36, 7]]).tolist()
        [[2, 0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, max_tokens=None, num_oov_indices=1, mask_token=None, oov_token=-1,
                 vocabulary=None, vocabulary_dtype="int64", idf_weights=None, invert=False,
                 output_mode="int", sparse=False, pad_to_max_tokens=False, oov_method="floormod",
                 salt=None, name=None, **kwargs):  # fmt: skip
        if vocabulary_dtype != "int64":
            raise ValueError(
                explain("IntegerLookup", "only int64 vocabularies", received=vocabulary_dtype)
            )
        self.vocabulary_dtype = vocabulary_dtype
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary=vocabulary,
            idf_weights=idf_weights, invert=invert, output_mode=output_mode, sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens, oov_method=oov_method, salt=salt, name=name,
            **kwargs,
        )  # fmt: skip
