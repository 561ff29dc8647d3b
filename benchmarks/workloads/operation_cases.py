"""The operations of the per-operation benchmark, one row each: shapes, and the work they do."""

import dataclasses
import math

import numpy

from workloads import Workload


@dataclasses.dataclass(frozen=True)
class Operation:
    """One operation on given shapes.

    Args:
        name: str. What the command line calls it.
        function: str. Its function in `operations_kerasish` and `operations_torch`.
        shapes: tuple of the shapes of its inputs, float32 and random.
        params: dict.
        high: int or None. The first input holds int32 indices below it instead.
        flops: float. Multiplications and additions of the forward computation, or
        numbers: int. Where memory counts: numbers read and written at least, instead.
        gradient: bool. Whether a second row times forward and gradients together.
    """

    name: str
    function: str
    shapes: tuple
    params: dict = dataclasses.field(default_factory=dict)
    high: int | None = None
    flops: float = 0.0
    numbers: int = 0
    gradient: bool = True

    def arrays(self):
        """The inputs."""
        generator = numpy.random.default_rng(1)
        made = [generator.standard_normal(shape, numpy.float32) for shape in self.shapes]
        if self.high:
            made[0] = generator.integers(0, self.high, self.shapes[0], numpy.int32)
        return made

    def rate(self, milliseconds, gradient):
        """(figure, unit) for a call: GFLOP/s, or GB/s.

        Forward and gradients together count as three times the operations, or twice the bytes.
        """
        if self.flops:
            return self.flops * (3 if gradient else 1) / milliseconds / 1e6, "GFLOP/s"
        return 4 * self.numbers * (2 if gradient else 1) / milliseconds / 1e6, "GB/s"

    def as_workload(self, gradient):
        """The row as a Workload, for the race."""
        name = f"{self.name}, gradient" if gradient else self.name
        return Workload(name, name, self.name, "operation", options=(("gradient", gradient),))


def matmul(m, k, n):
    return Operation(f"matmul {m}x{k}x{n}", "matmul", ((m, k), (k, n)), flops=2.0 * m * k * n)


def convolution(title, image, filters, size, strides=1, padding="same", batch=128):
    rows, columns, channels = image
    cut = size - 1 if padding == "valid" else 0
    pixels = math.ceil((rows - cut) / strides) * math.ceil((columns - cut) / strides)
    return Operation(
        f"conv {title}",
        "conv",
        ((batch, *image), (size, size, channels, filters)),
        {"strides": strides, "padding": padding},
        flops=2.0 * batch * pixels * size * size * channels * filters,
    )


def recurrent(name, gates, batch=32, time=100, features=64, units=128):
    return Operation(
        f"{name} {batch}x{time}x{features}-{units}",
        name,
        ((batch, time, features), (features, gates * units), (units, gates * units)),
        flops=2.0 * batch * time * (features + units) * gates * units,
    )


def pointwise(function, shape=(2048, 1024)):
    name = f"{function} {'x'.join(map(str, shape))}"
    return Operation(name, function, (shape,), numbers=2 * math.prod(shape))


def pool(kind):
    pixels = 128 * 26 * 26 * 32
    return Operation(
        f"{kind}_pool 2x2 26x26x32 (128)", f"{kind}_pool", ((128, 26, 26, 32),),
        numbers=pixels + pixels // 4,
    )  # fmt: skip


def norm(name, shape):
    weights = (shape[-1],)
    title = f"{name} {'x'.join(map(str, shape))}"
    return Operation(title, name, (shape, weights, weights), numbers=2 * math.prod(shape))


def crossentropy(batch, classes):
    return Operation(
        f"softmax_ce {batch}x{classes}", "softmax_ce", ((batch,), (batch, classes)),
        high=classes, numbers=batch * (classes + 2),
    )  # fmt: skip


def adam(name, shape):
    # Reads weight, gradient and two averages, writes all but the gradient.
    return Operation(
        f"adam, {name} weights", "adam", (shape, shape), numbers=7 * math.prod(shape),
        gradient=False,
    )  # fmt: skip


OPERATIONS = {
    operation.name: operation
    for operation in (
        matmul(128, 784, 256),
        matmul(128, 256, 128),
        matmul(2048, 256, 1024),
        matmul(1024, 1024, 1024),
        convolution("3x3 28x28x1-32", (28, 28, 1), 32, 3, padding="valid"),
        convolution("3x3 13x13x32-64", (13, 13, 32), 64, 3, padding="valid"),
        convolution("3x3 32x32x16-16", (32, 32, 16), 16, 3),
        convolution("3x3 16x16x32-32", (16, 16, 32), 32, 3),
        convolution("3x3 8x8x64-64", (8, 8, 64), 64, 3),
        convolution("3x3/2 32x32x16-32", (32, 32, 16), 32, 3, strides=2),
        convolution("1x1/2 32x32x16-32", (32, 32, 16), 32, 1, strides=2),
        convolution("3x3 56x56x64-64 (16)", (56, 56, 64), 64, 3, batch=16),
        Operation(
            "depthwise_conv 3x3 56x56x64 (16)",
            "depthwise_conv",
            ((16, 56, 56, 64), (3, 3, 64, 1)),
            flops=2.0 * 16 * 56 * 56 * 64 * 9,
        ),
        pool("max"),
        pool("average"),
        recurrent("lstm", 4),
        recurrent("gru", 3),
        Operation(
            "attention 16x128x4x64",
            "attention",
            ((16, 128, 4, 64),) * 3,
            flops=4.0 * 16 * 4 * 128 * 128 * 64,
        ),
        norm("layer_norm", (2048, 256)),
        norm("batch_norm", (128, 32, 32, 16)),
        pointwise("softmax", (8192, 128)),
        crossentropy(128, 10),
        crossentropy(2048, 5000),
        pointwise("relu"),
        pointwise("gelu"),
        pointwise("tanh"),
        pointwise("sigmoid"),
        pointwise("dropout"),
        Operation(
            "embedding 16x128 of 5000x256",
            "embedding",
            ((16, 128), (5000, 256)),
            high=5000,
            numbers=2 * 16 * 128 * 256,
        ),
        Operation(
            "sum over rows 2048x1024", "sum_rows", ((2048, 1024),), numbers=2048 * 1024 + 1024
        ),
        pointwise("transpose", (64, 128, 4, 64)),
        adam("28,000", (28_000,)),
        adam("4,000,000", (2000, 2000)),
    )
}
