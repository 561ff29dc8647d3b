"""Tokenizing: text to lists of tokens: standardized, split, joined to n-grams."""

import re
import string

import numpy

from kerasish.errors import ShapeError, explain

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_STRIP = str.maketrans("", "", string.punctuation)
# Of letters only the ASCII ones are lowered: what TensorFlow's `strings.lower` does.
STANDARDIZERS = {
    "lower_and_strip_punctuation": {**_LOWER, **_STRIP},
    "lower": _LOWER,
    "strip_punctuation": _STRIP,
}
SPLITTERS = {
    "whitespace": re.compile("[^ \t\n\r\v\f]+").findall,  # ASCII's alone, as TensorFlow's
    "character": list,
}


def standardized(texts, how):
    """Array of str with a rule of STANDARDIZERS, or a function of NumPy arrays of str, applied."""
    if how is None:
        return texts
    if callable(how):
        return numpy.asarray(how(texts.astype(str))).astype(object)
    table = STANDARDIZERS[how]
    found = [text.translate(table) for text in texts.flat]
    return numpy.array(found, dtype=object).reshape(texts.shape)


def tokenized(texts, how):
    """List of the tokens of each text, in row-major order.

    Args:
        texts: array of str.
        how: name in SPLITTERS; a function from a NumPy array of str (texts,) to a sequence of
            sequences of tokens, one for each text; or None, which leaves each text whole.
    """
    if how is None:
        return [[text] for text in texts.flat]
    if callable(how):
        found = [[str(token) for token in tokens] for tokens in how(texts.ravel().astype(str))]
        if len(found) != texts.size:
            raise ShapeError(
                explain(
                    "split",
                    "the function must return the tokens of each text",
                    received=f" {len(found)} lists for {texts.size} texts",
                )
            )
        return found
    split = SPLITTERS[how]
    return [split(text) for text in texts.flat]


def with_ngrams(tokens, widths):
    """The n-grams of a list of tokens, joined by spaces: all of the first width, then the next.

    Example:
        >>> with_ngrams(["to", "be", "or"], (1, 2))
        ['to', 'be', 'or', 'to be', 'be or']
    """
    return [
        " ".join(tokens[i : i + width]) for width in widths for i in range(len(tokens) - width + 1)
    ]


def padded(rows, length, filler):
    """int64 array (rows, length) of lists of integers; the longest's length where that is None."""
    length = max(map(len, rows), default=0) if length is None else length
    result = numpy.full((len(rows), length), filler, numpy.int64)
    for out, row in zip(result, rows, strict=True):
        kept = row[:length]
        out[: len(kept)] = kept
    return result
