"""IMDB: film reviews as word numbers, to be told apart into negative and positive ones."""

import numpy as np

from kerasish.datasets import sequences
from kerasish.datasets.archives import read_npz
from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import IMDB, IMDB_WORDS
from kerasish.errors import DataError, explain


def load_data(
    path="imdb.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Return 25000 training and 25000 test reviews, each a list of word numbers by frequency.

    Number 0 is left for padding. Where the folder named by KERASISH_DATA_DIR holds a part of the
    set, that part is returned and a UserWarning says so.

    Args:
        path: str. File name in the cache.
        num_words: int or None. Word numbers from here on become `oov_char`.
        skip_top: int. Word numbers below it become `oov_char`.
        maxlen: int or None. Reviews of this length and longer are left out.
        seed: int. Seed of the shuffle of either part.
        start_char: int or None. Number put before each review.
        oov_char: int or None. Number of the words cut away; None drops them.
        index_from: int. Added to every word number.

    Returns:
        (x_train, y_train), (x_test, y_test): object arrays of lists of int, and int64 labels,
        0 negative and 1 positive.

    Raises:
        ValueError: no review is shorter than `maxlen`.
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), _ = load_data(num_words=10000)  # doctest: +SKIP
        >>> words = {i + 3: word for word, i in get_word_index().items()}  # doctest: +SKIP
        >>> " ".join(words.get(i, "?") for i in x_train[0])  # doctest: +SKIP

    Source:
        Maas et al. 2011, https://ai.stanford.edu/~amaas/data/sentiment. Keras 3's names.
    """
    arrays = read_npz(fetch(IMDB, path))
    random = np.random.RandomState(seed)
    parts = []
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        order = np.arange(len(x))
        random.shuffle(order)
        x, y = sequences.shift(x[order], start_char, index_from), y[order]
        if maxlen:
            x, y = sequences.drop_long(x, y, maxlen)
            if not x:
                raise DataError(
                    explain(
                        "imdb.load_data",
                        f"no {part} review is shorter than maxlen",
                        received=maxlen,
                        fix="raise maxlen",
                    )
                )
        parts.append((x, y))
    (x_train, y_train), (x_test, y_test) = parts
    x = sequences.limit_words(x_train + x_test, num_words, skip_top, oov_char)
    cut = len(x_train)
    return (
        (sequences.object_array(x[:cut]), y_train),
        (sequences.object_array(x[cut:]), y_test),
    )


def get_word_index(path="imdb_word_index.json"):
    """Return the dict from word to its number, before `index_from` is added.

    Args:
        path: str. File name in the cache.

    Returns:
        dict: str to int; the most frequent word has number 1.

    Example:
        >>> get_word_index()["film"]  # doctest: +SKIP
        19
    """
    return sequences.word_index(IMDB_WORDS, path)
