"""ImageNet: pixels as the networks expect them, and predictions as class names."""

import json
import os
from pathlib import Path

import numpy

from kerasish import ops
from kerasish.applications.published import cache_folder
from kerasish.arrays import dtypes
from kerasish.config import settings, standardize_data_format
from kerasish.core.tensor import Tensor
from kerasish.datasets.fetch import digest_of, fetch
from kerasish.datasets.files import DataFile
from kerasish.errors import DataError, ShapeError, explain

__all__ = ["decode_predictions", "preprocess_input"]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB in 0 to 1
_BGR_MEAN = (103.939, 116.779, 123.68)
_MODES = ("caffe", "tf", "torch")
_CLASSES = 1000
CLASS_INDEX = DataFile(
    "imagenet_class_index.json",
    "https://storage.googleapis.com/download.tensorflow.org/data/",
    "c2c37ea517e94d9795004a39431a14cb",
    35_363,
)


def preprocess_input(x, data_format=None, mode="caffe"):
    """Pixels of 0 to 255 as a family of networks was trained with them.

    Args:
        x: array or tensor of RGB images, (batch, height, width, 3) or one image; not changed.
        data_format: "channels_last", "channels_first" or None (the configured default).
        mode: "caffe" (BGR, each channel less its ImageNet mean), "tf" (x / 127.5 - 1), or "torch"
            (x / 255, each channel standardized by ImageNet's mean and deviation).

    Returns:
        array or tensor, as given, of floats.

    Raises:
        ValueError: an unknown mode or layout, or images without three channels.

    Example:
        >>> preprocess_input(numpy.array([[[0, 127.5, 255]]]), mode="tf").tolist()
        [[[-1.0, 0.0, 1.0]]]

    Source: Keras 3 names and constants.
    """
    if mode not in _MODES:
        raise ValueError(
            explain("preprocess_input", "unknown mode", received=mode, expected=str(_MODES))
        )
    data_format = standardize_data_format(data_format)
    if isinstance(x, Tensor):
        x = x if dtypes.is_float(x.dtype) else ops.cast(x, settings.floatx)
    else:
        x = numpy.asarray(x)
        x = x if numpy.issubdtype(x.dtype, numpy.floating) else x.astype(settings.floatx)
    if mode == "tf":
        return x / 127.5 - 1.0
    axis = len(x.shape) - 3 if data_format == "channels_first" else len(x.shape) - 1
    if len(x.shape) < 2 or x.shape[axis] != 3:
        raise ShapeError(
            explain(
                "preprocess_input",
                "the images need three channels",
                received=tuple(x.shape),
                expected="(..., height, width, 3), or (..., 3, height, width) channels first",
            )
        )

    def along_channels(values):
        shape = [1] * len(x.shape)
        shape[axis] = 3
        return numpy.reshape(numpy.array(values, settings.floatx), shape)

    if mode == "caffe":
        x = x[..., ::-1] if axis == len(x.shape) - 1 else x[..., ::-1, :, :]
        return x - along_channels(_BGR_MEAN)
    return (x / 255.0 - along_channels(IMAGENET_MEAN)) / along_channels(IMAGENET_STD)


def decode_predictions(preds, top=5, class_index=None):
    """Names of the likeliest ImageNet classes.

    The names come from imagenet_class_index.json in Keras's folder (~/.keras/models), else from
    kerasish's cache of data sets, else from one download whose digest is checked.

    Args:
        preds: array or tensor of probabilities, (batch, 1000).
        top: int. Classes for each image.
        class_index: path of a file like imagenet_class_index.json, or its content, a dict
            {"0": ["n01440764", "tench"], ...}, to use instead.

    Returns:
        list for each image of tuples (WordNet name, description, score), best first.

    Raises:
        ShapeError: predictions of another shape.
        DataError: the class names are not at hand.

    Example:
        >>> names = {str(i): [f"n{i}", f"thing {i}"] for i in range(1000)}
        >>> decode_predictions(numpy.eye(1, 1000, 7), top=1, class_index=names)
        [[('n7', 'thing 7', 1.0)]]

    Source: Keras 3 names.
    """
    preds = preds.numpy() if isinstance(preds, Tensor) else numpy.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != _CLASSES:
        raise ShapeError(
            explain(
                "decode_predictions",
                "these are not predictions of ImageNet classes",
                received=preds.shape,
                expected=f"(batch, {_CLASSES})",
                fix="a model with include_top=True and classes=1000",
            )
        )
    index = class_index if isinstance(class_index, dict) else _read_index(class_index)
    order = numpy.argsort(-preds, axis=1, kind="stable")[:, :top]
    return [
        [(*index[str(i)], row[i].item()) for i in best]
        for row, best in zip(preds, order.tolist(), strict=True)
    ]


def _read_index(path):
    if path is None:
        path = cache_folder() / CLASS_INDEX.name
        is_right = path.is_file() and digest_of(path, len(CLASS_INDEX.digest)) == CLASS_INDEX.digest
        path = path if is_right else fetch(CLASS_INDEX)
    try:
        index = json.loads(Path(path).read_text(encoding="utf-8"))
        if all(len(index[str(i)]) == 2 for i in range(_CLASSES)):
            return index
    except (ValueError, KeyError, TypeError) as error:
        problem = str(error)
    else:
        problem = "an entry is no pair"
    raise DataError(
        explain(
            os.fspath(path),
            f"this is not a list of the ImageNet classes ({problem})",
            expected='JSON {"0": ["n01440764", "tench"], ..., "999": [...]}',
        )
    )


def preprocessor(module, mode):
    """The `preprocess_input` of a module.

    Args:
        module: str. Its name.
        mode: str. As of `preprocess_input`; None where the models do it themselves.
    """

    def preprocess_input(x, data_format=None):
        return x if mode is None else _preprocess(x, data_format, mode)

    does = "return them unchanged, since the models scale them" if mode is None else _DOES[mode]
    preprocess_input.__module__ = module
    preprocess_input.__qualname__ = "preprocess_input"
    preprocess_input.__doc__ = f"""Prepare RGB pixels of 0 to 255: {does}.

    Args:
        x: array or tensor of images, (batch, height, width, 3) or one image; not changed.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Returns:
        array or tensor, as given.
    """
    return preprocess_input


_preprocess = preprocess_input  # the functions made above have the same name
_DOES = {
    "caffe": "BGR, each channel less its mean over ImageNet",
    "tf": "x / 127.5 - 1",
    "torch": "x / 255, each channel standardized by its mean and deviation over ImageNet",
}
