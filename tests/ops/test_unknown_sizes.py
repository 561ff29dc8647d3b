"""Traces in which only some sizes are unknown, as in real models: batch, height, width, time.

The rows of `samples` make all sizes of all inputs unknown, or the first; weights never are.
"""

import numpy as np
import pytest

import kerasish
from kerasish import GradientTape, ops
from kerasish.core.spec import TensorSpec
from tests.ops.sample import draw, outputs_of

BATCH, IMAGE, TIME = (0,), (0, 1, 2), (0, 1)
LABELS = np.array([[1, 2], [0, 1]])

# name, function, shapes of the inputs, unknown axes of the first input (weights are known)
CALLS = [
    ("conv", lambda x, k: ops.conv(x, k, 2, "same"), ((2, 5, 6, 3), (3, 2, 3, 4)), IMAGE),
    ("conv-groups", ops.conv, ((2, 5, 6, 4), (3, 2, 2, 4)), IMAGE),
    ("conv-dilated", lambda x, k: ops.conv(x, k, dilation_rate=2), ((2, 5, 3), (2, 3, 4)), TIME),
    (
        "conv-first",
        lambda x, k: ops.conv(x, k, data_format="channels_first"),
        ((2, 3, 5, 6), (3, 2, 3, 4)),
        (0, 2, 3),
    ),
    ("depthwise", ops.depthwise_conv, ((2, 5, 6, 3), (3, 2, 3, 2)), IMAGE),
    ("separable", ops.separable_conv, ((2, 5, 6, 3), (3, 2, 3, 2), (1, 1, 6, 2)), IMAGE),
    ("transpose", lambda x, k: ops.conv_transpose(x, k, 2), ((2, 3, 4, 3), (3, 2, 2, 3)), IMAGE),
    (
        "transpose-padded",
        lambda x, k: ops.conv_transpose(x, k, 2, "same", 1),
        ((2, 3, 4, 3), (3, 3, 2, 3)),
        IMAGE,
    ),
    ("max_pool", lambda x: ops.max_pool(x, 2, 1, "same"), ((2, 5, 6, 3),), IMAGE),
    ("average_pool", lambda x: ops.average_pool(x, 3, 2, "same"), ((2, 5, 6, 3),), IMAGE),
    (
        "batch_normalization",
        lambda x, m, v, o, s: ops.batch_normalization(x, m, v * v, -1, o, s),
        ((2, 3, 4), (4,), (4,), (4,), (4,)),
        TIME,
    ),
    (
        "batch_normalization_training",
        lambda x, a, b: ops.batch_normalization_training(x, a, b, axis=1),
        ((4, 3, 5), (3,), (3,)),
        (0, 2),
    ),
    (
        "layer_normalization",
        lambda x, a, b: ops.layer_normalization(x, a, b, epsilon=0.1),
        ((2, 3, 4), (4,), (4,)),
        TIME,
    ),
    (
        "rms_normalization",
        lambda x, a: ops.rms_normalization(x, a, epsilon=0.1),
        ((2, 3, 4), (4,)),
        TIME,
    ),
    (
        "group_normalization",
        lambda x, a, b: ops.group_normalization(x, a, b, groups=2),
        ((2, 3, 2, 4), (4,), (4,)),
        IMAGE,
    ),
    ("attention", ops.dot_product_attention, ((2, 3, 4, 5), (2, 6, 4, 5), (2, 6, 4, 3)), TIME),
    (
        "attention-grouped",
        lambda q, k, v: ops.dot_product_attention(q, k, v, is_causal=True),
        ((2, 3, 4, 5), (2, 6, 2, 5), (2, 6, 2, 3)),
        TIME,
    ),
    ("lstm", lambda x, k, u, b: ops.lstm(x, k, u, b)[:2], ((2, 4, 3), (3, 8), (2, 8), (8,)), TIME),
    ("gru", lambda x, k, u, b: ops.gru(x, k, u, b)[:2], ((2, 4, 3), (3, 6), (2, 6), (2, 6)), TIME),
    ("simple_rnn", lambda x, k, u: ops.simple_rnn(x, k, u)[:2], ((2, 4, 3), (3, 2), (2, 2)), TIME),
    (
        "scan",
        lambda x, w: ops.scan(lambda c, e: (ops.tanh(c * w + e), c * e), w, x),
        ((5, 3), (3,)),
        BATCH,
    ),
    (
        "sparse_crossentropy",
        lambda x: ops.sparse_categorical_crossentropy(LABELS, x, from_logits=True),
        ((2, 2, 4),),
        TIME,
    ),
    ("ctc_loss", lambda x: ops.ctc_loss(LABELS, x, [2, 2], [5, 4]), ((2, 5, 3),), TIME),
    ("resize", lambda x: ops.image.resize(x, (4, 9), antialias=True), ((2, 5, 6, 3),), IMAGE),
    ("resize-nearest", lambda x: ops.image.resize(x, (4, 9), "nearest"), ((2, 5, 6, 3),), IMAGE),
    (
        "extract_patches",
        lambda x: ops.image.extract_patches(x, 2, 1, padding="same"),
        ((2, 5, 6, 3),),
        IMAGE,
    ),
    ("space_to_depth", lambda x: ops.space_to_depth(x, 2), ((2, 4, 6, 3),), IMAGE),
    (
        "affine_transform",
        lambda x: ops.image.affine_transform(x, [1.0, 0, 0.3, 0, 1.0, -0.6, 0, 0]),
        ((2, 4, 5, 3),),
        IMAGE,
    ),
    ("gaussian_blur", ops.image.gaussian_blur, ((2, 5, 6, 3),), IMAGE),
    (
        "elastic_transform",
        lambda x: ops.image.elastic_transform(x, 3.0, 1.0, seed=3),
        ((2, 5, 6, 3),),
        IMAGE,
    ),
    ("rgb_to_hsv", lambda x: ops.image.rgb_to_hsv(x * x), ((2, 5, 6, 3),), IMAGE),
    ("pad_images", lambda x: ops.image.pad_images(x, 1, 2, 0, 3), ((2, 5, 6, 3),), IMAGE),
    ("fori_loop", lambda x: ops.fori_loop(0, 40, lambda i, v: ops.sin(v) + x, x), ((2, 3),), TIME),
]


def second_order(function):
    """Outputs, gradients of their squares, and gradients of the sum of those."""

    def run(*inputs):
        with GradientTape() as outer:
            outer.watch(list(inputs))
            with GradientTape() as inner:
                inner.watch(list(inputs))
                outputs = outputs_of(function(*inputs))
                total = sum(ops.sum(y * y) for y in outputs)
            first = inner.gradient(total, list(inputs), unconnected_gradients="zero")
            weighted = sum(ops.sum(ops.sin(g)) for g in first)
        return [*outputs, *first, *outer.gradient(weighted, list(inputs), None, "zero")]

    return run


def has_second_order_in_a_trace(name):
    # The second derivative of a recurrence goes step by step: it needs the number of steps.
    return name not in ("lstm", "gru", "simple_rnn")


@pytest.mark.parametrize(
    ("name", "function", "shapes", "unknown"), CALLS, ids=[c[0] for c in CALLS]
)
def test_traced_with_partly_unknown_sizes_equals_eager(name, function, shapes, unknown):
    rng = np.random.default_rng(1)
    arrays = [draw(rng, shape) for shape in shapes]
    if not has_second_order_in_a_trace(name):
        unknown = BATCH
    first = [None if i in unknown else n for i, n in enumerate(shapes[0])]
    signature = [TensorSpec(first, "float64")]
    for shape in shapes[1:]:
        # Keys and values have the batch and the length of the queries' kind; weights are known.
        sizes = [None if i in unknown else n for i, n in enumerate(shape)]
        is_data = name.startswith("attention")
        signature.append(TensorSpec(sizes if is_data else shape, "float64"))
    run = second_order(function)
    expected = run(*[ops.convert_to_tensor(a) for a in arrays])
    compiled = kerasish.function(run, input_signature=signature)
    for _ in range(2):
        for y, wanted in zip(compiled(*arrays), expected, strict=True):
            np.testing.assert_allclose(y.numpy(), wanted.numpy(), 1e-9, 1e-9, err_msg=name)


@pytest.mark.parametrize("name", ["lstm", "gru", "simple_rnn"])
def test_recurrence_of_unknown_length_trains_in_a_trace(name):
    function, shapes = next((f, s) for n, f, s, _ in CALLS if n == name)
    arrays = [draw(np.random.default_rng(2), shape) for shape in shapes]

    def gradients(*inputs):
        with GradientTape() as tape:
            tape.watch(list(inputs))
            total = sum(ops.sum(y * y) for y in outputs_of(function(*inputs)))
        return tape.gradient(total, list(inputs))

    signature = [TensorSpec((None, None, shapes[0][2]), "float64")]
    signature += [TensorSpec(s, "float64") for s in shapes[1:]]
    compiled = kerasish.function(gradients, input_signature=signature)
    for length in (4, 7):
        arrays[0] = draw(np.random.default_rng(length), (3, length, shapes[0][2]))
        expected = gradients(*[ops.convert_to_tensor(a) for a in arrays])
        for y, wanted in zip(compiled(*arrays), expected, strict=True):
            np.testing.assert_allclose(y.numpy(), wanted.numpy(), 1e-9, 1e-9)
    with pytest.raises(ValueError, match="number of time steps must be known"):
        kerasish.function(second_order(function), input_signature=signature)(*arrays)
