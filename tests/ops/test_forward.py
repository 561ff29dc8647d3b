"""Every operation against NumPy in float64, on all cases of its row."""

import numpy as np

from kerasish import ops
from tests.ops.rows import ROWS, each_row
from tests.ops.sample import outputs_of


def as_tensor(value):
    return ops.convert_to_tensor(value) if isinstance(value, np.ndarray) else value


@each_row(lambda row: row.reference is not None)
def test_forward_equals_reference(row):
    cases = row.made()
    assert len(cases) >= 20, f"{row.op} has only {len(cases)} cases"
    for number, case in enumerate(cases):
        before = [np.array(a) for a in case.inputs]
        found = outputs_of(row.run(case, [as_tensor(a) for a in case.inputs]))
        with np.errstate(all="ignore"):
            expected = row.reference(*case.inputs, **case.params)
        expected = list(expected) if isinstance(expected, (list, tuple)) else [expected]
        assert len(found) == len(expected), f"{row.op} case {number}: {len(found)} outputs"
        for y, wanted in zip(found, expected, strict=True):
            y = np.asarray(y)
            wanted = np.asarray(wanted)
            where = f"{row.op} case {number}: {[np.shape(a) for a in case.inputs]} {case.params}"
            assert y.shape == wanted.shape, where
            np.testing.assert_allclose(y, wanted, row.rtol, row.atol, err_msg=where)
        for a, b in zip(case.inputs, before, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=f"{row.op} wrote to its input")


def test_rows_cover_size_zero_scalars_and_strides():
    """The generated cases contain what the checks are for."""
    shapes = {np.shape(a) for row in ROWS for case in row.made() for a in case.inputs}
    assert () in shapes and any(0 in s for s in shapes)
    arrays = [a for row in ROWS for c in row.made() for a in c.inputs if isinstance(a, np.ndarray)]
    assert any(not a.flags.c_contiguous for a in arrays)
    assert any(np.isnan(a).any() for a in arrays if a.dtype.kind == "f")
