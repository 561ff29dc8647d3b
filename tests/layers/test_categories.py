"""Layers of categories against values that Keras 3.15 gave on TensorFlow."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function

EYE = np.eye(4)
WORDS = np.array([["a", "z"], ["c", "c"]])
VOCABULARY = ["a", "b", "c"]

# layer, arguments, input, expected output, dtype
ROWS = [
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, [[0, 3], [2, 2]],
     [EYE[[0, 3]], EYE[[2, 2]]], "float32"),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, [[1], [2]], EYE[[1, 2]],
     "float32"),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, 2, EYE[[2]], "float32"),
    ("CategoryEncoding", {"num_tokens": 4}, [[0, 3], [2, 2]], [[1, 0, 0, 1], [0, 0, 1, 0]],
     "float32"),
    ("CategoryEncoding", {"num_tokens": 4}, [1, 3], [0, 1, 0, 1], "float32"),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "binary"}, [[5, 1]], [[0, 1, 0, 0]],
     "float32"),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, [[[0, 1], [2, 2]]],
     [[[1, 0, 1, 0], [0, 1, 1, 0]]], "float32"),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, [[2, 2]], [[0, 0, 2, 0]],
     "float32"),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}, [[-1.5, 1.0], [3.4, 0.5]],
     [[0, 2], [3, 1]], "int32"),
    ("Discretization", {"bin_boundaries": [0, 1, 2]}, [[0, 1, 5]], [[1, 2, 3]], "int32"),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "one_hot"},
     [[0.1], [2.0]], EYE[[1, 3]], "float32"),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "count"},
     [[[0.1, 0.2], [2.0, 0.0]]], [[[0, 1, 0, 1], [0, 2, 0, 0]]], "float32"),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "multi_hot"},
     [1.0, 0.3], [0, 1, 1, 0], "float32"),
    ("Hashing", {"num_bins": 11}, [["A"], ["B"], ["C"], ["é"]], [[3], [1], [9], [8]], "int64"),
    ("Hashing", {"num_bins": 3, "mask_value": ""}, [["A"], ["B"], [""], ["C"], ["D"]],
     [[1], [1], [0], [2], [2]], "int64"),
    ("Hashing", {"num_bins": 3, "salt": [133, 137]}, ["A", "B", "C", "D", "E"], [1, 2, 1, 0, 2],
     "int64"),
    ("Hashing", {"num_bins": 3, "salt": 133}, ["A", "B", "C", "D", "E"], [0, 0, 2, 1, 0], "int64"),
    ("Hashing", {"num_bins": 7}, [0, 1, 2, -5, 100000], [2, 5, 5, 0, 0], "int64"),
    ("Hashing", {"num_bins": 7}, [0.2, 1.9, 2.0, -5.5, 100000.0], [2, 5, 5, 0, 0], "int64"),
    ("Hashing", {"num_bins": 7, "mask_value": 0}, [0, 1, 2, -5, 100000], [0, 4, 2, 1, 5], "int64"),
    ("Hashing", {"num_bins": 4, "output_mode": "count"}, [["a", "b"], ["c", "c"]],
     [[0, 0, 1, 1], [2, 0, 0, 0]], "float32"),
    ("Hashing", {"num_bins": 4, "dtype": "int32"}, ["a"], [3], "int32"),
    ("HashedCrossing", {"num_bins": 5}, (["A", "B", "A"], [101, 101, 102]), [1, 4, 3], "int64"),
    ("HashedCrossing", {"num_bins": 5, "output_mode": "one_hot"}, ([["A"], ["B"]], [[1], [2]]),
     np.eye(5)[[0, 1]], "float32"),
    ("HashedCrossing", {"num_bins": 1000}, ([1, 2, -3, 0], [5, 6, 7, -8]), [733, 836, 959, 643],
     "int64"),
    ("HashedCrossing", {"num_bins": 1000}, ([1, 2, -3, 0], [5, 6, 7, -8], ["x", "y", "z", "w"]),
     [412, 944, 858, 854], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY}, WORDS, [[1, 0], [3, 3]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "mask_token": ""}, [["a", ""], ["z", "c"]],
     [[2, 0], [1, 4]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "one_hot"}, WORDS,
     [EYE[[1, 0]], EYE[[3, 3]]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "multi_hot"}, WORDS,
     [[1, 1, 0, 0], [0, 0, 0, 1]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "count", "mask_token": ""},
     [["a", ""], ["c", "c"]], [[0, 1, 0, 0], [0, 0, 0, 2]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "multi_hot"}, [WORDS],
     [[[0, 1, 0, 1], [1, 0, 0, 1]]], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "tf_idf",
                      "idf_weights": [0.25, 0.75, 0.5]}, WORDS,
     [[0.5, 0.25, 0, 0], [0, 0, 0, 1]], "float32"),
    ("StringLookup", {"vocabulary": VOCABULARY, "output_mode": "tf_idf", "max_tokens": 6,
                      "idf_weights": [0.25, 0.75, 0.5], "pad_to_max_tokens": True}, WORDS,
     [[0.5, 0.25, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0]], "float32"),
    ("StringLookup", {"vocabulary": VOCABULARY, "num_oov_indices": 0}, ["a", "c"], [0, 2], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "num_oov_indices": 3},
     ["a", "q", "r", "s", "t"], [3, 2, 1, 1, 1], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "num_oov_indices": 3, "salt": [1, 2]},
     ["a", "q", "r", "s", "t"], [3, 0, 0, 1, 1], "int64"),
    ("StringLookup", {"vocabulary": VOCABULARY, "invert": True}, [[0, 1], [3, 9]],
     [["[UNK]", "a"], ["c", "[UNK]"]], "string"),
    ("StringLookup", {"vocabulary": VOCABULARY, "invert": True, "mask_token": "M"},
     [[0, 1], [2, 9]], [["M", "[UNK]"], ["a", "[UNK]"]], "string"),
    ("IntegerLookup", {"vocabulary": [10, 20], "num_oov_indices": 3}, [10, 20, -1, -2, 7, 8, 9],
     [3, 4, 2, 1, 1, 2, 0], "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20], "num_oov_indices": 3, "oov_method": "farmhash"},
     [10, 20, -1, -2, 7, 8, 9], [3, 4, 0, 1, 1, 1, 2], "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20], "num_oov_indices": 3, "oov_method": "farmhash",
                       "salt": 5}, [10, 20, -1, -2, 7, 8, 9], [3, 4, 1, 0, 1, 2, 1], "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20], "mask_token": 0}, [10, 20, 0, 5], [2, 3, 0, 1],
     "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20], "mask_token": 0, "invert": True}, [0, 1, 2, 3, 7],
     [0, -1, 10, 20, -1], "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20], "output_mode": "count"}, [[10, 20, 10, 3]],
     [[1, 2, 1]], "int64"),
    ("IntegerLookup", {"vocabulary": [10, 20]}, [10.0, 20.7], [1, 2], "int64"),
]  # fmt: skip
ROW_IDS = [f"{i}-{row[0]}" for i, row in enumerate(ROWS)]
every_row = pytest.mark.parametrize("row", ROWS, ids=ROW_IDS)


def as_tensor(value):
    array = np.asarray(value)
    return ops.convert_to_tensor(array, "string" if array.dtype.kind == "U" else None)


def as_inputs(row):
    is_cross = row[0] == "HashedCrossing"
    return [as_tensor(v) for v in row[2]] if is_cross else as_tensor(row[2])


def check(output, row):
    assert output.dtype == row[4]
    assert tuple(output.shape) == np.shape(row[3])
    assert output.tolist() == np.asarray(row[3]).tolist()


@every_row
def test_values(row):
    layer = getattr(layers, row[0])(**row[1])
    check(layer(row[2]), row)  # lists, as they are
    check(layer(as_inputs(row)), row)
    assert layer.weights == []


@every_row
def test_compiled_values_and_declared_shapes(row):
    layer, inputs = getattr(layers, row[0])(**row[1]), as_inputs(row)
    program = function(lambda x: layer(x))
    check(program(inputs), row)
    check(program(inputs), row)
    spec = layer.compute_output_spec(inputs)
    assert (spec.shape, spec.dtype) == (np.shape(row[3]), row[4])
    shapes = [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape
    assert tuple(layer.compute_output_shape(shapes)) == np.shape(row[3])


@every_row
def test_config_makes_an_equal_layer(row):
    layer = getattr(layers, row[0])(**row[1])
    twin = layers.deserialize(layers.serialize(layer))
    assert twin.get_config() == layer.get_config()
    check(twin(as_inputs(row)), row)


def test_counts_with_weights_have_gradients_by_them():
    layer = layers.CategoryEncoding(4, "count")
    output = layer([[0, 1], [0, 0]], count_weights=np.array([[0.1, 0.2], [0.2, 0.3]]))
    np.testing.assert_allclose(output, [[0.1, 0.2, 0, 0], [0.5, 0, 0, 0]], rtol=1e-6)
    with pytest.raises(ValueError, match="count_weights go with"):
        layers.CategoryEncoding(4)([[0]], count_weights=np.ones((1, 1)))


# ---- adapt ----

BIG = np.random.RandomState(0).standard_normal(1000).astype("float32")


class Batches:
    """A data set of batches by index, without `__iter__`."""

    def __init__(self, *batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index % len(self.batches)]  # no IndexError: the length must be asked


DISCRETE = [
    (lambda: BIG, {"num_bins": 4, "epsilon": 0.05},
     [-0.7047001719474792, -0.058586485683918, 0.6063195466995239]),
    (lambda: iter([BIG[:300], BIG[300:]]), {"num_bins": 4, "epsilon": 0.05},
     [-0.6743325591087341, 0.01747915893793106, 0.681594729423523]),
    (lambda: Batches(BIG[:300], BIG[300:]), {"num_bins": 4, "epsilon": 0.05},
     [-0.6743325591087341, 0.01747915893793106, 0.681594729423523]),
    (lambda: np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), {"num_bins": 3},
     [1.6666666269302368, 3.3333332538604736]),
    (lambda: np.array([1.0, 2.0]), {"num_bins": 10}, [1.0]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "arguments", "expected"), DISCRETE)
def test_discretization_finds_the_boundaries_that_keras_finds(data, arguments, expected):
    layer = layers.Discretization(**arguments)
    layer.adapt(data())
    np.testing.assert_allclose(layer.bin_boundaries, expected, rtol=1e-6)
    twin = layers.deserialize(layers.serialize(layer))
    assert twin.bin_boundaries == layer.bin_boundaries
    np.testing.assert_array_equal(twin(BIG), layer(BIG))


def test_discretization_adapted_anew_reaches_what_is_compiled():
    layer = layers.Discretization(num_bins=3)
    layer.adapt(np.arange(30.0))
    program = function(layer)
    x = np.array([0.0, 15.0, 29.0], "float32")
    assert program(x).tolist() == [0, 1, 2]
    layer.adapt(np.arange(30.0) * 10)
    assert program(x * 10).tolist() == [0, 1, 2]
    assert program(x).tolist() == [0, 0, 0]


LOOKUPS = [
    ("StringLookup", {}, [["b", "a", "c"], ["c", "b", "d"]], ["[UNK]", "c", "b", "d", "a"]),
    ("StringLookup", {"max_tokens": 3, "mask_token": ""}, ["b", "a", "c", "c", "", "[UNK]"],
     ["", "[UNK]", "c"]),
    ("IntegerLookup", {}, [[3, 3, 7], [-1, 7, 5]], [-1, 7, 3, 5]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "data", "expected"), LOOKUPS)
@pytest.mark.parametrize("form", ["list", "array", "tensor", "iterator", "pairs", "by index"])
def test_lookups_learn_the_most_frequent_tokens(name, arguments, data, expected, form):
    layer = getattr(layers, name)(**arguments)
    array = np.array(data)
    forms = {
        "list": data, "array": array, "tensor": as_tensor(data), "iterator": iter([array]),
        "pairs": [(array[:1], 0), (array[1:], 0)].__iter__(),
        "by index": Batches(array[:1], array[1:]),
    }  # fmt: skip
    layer.adapt(forms[form])
    assert layer.get_vocabulary() == expected
    assert layer.vocabulary_size() == len(expected)
    assert layer.get_vocabulary(include_special_tokens=False) == [
        t for t in expected if t not in ("", "[UNK]", -1)
    ]


def test_steps_limit_the_batches():
    layer = layers.StringLookup()
    layer.adapt(iter([["b", "a"], ["c", "c"]]), steps=1)
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([["b", "a"], ["c", "c"]], [0.6931472] * 4),
        (["b", "a", "c", "c"], [1.0148408, 0.8472979, 1.0986123, 1.0986123]),
        (iter([["b", "a"], ["c", "c"]]), [0.6931472] * 4),
    ],
)
def test_document_frequencies(data, expected):
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt(data)
    np.testing.assert_allclose(layer.idf_weights, expected, rtol=1e-6)


def test_vocabulary_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes("b\r\na\r\né\n\n".encode())
    layer = layers.StringLookup(vocabulary=str(path), mask_token="")
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "a", "é"]
    assert layer.get_config()["vocabulary"] is None
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("7\n-3")
    assert layers.IntegerLookup(vocabulary=str(numbers))([-3, 7, 1]).tolist() == [2, 1, 0]
    with pytest.raises(ValueError, match="may not name a vocabulary file"):
        layers.deserialize({
            "class_name": "StringLookup", "config": {"vocabulary": str(path)},
        })  # fmt: skip


def test_set_vocabulary_reaches_what_is_compiled():
    layer = layers.StringLookup(vocabulary=["a", "b"])
    program = function(layer)
    x = as_tensor(["b", "c"])
    assert program(x).tolist() == [2, 0]
    layer.set_vocabulary(["[UNK]", "c"])
    assert program(x).tolist() == [0, 1]
    assert layer.get_config()["vocabulary"] is None  # files hold it, not the one given first


BAD = [
    (lambda: layers.CategoryEncoding(), ValueError, "num_tokens must be"),
    (lambda: layers.CategoryEncoding(3, "sparse"), ValueError, "unknown output_mode"),
    (lambda: layers.CategoryEncoding(3, sparse=True), ValueError, "no sparse tensors"),
    (lambda: layers.Discretization(), ValueError, "give either bin_boundaries"),
    (lambda: layers.Discretization([1.0], num_bins=2), ValueError, "give either bin_boundaries"),
    (lambda: layers.Discretization(num_bins=2)([1.0]), ValueError, "bins are not known"),
    (lambda: layers.Discretization([1.0]).adapt(BIG), ValueError, "nothing to adapt"),
    (lambda: layers.Discretization(num_bins=2).adapt([]), ValueError, "no data"),
    (lambda: layers.Hashing(0), ValueError, "num_bins must be"),
    (lambda: layers.Hashing(3, salt=[1, 2, 3]), ValueError, "salt must be"),
    (lambda: layers.Hashing(3, dtype="float32"), ValueError, "needs an integer dtype"),
    (lambda: layers.HashedCrossing(3)([["a"]]), ValueError, "at least two"),
    (lambda: layers.HashedCrossing(3)([["a"], [1.0]]), ValueError, "text or integers"),
    (lambda: layers.HashedCrossing(3)([["a"], [1, 2]]), ValueError, "other shapes"),
    (lambda: layers.HashedCrossing(3)([[["a", "b"]], [["a", "b"]]]), ValueError, "other shapes"),
    (lambda: layers.StringLookup()(["a"]), ValueError, "no vocabulary yet"),
    (lambda: layers.StringLookup(output_mode="count")(["a"]), ValueError, "no vocabulary yet"),
    (lambda: layers.StringLookup(vocabulary=["a", "a"]), ValueError, "repeated"),
    (lambda: layers.StringLookup(vocabulary=[]), ValueError, "empty"),
    (lambda: layers.StringLookup(vocabulary=["a", ""], mask_token=""), ValueError, "come first"),
    (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ValueError, "larger than"),
    (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), ValueError, "nothing to adapt"),
    (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), ValueError, "'b'"),
    (lambda: layers.StringLookup(vocabulary=["a"])([1]), TypeError, "something else"),
    (lambda: layers.StringLookup(max_tokens=1), ValueError, "must exceed 1"),
    (lambda: layers.StringLookup(pad_to_max_tokens=True), ValueError, "needs max_tokens"),
    (lambda: layers.StringLookup(invert=True, output_mode="count"), ValueError, "invert needs"),
    (lambda: layers.StringLookup(idf_weights=[1.0]), ValueError, "idf_weights go with"),
    (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ValueError, "together"),
    (lambda: layers.StringLookup(vocabulary="/no/such"), FileNotFoundError, "no such vocabulary"),
    (lambda: layers.StringLookup(encoding="latin-1"), ValueError, "UTF-8 only"),
    (lambda: layers.IntegerLookup(salt=3), ValueError, "farmhash"),
    (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), ValueError, "int64"),
    (lambda: layers.IntegerLookup(vocabulary=[1])(["1"]), TypeError, "not text"),
    (
        lambda: layers.StringLookup(vocabulary=["a"], output_mode="count").set_vocabulary([*"ab"]),
        RuntimeError, "cannot change",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("use", "error", "problem"), BAD)
def test_bad_use_is_explained(use, error, problem):
    with pytest.raises(error, match=problem):
        use()


def test_a_refused_vocabulary_changes_nothing():
    layer = layers.StringLookup(vocabulary=["a", "b"], output_mode="count")
    for bad in (["x"], ["x", "x"]):
        with pytest.raises((RuntimeError, ValueError)):
            layer.set_vocabulary(bad)
    assert layer.get_vocabulary() == ["[UNK]", "a", "b"]
    assert layer([["b", "b"]]).tolist() == [[0, 0, 2]]
