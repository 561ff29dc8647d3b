"""A traced function gives what eager calls give, for values and for gradients."""

import numpy as np

import kerasish
from kerasish import GradientTape, ops
from kerasish.core.spec import TensorSpec
from tests.ops.rows import each_row
from tests.ops.sample import outputs_of
from tests.ops.test_gradients import differentiable, smooth_cases

LIMIT = 3


def traced(function, arrays, sizes):
    """A compiled function of the arrays among the inputs, with sizes unknown as asked."""
    specs = []
    for a in arrays:
        shape = list(a.shape)
        if sizes == "all":
            shape = [None] * len(shape)
        elif sizes == "first" and shape:
            shape[0] = None
        specs.append(TensorSpec(shape, a.dtype))
    return kerasish.function(function, input_signature=specs)


def fill(case, tensors):
    """The inputs of a case with its arrays replaced by tensors."""
    tensors = iter(tensors)
    return [next(tensors) if isinstance(a, np.ndarray) else a for a in case.inputs]


def check(row, sizes):
    cases = row.made(seed=6)
    for case in cases[:: max(1, len(cases) // LIMIT)][:LIMIT]:
        arrays = [np.ascontiguousarray(a) for a in case.inputs if isinstance(a, np.ndarray)]
        arrays = [
            a.reshape(b.shape)
            for a, b in zip(
                arrays, [a for a in case.inputs if isinstance(a, np.ndarray)], strict=True
            )
        ]

        def function(*tensors, case=case):
            return outputs_of(row.run(case, fill(case, tensors)))

        compiled = traced(function, arrays, sizes)
        for _ in range(2):  # the second run meets used buffers
            found = compiled(*arrays)
        expected = function(*[ops.convert_to_tensor(a) for a in arrays])
        for y, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(
                np.asarray(y), np.asarray(wanted), 1e-9, 1e-12, err_msg=row.op
            )


@each_row(lambda row: row.traced)
def test_traced_equals_eager(row):
    check(row, "known")


@each_row(lambda row: row.traced and row.unknown_sizes in ("all", "first"))
def test_traced_with_unknown_sizes_equals_eager(row):
    check(row, row.unknown_sizes)


@each_row(lambda row: row.traced and row.order >= 1)
def test_traced_gradient_equals_eager(row):
    for case, positions in smooth_cases(row)[:2]:
        run = differentiable(row, case)

        def gradient(*tensors, case=case, positions=positions, run=run):
            inputs = fill(case, tensors)
            sources = [inputs[i] for i in positions]
            with GradientTape() as tape:
                tape.watch(sources)
                total = sum((ops.sum(t * t) for t in run(inputs)), 0.0)
            return tape.gradient(total, sources, unconnected_gradients="zero")

        arrays = [np.array(a) for a in case.inputs if isinstance(a, np.ndarray)]
        expected = gradient(*[ops.convert_to_tensor(a) for a in arrays])
        sizes = row.unknown_sizes if row.unknown_sizes != "none" else "known"
        for known in {"known", sizes}:
            found = traced(gradient, arrays, known)(*arrays)
            for g, wanted in zip(found, expected, strict=True):
                np.testing.assert_allclose(g.numpy(), wanted.numpy(), 1e-7, 1e-9, err_msg=row.op)
