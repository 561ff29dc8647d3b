"""One row per loss: its options, data it makes sense for, and a float64 formula of its values."""

from typing import NamedTuple

import numpy as np

EPSILON = 1e-7


class Case(NamedTuple):
    """A loss class with options; `data(rng)` gives labels and predictions, `formula` the values."""

    name: str
    options: dict
    data: callable
    formula: callable
    is_elementwise: bool = False  # a mean of elementwise values over the last axis

    def __str__(self):
        return "-".join([self.name, *(f"{k}={v}" for k, v in self.options.items())])


def real(rng):
    return rng.normal(size=(6, 3)), rng.normal(size=(6, 3))


def positive(rng):
    return rng.uniform(0.1, 3.0, (6, 3)), rng.uniform(0.1, 3.0, (6, 3))


def signs(rng):
    return rng.choice([-1.0, 1.0], (6, 3)), rng.normal(size=(6, 3))


def bits(rng):
    return rng.integers(0, 2, (6, 3)).astype("float64"), rng.uniform(0.05, 0.95, (6, 3))


def bits_logits(rng):
    return rng.integers(0, 2, (6, 3)).astype("float64"), 3 * rng.normal(size=(6, 3))


def probabilities(rng, shape=(6, 4)):
    p = rng.uniform(0.1, 1.0, shape)
    return p / p.sum(-1, keepdims=True)


def distributions(rng):
    return probabilities(rng), probabilities(rng)


def one_hot(rng):
    return np.eye(4)[rng.integers(0, 4, 6)], probabilities(rng)


def one_hot_logits(rng):
    return np.eye(4)[rng.integers(0, 4, 6)], 3 * rng.normal(size=(6, 4))


def indices(rng):
    return rng.integers(0, 4, 6), probabilities(rng)


def indices_logits(rng):
    return rng.integers(0, 4, 6), 3 * rng.normal(size=(6, 4))


def indices_in_time(rng):
    return rng.integers(0, 4, (6, 5)), probabilities(rng, (6, 5, 4))


def images(rng):
    return rng.integers(0, 2, (6, 4, 4, 2)).astype("float64"), rng.uniform(0.1, 0.9, (6, 4, 4, 2))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cosine(t, p):
    return -(t * p).sum(-1) / (np.linalg.norm(t, axis=-1) * np.linalg.norm(p, axis=-1))


def huber(t, p, delta=1.0):
    e = np.abs(t - p)
    return np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2).mean(-1)


def binary(t, p):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def binary_focal(t, p, alpha=None, gamma=2.0):
    p_t = t * p + (1 - t) * (1 - p)
    weight = 1.0 if alpha is None else t * alpha + (1 - t) * (1 - alpha)
    return (weight * (1 - p_t) ** gamma * binary(t, p)).mean(-1)


def picked(t, p):
    return np.take_along_axis(p, t[..., None], -1)[..., 0]


def overlap(t, p, missed=0.5, excess=0.5):
    hits = (t * p).sum((1, 2))
    wrong = missed * (t * (1 - p)).sum((1, 2)) + excess * ((1 - t) * p).sum((1, 2))
    return 1 - hits / (hits + wrong)


def categorical_hinge(t, p):
    return np.maximum(((1 - t) * p).max(-1) - (t * p).sum(-1) + 1, 0)


CASES = [
    Case("MeanSquaredError", {}, real, lambda t, p: ((t - p) ** 2).mean(-1), True),
    Case("MeanAbsoluteError", {}, real, lambda t, p: np.abs(t - p).mean(-1), True),
    Case(
        "MeanAbsolutePercentageError",
        {},
        positive,
        lambda t, p: 100 * np.abs((t - p) / t).mean(-1),
        True,
    ),
    Case(
        "MeanSquaredLogarithmicError",
        {},
        positive,
        lambda t, p: ((np.log(t + 1) - np.log(p + 1)) ** 2).mean(-1),
        True,
    ),
    Case("Huber", {}, real, huber, True),
    Case("Huber", {"delta": 0.3}, real, lambda t, p: huber(t, p, 0.3), True),
    Case("LogCosh", {}, real, lambda t, p: np.log(np.cosh(p - t)).mean(-1), True),
    Case("CosineSimilarity", {}, real, cosine),
    Case("CosineSimilarity", {"axis": 0}, real, lambda t, p: cosine(t.T, p.T)),
    Case("Hinge", {}, signs, lambda t, p: np.maximum(1 - t * p, 0).mean(-1), True),
    Case("Hinge", {}, bits, lambda t, p: np.maximum(1 - (2 * t - 1) * p, 0).mean(-1), True),
    Case("SquaredHinge", {}, signs, lambda t, p: (np.maximum(1 - t * p, 0) ** 2).mean(-1), True),
    Case("CategoricalHinge", {}, one_hot_logits, categorical_hinge),
    Case("KLDivergence", {}, distributions, lambda t, p: (t * np.log(t / p)).sum(-1)),
    Case("Poisson", {}, positive, lambda t, p: (p - t * np.log(p + EPSILON)).mean(-1), True),
    Case("BinaryCrossentropy", {}, bits, lambda t, p: binary(t, p).mean(-1), True),
    Case(
        "BinaryCrossentropy",
        {"from_logits": True, "label_smoothing": 0.2},
        bits_logits,
        lambda t, p: binary(0.8 * t + 0.1, sigmoid(p)).mean(-1),
        True,
    ),
    Case("BinaryFocalCrossentropy", {}, bits, binary_focal, True),
    Case(
        "BinaryFocalCrossentropy",
        {"from_logits": True, "apply_class_balancing": True, "alpha": 0.3, "gamma": 3.0},
        bits_logits,
        lambda t, p: binary_focal(t, sigmoid(p), 0.3, 3.0),
        True,
    ),
    Case("CategoricalCrossentropy", {}, one_hot, lambda t, p: -(t * np.log(p)).sum(-1)),
    Case(
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        one_hot_logits,
        lambda t, p: -((0.9 * t + 0.025) * np.log(softmax(p))).sum(-1),
    ),
    Case(
        "CategoricalFocalCrossentropy",
        {},
        one_hot,
        lambda t, p: -(0.25 * (1 - p) ** 2 * t * np.log(p)).sum(-1),
    ),
    Case(
        "CategoricalFocalCrossentropy",
        {"from_logits": True, "alpha": 0.4, "gamma": 1.0},
        one_hot_logits,
        lambda t, p: -(0.4 * (1 - softmax(p)) * t * np.log(softmax(p))).sum(-1),
    ),
    Case("SparseCategoricalCrossentropy", {}, indices, lambda t, p: -np.log(picked(t, p))),
    Case("SparseCategoricalCrossentropy", {}, indices_in_time, lambda t, p: -np.log(picked(t, p))),
    Case(
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        indices_logits,
        lambda t, p: -np.log(picked(t, softmax(p))),
    ),
    Case(
        "CategoricalGeneralizedCrossEntropy",
        {"q": 0.7},
        indices,
        lambda t, p: (1 - picked(t, p) ** 0.7) / 0.7,
    ),
    Case("Dice", {"axis": (1, 2)}, images, overlap),
    Case(
        "Tversky",
        {"alpha": 0.3, "beta": 0.8, "axis": (1, 2)},
        images,
        lambda t, p: overlap(t, p, 0.3, 0.8),
    ),
]

# Losses whose values have no short formula: fixtures and their own tests give the numbers.
OTHERS = [
    Case("Circle", {"gamma": 32.0}, lambda rng: (rng.integers(0, 2, 6), _directions(rng)), None),
    Case("CTC", {}, lambda rng: (rng.integers(1, 4, (6, 2)), rng.normal(size=(6, 7, 4))), None),
]


def _directions(rng):
    x = rng.normal(size=(6, 3))
    return x / np.linalg.norm(x, axis=-1, keepdims=True)
