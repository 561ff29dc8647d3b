"""Spec rules against what comes out, with known and with unknown sizes."""

import numpy as np

from kerasish.core.spec import TensorSpec
from tests.ops.recording import record, run_nodes
from tests.ops.rows import each_row

LIMIT = 12


def check_nodes(row, sizes):
    cases = row.made(seed=4)
    cases = cases[:: max(1, len(cases) // LIMIT)][:LIMIT]
    for number, case in enumerate(cases):
        graph = record(row, case, sizes, row.order)

        def compare(node, arrays, result, number=number):
            results = result if isinstance(result, tuple) else (result,)
            assert len(results) == len(node.outputs)
            for output, array in zip(node.outputs, results, strict=True):
                actual = TensorSpec(array.shape, array.dtype)
                where = f"{row.op} case {number}, {node.operation.name}"
                assert output.spec.accepts(actual), f"{where}: {output.spec} but got {actual}"
                if all(
                    None not in getattr(x, "shape", ()) for x in node.inputs
                ) and sizes == "known" and not is_by_value(node):
                    assert output.spec == actual, f"{where}: {output.spec} but got {actual}"

        run_nodes(graph, case, compare)


def is_by_value(node):
    """Whether sizes of the result depend on values, so that no rule can know them."""
    if node.operation.name in ("get_item", "embed_item"):
        return any(getattr(x, "dtype", None) == "bool" for x in node.inputs)
    return node.operation.name in ("nonzero", "unique", "bincount", "range_of_tensors")


@each_row(lambda row: row.traced)
def test_spec_equals_result(row):
    check_nodes(row, "known")


@each_row(lambda row: row.traced and row.unknown_sizes in ("all", "first"))
def test_spec_with_unknown_sizes_fits_result(row):
    check_nodes(row, row.unknown_sizes)


def test_the_check_sees_a_wrong_spec():
    wrong = TensorSpec((2, None), "float64")
    assert not wrong.accepts(TensorSpec((3, 1), "float64"))
    assert not wrong.accepts(TensorSpec((2, 1), "float32"))
    assert wrong.accepts(TensorSpec(np.zeros((2, 7)).shape, "float64"))
