"""Assets in `.keras` files: vocabularies of layers, by Keras's names, and nothing outside them."""

import zipfile

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.errors import CheckpointError
from kerasish.saving import load_model
from kerasish.saving.assets import is_asset_name
from tests.saving.test_damaged_files import rewritten

TEXTS = np.array(["the cat sat é", "the dog", "a dog\nsat"])


def text_model(**arguments):
    first = layers.TextVectorization(**arguments)
    first.adapt(TEXTS)
    x = layers.Input((1,), dtype="string")
    y = layers.Input((1,), dtype="int64")
    ids = layers.IntegerLookup(mask_token=0)
    ids.adapt(np.array([5, 5, 6, 0]))
    bins = layers.Discretization(num_bins=3)
    bins.adapt(np.arange(20.0))
    outputs = [first(x), ids(y), bins(kerasish.ops.cast(y, "float32")), layers.Hashing(7)(x)]
    return kerasish.Model([x, y], outputs)


DATA = [TEXTS[:, None], np.array([[5], [6], [9]])]
VARIANTS = [
    {},
    {"output_mode": "tf_idf"},
    {"output_mode": "tf_idf", "max_tokens": 12, "pad_to_max_tokens": True},
    {"output_mode": "count", "ngrams": (1, 2)},
    {"split": "character", "output_mode": "tf_idf"},  # "\n" is a token: no line of a file
]


def outputs_of(model):
    return [np.asarray(y).tolist() for y in model.predict(DATA, verbose=0)]


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_a_loaded_model_knows_the_same_tokens(tmp_path, arguments):
    model = text_model(**arguments)
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert outputs_of(loaded) == outputs_of(model)
    loaded.save(tmp_path / "again.keras")
    assert outputs_of(load_model(tmp_path / "again.keras")) == outputs_of(model)


def test_the_layout_is_that_of_keras(tmp_path):
    model = kerasish.Sequential([layers.TextVectorization()])
    model.layers[0].adapt(["the cat sat", "the dog sat down"])
    model.build((None,))
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        names = archive.namelist()
        content = archive.read("assets/layers/text_vectorization/vocabulary.txt")
    assert names[:3] == ["metadata.json", "config.json", "model.weights.h5"]
    assert sorted(names[3:]) == [
        "assets/layers/text_vectorization/_lookup_layer/vocabulary.txt",
        "assets/layers/text_vectorization/vocabulary.txt",
    ]
    assert content == b"\n[UNK]\nthe\nsat\ndown\ndog\ncat"


def test_a_given_vocabulary_is_part_of_the_config(tmp_path):
    x = layers.Input((1,), dtype="string")
    model = kerasish.Model(x, layers.StringLookup(vocabulary=["a", "b"])(x))
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert not [n for n in archive.namelist() if n.startswith("assets")]
    loaded = load_model(tmp_path / "m.keras")
    assert loaded.predict(np.array([["b"]]), verbose=0).tolist() == [[2]]


@kerasish.utils.register_keras_serializable("tests")
class Notes(layers.Layer):
    """A layer with files of its own, in folders of its own."""

    text = ""

    def call(self, inputs):
        return inputs

    def save_assets(self, dir_path):
        with open(f"{dir_path}/note.txt", "w") as file:
            file.write(self.text)

    def load_assets(self, dir_path):
        with open(f"{dir_path}/note.txt") as file:
            self.text = file.read()


def notes_model(text):
    model = kerasish.Sequential([layers.Input((2,)), Notes(), Notes()])
    for layer, word in zip(model.layers, text.split(), strict=True):
        layer.text = word
    return model


def test_layers_of_ones_own_keep_files(tmp_path):
    notes_model("one two").save(tmp_path / "m.keras")
    assert [layer.text for layer in load_model(tmp_path / "m.keras").layers] == ["one", "two"]


@pytest.mark.parametrize(
    "name",
    [
        "assets/../evil.txt", "assets/layers/../../x", "/assets/x", "assets//x", "assets/", "other",
        "assets/layers\\..\\x", "assets/C:/x", "assets/./x", "assets/a\0b", "assets/" + "n" * 300,
        "assets/ /x", "assets/...",
    ],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    assert not is_asset_name(name)
    notes_model("one two").save(tmp_path / "m.keras")
    if "\0" not in name:  # zipfile cuts such a name itself
        rewritten(tmp_path / "m.keras", lambda members: {**members, name: b"content"})
        with pytest.raises(CheckpointError, match="other members"):
            load_model(tmp_path / "m.keras")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda m: {**m, "assets/layers/nobody/x.txt": b"x"}, "belong to no layer"),
        (lambda m: {k: v for k, v in m.items() if "notes_1/" not in k}, "could not take"),
    ],
)
def test_assets_that_do_not_fit_are_told(tmp_path, change, problem):
    notes_model("one two").save(tmp_path / "m.keras")
    rewritten(tmp_path / "m.keras", change)
    with pytest.raises(CheckpointError, match=problem):
        load_model(tmp_path / "m.keras")


def test_a_missing_or_damaged_vocabulary_is_told(tmp_path):
    path = tmp_path / "m.keras"
    text_model().save(path)
    content = path.read_bytes()
    rewritten(path, lambda m: {k: v for k, v in m.items() if "integer_lookup" not in k})
    with pytest.raises(CheckpointError, match="no such vocabulary file"):
        load_model(path)
    path.write_bytes(content)
    rewritten(path, lambda m: {k: b"x" if "integer_lookup" in k else v for k, v in m.items()})
    with pytest.raises(CheckpointError, match="no number"):
        load_model(path)
