"""Data sets of the pictures, texts and sounds in a folder, labelled by their subfolders."""

import os
import wave

import numpy

from kerasish import ops
from kerasish.arrays.device import device
from kerasish.config import standardize_data_format
from kerasish.errors import DataError, ShapeError, explain
from kerasish.utils.directories import Files, make_datasets, plain_batches
from kerasish.utils.images import img_to_array, load_img

_PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
_SAMPLE_TYPES = {1: "uint8", 2: "<i2", 4: "<i4"}


def image_dataset_from_directory(
    directory, labels="inferred", label_mode="int", class_names=None, color_mode="rgb",
    batch_size=32, image_size=(256, 256), shuffle=True, seed=None, validation_split=None,
    subset=None, interpolation="bilinear", follow_links=False, crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False, data_format=None, format="tf", verbose=True,
):  # fmt: skip
    """Batches of pictures, as float32 from 0 to 255, and their labels.

    Args:
        directory: str or path-like. With inferred labels, a subfolder for each class.
        labels: "inferred", None, or a list of int in the order of the paths.
        label_mode: "int" (int32), "categorical" (one-hot), "binary" (0.0 or 1.0, shape (1,)), or
            None for no labels.
        class_names: list of str, the subfolders to read and their order; all by name when None.
        color_mode: "grayscale", "rgb" or "rgba".
        batch_size: int, or None for single pictures.
        image_size: (height, width).
        shuffle: bool. Otherwise in the order of the paths.
        seed: int or None.
        validation_split: float between 0 and 1, or None. The share of files kept for validation.
        subset: "training", "validation" or "both" (a list of two data sets) with validation_split.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        follow_links: bool. Whether links to folders are gone into.
        crop_to_aspect_ratio: bool. Cut the middle out, so that nothing is distorted.
        pad_to_aspect_ratio: bool. Fill up, so that nothing is distorted.
        data_format: "channels_last", "channels_first" or None (the configured default).
        format: "tf"; the data set is a `kerasish.data.Dataset`.
        verbose: bool. Whether to print how many files there are.

    Returns:
        Dataset with the attributes `class_names` and `file_paths`.

    Raises:
        ValueError: arguments that do not fit each other or the folder.
            Or, while iterating: a file is no picture.
        DataError: no pictures.
        ImportError: Pillow is not installed (while iterating).

    Source: Keras 3 names and defaults.
    """
    where = "image_dataset_from_directory"
    _check_format(where, format)
    if color_mode not in _CHANNELS:
        raise ValueError(
            explain(where, "unknown color_mode", received=color_mode, expected=str([*_CHANNELS]))
        )
    size = tuple(image_size)
    if len(size) != 2:
        raise ShapeError(explain(where, "image_size must be (height, width)", received=image_size))
    is_first = standardize_data_format(data_format) == "channels_first"

    def load(path):
        picture = img_to_array(load_img(path, color_mode), "channels_last", "float32")
        with device("cpu"):
            resized = ops.image.resize(
                picture,
                size,
                interpolation=interpolation,
                crop_to_aspect_ratio=crop_to_aspect_ratio,
                pad_to_aspect_ratio=pad_to_aspect_ratio,
                data_format="channels_last",
            ).numpy()
        return resized.transpose(2, 0, 1) if is_first else resized

    files = Files(where, directory, _PICTURES, labels, label_mode, class_names, follow_links)
    return make_datasets(
        files, load, plain_batches, batch_size, shuffle, seed, validation_split, subset, verbose
    )


def text_dataset_from_directory(
    directory, labels="inferred", label_mode="int", class_names=None, batch_size=32,
    max_length=None, shuffle=True, seed=None, validation_split=None, subset=None,
    follow_links=False, format="tf", verbose=True,
):  # fmt: skip
    """Batches of the texts of .txt files, as `str` in arrays of objects, and their labels.

    Args:
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
            subset, follow_links, format, verbose: as of `image_dataset_from_directory`.
        max_length: int or None. Characters of a text after which it is cut.

    Returns:
        Dataset with the attributes `class_names` and `file_paths`.

    Raises:
        ValueError: arguments that do not fit each other or the folder.
        DataError: no texts.

    Example:
        >>> for name in ("good", "poor"):
        ...     os.makedirs(name)
        ...     with open(f"{name}/one.txt", "w") as file:
        ...         count = file.write(f"a {name} one")
        >>> data = text_dataset_from_directory(".", shuffle=False)
        Found 2 files belonging to 2 classes.
        >>> texts, labels = next(iter(data))
        >>> texts.tolist(), labels.tolist(), data.class_names
        (['a good one', 'a poor one'], [0, 1], ['good', 'poor'])

    Source: Keras 3 names and defaults; the texts are bytes there.
    """
    where = "text_dataset_from_directory"
    _check_format(where, format)

    def load(path):
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")[:max_length]

    files = Files(where, directory, (".txt",), labels, label_mode, class_names, follow_links)
    return make_datasets(
        files, load, plain_batches, batch_size, shuffle, seed, validation_split, subset, verbose
    )


def audio_dataset_from_directory(
    directory, labels="inferred", label_mode="int", class_names=None, batch_size=32,
    sampling_rate=None, output_sequence_length=None, ragged=False, shuffle=True, seed=None,
    validation_split=None, subset=None, follow_links=False, verbose=True,
):  # fmt: skip
    """Batches of the sounds of .wav files, float32 from -1 to 1 of shape (samples, channels).

    Args:
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
            subset, follow_links, verbose: as of `image_dataset_from_directory`.
        sampling_rate: int or None. Samples a second to convert to, by Fourier transforms.
        output_sequence_length: int or None. Samples to cut or fill sounds to; the longest of each
            batch when None.
        ragged: must be False.

    Returns:
        Dataset with the attributes `class_names` and `file_paths`.

    Raises:
        ValueError: arguments that do not fit each other or the folder.
        DataError: no sounds, or (while iterating) a file that is none of linear samples.

    Source: Keras 3 names and defaults.
    """
    where = "audio_dataset_from_directory"
    if ragged:
        raise ValueError(explain(where, "ragged batches are not supported"))

    def load(path):
        sound, rate = read_wave(path)
        if sampling_rate is not None and rate != sampling_rate:
            sound = resample(sound, max(1, round(len(sound) * sampling_rate / rate)))
        if output_sequence_length is None:
            return sound
        sound = sound[:output_sequence_length]
        return numpy.pad(sound, ((0, output_sequence_length - len(sound)), (0, 0)))

    def finish(data, size):
        if size is None:
            return data
        return data.padded_batch(size) if output_sequence_length is None else data.batch(size)

    files = Files(where, directory, (".wav",), labels, label_mode, class_names, follow_links)
    return make_datasets(
        files, load, finish, batch_size, shuffle, seed, validation_split, subset, verbose
    )


def read_wave(path):
    """(float32 samples from -1 to 1 of shape (samples, channels), samples a second) of a file.

    Args:
        path: str or path-like.

    Raises:
        DataError: not a file of linear samples of 1, 2, 3 or 4 bytes.
    """
    try:
        with wave.open(os.fspath(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise DataError(explain(os.fspath(path), f"no readable sound: {error}")) from None
    if width == 3:  # as the high bytes of four
        parts = numpy.zeros((len(data) // 3, 4), "uint8")
        parts[:, 1:] = numpy.frombuffer(data, "uint8").reshape(-1, 3)
        width, data = 4, parts.tobytes()
    samples = numpy.frombuffer(data, _SAMPLE_TYPES[width]).reshape(-1, channels)
    if width == 1:
        return (samples.astype("float32") - 128) / 128, rate
    return samples.astype("float32") / numpy.float32(2 ** (8 * width - 1)), rate


def resample(sound, count):
    """A sound with another number of samples, by cutting or filling up its spectrum.

    Args:
        sound: array (samples, channels).
        count: int.
    """
    spectrum = numpy.fft.rfft(sound, axis=0)
    return (numpy.fft.irfft(spectrum, count, axis=0) * (count / len(sound))).astype("float32")


def _check_format(where, name):
    if name != "tf":
        raise ValueError(
            explain(where, "unknown format", received=name, expected='"tf": a kerasish Dataset')
        )
