"""The workloads of the benchmarks, one row each: what is measured, how much, and the goal."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Workload:
    """One thing to time.

    Args:
        name: str. What the command line and the result files call it.
        title: str. What the tables call it.
        model: str. A builder in `keras_models` and `torch_models`.
        measure: "train" (`fit`), "predict" (`predict` of one sample) or "call" (`model(x)`).
        batch: int. Samples a step.
        steps: int. Steps an epoch, from which follows the size of the data set.
        goal: float or None. How many times faster than the best rival kerasish has to be.
        options: tuple of (name, value) pairs for the builder.
    """

    name: str
    title: str
    model: str
    measure: str = "train"
    batch: int = 1
    steps: int = 1
    goal: float | None = None
    options: tuple = ()

    def as_message(self):
        """The workload as a dict of plain values, for the pipe to a competitor."""
        return dataclasses.asdict(self)

    @classmethod
    def from_message(cls, message):
        """The workload that `as_message` wrote."""
        message["options"] = tuple((name, value) for name, value in message["options"])
        return cls(**message)

    def with_name(self, suffix):
        """The same workload as a member of a series, without a goal."""
        return dataclasses.replace(self, name=f"{self.name}/{suffix}", goal=None)

    def with_batch(self, batch):
        """The same workload with another batch size, and about as many samples an epoch."""
        steps = max(2, self.batch * self.steps // batch)
        return dataclasses.replace(self.with_name(f"batch={batch}"), batch=batch, steps=steps)


def deep_mlp(depth):
    """An MLP of `depth` hidden layers of 256 units."""
    return Workload(
        f"deep_mlp/depth={depth}",
        f"MLP 784-256x{depth}-10 (128)",
        "mlp",
        batch=128,
        steps=50,
        options=(("sizes", (784, *[256] * depth, 10)),),
    )


_TINY = (("sizes", (4, 16, 3)),)
_MLP = (("sizes", (784, 256, 128, 10)),)

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tiny", "MLP 4-16-3 (32)", "mlp", "train", 32, 500, 1 / 0.12, _TINY),
        Workload("mlp", "MLP 784-256-128-10 (128)", "mlp", "train", 128, 100, 2, _MLP),
        Workload("convnet", "MNIST convnet 32-64 (128)", "convnet", "train", 128, 25, 4),
        Workload("resnet", "CIFAR ResNet-20 (128)", "resnet", "train", 128, 4, 2),
        Workload("lstm", "LSTM 128 on (32, 100, 64)", "lstm", "train", 32, 40, 2),
        Workload("transformer", "Transformer 2 x 256 (16)", "transformer", "train", 16, 5, 2),
        Workload("predict_mlp", "`predict`, one sample, MLP", "mlp", "predict", 1, 1, 10, _MLP),
        Workload(
            "predict_convnet", "`predict`, one sample, convnet", "convnet", "predict", goal=10
        ),
        Workload("call_mlp", "`model(x)`, one sample, MLP", "mlp", "call", 1, 1, 5, _MLP),
    )
}
