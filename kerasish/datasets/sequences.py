"""Word-number sequences of IMDB and Reuters: shifting, marking, shortening the vocabulary."""

import json

import numpy as np

from kerasish.datasets.fetch import fetch


def shift(sequences, start_char, index_from):
    """Add `index_from` to every word number and put `start_char` (unless None) in front."""
    start = [] if start_char is None else [start_char]
    # Keras shifts whenever it marks the start; without a mark a shift of None or 0 changes nothing.
    offset = index_from or 0
    return [start + [word + offset for word in sequence] for sequence in sequences]


def drop_long(sequences, labels, maxlen):
    """Keep the sequences shorter than `maxlen`, with their labels."""
    kept = [i for i, sequence in enumerate(sequences) if len(sequence) < maxlen]
    return [sequences[i] for i in kept], np.asarray(labels)[kept]


def limit_words(sequences, num_words, skip_top, oov_char):
    """Replace word numbers outside [skip_top, num_words) by `oov_char`, or drop them (None)."""
    if not num_words:
        num_words = max(max(sequence) for sequence in sequences)
    if oov_char is None:
        return [[w for w in sequence if skip_top <= w < num_words] for sequence in sequences]
    return [
        [w if skip_top <= w < num_words else oov_char for w in sequence] for sequence in sequences
    ]


def object_array(sequences):
    """Return a one-dimensional object array of lists, also where all lists are of one length."""
    array = np.empty(len(sequences), dtype=object)
    for i, sequence in enumerate(sequences):
        array[i] = sequence
    return array


def word_index(file, path):
    """Return the word-to-number dict of a published JSON file."""
    with open(fetch(file, path), encoding="utf-8") as opened:
        return json.load(opened)
