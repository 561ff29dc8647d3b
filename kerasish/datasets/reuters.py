"""Reuters: newswires as word numbers, to be told apart into 46 topics."""

import numpy as np

from kerasish.datasets import sequences
from kerasish.datasets.archives import read_npz
from kerasish.datasets.fetch import fetch
from kerasish.datasets.files import REUTERS, REUTERS_WORDS
from kerasish.datasets.splits import check_test_split

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves "
    "ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin "
    "strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange "
    "pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path="reuters.npz",
    num_words=None,
    skip_top=0,
    maxlen=None,
    test_split=0.2,
    seed=113,
    start_char=1,
    oov_char=2,
    index_from=3,
):
    """Return 11228 newswires, each a list of word numbers by frequency, with their topics.

    Number 0 is left for padding. Where the folder named by KERASISH_DATA_DIR holds a part of the
    set, that part is returned and a UserWarning says so.

    Args:
        path: str. File name in the cache.
        num_words: int or None. Word numbers from here on become `oov_char`.
        skip_top: int. Word numbers below it become `oov_char`.
        maxlen: int or None. Newswires of this length and longer are left out.
        test_split: float in [0, 1). Part of the newswires that become test data.
        seed: int. Seed of the shuffle before the split.
        start_char: int or None. Number put before each newswire.
        oov_char: int or None. Number of the words cut away; None drops them.
        index_from: int. Added to every word number.

    Returns:
        (x_train, y_train), (x_test, y_test): object arrays of lists of int, and int64 topics.

    Raises:
        ValueError: `test_split` is no fraction.
        DataError: the file is not at hand and cannot be downloaded, or its digest is unknown.

    Example:
        >>> (x_train, y_train), _ = load_data(num_words=1000)  # doctest: +SKIP
        >>> get_label_names()[y_train[0]]  # doctest: +SKIP
        'earn'

    Source:
        Reuters-21578, Distribution 1.0. Keras 3's names and split.
    """
    check_test_split("reuters.load_data", test_split)
    arrays = read_npz(fetch(REUTERS, path))
    order = np.arange(len(arrays["x"]))
    np.random.RandomState(seed).shuffle(order)
    x, y = sequences.shift(arrays["x"][order], start_char, index_from), arrays["y"][order]
    if maxlen:
        x, y = sequences.drop_long(x, y, maxlen)
    x = sequences.limit_words(x, num_words, skip_top, oov_char)
    cut = int(len(x) * (1 - test_split))
    return (
        (sequences.object_array(x[:cut]), y[:cut]),
        (sequences.object_array(x[cut:]), y[cut:]),
    )


def get_word_index(path="reuters_word_index.json"):
    """Return the dict from word to its number, before `index_from` is added.

    Args:
        path: str. File name in the cache.

    Returns:
        dict: str to int; the most frequent word has number 1.

    Example:
        >>> get_word_index()["the"]  # doctest: +SKIP
        1
    """
    return sequences.word_index(REUTERS_WORDS, path)


def get_label_names():
    """Return the names of the 46 topics, in the order of the labels.

    Returns:
        tuple of str.

    Example:
        >>> get_label_names()[3:5]
        ('earn', 'acq')
    """
    return tuple(_TOPICS.split())
