"""TextVectorization: text to integer sequences, or to one vector a text."""

import numpy

from kerasish import registry
from kerasish.arrays.text import to_text
from kerasish.core.spec import TensorSpec
from kerasish.errors import ShapeError, explain, nearest
from kerasish.layers.preprocessing import tokenizing
from kerasish.layers.preprocessing.adapting import batches_of, is_whole
from kerasish.layers.preprocessing.host_layer import HostLayer, as_data
from kerasish.layers.preprocessing.lookup_files import refuse_path
from kerasish.layers.preprocessing.string_lookup import StringLookup


@registry.register("layers")
class TextVectorization(HostLayer):
    """Text to integers: standardized, split into tokens, joined to n-grams, looked up.

    The vocabulary is given, or learned by `adapt(data)`. With "int" index 0 is padding and index 1
    stands for unknown tokens; in the other modes index 0 stands for those.

    Args:
        max_tokens: int > 1 or None. Most tokens of the vocabulary, special ones included.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation" (ASCII letters and
            punctuation), a function from a NumPy array of str to one of the same shape, or None.
        split: "whitespace", "character", a function from a NumPy array of str (texts,) to a list
            of lists of tokens, or None (each text is a token).
        ngrams: int n (all n-grams of 1 to n tokens), tuple of the lengths wanted, or None.
        output_mode: "int" (a sequence a text), "multi_hot", "count" or "tf_idf" (a vector a text),
            "one_hot" (a vector a token).
        output_sequence_length: int or None, for "int": sequences are cut and padded with 0 to it;
            else to the longest of the batch.
        pad_to_max_tokens: bool. Vectors of size `max_tokens`.
        vocabulary: list or array of tokens, or path of a file with one a line.
        idf_weights: list or array of a weight for each token, for "tf_idf".
        sparse, ragged: only False; there are no sparse and no ragged tensors.
        encoding: only "utf-8".
        name: str.

    Call arguments:
        inputs: text: array, tensor or list (texts,) or (texts, 1).

    Returns:
        int64 tensor (texts, tokens), or (texts, size of the vocabulary): int64, "tf_idf": floatx.

    Raises:
        ValueError: arguments that do not fit; a call without vocabulary.

    Example:
        >>> layer = TextVectorization(vocabulary=["the", "cat", "sat"])
        >>> layer(["The cat!", "A cat sat."]).tolist()
        [[2, 3, 0], [1, 3, 4]]

    Source: Keras 3 names and defaults.
    """

    input_dtype = "string"

    def __init__(self, max_tokens=None, standardize="lower_and_strip_punctuation",
                 split="whitespace", ngrams=None, output_mode="int", output_sequence_length=None,
                 pad_to_max_tokens=False, vocabulary=None, idf_weights=None, sparse=False,
                 ragged=False, encoding="utf-8", name=None, **kwargs):  # fmt: skip
        lookup_config = {
            key: kwargs.pop(key)
            for key in ("has_input_vocabulary", "vocabulary_size")
            if key in kwargs
        }
        super().__init__(name=name, **kwargs)
        _check_choice(self.name, "standardize", standardize, tokenizing.STANDARDIZERS)
        _check_choice(self.name, "split", split, tokenizing.SPLITTERS)
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self._widths = _widths(self.name, ngrams)
        if ragged:
            raise ValueError(
                explain(self.name, "there are no ragged tensors", fix="ragged=False pads with 0")
            )
        # Its private name is part of the layout of Keras's files.
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens, vocabulary=vocabulary, idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens, mask_token="", output_mode=output_mode,
            sparse=sparse, encoding=encoding, **lookup_config,
        )  # fmt: skip
        self.output_mode = self._lookup_layer.output_mode
        self._check_length(output_sequence_length)
        self.output_sequence_length = output_sequence_length
        self.max_tokens, self.pad_to_max_tokens = max_tokens, pad_to_max_tokens
        self.sparse, self.ragged, self.encoding = False, False, encoding

    def _check_length(self, length):
        is_usable = length is None or (isinstance(length, int) and self.output_mode == "int")
        if not is_usable:
            raise ValueError(
                explain(
                    self.name,
                    'output_sequence_length must be an int, with output_mode "int", or None',
                    received=f" {length!r} with {self.output_mode!r}",
                )
            )

    # ---- the vocabulary ----

    def adapt(self, data, batch_size=None, steps=None):
        """Learn the vocabulary: the tokens of the data, the most frequent first.

        Args:
            data: array, tensor or list of text, or an iterable of batches.
            batch_size: accepted for compatibility.
            steps: int or None. How many batches of an iterable to read.

        Raises:
            ValueError: the vocabulary was given to the constructor.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            texts = as_data(batch).numpy()
            has_documents_of_one = texts.ndim == 1 and is_whole(data)
            self.update_state(texts[:, None] if has_documents_of_one else texts)
        self.finalize_state()

    def reset_state(self):
        """Forget the tokens counted."""
        self._lookup_layer.reset_state()

    def update_state(self, data):
        """Count the tokens of a batch of text; each text is a document."""
        texts = tokenizing.standardized(to_text(as_data(data).numpy()), self.standardize)
        self._leading_shape(texts.shape)
        self._lookup_layer.count_documents(self._rows_of(texts))

    def finalize_state(self):
        """Make the vocabulary of the tokens counted."""
        self._lookup_layer.finalize_state()

    def get_vocabulary(self, include_special_tokens=True):
        """List of the tokens, each at its index; without the special ones where those are left out.

        Args:
            include_special_tokens: bool. With padding and the unknown token.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self):
        """Number of indices, special tokens included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary, idf_weights=None):
        """Know other tokens; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # ---- calls ----

    def _leading_shape(self, shape):
        """Shape of the texts that are tokenized one by one: (texts,) of (texts, 1)."""
        if self.split is None:
            return tuple(shape[:-1])
        if len(shape) > 1 and shape[-1] not in (1, None):
            raise ShapeError(
                explain(
                    self.name,
                    "text to be split has one axis, or a last axis of size 1",
                    received=tuple(shape),
                )
            )
        return tuple(shape[:-1] if len(shape) > 1 else shape)

    def _rows_of(self, texts):
        """List of the tokens of each text, or, unsplit, of each row of texts."""
        if self.split is not None:
            rows = tokenizing.tokenized(texts, self.split)
        else:
            rows = texts.reshape(-1, texts.shape[-1] if texts.ndim else 1).tolist()
        return (
            rows
            if self._widths is None
            else [tokenizing.with_ngrams(row, self._widths) for row in rows]
        )

    def compute(self, texts):
        """Indices or vectors of an array of text."""
        texts = tokenizing.standardized(to_text(texts), self.standardize)
        if self.split is None and self._widths is None:
            return self._cut(self._lookup_layer.compute(texts))
        shape, rows = self._leading_shape(texts.shape), self._rows_of(texts)
        lookup = self._lookup_layer
        flat = lookup.indices_of(numpy.array([t for row in rows for t in row], dtype=object))
        stops = numpy.cumsum([len(row) for row in rows], dtype=int).tolist()
        indices = [flat[a:b] for a, b in zip([0, *stops], stops, strict=False)]
        if self.output_mode == "int":
            found = tokenizing.padded(indices, self.output_sequence_length, 0)
        elif self.output_mode == "one_hot":
            indices = tokenizing.padded(indices, None, -1)
            found = lookup.encoded(indices.ravel()).reshape(*indices.shape, -1)
        else:
            found = lookup.encoded(tokenizing.padded(indices, None, -1), axis=-1)
        return found.reshape(*shape, *found.shape[1:])

    def _cut(self, found):
        """Unsplit indices with their last axis cut and padded to the length that is asked for."""
        length = self.output_sequence_length
        if length is None or not found.ndim:
            return found
        rows = tokenizing.padded(found.reshape(-1, found.shape[-1]), length, 0)
        return rows.reshape(*found.shape[:-1], length)

    def output_spec(self, spec):
        """Spec of the output."""
        lookup, length = self._lookup_layer, self.output_sequence_length
        if self.split is None and self._widths is None:
            spec = lookup.output_spec(spec)
            return spec if length is None else spec.with_shape((*spec.shape[:-1], length))
        sizes = {"int": (length,), "one_hot": (None, lookup.depth)}
        if self.output_mode != "int" and lookup.depth is None:
            lookup.require_vocabulary()
        shape = self._leading_shape(spec.shape)
        return TensorSpec(
            (*shape, *sizes.get(self.output_mode, (lookup.depth,))), lookup.code_dtype
        )

    # ---- config and files ----

    def get_config(self):
        """Constructor arguments, and the size of the vocabulary."""
        vocabulary, idf_weights = self._lookup_layer.vocabulary_of_config()
        known = {"vocabulary": vocabulary, "idf_weights": idf_weights}
        return {**super().get_config(), **known, "vocabulary_size": self.vocabulary_size()}

    @classmethod
    def from_config(cls, config):
        """Layer from `get_config()`.

        Raises:
            ValueError: the config names a file, which no config written by a layer does.
        """
        refuse_path(config)
        if isinstance(config.get("ngrams"), list):
            config = {**config, "ngrams": tuple(config["ngrams"])}
        return super().from_config(config)

    def save_own_variables(self, store):
        """Put the inverse document frequencies into a store, where there are some."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store):
        """Take the inverse document frequencies from a store."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path):
        """Write the vocabulary into a folder; not where the config holds it."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path):
        """Read the vocabulary from a folder."""
        self._lookup_layer.load_assets(dir_path)


def _check_choice(where, argument, value, known):
    if value is not None and not callable(value) and value not in known:
        raise ValueError(
            explain(
                where, f"unknown {argument}", received=value,
                expected=f"one of {sorted(known)}, a function, or None", fix=nearest(value, known),
            )
        )  # fmt: skip


def _widths(where, ngrams):
    """Tuple of the lengths of n-grams, or None."""
    if isinstance(ngrams, int) and ngrams > 0:
        return tuple(range(1, ngrams + 1))
    is_tuple = isinstance(ngrams, tuple) and all(isinstance(n, int) and n > 0 for n in ngrams)
    if ngrams is not None and not is_tuple:
        raise ValueError(
            explain(where, "ngrams must be an int, a tuple of them, or None", received=ngrams)
        )
    return ngrams
