"""Gradients against central differences along random directions, to first and second order."""

import numpy as np

from tests.ops.central_differences import Derivatives, directions_for, float_positions, slope
from tests.ops.rows import each_row
from tests.ops.sample import outputs_of

LIMIT = 7  # cases per operation; the first ones are the generated shapes


def differentiable(row, case):
    """A callable from tensors to the float outputs of a case."""

    def run(tensors):
        found = outputs_of(row.run(case, tensors))
        return [t for t in found if hasattr(t, "dtype") and t.dtype.startswith("float")]

    return run


def smooth_cases(row):
    """Cases with elements and float inputs, spread over the row."""
    found = []
    for case in row.made(seed=2):
        positions = float_positions(case.inputs)
        if row.wrt is not None:
            positions = [i for i in positions if i in row.wrt]
        if case.is_smooth and positions and any(case.inputs[i].size for i in positions):
            found.append((case, positions))
    step = max(1, len(found) // LIMIT)
    return found[::step][:LIMIT]


def check(row, order):
    rng = np.random.default_rng(3)
    compared = 0
    for number, (case, positions) in enumerate(smooth_cases(row)):
        arrays = [np.array(a) if isinstance(a, np.ndarray) else a for a in case.inputs]
        derivatives = Derivatives(differentiable(row, case), arrays, positions, rng)
        first, second = (directions_for(arrays, positions, rng) for _ in range(2))
        if order == 1:
            expected = slope(derivatives.value, arrays, first)
            found = derivatives.along(arrays, first)
        else:
            expected = slope(lambda a, d=first, f=derivatives: f.along(a, d), arrays, second)
            parts = derivatives.second(arrays, first)
            found = sum(np.sum(p * second[i]) for p, i in zip(parts, positions, strict=True))
        if expected is None:
            continue  # a kink within reach of the step: the function has no derivative there
        compared += 1
        scale = 1e-2 + abs(expected)
        where = f"{row.op} case {number}, {[np.shape(a) for a in arrays]} {case.params}"
        assert abs(found - expected) <= row.gradient_rtol * scale * order, (
            f"{where}: gradient {found}, differences {expected}"
        )
    assert compared >= 2, f"{row.op}: only {compared} cases could be compared"


@each_row(lambda row: row.order >= 1)
def test_gradient_equals_differences(row):
    check(row, 1)


@each_row(lambda row: row.order >= 2)
def test_second_gradient_equals_differences(row):
    check(row, 2)
