"""Vocabulary: the tokens that a lookup layer knows, in order, with the special ones in front."""

import collections
import math
import pathlib

import numpy

from kerasish.errors import CheckpointError, explain

FILE = "vocabulary.txt"


class Vocabulary:
    """Tokens by index and back: an optional mask token, out-of-vocabulary indices, then tokens.

    Args:
        where: str. The layer, for errors.
        mask_token: str, int or None. It has index 0 where `has_mask`.
        oov_token: str, int or None. What an index of no token stands for.
        num_oov: int. Number of out-of-vocabulary indices.
        has_mask: bool. Whether the mask token takes an index.
        max_tokens: int or None. The most there may be, special ones included.

    Attributes:
        tokens: list of str or int, without the special ones.
        index: dict from token to index.
    """

    def __init__(self, where, mask_token, oov_token, num_oov, has_mask, max_tokens):
        self.where, self.max_tokens = where, max_tokens
        self.mask_token, self.oov_token, self.num_oov = mask_token, oov_token, num_oov
        self.oov_start = 1 if has_mask else 0
        self.token_start = self.oov_start + num_oov
        self.tokens, self.index = [], {}

    def __len__(self):
        return self.token_start + len(self.tokens)

    @property
    def special(self):
        """List of the special tokens, in order."""
        return [self.mask_token] * self.oov_start + [self.oov_token] * self.num_oov

    def listed(self, include_special_tokens=True):
        """List of all tokens, so that each has its index."""
        return (self.special if include_special_tokens else []) + self.tokens

    def replace(self, tokens, refuse_oov):
        """Know other tokens, given with or without the special ones in front.

        Args:
            tokens: list.
            refuse_oov: bool. The oov token must not be among the others.

        Returns:
            bool: whether the special ones were given.

        Raises:
            ValueError: none, too many, repeated ones, or a special one in the midst.
        """
        special = self.special
        has_special = bool(special) and list(tokens[: len(special)]) == special
        plain = list(tokens[len(special) :] if has_special else tokens)
        self._check(plain, tokens, refuse_oov)
        self.tokens = plain
        self.index = {token: i + self.token_start for i, token in enumerate(plain)}
        return has_special

    def _check(self, plain, given, refuse_oov):
        problem, received = None, None
        reserved = [self.mask_token, self.oov_token if refuse_oov else None]
        misplaced = [t for t in reserved if t is not None and t in plain]
        if not len(given):
            problem, received = "the vocabulary is empty", given
        elif len(set(plain)) < len(plain):
            problem = "tokens of the vocabulary are repeated"
            received = [t for t, n in collections.Counter(plain).items() if n > 1]
        elif misplaced:
            problem = f"the special tokens may only come first, in the order {self.special}"
            received = f" {misplaced[0]!r} among the others"
        elif self.max_tokens is not None and self.token_start + len(plain) > self.max_tokens:
            problem = f"the vocabulary is larger than max_tokens={self.max_tokens}"
            received = self.token_start + len(plain)
        if problem:
            raise ValueError(explain(self.where, problem, received=received))

    # ---- files ----

    @property
    def fits_lines(self):
        """Whether every token is one line of a file, no more and no less."""
        special = [t for t in self.special if t not in ("", None)]
        return all(str(token).splitlines() == [str(token)] for token in self.tokens + special)

    def write(self, folder):
        """Write the tokens into a folder, one a line."""
        lines = "\n".join(str(token) for token in self.listed())
        (pathlib.Path(folder) / FILE).write_bytes(lines.encode("utf-8", "surrogateescape"))


def read_tokens(path, where, is_text):
    """List of the tokens of a file, one a line; lines of nothing at the end do not count.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: no numbers where numbers are needed.
    """
    try:
        content = pathlib.Path(path).read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError as error:
        raise FileNotFoundError(
            explain(where, "there is no such vocabulary file", received=f" {str(path)!r}")
        ) from error
    lines = content.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    try:
        return lines if is_text else [int(line) for line in lines]
    except ValueError as error:
        raise CheckpointError(
            explain(where, f"a line of the vocabulary file is no number: {error}")
        ) from error


class TokenCounts:
    """How often tokens occur, and in how many documents: what `adapt` learns."""

    def __init__(self):
        self.tokens, self.documents = collections.Counter(), collections.Counter()
        self.num_documents = 0

    def add(self, documents):
        """Count the tokens of documents, lists of tokens."""
        for document in documents:
            self.tokens.update(document)
            self.documents.update(set(document))
        self.num_documents += len(documents)

    def most_frequent(self, limit, special):
        """Tokens by falling frequency, equal ones by falling order, at most `limit` of them."""
        counted = [(n, _sort_key(t), t) for t, n in self.tokens.items() if t not in special]
        counted.sort(reverse=True)
        return [token for _, _, token in counted[: None if limit is None else max(limit, 0)]]

    def inverse_document_frequencies(self, tokens):
        """float32 array: log(1 + documents / (1 + documents with the token))."""
        counts = [self.documents[token] for token in tokens]
        n = self.num_documents
        return numpy.array([math.log(1 + n / (1 + count)) for count in counts], numpy.float32)


def _sort_key(token):
    return token.encode("utf-8", "surrogateescape") if isinstance(token, str) else token
