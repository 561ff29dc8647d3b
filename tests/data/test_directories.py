"""Data sets of folders, of series, and of halves: as Keras gives them."""

import random
import wave

import numpy as np
import pytest

import kerasish
from kerasish.data import Dataset
from kerasish.errors import DataError
from kerasish.utils import (
    PyDataset,
    audio_dataset_from_directory,
    image_dataset_from_directory,
    split_dataset,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)


@pytest.fixture
def folder(tmp_path):
    """Classes b, a, c, each with four texts, the last one in a folder below."""
    for name in "bac":
        (tmp_path / name / "sub").mkdir(parents=True)
        for i in range(4):
            path = tmp_path / name / ("sub" if i == 3 else "") / f"{i}.txt"
            path.write_text(f"{name} text {i} é", encoding="utf-8")
        (tmp_path / name / "notes.md").write_text("no text")
    return tmp_path


def texts(data):
    return [text for batch in data for text in (batch[0] if isinstance(batch, tuple) else batch)]


def labels(data):
    return np.concatenate([batch[1] for batch in data]).tolist()


def test_text_files_in_order(folder, capsys):
    data = text_dataset_from_directory(folder, shuffle=False, batch_size=5, max_length=8)
    assert capsys.readouterr().out == "Found 12 files belonging to 3 classes.\n"
    assert texts(data) == [f"{c} text {i}" for c in "abc" for i in range(4)]
    assert labels(data) == [0] * 4 + [1] * 4 + [2] * 4
    assert data.class_names == ["a", "b", "c"] and len(data) == 3
    assert data.file_paths[3] == str(folder / "a" / "sub" / "3.txt")
    whole = text_dataset_from_directory(folder, shuffle=False, batch_size=None, verbose=False)
    assert next(iter(whole)) == ("a text 0 é", 0)


@pytest.mark.parametrize(
    "mode, names, dtype, expected",
    [
        ("int", "ba", "int32", [0] * 4 + [1] * 4),
        ("binary", "ba", "float32", [[0.0]] * 4 + [[1.0]] * 4),
        ("categorical", "ca", "float32", [[1.0, 0.0]] * 4 + [[0.0, 1.0]] * 4),
    ],
)
def test_label_modes(folder, mode, names, dtype, expected):
    data = text_dataset_from_directory(
        folder, label_mode=mode, class_names=list(names), shuffle=False, verbose=False
    )
    assert labels(data) == expected and data.class_names == list(names)
    assert data.element_spec[1].dtype == dtype


def test_without_labels_and_with_those_given(folder):
    for options in ({"label_mode": None}, {"labels": None}):
        data = text_dataset_from_directory(folder, shuffle=False, verbose=False, **options)
        assert len(texts(data)) == 12 and isinstance(next(iter(data)), np.ndarray)
    given = list(range(12))
    data = text_dataset_from_directory(folder, labels=given, shuffle=False, verbose=False)
    assert labels(data) == given


def test_shuffling_keeps_labels_and_repeats_by_seed(folder):
    def read(seed):
        data = text_dataset_from_directory(folder, seed=seed, batch_size=5, verbose=False)
        return [(t[0], y) for batch in data for t, y in zip(*batch, strict=True)]

    first = read(1)
    assert sorted(first) == [(c, i) for i, c in enumerate("abc") for _ in range(4)]
    assert first == read(1) != read(2)
    data = text_dataset_from_directory(folder, seed=1, verbose=False)
    assert texts(data) != texts(data)


def test_a_split_shares_the_files_as_keras_does(folder, capsys):
    options = {"validation_split": 0.3, "seed": 7}
    parts = [text_dataset_from_directory(folder, subset=s, **options) for s in SUBSETS]
    both = text_dataset_from_directory(folder, subset="both", **options)
    found = [[path[len(str(folder)) + 1 : -4] for path in p.file_paths] for p in [*parts, *both]]
    # Keras 3.15 gives these for the same names and seed.
    assert found[0] == ["b/sub/3", "c/2", "a/2", "b/1", "a/0", "a/1", "c/sub/3", "c/0", "a/sub/3"]
    assert found[1] == ["b/2", "c/1", "b/0"]
    assert found[2:] == found[:2]
    assert len(texts(both[0])) == 9 and len(texts(both[1])) == 3
    assert "Using 9 files for training.\nUsing 3 files for validation." in capsys.readouterr().out


SUBSETS = ("training", "validation")
MISTAKES = {
    "go together": {"validation_split": 0.3},
    "needs a seed": {"validation_split": 0.3, "subset": "training"},
    "unknown subset": {"validation_split": 0.3, "subset": "test", "seed": 1},
    "between 0 and 1": {"validation_split": 1.0, "subset": "training", "seed": 1},
    "one label for each": {"labels": [1, 2]},
    "unusable labels": {"labels": "guess"},
    "unknown label_mode": {"label_mode": "x"},
    "subfolder for each": {"class_names": ["a", "z"]},
    "two classes": {"label_mode": "binary"},
    "only": {"labels": None, "class_names": ["a"]},
    "unknown format": {"format": "grain"},
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes(folder, message):
    with pytest.raises(ValueError, match=message):
        text_dataset_from_directory(folder, **MISTAKES[message])


def test_no_files(tmp_path):
    with pytest.raises(DataError, match="no files"):
        text_dataset_from_directory(tmp_path)
    with pytest.raises(FileNotFoundError):
        text_dataset_from_directory(tmp_path / "absent")


@pytest.fixture
def pictures(tmp_path):
    image = pytest.importorskip("PIL.Image")
    for number, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        for i in range(3):
            pixels = np.full((6, 8, 3), 40 * i + 100 * number, "uint8")
            pixels[:, :4] += 20
            image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    return tmp_path


def test_pictures(pictures):
    data = image_dataset_from_directory(
        pictures, image_size=(3, 4), batch_size=4, shuffle=False, verbose=False
    )
    x, y = next(iter(data))
    assert x.shape == (4, 3, 4, 3) and x.dtype == np.float32 and y.tolist() == [0, 0, 0, 1]
    assert x[1, 0, 0].tolist() == [60.0] * 3 and x[3, 2, 3].tolist() == [100.0] * 3
    assert str(data.element_spec[0]) == "TensorSpec(shape=(None, 3, 4, 3), dtype=float32)"


@pytest.mark.parametrize(
    "options, shape",
    [
        ({"color_mode": "grayscale"}, (4, 4, 1)),
        ({"color_mode": "rgba"}, (4, 4, 4)),
        ({"data_format": "channels_first"}, (3, 4, 4)),
        ({"crop_to_aspect_ratio": True}, (4, 4, 3)),
        ({"pad_to_aspect_ratio": True}, (4, 4, 3)),
        ({"interpolation": "nearest"}, (4, 4, 3)),
    ],
)
def test_options_of_pictures(pictures, options, shape):
    data = image_dataset_from_directory(
        pictures, image_size=(4, 4), batch_size=None, shuffle=False, verbose=False, **options
    )
    picture, label = next(iter(data))
    assert picture.shape == shape and label == 0
    if "pad_to_aspect_ratio" in options:
        assert picture[0].max() == 10  # half a row of the picture, half of zeros


def test_a_damaged_picture_is_named(pictures):
    (pictures / "a" / "1.png").write_bytes(b"no picture")
    data = image_dataset_from_directory(pictures, shuffle=False, verbose=False)
    with pytest.raises(ValueError, match=r"1\.png.*no readable picture"):
        next(iter(data))


def write_wave(path, values, width=2, channels=1, rate=100):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(values)


@pytest.fixture
def sounds(tmp_path):
    for i in range(3):
        (tmp_path / f"w{i % 2}").mkdir(exist_ok=True)
        values = (np.arange(5 + i) * 1000).astype("<i2")
        write_wave(tmp_path / f"w{i % 2}" / f"{i}.wav", values.tobytes())
    return tmp_path


def test_sounds(sounds):
    data = audio_dataset_from_directory(sounds, batch_size=2, shuffle=False, verbose=False)
    x, y = next(iter(data))
    assert x.shape == (2, 7, 1) and x.dtype == np.float32 and y.tolist() == [0, 0]
    assert x[0, :, 0].tolist() == [i * 1000 / 32768 for i in range(5)] + [0, 0]
    cut = audio_dataset_from_directory(
        sounds, output_sequence_length=6, shuffle=False, verbose=False
    )
    x, y = next(iter(cut))
    assert x.shape == (3, 6, 1) and x[0, 5, 0] == 0 and y.tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="ragged"):
        audio_dataset_from_directory(sounds, ragged=True)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_widths_of_samples(tmp_path, width):
    high = 2 ** (8 * width - 1)
    values = [0, high // 2, -high // 2, high - 1]
    if width == 1:
        data = bytes(v + 128 for v in values)
    else:
        data = b"".join(v.to_bytes(width, "little", signed=True) for v in values)
    (tmp_path / "a").mkdir()
    write_wave(tmp_path / "a" / "x.wav", data, width, channels=2)
    made = audio_dataset_from_directory(tmp_path, batch_size=None, verbose=False)
    sound = next(iter(made))[0]
    expected = [[0, 0.5], [-0.5, 1 - 1 / high]]
    np.testing.assert_allclose(sound, expected, atol=1e-7)


def test_sampling_rate(tmp_path):
    (tmp_path / "a").mkdir()
    wave_form = np.sin(np.arange(100) / 100 * 2 * np.pi * 5)
    write_wave(tmp_path / "a" / "x.wav", (wave_form * 20000).astype("<i2").tobytes())
    made = audio_dataset_from_directory(tmp_path, batch_size=None, sampling_rate=50, verbose=False)
    sound = next(iter(made))[0][:, 0]
    np.testing.assert_allclose(sound, wave_form[::2] * 20000 / 32768, atol=1e-3)


def test_a_damaged_sound_is_named(sounds):
    (sounds / "w0" / "0.wav").write_bytes(b"RIFF")
    with pytest.raises(DataError, match=r"0\.wav.*no readable sound"):
        list(audio_dataset_from_directory(sounds, shuffle=False, verbose=False))


# ---- series ----------------------------------------------------------------------------------

SERIES = [
    ({}, range(0, 18), 1),
    ({"sequence_stride": 2, "sampling_rate": 2}, range(0, 16, 2), 2),
    ({"start_index": 4, "end_index": 15}, range(4, 13), 1),
]


@pytest.mark.parametrize("options, starts, rate", SERIES)
@pytest.mark.parametrize("batch_size", [6, None])
@pytest.mark.parametrize("targets", [None, 20, 10])
def test_series(options, starts, rate, batch_size, targets):
    x = np.arange(20)
    y = None if targets is None else np.arange(100, 100 + targets)
    starts = [s for s in starts if targets is None or s < targets]
    data = timeseries_dataset_from_array(x, y, 3, batch_size=batch_size, **options)
    if batch_size is not None:
        assert len(data) == -(-len(starts) // batch_size)
        data = data.unbatch()
    expected = [[s + rate * k for k in range(3)] for s in starts]
    found = [e if targets is None else e[0] for e in data]
    assert [window.tolist() for window in found] == expected
    if targets is not None:
        assert [int(e[1]) for e in data] == [100 + s for s in starts]


def test_series_shuffled_and_of_many_features():
    x = np.arange(60).reshape(20, 3)
    data = timeseries_dataset_from_array(x, x[:, 0], 4, batch_size=5, shuffle=True, seed=1)
    firsts = []
    for windows, targets in data:
        assert windows.shape[1:] == (4, 3) and np.array_equal(windows[:, 0, 0], targets)
        firsts += targets.tolist()
    assert sorted(firsts) == list(range(0, 51, 3)) != firsts


@pytest.mark.parametrize(
    "options, message",
    [
        ({"sequence_length": 0}, "sequence_length out of range"),
        ({"sequence_length": 3, "sampling_rate": 30}, "sampling_rate out of range"),
        ({"sequence_length": 3, "start_index": 9, "end_index": 4}, "must lie in the data"),
        ({"sequence_length": 20, "sampling_rate": 2}, "too short"),
    ],
)
def test_mistakes_of_series(options, message):
    with pytest.raises(ValueError, match=message):
        timeseries_dataset_from_array(np.arange(20), None, **options)


# ---- halves ----------------------------------------------------------------------------------

SIZES = [
    ({"left_size": 0.3}, 3, 7),
    ({"left_size": 3, "right_size": 4}, 3, 4),
    ({"right_size": 0.25}, 8, 2),
    ({"left_size": 0.5, "right_size": 0.2}, 5, 2),
]


class Batches(PyDataset):
    """Ten numbers in batches of three."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.arange(10)[3 * index : 3 * index + 3]


SPLIT = {
    "array": np.arange(10),
    "generator": None,
    "data set": Dataset.range(10),
    "list of elements": [int(i) for i in range(10)],
}


@pytest.mark.parametrize("options, left, right", SIZES)
@pytest.mark.parametrize("kind", SPLIT)
def test_split(kind, options, left, right):
    data = iter(np.arange(10)) if kind == "generator" else SPLIT[kind]
    found = split_dataset(data, **options)
    assert [len(part) for part in found] == [left, right]
    assert [int(x) for x in found[0]] == list(range(left))
    assert [int(x) for x in found[1]] == list(range(10 - right, 10))


def test_split_of_batches_pairs_and_dicts():
    for data in (Dataset.range(10).batch(3), Batches()):
        left, right = split_dataset(data, 0.5)
        assert [b.tolist() for b in left] == [[0, 1, 2], [3, 4]]
        assert [b.tolist() for b in right] == [[5, 6, 7], [8, 9]]
    left, right = split_dataset((np.arange(10), np.arange(10) * 2), right_size=2)
    assert [(int(a), int(b)) for a, b in right] == [(8, 16), (9, 18)]
    left, right = split_dataset({"x": np.arange(4)}, 1)
    assert [int(e["x"]) for e in left] == [0] and len(right) == 3


def test_split_shuffled_as_keras_does():
    expected = list(range(10))
    random.Random(2).shuffle(expected)
    for data in (np.arange(10), Dataset.range(10)):
        left, right = split_dataset(data, 0.5, shuffle=True, seed=2)
        assert [int(x) for x in left] + [int(x) for x in right] == expected


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "give left_size or right_size"),
        ({"left_size": 0.7, "right_size": 0.7}, "larger than the data"),
        ({"left_size": 6, "right_size": 5}, "larger than the data"),
        ({"left_size": 11}, "left_size out of range"),
        ({"left_size": 0}, "left_size out of range"),
        ({"right_size": -0.1}, "right_size out of range"),
        ({"left_size": 0.01}, "would be empty"),
    ],
)
def test_mistakes_of_splits(options, message):
    with pytest.raises(ValueError, match=message):
        split_dataset(np.arange(10), **options)


def test_a_size_is_a_number():
    with pytest.raises(TypeError, match="must be a number"):
        split_dataset(np.arange(10), "half")


def test_preprocessing_has_the_same_functions():
    names = "image_dataset_from_directory text_dataset_from_directory timeseries_dataset_from_array"
    for name in names.split():
        assert getattr(kerasish.preprocessing, name) is getattr(kerasish.utils, name)
    assert kerasish.preprocessing.sequence.pad_sequences is kerasish.utils.pad_sequences
