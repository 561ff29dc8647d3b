"""Normalizations and cross-entropies."""

import numpy as np

from tests.ops.sample import Case, Sample, draw


def standardized(x, axes, epsilon):
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon), mean, variance


def along(vector, axis, ndim):
    shape = [1] * ndim
    shape[axis] = -1
    return vector.reshape(shape)


def batches(rng):
    """Cases of the batch normalizations: each axis as that of the channels."""
    found = []
    for shape in ((6, 3), (4, 2, 3), (3, 2, 2, 4), (2, 2, 3, 2, 2)):
        for axis in (*range(1, len(shape)), -1):
            size = shape[axis]
            vectors = [draw(rng, (size,)), draw(rng, (size,), 0.3, 2)]
            more = [draw(rng, (size,)), draw(rng, (size,))]
            params = {"axis": axis}
            found.append(Case((draw(rng, shape), *vectors, *more), {**params, "epsilon": 0.1}))
            found.append(Case((draw(rng, shape), *vectors), params))
    return found


def call_batch(function, x, mean, variance, offset=None, scale=None, *, axis, **params):
    return function(x, mean, variance, axis, offset=offset, scale=scale, **params)


def batch_normalization(x, mean, variance, offset=None, scale=None, *, axis, epsilon=1e-3):
    ndim = x.ndim
    y = (x - along(mean, axis, ndim)) / np.sqrt(along(variance, axis, ndim) + epsilon)
    y = y if scale is None else y * along(scale, axis, ndim)
    return y if offset is None else y + along(offset, axis, ndim)


def trained(rng):
    found = []
    for case in batches(rng):
        x, vectors = case.inputs[0], case.inputs[3:]
        found.append(Case((x, *vectors), case.params))
    return found


def batch_normalization_training(x, gamma=None, beta=None, *, axis, epsilon=1e-3):
    axes = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    y, mean, variance = standardized(x, axes, epsilon)
    if gamma is not None:
        y = y * along(gamma, axis, x.ndim) + along(beta, axis, x.ndim)
    return y, mean.ravel(), variance.ravel()


def layers(count):
    """Cases of layer normalizations with `count` weights or none, over several axes."""

    def cases(rng):
        found = []
        for shape, axis in (
            ((5,), -1),
            ((3, 4), -1),
            ((3, 4), 0),
            ((3, 4), (0, 1)),
            ((2, 3, 4), 1),
            ((2, 3, 4), (1, 2)),
            ((2, 3, 4), (0, 2)),
            ((2, 3, 2, 4), (-1,)),
            ((2, 3, 2, 4), (1, 3)),
            ((4, 6), 1),
            ((2, 5, 3), 2),
        ):
            axes = (axis,) if isinstance(axis, int) else axis
            sizes = tuple(shape[a] for a in sorted(a % len(shape) for a in axes))
            weights = tuple(draw(rng, sizes) for _ in range(count))
            found.append(Case((draw(rng, shape), *weights), {"axis": axis, "epsilon": 0.01}))
            found.append(Case((draw(rng, shape),), {"axis": axis}))
        return found

    return cases


def expanded(weight, x, axis):
    axes = [a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis)]
    return weight.reshape([n if i in axes else 1 for i, n in enumerate(x.shape)])


def layer_normalization(x, gamma=None, beta=None, *, axis=-1, epsilon=1e-7):
    y = standardized(x, axis, epsilon)[0]
    return y if gamma is None else y * expanded(gamma, x, axis) + expanded(beta, x, axis)


def rms_normalization(x, scale=None, *, axis=-1, epsilon=1e-7):
    y = x / np.sqrt((x * x).mean(axis=axis, keepdims=True) + epsilon)
    return y if scale is None else y * expanded(scale, x, axis)


def groups(rng):
    found = []
    for shape, axis, count in (
        ((3, 6), -1, 2),
        ((3, 6), 1, 3),
        ((2, 3, 4), -1, 1),
        ((2, 4, 3), 1, 2),
        ((2, 2, 3, 4), -1, 4),
        ((2, 4, 3, 2), 1, 4),
        ((2, 6, 2), 1, 3),
    ):
        for weighted in (True, False, True):
            weights = (draw(rng, (shape[axis],)), draw(rng, (shape[axis],))) if weighted else ()
            params = {"groups": count, "axis": axis, "epsilon": 0.01}
            found.append(Case((draw(rng, shape), *weights), params))
    return found


def group_normalization(x, gamma=None, beta=None, *, groups, axis, epsilon):
    moved = np.moveaxis(x, axis, 1)
    split = moved.reshape(len(x), groups, -1)
    y = standardized(split, 2, epsilon)[0].reshape(moved.shape)
    y = np.moveaxis(y, 1, axis)
    if gamma is not None:
        y = y * along(gamma, axis, x.ndim) + along(beta, axis, x.ndim)
    return y


def vectors(rng):
    return [
        Case((draw(rng, shape),), {"axis": axis, "order": order})
        for shape, axis in (((4,), -1), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), (0, 2)), ((3, 2), -1))
        for order in (1, 2, 3, 2)
    ] + [Case((np.zeros((2, 3)),), {"axis": 1, "order": 2}, is_smooth=False)]


def normalize(x, axis, order):
    norm = (np.abs(x) ** order).sum(axis=axis, keepdims=True) ** (1 / order)
    return x / np.maximum(norm, 1e-7)


# ---- cross-entropies -------------------------------------------------------------------------

SHAPES = (((4,), -1), ((3, 5), -1), ((3, 5), 0), ((2, 3, 4), 1), ((2, 3, 4), -1))


def probabilities(rng, shape, axis):
    values = draw(rng, shape, 0.1, 1.0)
    return values / values.sum(axis=axis, keepdims=True)


def classes(rng):
    found = []
    for shape, axis in SHAPES:
        target = probabilities(rng, shape, axis)
        for _ in range(2):
            logits = draw(rng, shape, -5, 5)
            found.append(Case((target, logits), {"from_logits": True, "axis": axis}))
            found.append(Case((target, probabilities(rng, shape, axis)), {"axis": axis}))
    extreme = np.array([[1000.0, -1000.0, 0.0]])
    found.append(Case((np.array([[0.0, 1.0, 0.0]]), extreme), {"from_logits": True}, False))
    return found


def log_softmax(x, axis):
    z = x - x.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def categorical(target, output, from_logits=False, axis=-1):
    if from_logits:
        return -(target * log_softmax(output, axis)).sum(axis=axis)
    output = output / output.sum(axis=axis, keepdims=True)
    return -(target * np.log(np.clip(output, 1e-7, 1 - 1e-7))).sum(axis=axis)


def indices(rng):
    found = []
    for shape, axis in SHAPES:
        left = tuple(n for i, n in enumerate(shape) if i != axis % len(shape))
        target = np.asarray(rng.integers(0, shape[axis], left))
        for _ in range(2):
            found.append(Case((target, draw(rng, shape)), {"from_logits": True, "axis": axis}))
            found.append(Case((target, probabilities(rng, shape, axis)), {"axis": axis}))
    column = np.array([[1], [0]])
    return [*found, Case((column, draw(rng, (2, 3))), {"from_logits": True})]


def sparse(target, output, from_logits=False, axis=-1):
    if target.ndim == output.ndim:
        target = target[..., 0]
    if not from_logits:
        output = np.log(np.clip(output, 1e-7, 1 - 1e-7))
    rows = log_softmax(output, axis)
    return -np.take_along_axis(rows, np.expand_dims(target, axis), axis).squeeze(axis)


def two_classes(rng):
    found = []
    for shape in ((), (3,), (2, 3), (0, 2), (2, 1, 4)):
        target = np.asarray(draw(rng, shape, 0, 1))
        for _ in range(2):
            found.append(Case((target, np.asarray(draw(rng, shape, -5, 5))), {"from_logits": True}))
            found.append(Case((target, np.asarray(draw(rng, shape, 0.05, 0.95)))))
    extreme = np.array([1000.0, -1000.0, 0.0])
    found.append(Case((np.array([0.0, 1.0, 1.0]), extreme), {"from_logits": True}, False))
    return [*found, Case((np.array([0.0, 1.0]), np.array([1.0, 0.0])), {}, False)]


def binary(target, output, from_logits=False):
    if from_logits:
        return np.maximum(output, 0) - output * target + np.log1p(np.exp(-np.abs(output)))
    output = np.clip(output, 1e-7, 1 - 1e-7)
    return -(target * np.log(output) + (1 - target) * np.log(1 - output))


def alignments(rng):
    found = []
    for classes, time, labels in ((3, 4, 1), (3, 6, 3), (4, 5, 2), (3, 5, 2)):
        for _ in range(5):
            target = rng.integers(1, classes, (2, labels))
            lengths = np.array([labels, max(labels - 1, 0)])
            steps = np.array([time, time - 1])
            found.append(Case((target, draw(rng, (2, time, classes)), lengths, steps)))
    return found


def ctc(target, output, lengths, steps):
    """The sum over every path, counted one by one."""
    total = np.zeros(len(target))
    for n, (labels, count, size) in enumerate(zip(target, lengths, steps, strict=True)):
        logs = log_softmax(output[n], -1)
        paths = np.indices((output.shape[2],) * size).reshape(size, -1).T
        for path in paths:
            kept = [k for t, k in enumerate(path) if k and (t == 0 or path[t - 1] != k)]
            if kept == list(labels[:count]):
                total[n] += np.exp(logs[np.arange(size), path].sum())
    return -np.log(total)


SAMPLES = [
    Sample(
        "batch_normalization",
        batches,
        batch_normalization,
        call=call_batch,
        unknown_sizes="none",
        note="weights belong to known sizes; see test_unknown_sizes",
    ),
    Sample(
        "batch_normalization_training",
        trained,
        batch_normalization_training,
        unknown_sizes="none",
        operations=("standardize",),
    ),
    Sample(
        "layer_normalization",
        layers(2),
        layer_normalization,
        unknown_sizes="none",
        rtol=1e-8,
        gradient_rtol=1e-4,
        note="some rows have nearly no variance",
    ),
    Sample("rms_normalization", layers(1), rms_normalization, unknown_sizes="none"),
    Sample("group_normalization", groups, group_normalization, unknown_sizes="none"),
    Sample("normalize", vectors, normalize),
    Sample("categorical_crossentropy", classes, categorical, operations=("softmax_crossentropy",)),
    Sample(
        "sparse_categorical_crossentropy",
        indices,
        sparse,
        unknown_sizes="first",
        operations=("sparse_softmax_crossentropy", "pick", "place"),
    ),
    Sample("binary_crossentropy", two_classes, binary, operations=("sigmoid_crossentropy",)),
    Sample("ctc_loss", alignments, ctc, unknown_sizes="none"),
]
