"""IndexLookup: what StringLookup and IntegerLookup share: tokens to indices and back."""

import numpy

from kerasish.arrays import dtypes
from kerasish.arrays.text import to_text
from kerasish.config import settings
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor
from kerasish.errors import DataError, DTypeError, NotBuiltError, explain
from kerasish.layers.preprocessing.adapting import batches_of, is_whole
from kerasish.layers.preprocessing.categories import (
    check_output_mode,
    encode_on_host,
    encoded_shape,
)
from kerasish.layers.preprocessing.fingerprints import as_decimal_text
from kerasish.layers.preprocessing.hashing import checked_salt, hash_bins
from kerasish.layers.preprocessing.host_layer import HostLayer, as_data
from kerasish.layers.preprocessing.lookup_files import LookupFiles
from kerasish.layers.preprocessing.vocabulary import TokenCounts, Vocabulary, read_tokens

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_DROPPED = -1  # an index that has no code


class IndexLookup(LookupFiles, HostLayer):
    """Base of the lookup layers; their docstrings tell the arguments.

    Subclasses set `vocabulary_dtype`.
    """

    vocabulary_dtype = "string"

    def __init__(self, max_tokens, num_oov_indices, mask_token, oov_token, vocabulary=None,
                 idf_weights=None, invert=False, output_mode="int", sparse=False,
                 pad_to_max_tokens=False, oov_method="floormod", salt=None, name=None,
                 **kwargs):  # fmt: skip
        known_size = kwargs.pop("vocabulary_size", None)  # of configs
        is_given = kwargs.pop("has_input_vocabulary", vocabulary is not None)
        kwargs.pop("dtype", None)
        trainable = kwargs.pop("trainable", True)
        super().__init__(name=name, trainable=trainable, **kwargs)
        self.output_mode = check_output_mode(self.name, output_mode, MODES, sparse)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.sparse, self.pad_to_max_tokens = invert, False, pad_to_max_tokens
        self.oov_method = oov_method
        self._check_arguments(salt, idf_weights)
        self.salt = checked_salt(self.name, salt)
        is_mode_int = self.output_mode == "int"
        self._vocabulary = Vocabulary(
            self.name, mask_token, oov_token, num_oov_indices,
            is_mode_int and mask_token is not None, max_tokens,
        )  # fmt: skip
        self.input_vocabulary = self.input_idf_weights = self.idf_weights = None
        self._is_given, self._frozen_size = is_given, known_size
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            if not isinstance(vocabulary, str):  # then the config holds it, and no file does
                self.input_vocabulary = _as_list(vocabulary)
                self.input_idf_weights = _as_list(idf_weights)
        self.built = True

    def _check_arguments(self, salt, idf_weights):
        problems = (
            (self.max_tokens is not None and self.max_tokens <= 1, "max_tokens must exceed 1"),
            (self.pad_to_max_tokens and self.max_tokens is None, "padding needs max_tokens"),
            (self.num_oov_indices < 0, "num_oov_indices must not be negative"),
            (self.oov_method not in ("floormod", "farmhash"), "unknown oov_method"),
            (self.invert and self.output_mode != "int", 'invert needs output_mode "int"'),
            (
                idf_weights is not None and self.output_mode != "tf_idf",
                'idf_weights go with output_mode "tf_idf"',
            ),
            (
                salt is not None and not self._is_text and self.oov_method != "farmhash",
                'a salt needs oov_method="farmhash"',
            ),
        )
        for is_wrong, problem in problems:
            if is_wrong:
                raise ValueError(explain(self.name, problem))

    @property
    def _is_text(self):
        return self.vocabulary_dtype == "string"

    @property
    def input_dtype(self):
        """Dtype of what a Sequential that begins with this layer is fed."""
        return "int64" if self.invert else self.vocabulary_dtype

    # ---- the vocabulary ----

    def get_vocabulary(self, include_special_tokens=True):
        """List of the tokens, each at its index; without the special ones where those are left out.

        Args:
            include_special_tokens: bool. With mask and out-of-vocabulary tokens.
        """
        return self._vocabulary.listed(include_special_tokens)

    def vocabulary_size(self):
        """Number of indices, special tokens included."""
        return len(self._vocabulary)

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Know other tokens.

        Args:
            vocabulary: array or list of tokens, with or without the special ones in front, or the
                path of a file with one token a line.
            idf_weights: array or list of their inverse document frequencies, for "tf_idf" alone.

        Raises:
            ValueError: tokens are repeated, too many, or misplaced; weights are missing, not asked
                for, or of another number.
            RuntimeError: the size changes though outputs depend on it.
        """
        is_idf, is_path = self.output_mode == "tf_idf", isinstance(vocabulary, str)
        if is_idf != (idf_weights is not None):
            problem = 'idf_weights and output_mode "tf_idf" go together'
            raise ValueError(explain(self.name, problem, received=self.output_mode))
        if is_path:
            tokens = read_tokens(vocabulary, self.name, self._is_text)
        else:
            tokens = self._as_tokens(vocabulary)
        before = self._vocabulary.tokens, self._vocabulary.index
        has_special = self._vocabulary.replace(tokens, self.invert)
        try:
            idf = self._whole_idf(tokens, idf_weights, has_special) if is_idf else None
            self._record_size()
        except (ValueError, RuntimeError):
            self._vocabulary.tokens, self._vocabulary.index = before
            raise
        self.idf_weights = idf
        self.input_vocabulary = self.input_idf_weights = None

    def _as_tokens(self, vocabulary):
        if isinstance(vocabulary, Tensor):
            vocabulary = vocabulary.numpy()
        if self._is_text:
            return to_text(vocabulary).ravel().tolist()
        return [int(v) for v in numpy.asarray(vocabulary).ravel()]

    def _whole_idf(self, tokens, given, has_special):
        """Weights of all indices: special tokens without one get the mean, padding gets 0."""
        weights = numpy.asarray(given, settings.floatx)
        if weights.shape != (len(tokens),):
            raise ValueError(
                explain(
                    self.name,
                    "there must be one idf weight for each token",
                    received=weights.shape,
                    expected=str((len(tokens),)),
                )
            )
        return self._padded_idf(weights, 0 if has_special else self._vocabulary.token_start)

    def _padded_idf(self, weights, front):
        mean = weights.mean() if weights.size else 0.0
        back = self.max_tokens - front - len(weights) if self.pad_to_max_tokens else 0
        parts = [numpy.full(front, mean), weights, numpy.zeros(back)]
        return numpy.concatenate(parts).astype(settings.floatx)

    def _record_size(self):
        is_fixed = self.output_mode != "int" and not self.pad_to_max_tokens
        if is_fixed and self._frozen_size not in (None, len(self._vocabulary)):
            raise RuntimeError(
                explain(
                    self.name,
                    "the size of the vocabulary cannot change, since the size of outputs is it",
                    received=len(self._vocabulary),
                    expected=str(self._frozen_size),
                    fix="pad_to_max_tokens=True with max_tokens, or a new layer",
                )
            )
        self._frozen_size = len(self._vocabulary)

    # ---- adapt ----

    def adapt(self, data, steps=None):
        """Learn the vocabulary: the tokens of the data, the most frequent first.

        Args:
            data: array, tensor or list of tokens (of one axis: a document each), or an iterable of
                batches.
            steps: int or None. How many batches of an iterable to read.

        Raises:
            ValueError: the vocabulary was given to the constructor.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            values = as_data(batch).numpy()
            has_documents_of_one = values.ndim == 1 and is_whole(data)
            self.update_state(values[:, None] if has_documents_of_one else values)
        self.finalize_state()

    def reset_state(self):
        """Forget the tokens counted."""
        self._counts = TokenCounts()

    def update_state(self, data):
        """Count the tokens of documents: the rows of an array (batch, tokens), or (tokens,)."""
        values = self._as_keys(as_data(data).numpy())
        self.count_documents(values.reshape(-1, values.shape[-1] if values.ndim else 1).tolist())

    def count_documents(self, documents):
        """Count the tokens of a list of lists of tokens.

        Raises:
            ValueError: the vocabulary was given to the constructor.
        """
        if self._is_given:
            raise ValueError(
                explain(
                    self.name,
                    "the vocabulary was given, so there is nothing to adapt",
                    fix="leave `vocabulary` out of the constructor",
                )
            )
        self._counts.add(documents)

    def finalize_state(self):
        """Make the vocabulary of the tokens counted; without any it stays as it is."""
        if self._counts.tokens:
            start = self._vocabulary.token_start
            limit = None if self.max_tokens is None else self.max_tokens - start
            tokens = self._counts.most_frequent(limit, {self.mask_token, self.oov_token})
            if tokens:
                self._vocabulary.replace(tokens, False)
            if self.output_mode == "tf_idf":
                weights = self._counts.inverse_document_frequencies(tokens)
                self.idf_weights = self._padded_idf(weights, start)
        self.reset_state()
        self._record_size()

    # ---- calls ----

    @property
    def depth(self):
        """Size of the codes."""
        return self.max_tokens if self.pad_to_max_tokens else self._frozen_size

    def compute(self, values):
        """Indices, codes or tokens of an array."""
        if self.invert:
            return self._tokens_of(values)
        return self.encoded(self.indices_of(values))

    def encoded(self, indices, axis=None):
        """The codes of indices, as a new array."""
        is_idf = self.output_mode == "tf_idf"
        mode = "count" if is_idf else self.output_mode
        codes = encode_on_host(indices, mode, self.depth, axis)
        return codes.astype(self.idf_weights.dtype) * self.idf_weights if is_idf else codes

    def indices_of(self, values):
        """int64 array of the index of each token.

        Raises:
            ValueError: a token that is not in the vocabulary, where there is no index for such; or
                there is no vocabulary.
        """
        self.require_vocabulary()
        values, vocabulary = self._as_keys(values), self._vocabulary
        get = vocabulary.index.get
        flat = values.ravel().tolist()
        indices = numpy.fromiter([get(v, _DROPPED) for v in flat], numpy.int64, len(flat))
        is_unknown = indices == _DROPPED
        if self.mask_token is not None:
            is_mask = values.ravel() == self.mask_token
            indices[is_mask] = 0 if vocabulary.oov_start else _DROPPED
            is_unknown &= ~is_mask
        if is_unknown.any():
            indices[is_unknown] = self._oov_indices(values.ravel()[is_unknown])
        return indices.reshape(values.shape)

    def _oov_indices(self, values):
        start = self._vocabulary.oov_start
        if self.num_oov_indices == 0:
            raise DataError(
                explain(
                    self.name,
                    "a token is not in the vocabulary, and there is no index for such",
                    received=f" {values[:5].tolist()}",
                    fix="num_oov_indices=1",
                )
            )
        if self.num_oov_indices == 1:
            return start
        if not self._is_text and self.oov_method == "floormod":
            return values % self.num_oov_indices + start
        texts = values if self._is_text else as_decimal_text(values)
        return hash_bins(texts, self.num_oov_indices, self.salt) + start

    def _tokens_of(self, indices):
        self.require_vocabulary()
        tokens = dict(enumerate(self._vocabulary.listed()))
        found = [tokens.get(i, self.oov_token) for i in indices.ravel().tolist()]
        dtype = dtypes.to_numpy(self.vocabulary_dtype)
        return numpy.array(found, dtype=dtype).reshape(indices.shape)

    def _as_keys(self, values):
        if self._is_text:
            return to_text(values)
        if values.dtype.kind == "O":
            problem = "integers are looked up, not text"
            raise DTypeError(explain(self.name, problem, fix="layers.StringLookup"))
        return values.astype(numpy.int64)

    def require_vocabulary(self):
        """Raises: there is no vocabulary yet."""
        if not self._vocabulary.tokens:
            raise NotBuiltError(
                explain(
                    self.name,
                    "there is no vocabulary yet",
                    fix="call adapt(data) or set_vocabulary(tokens) first",
                )
            )

    def output_spec(self, spec):
        """Spec of the output."""
        if self.invert:
            return TensorSpec(spec.shape, self.vocabulary_dtype)
        if self.output_mode != "int" and self.depth is None:
            self.require_vocabulary()
        return TensorSpec(encoded_shape(spec.shape, self.output_mode, self.depth), self.code_dtype)

    @property
    def code_dtype(self):
        """dtype of the output: int64, or floatx for "tf_idf"."""
        return settings.floatx if self.output_mode == "tf_idf" else "int64"


def _as_list(values):
    if values is None:
        return None
    values = values.numpy() if isinstance(values, Tensor) else values
    return values.tolist() if isinstance(values, numpy.ndarray) else list(values)
