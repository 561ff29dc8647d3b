"""StringLookup: text tokens to indices of a vocabulary, and back."""

from kerasish import registry
from kerasish.errors import explain
from kerasish.layers.preprocessing.index_lookup import IndexLookup


@registry.register("layers")
class StringLookup(IndexLookup):
    """Index of each text in a vocabulary: output = index[inputs]; with `invert` the opposite.

    The vocabulary is given, or learned by `adapt(data)`: the most frequent text first.

    Args:
        max_tokens: int > 1 or None. The most there may be, special tokens included.
        num_oov_indices: int. Indices for text that is not in the vocabulary: one for all of it,
            several by its hash, 0 to make such text an error.
        mask_token: text with index 0 (for "int"; in other modes it has no code), or None.
        oov_token: what `invert` makes of indices of no token.
        vocabulary: list or array of tokens, or path of a file with one a line.
        idf_weights: list or array of a weight for each token, for "tf_idf".
        invert: bool. Indices to text.
        output_mode: "int", or a code of the size of the vocabulary: "one_hot" for each text,
            "multi_hot", "count" or "tf_idf" (counts times weights) for each sample.
        pad_to_max_tokens: bool. Codes of size `max_tokens`.
        sparse: only False; there are no sparse tensors.
        encoding: only "utf-8" text is read from bytes and files.
        name: str.
        salt: int or pair of int, for another hash of unknown text.

    Call arguments:
        inputs: text: array, tensor or list (..., tokens); indices for `invert`.

    Returns:
        int64 tensor of the input shape, or codes (int64; "tf_idf": floatx).

    Raises:
        ValueError: arguments that do not fit; a call without vocabulary.

    Example:
        >>> StringLookup(vocabulary=["a", "b"])([["b", "?"]]).tolist()
        [[2, 0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, max_tokens=None, num_oov_indices=1, mask_token=None, oov_token="[UNK]",
                 vocabulary=None, idf_weights=None, invert=False, output_mode="int",
                 pad_to_max_tokens=False, sparse=False, encoding="utf-8", name=None, salt=None,
                 **kwargs):  # fmt: skip
        self.encoding = checked_encoding(encoding)
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary=vocabulary,
            idf_weights=idf_weights, invert=invert, output_mode=output_mode, sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens, name=name, salt=salt, **kwargs,
        )  # fmt: skip


def checked_encoding(encoding):
    """The encoding, where it is UTF-8 by one of its names.

    Raises:
        ValueError: another encoding.
    """
    if str(encoding).lower().replace("_", "-") not in ("utf-8", "utf8"):
        raise ValueError(
            explain(
                "encoding",
                "text is read as UTF-8 only",
                received=encoding,
                fix="decode bytes of another encoding to str first",
            )
        )
    return encoding
