"""Every operation, and its gradient, on an array module as strict as CuPy."""

import numpy as np
import pytest

from kerasish import GradientTape, ops
from tests.ops.rows import each_row
from tests.ops.sample import outputs_of
from tests.ops.strict_arrays import StrictArray, strict_gpu
from tests.ops.test_gradients import differentiable, smooth_cases

LIMIT = 8


def as_tensor(value):
    return ops.convert_to_tensor(value) if isinstance(value, np.ndarray) else value


@each_row(lambda row: row.gpu)
def test_forward_on_strict_arrays_equals_numpy(row):
    cases = row.made(seed=7)
    for case in cases[:: max(1, len(cases) // LIMIT)][:LIMIT]:
        expected = outputs_of(row.run(case, [as_tensor(a) for a in case.inputs]))
        with strict_gpu():
            tensors = [as_tensor(a) for a in case.inputs]
            found = outputs_of(row.run(case, tensors))
            found = [t.numpy() if hasattr(t, "numpy") else t for t in found]
        for y, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(y, np.asarray(wanted), 1e-9, 1e-12, err_msg=row.op)


@each_row(lambda row: row.gpu and row.order >= 1)
def test_gradient_on_strict_arrays_equals_numpy(row):
    for case, positions in smooth_cases(row)[:2]:
        run = differentiable(row, case)

        def gradient(case=case, positions=positions, run=run):
            tensors = [as_tensor(a) for a in case.inputs]
            sources = [tensors[i] for i in positions]
            with GradientTape() as tape:
                tape.watch(sources)
                total = sum((ops.sum(t * t) for t in run(tensors)), 0.0)
            found = tape.gradient(total, sources, unconnected_gradients="zero")
            return [g.numpy() for g in found]

        expected = gradient()
        with strict_gpu():
            found = gradient()
        for g, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(g, wanted, 1e-8, 1e-10, err_msg=row.op)


SCATTERS = [
    ("segment_sum", lambda x, i: ops.segment_sum(x, i, 3)),
    ("segment_max", lambda x, i: ops.segment_max(x, i, 3)),
    ("segment_min", lambda x, i: ops.segment_min(x, i, 3)),
    ("segment_prod", lambda x, i: ops.segment_prod(x, i, 3)),
    ("scatter", lambda x, i: ops.scatter(i[:, None], x, (3, 2))),
    ("scatter_update", lambda x, i: ops.scatter_update(x, i[:, None], x, "mul")),
]


@pytest.mark.parametrize(("name", "function"), SCATTERS, ids=[n for n, _ in SCATTERS])
def test_scatters_on_strict_arrays_take_every_dtype(name, function):
    numbers = np.array([[1, 2], [3, 1], [2, 2], [1, 3], [2, 1]])
    places = np.array([0, 2, 0, 2, 0], "int32")
    for dtype in ("int8", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64"):
        expected = function(ops.cast(numbers, dtype), places)
        with strict_gpu():
            found = function(ops.cast(numbers, dtype), ops.convert_to_tensor(places))
            assert found.dtype == expected.dtype == dtype
            np.testing.assert_array_equal(found.numpy(), expected.numpy(), err_msg=dtype)


def test_strict_arrays_refuse_what_cupy_refuses():
    array = StrictArray(np.ones(2))
    for refused in (
        lambda: np.asarray(array),
        lambda: array + np.ones(2),
        lambda: np.ones(2) * array,
        lambda: np.sin(array),
    ):
        with pytest.raises(TypeError):
            refused()
    with strict_gpu() as gpu:
        with pytest.raises(AttributeError):
            gpu.xp.errstate()
        with pytest.raises(TypeError):
            gpu.xp.add(array, np.ones(2))
        assert isinstance(gpu.xp.sum(array), StrictArray)
        assert ops.zeros((2,)).device == "gpu:0"
    assert ops.zeros((2,)).device == "cpu"
