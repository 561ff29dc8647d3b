"""Runs single operations as traced functions of kerasish."""

import kerasish
from kerasish import ops
from workloads.keras_runs import call_times
from workloads.operation_cases import OPERATIONS


class SingleOperation:
    """One operation, traced and ready to be timed; kernels are used where they are enabled.

    Args:
        workload: Workload of an Operation.
        variant: dict, empty.
    """

    def __init__(self, workload, variant):
        operation = OPERATIONS[workload.model]
        arrays = [ops.convert_to_tensor(a) for a in operation.arrays()]
        if operation.function == "adam":
            self.call = adam(*arrays)
            return
        forward = FUNCTIONS[operation.function](**operation.params)
        body = kerasish.function(forward)
        if dict(workload.options)["gradient"]:
            arrays.append(ops.ones_like(body(*arrays)))
            body = kerasish.function(with_gradients(forward, first=1 if operation.high else 0))
        self.call = lambda: body(*arrays)

    def times(self, seconds):
        """Milliseconds of a call, several figures."""
        return call_times(self.call, seconds)


def with_gradients(forward, first):
    """A function of inputs and the result's gradient: the result, and gradients from `first`."""

    def run(*arguments):
        *xs, g = arguments
        with kerasish.GradientTape() as tape:
            for x in xs[first:]:
                tape.watch(x)
            y = forward(*xs)
        return y, tape.gradient(y, xs[first:], output_gradients=g)

    return run


def adam(weights, gradient):
    """An Adam step of one variable, as a call."""
    variable = kerasish.Variable(weights)
    optimizer = kerasish.optimizers.Adam()
    optimizer.build([variable])

    @kerasish.function
    def step(g):
        optimizer.apply([g], [variable])

    return lambda: step(gradient)


def conv(strides, padding):
    return lambda x, w: ops.conv(x, w, strides, padding)


def dropout():
    seeds = kerasish.random.SeedGenerator(1)
    return lambda x: kerasish.random.dropout(x, 0.5, seed=seeds)


FUNCTIONS = {
    "matmul": lambda: ops.matmul,
    "conv": conv,
    "depthwise_conv": lambda: lambda x, w: ops.depthwise_conv(x, w, padding="same"),
    "max_pool": lambda: lambda x: ops.max_pool(x, 2),
    "average_pool": lambda: lambda x: ops.average_pool(x, 2),
    "lstm": lambda: lambda *xs: ops.lstm(*xs)[1],
    "gru": lambda: lambda *xs: ops.gru(*xs)[1],
    "attention": lambda: ops.dot_product_attention,
    "layer_norm": lambda: ops.layer_normalization,
    "batch_norm": lambda: lambda *xs: ops.batch_normalization_training(*xs)[0],
    "softmax": lambda: ops.softmax,
    "softmax_ce": lambda: lambda y, x: ops.sparse_categorical_crossentropy(y, x, from_logits=True),
    "relu": lambda: ops.relu,
    "gelu": lambda: lambda x: ops.gelu(x, approximate=False),
    "tanh": lambda: ops.tanh,
    "sigmoid": lambda: ops.sigmoid,
    "dropout": dropout,
    "embedding": lambda: lambda indices, table: ops.take(table, indices, axis=0),
    "sum_rows": lambda: lambda x: ops.sum(x, axis=0),
    "transpose": lambda: lambda x: ops.transpose(x, (0, 2, 1, 3)),
}
