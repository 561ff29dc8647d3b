"""The data sets and initial weights that every competitor gets, drawn with NumPy."""

import zlib

import numpy

# Shape of one sample for each model; None stands for the options' first size.
SAMPLES = {
    "mlp": None,
    "convnet": (28, 28, 1),
    "resnet": (32, 32, 3),
    "lstm": (100, 64),
    "transformer": (128,),
}
VOCABULARY = 5000


def classes(workload):
    """Number of classes a workload's model tells apart."""
    return dict(workload.options)["sizes"][-1] if workload.model == "mlp" else 10


def sample_shape(workload):
    """Shape of one sample."""
    shape = SAMPLES[workload.model]
    return (dict(workload.options)["sizes"][0],) if shape is None else shape


def data_set(workload, count):
    """`count` random samples, and labels that a model can learn from them.

    Returns:
        (x, y): float32 features (int32 tokens for the transformer) and int32 labels.
    """
    generator = numpy.random.default_rng(1)
    shape, labels = sample_shape(workload), classes(workload)
    if workload.model == "transformer":
        x = generator.integers(0, VOCABULARY, (count, *shape), dtype=numpy.int32)
        features = generator.standard_normal((VOCABULARY, labels), numpy.float32)
        scores = sum(features[x[:, i]] for i in range(0, shape[0], 8))
    else:
        x = generator.standard_normal((count, *shape), numpy.float32)
        flat = x.reshape(count, -1)
        scores = flat @ generator.standard_normal((flat.shape[1], labels), numpy.float32)
    return x, scores.argmax(1).astype(numpy.int32)


def initial_weight(layer, index, default):
    """Initial value of weight `index` of a layer, the same for every competitor.

    Biases, scales and statistics keep their default. Matrices and convolution kernels
    are uniform with Glorot's limit, embeddings uniform within 0.05; the 3-D projections of
    attention count as the square matrices they are.
    """
    shape = default.shape
    if len(shape) < 2 or (layer.startswith("attention") and len(shape) == 2):
        return default
    generator = numpy.random.default_rng([zlib.crc32(layer.encode()), index])
    if layer.startswith("embedding"):
        limit = 0.05
    elif len(shape) == 3:
        limit = numpy.sqrt(6 / (2 * numpy.sqrt(numpy.prod(shape))))
    else:
        receptive = numpy.prod(shape[:-2])
        limit = numpy.sqrt(6 / (receptive * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype(numpy.float32)
