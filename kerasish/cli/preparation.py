"""Turns raw data into what the model takes: scaling, standardizing, padding, one-hot labels."""

from dataclasses import asdict, dataclass

import numpy as np

from kerasish.cli.schema import ConfigError
from kerasish.errors import explain
from kerasish.utils import pad_sequences

_TEXT_KEYS = ("num_words", "skip_top", "maxlen")


@dataclass
class Preparation:
    """How raw inputs and targets become arrays for the model; kept in `run.json`.

    Args:
        kind: "image", "table" or "text".
        scale: inputs are divided by it.
        mean, deviation: lists, one number per column, or None.
        maxlen: length of the sequences of a text.
        num_classes: 0 for regression.
        one_hot: labels become vectors.
        target_scale: regression targets are divided by it.
    """

    kind: str
    scale: float = 1.0
    mean: list | None = None
    deviation: list | None = None
    maxlen: int = 0
    num_classes: int = 0
    one_hot: bool = False
    target_scale: float = 1.0

    def inputs(self, x):
        """Return model inputs: float32, images with a channel axis; int32 sequences for text."""
        if self.kind == "text":
            return pad_sequences(x, self.maxlen)
        x = np.asarray(x, dtype=np.float32)
        if self.kind == "image" and x.ndim == 3:
            x = x[..., None]
        if self.mean is not None:
            x = (x - np.float32(self.mean)) / np.float32(self.deviation)
        return x / np.float32(self.scale)

    def targets(self, y):
        """Return model targets: int32 labels, one-hot float32 vectors, or float32 (n, 1) values."""
        if not self.num_classes:
            return (np.asarray(y, dtype=np.float64) / self.target_scale).astype(np.float32)[:, None]
        labels = np.asarray(y, dtype=np.int32).reshape(-1)
        if self.one_hot:
            return np.eye(self.num_classes, dtype=np.float32)[labels]
        # Two classes meet one sigmoid unit of shape (n, 1); labels of that shape fit it as well.
        return labels[:, None] if self.num_classes == 2 else labels

    def as_dict(self):
        return asdict(self)


def plan(source, data):
    """Return the Preparation a [data] section asks for, before any data is read.

    Raises:
        ConfigError: a key does not fit the kind of the data set, or text has no maxlen.
    """
    where = f"[data] {source.name}"
    strange = [key for key in _TEXT_KEYS if data.get(key)] if source.kind != "text" else []
    if source.kind != "table" and data["standardize"]:
        strange.append("standardize")
    if source.class_names and "target_scale" in data:
        strange.append("target_scale")
    if strange:
        raise ConfigError(
            explain(where, f"{strange[0]} does not apply to this data set", fix="take it out")
        )
    if source.kind == "text" and "maxlen" not in data:
        raise ConfigError(
            explain(where, "maxlen is missing", fix="state how many words of a text to use")
        )
    return Preparation(
        source.kind,
        scale=data.get("scale", 1.0),
        maxlen=data.get("maxlen", 0),
        num_classes=len(source.class_names),
        one_hot=data["one_hot"],
        target_scale=data.get("target_scale", 1.0),
    )


def load(source, data):
    """Return ((x_train, y_train), (x_test, y_test)) raw, with the limits of a [data] section."""
    words = {
        key: data[key] for key in ("num_words", "skip_top") if source.kind == "text" and key in data
    }
    (x_train, y_train), (x_test, y_test) = source.load(**words)
    train, test = data.get("train_limit"), data.get("test_limit")
    return (x_train[:train], y_train[:train]), (x_test[:test], y_test[:test])


def measure(preparation, x_train):
    """Set mean and deviation of the columns from the training inputs."""
    x = np.asarray(x_train, dtype=np.float64)
    preparation.mean = x.mean(axis=0).tolist()
    # A constant column carries nothing; dividing it by 1 keeps it finite.
    preparation.deviation = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0).tolist()


def linear_regression_error(x_train, y_train, x_test, y_test):
    """Mean absolute error on the test part of the best linear fit to the training part."""
    train, test = (
        np.column_stack([x, np.ones(len(x))]).astype(np.float64) for x in (x_train, x_test)
    )
    weights, *_ = np.linalg.lstsq(train, np.asarray(y_train, dtype=np.float64), rcond=None)
    return float(np.mean(np.abs(test @ weights - y_test)))
