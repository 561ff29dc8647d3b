"""FeatureSpace against what Keras 3.15 gave, in models and in files."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.saving import load_model
from kerasish.utils import FeatureSpace

DATA = {
    "f": [0.0, 0.1, 0.2, 0.3], "s": ["zero", "one", "two", "three"], "i": [0, 1, 2, 3],
    "d": [0.0, 1.0, 5.0, 9.0], "h": ["a", "b", "c", "a"], "ih": [7, 8, 9, 7],
    "n": [1.0, 2.0, 3.0, 4.0], "r": [1.0, 2.0, 3.0, 4.0],
}  # fmt: skip
# The columns of the joined vector, in order: name, its width, the place of the 1, or its values.
CODES = {
    "d": (3, [0, 1, 2, 2]), "f": DATA["f"], "h": (4, [3, 2, 0, 3]), "i": (5, [4, 3, 2, 1]),
    "ih": (4, [0, 3, 1, 0]), "n": [-1.3416407, -0.4472136, 0.4472136, 1.3416407],
    "r": [3.0, 5.0, 7.0, 9.0], "s": (5, [1, 4, 2, 3]), "h_X_s": (5, [3, 2, 4, 0]),
    "s_X_i": (6, [3, 2, 3, 0]),
}  # fmt: skip


def joined():
    parts = [
        np.eye(code[0])[code[1]] if isinstance(code, tuple) else np.array(code)[:, None]
        for code in CODES.values()
    ]
    return np.concatenate(parts, axis=-1)


def make(output_mode="concat", one_hot="one_hot"):
    kinds = {
        "f": "float", "s": FeatureSpace.string_categorical(output_mode=one_hot),
        "i": FeatureSpace.integer_categorical(output_mode=one_hot),
        "d": FeatureSpace.float_discretized(num_bins=3, output_mode=one_hot),
        "h": FeatureSpace.string_hashed(num_bins=4, output_mode=one_hot),
        "ih": FeatureSpace.integer_hashed(num_bins=4, output_mode=one_hot),
        "n": "float_normalized", "r": FeatureSpace.float_rescaled(scale=2.0, offset=1.0),
    }  # fmt: skip
    cross = FeatureSpace.cross(("h", "s"), crossing_dim=5, output_mode=one_hot)
    crosses = [("s", "i"), cross] if one_hot == "one_hot" else [cross]
    return FeatureSpace(kinds, output_mode, crosses, crossing_dim=6)


def adapted(*arguments):
    space = make(*arguments)
    space.adapt(DATA)
    return space


def test_columns_are_joined():
    space = adapted()
    np.testing.assert_allclose(space(DATA), joined(), rtol=1e-6)
    row = space({k: v[1] for k, v in DATA.items()})
    np.testing.assert_allclose(row, joined()[1], rtol=1e-6)


def test_columns_in_a_dict():
    space = adapted("dict", "int")
    found = space(DATA)
    assert sorted(found) == sorted(set(CODES) - {"s_X_i"})
    for name, value in found.items():
        code = CODES[name]
        expected = code[1] if isinstance(code, tuple) else code
        np.testing.assert_allclose(value.numpy()[:, 0], expected, rtol=1e-6)
    assert {n: v.dtype for n, v in found.items() if n in "dhif"} == {
        "d": "int32", "h": "int64", "i": "int64", "f": "float32",
    }  # fmt: skip
    assert space({k: v[1] for k, v in DATA.items()})["s"].tolist() == [4]


def batches(size):
    for start in range(0, 4, size):
        yield {k: np.array(v)[start : start + size] for k, v in DATA.items()}, np.zeros(size)


@pytest.mark.parametrize("data", [lambda: batches(2), lambda: list(batches(4))])
def test_adapt_takes_batches(data):
    space = make()
    space.adapt(data())
    if isinstance(data(), list):
        np.testing.assert_allclose(space(DATA), joined(), rtol=1e-6)
    assert space.preprocessors["s"].get_vocabulary() == ["[UNK]", "zero", "two", "three", "one"]


def test_a_model_on_raw_columns_learns():
    space = adapted()
    model = kerasish.Model(space.get_inputs(), layers.Dense(1)(space.get_encoded_features()))
    model.compile(kerasish.optimizers.SGD(0.02), "mse")
    data = {k: np.array(v)[:, None] for k, v in DATA.items()}
    losses = model.fit(data, np.array([0.0, 1.0, 0.0, 1.0]), epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    before = layers.Dense(1)
    before.build((None, 35))
    before.set_weights(model.layers[-1].get_weights())
    np.testing.assert_allclose(model.predict(data, verbose=0), before(space(DATA)), rtol=1e-4)


@pytest.mark.parametrize("arguments", [(), ("dict", "int")])
def test_files_hold_everything(tmp_path, arguments):
    space = adapted(*arguments)
    space.save(tmp_path / "space.keras")
    loaded, expected = load_model(tmp_path / "space.keras")(DATA), space(DATA)
    for name in expected if arguments else [slice(None)]:
        np.testing.assert_array_equal(loaded[name], expected[name])


def test_a_layer_of_ones_own():
    text = layers.TextVectorization(output_mode="tf_idf")
    space = FeatureSpace({"text": FeatureSpace.feature("string", text, "float")})
    data = {"text": ["1st string", "2nd string", "3rd string"]}
    space.adapt(data)
    assert space(data).shape == (3, 5)
    assert space.preprocessors["text"] is text


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        (lambda: FeatureSpace({}), "no features"),
        (lambda: FeatureSpace({"a": "flout"}), "did you mean 'float'"),
        (lambda: FeatureSpace({"a": "float"}, "list"), "unknown output_mode"),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), "unknown feature"),
        (lambda: make()(DATA), "are not adapted"),
        (lambda: adapted()([1.0]), "a dict of columns"),
        (lambda: adapted()({"f": [1.0]}), "'s' is missing"),
        (lambda: adapted()({**DATA, "f": 1.0}), "others single values"),
        (
            lambda: FeatureSpace({"a": FeatureSpace.string_hashed(3, "int")})({"a": ["x"]}),
            "cannot be joined",
        ),
        (
            lambda: FeatureSpace(
                {"a": FeatureSpace.feature("float32", layers.Rescaling(2.0), "one_hot")}
            )({"a": [1.0]}),
            "no one-hot code",
        ),
        (lambda: FeatureSpace.string_hashed(3, "float16"), "unknown output_mode"),
    ],
)
def test_bad_use_is_explained(use, problem):
    with pytest.raises(ValueError, match=problem):
        use()
