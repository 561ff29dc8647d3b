"""TextVectorization against values that Keras 3.15 gave on TensorFlow, and on odd text."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function

TEXTS = ["The cat, SAT!", "dog É", "", "  a\tb\nc  d\x0be\u00a0f\x1cg"]
LAST = "e\xa0f\x1cg"  # neither of these is white space to TensorFlow

# arguments, vocabulary after adapt(TEXTS), output for TEXTS
ROWS = [
    ({}, ["", "[UNK]", "É", "the", "sat", LAST, "dog", "d", "cat", "c", "b", "a"],
     [[3, 8, 4, 0, 0], [6, 2, 0, 0, 0], [0, 0, 0, 0, 0], [11, 10, 9, 7, 5]]),
    ({"standardize": None},
     ["", "[UNK]", "É", LAST, "dog", "d", "cat,", "c", "b", "a", "The", "SAT!"],
     [[10, 6, 11, 0, 0], [4, 2, 0, 0, 0], [0, 0, 0, 0, 0], [9, 8, 7, 5, 3]]),
    ({"standardize": "lower"},
     ["", "[UNK]", "É", "the", "sat!", LAST, "dog", "d", "cat,", "c", "b", "a"],
     [[3, 8, 4, 0, 0], [6, 2, 0, 0, 0], [0, 0, 0, 0, 0], [11, 10, 9, 7, 5]]),
    ({"standardize": "strip_punctuation"},
     ["", "[UNK]", "É", LAST, "dog", "d", "cat", "c", "b", "a", "The", "SAT"],
     [[10, 6, 11, 0, 0], [4, 2, 0, 0, 0], [0, 0, 0, 0, 0], [9, 8, 7, 5, 3]]),
    ({"split": "character"},
     ["", "[UNK]", " ", "t", "a", "g", "e", "d", "c", "É", "\xa0", "s", "o", "h", "f", "b", "\x1c",
      "\x0b", "\n", "\t"],
     [[3, 13, 6, 2, 8, 4, 3, 2, 11, 4, 3, 0, 0, 0, 0, 0],
      [7, 12, 5, 2, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0] * 16,
      [2, 2, 4, 19, 15, 18, 8, 2, 2, 7, 17, 6, 10, 14, 16, 5]]),
    ({"split": None}, ["", "[UNK]", "the cat sat", "dog É", "  a\tb\nc  d\x0b" + LAST],
     [2, 3, 0, 4]),
    ({"ngrams": (2, 3)},
     ["", "[UNK]", "the cat sat", "the cat", "dog É", "d " + LAST, "cat sat", "c d " + LAST, "c d",
      "b c d", "b c", "a b c", "a b"],
     [[3, 6, 2, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0], [0] * 7, [12, 10, 8, 5, 11, 9, 7]]),
    ({"ngrams": 2},
     ["", "[UNK]", "É", "the cat", "the", "sat", LAST, "dog É", "dog", "d " + LAST, "d", "cat sat",
      "cat", "c d", "c", "b c", "b", "a b", "a"],
     [[4, 12, 5, 3, 11, 0, 0, 0, 0], [8, 2, 7, 0, 0, 0, 0, 0, 0], [0] * 9,
      [18, 16, 14, 10, 6, 17, 15, 13, 9]]),
    ({"output_sequence_length": 2},
     ["", "[UNK]", "É", "the", "sat", LAST, "dog", "d", "cat", "c", "b", "a"],
     [[3, 8], [6, 2], [0, 0], [11, 10]]),
    ({"max_tokens": 4}, ["", "[UNK]", "É", "the"],
     [[3, 1, 1, 0, 0], [1, 2, 0, 0, 0], [0] * 5, [1] * 5]),
    ({"output_mode": "multi_hot"},
     ["[UNK]", "É", "the", "sat", LAST, "dog", "d", "cat", "c", "b", "a"],
     [[0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0], [0] * 11,
      [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1]]),
    ({"output_mode": "count", "max_tokens": 4}, ["[UNK]", "É", "the", "sat"],
     [[1, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0], [5, 0, 0, 0]]),
    ({"output_mode": "count", "max_tokens": 5, "pad_to_max_tokens": True, "split": None},
     ["[UNK]", "the cat sat", "dog É", "  a\tb\nc  d\x0b" + LAST], [0, 1, 1, 1, 0]),
    ({"output_mode": "one_hot", "split": None},
     ["[UNK]", "the cat sat", "dog É", "  a\tb\nc  d\x0b" + LAST],
     [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]]),
]  # fmt: skip
every_row = pytest.mark.parametrize("row", ROWS, ids=[str(row[0]) for row in ROWS])


def adapted(arguments, data=None):
    layer = layers.TextVectorization(**arguments)
    layer.adapt(TEXTS if data is None else data)
    return layer


@every_row
@pytest.mark.parametrize("form", ["list", "array", "bytes", "column", "variable width"])
def test_values(row, form):
    array = np.array(TEXTS)
    forms = {
        "list": TEXTS, "array": array, "bytes": np.array([t.encode() for t in TEXTS], "O"),
        "column": array[:, None], "variable width": array.astype(np.dtypes.StringDType()),
    }  # fmt: skip
    layer = adapted(row[0], forms[form])
    assert layer.get_vocabulary() == row[1]
    is_sample = row[0].get("split", "") is None and row[0].get("output_mode") == "count"
    data = array if is_sample else forms[form]
    output = layer(data)
    is_column = form == "column" and row[0] == {"split": None}
    assert output.tolist() == ([[i] for i in row[2]] if is_column else row[2])
    assert output.dtype == "int64"


@every_row
def test_compiled_values_and_declared_shapes(row):
    layer = adapted(row[0])
    x = ops.convert_to_tensor(TEXTS, "string")
    assert function(lambda x: layer(x))(x).tolist() == row[2]
    spec, actual = layer.compute_output_spec(x), np.shape(row[2])
    assert len(spec.shape) == len(actual)
    assert all(n in (None, m) for n, m in zip(spec.shape, actual, strict=True))
    assert layer(layers.Input((1,), dtype="string")).dtype == "int64"


@every_row
def test_config_with_the_vocabulary(row):
    layer = adapted(row[0])
    twin = layers.deserialize(layers.serialize(layer))
    twin.set_vocabulary(layer.get_vocabulary())
    assert twin(TEXTS).tolist() == row[2]


@pytest.mark.parametrize(
    "data",
    [
        lambda: iter([TEXTS[:2], TEXTS[2:]]),
        lambda: [(TEXTS[:2], [0, 1]), (TEXTS[2:], [1, 1])].__iter__(),
    ],
)
def test_adapt_takes_batches(data):
    assert adapted({}, data()).get_vocabulary() == ROWS[0][1]
    layer = layers.TextVectorization()
    layer.adapt(data(), steps=1)
    assert layer.get_vocabulary() == ["", "[UNK]", "É", "the", "sat", "dog", "cat"]


def test_frequencies_of_documents():
    layer = adapted({"output_mode": "tf_idf"})
    output = layer(TEXTS)
    assert output.dtype == "float32"
    hot = np.array(ROWS[10][2])
    np.testing.assert_allclose(output, hot * 1.0986123, rtol=1e-6)


def test_tokens_as_one_hot_rows_are_padded_with_zeros():
    output = adapted({"output_mode": "one_hot"})(["the cat", "sat"])
    assert output.shape == (2, 2, 11)
    assert output.numpy().argmax(-1).tolist() == [[2, 7], [3, 0]]
    assert output.numpy().sum(-1).tolist() == [[1, 1], [1, 0]]


def test_functions_of_ones_own():
    def shout(texts):
        return np.char.upper(texts)

    def halves(texts):
        return [[t[: len(t) // 2], t[len(t) // 2 :]] for t in texts]

    layer = layers.TextVectorization(standardize=shout, split=halves)
    layer.adapt(["abcd", "abxy"])
    assert layer.get_vocabulary() == ["", "[UNK]", "AB", "XY", "CD"]
    assert layer([["abxy"], ["cdab"]]).tolist() == [[2, 3], [4, 2]]
    broken = layers.TextVectorization(split=lambda texts: [["a"]], vocabulary=["a"])
    with pytest.raises(ValueError, match="the tokens of each text"):
        broken(["a", "b"])


def test_single_texts_and_empty_batches():
    layer = adapted({})
    assert layer("the cat").tolist() == [3, 8]
    assert layer(np.array([], dtype=object).reshape(0)).shape == (0, 0)
    assert layer([["the cat"]]).tolist() == [[3, 8]]
    rows = adapted({})(np.array([[["a b"], ["b"]]]))
    assert rows.tolist() == [[[11, 10], [10, 0]]]


BAD = [
    (lambda: layers.TextVectorization(standardize="uper"), ValueError, "unknown standardize"),
    (lambda: layers.TextVectorization(split="words"), ValueError, "unknown split"),
    (lambda: layers.TextVectorization(ngrams="2"), ValueError, "ngrams must be"),
    (lambda: layers.TextVectorization(ragged=True), ValueError, "no ragged tensors"),
    (lambda: layers.TextVectorization(sparse=True), ValueError, "no sparse tensors"),
    (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3), ValueError,
     "output_sequence_length must be"),
    (lambda: layers.TextVectorization()(["a"]), ValueError, "no vocabulary yet"),
    (lambda: adapted({})([["a", "b"]]), ValueError, "last axis of size 1"),
    (lambda: adapted({}, [["a", "b"]]), ValueError, "last axis of size 1"),
    (lambda: adapted({})([1, 2]), TypeError, "something else"),
    (lambda: adapted({})(["a", None]), TypeError, "NoneType"),
    (lambda: layers.TextVectorization(vocabulary=["a"]).adapt(["b"]), ValueError,
     "nothing to adapt"),
]  # fmt: skip


@pytest.mark.parametrize(("use", "error", "problem"), BAD)
def test_bad_use_is_explained(use, error, problem):
    with pytest.raises(error, match=problem):
        use()
