"""Time of one eager operation on small arrays against the NumPy call it makes."""

import sys

import numpy
from common import RESULTS, describe_machine, save, time_call

import kerasish
from kerasish import ops


def cases():
    """(name, kerasish call, NumPy call) on arrays small enough that overhead is all there is."""
    a, b = (numpy.random.default_rng(s).random((8, 8), numpy.float32) for s in (0, 1))
    x, y = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    yield "add", lambda: ops.add(x, y), lambda: numpy.add(a, b)
    yield "x + y", lambda: x + y, lambda: a + b
    yield "x * 2.0", lambda: x * 2.0, lambda: a * 2.0
    yield "exp", lambda: ops.exp(x), lambda: numpy.exp(a)
    yield "matmul", lambda: x @ y, lambda: a @ b
    yield "sum(axis=1)", lambda: ops.sum(x, axis=1), lambda: a.sum(axis=1)
    yield "reshape", lambda: ops.reshape(x, (64,)), lambda: a.reshape(64)
    yield "x[0]", lambda: x[0], lambda: a[0]

    def taped():
        with kerasish.GradientTape() as tape:
            tape.watch(x)
            z = ops.sum(x * y)
        return tape.gradient(z, x)

    yield "tape: d sum(x * y) / dx", taped, lambda: (a * b).sum()


def main(keep):
    """Print microseconds a call and the difference; `keep`: save them too."""
    print(describe_machine())
    print(f"{'operation':28s} {'kerasish us':>12s} {'NumPy us':>10s} {'overhead us':>12s}")
    for name, ours, theirs in cases():
        mine, bare = time_call(ours)[1] * 1e6, time_call(theirs)[1] * 1e6
        print(f"{name:28s} {mine:12.2f} {bare:10.2f} {mine - bare:12.2f}")
        if keep:
            save(RESULTS / "op_overhead.json", {name: {"kerasish": mine, "numpy": bare}})


if __name__ == "__main__":
    main("--save" in sys.argv)
