"""What compiled programs rely on: `out=` writes the same result, views are tagged, inputs stay."""

import numpy as np

from tests.ops.recording import cpu, record, run_nodes
from tests.ops.rows import each_row

LIMIT = 5


def check_node(row, node, arrays, result):
    operation = node.operation
    if operation.has_body:
        return
    results = result if isinstance(result, tuple) else (result,)
    inputs = [a for a in arrays if isinstance(a, np.ndarray)]
    if "view" not in operation.tags:
        for y in results:
            assert not any(np.may_share_memory(y, a) and y.size for a in inputs), (
                f"{row.op}: {operation.name} returns memory of an input but has no tag 'view'"
            )
    if operation.takes_out:
        check_out(row, operation, arrays, node.params, result)


def check_out(row, operation, arrays, params, expected):
    with np.errstate(all="ignore"):
        buffer = np.full(expected.shape, 77, expected.dtype)
        returned = operation.forward(cpu(), *arrays, out=buffer, **params)
        assert returned is buffer, f"{row.op}: {operation.name} does not return its buffer"
        np.testing.assert_array_equal(buffer, expected, err_msg=f"{row.op}: {operation.name}")
        if operation.ufunc:
            direct = getattr(cpu(), operation.ufunc)(*arrays)
            np.testing.assert_array_equal(direct, expected, err_msg=operation.ufunc)
        if "elementwise" not in operation.tags:
            return
        for i, a in enumerate(arrays):  # pointwise operations may be told to write over an input
            fits = isinstance(a, np.ndarray) and a.shape == expected.shape
            if fits and a.dtype == expected.dtype and a.size:
                copies = [np.array(b) if isinstance(b, np.ndarray) else b for b in arrays]
                operation.forward(cpu(), *copies, out=copies[i], **params)
                np.testing.assert_array_equal(
                    copies[i], expected, err_msg=f"{operation.name} in place of input {i}"
                )


@each_row(lambda row: row.traced)
def test_nodes_write_buffers_and_declare_views(row):
    cases = row.made(seed=5)
    for case in cases[:: max(1, len(cases) // LIMIT)][:LIMIT]:
        graph = record(row, case, order=row.order)
        run_nodes(graph, case, lambda node, arrays, y, r=row: check_node(r, node, arrays, y))
