"""Spec rules against what comes out, with known and with unknown sizes."""

import numpy as np

from kerasish.arrays import dtypes
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import convert_to_tensor
from tests.ops.recording import record, run_nodes
from tests.ops.rows import each_row
from tests.ops.sample import Case

LIMIT = 6


def check_nodes(row, sizes):
    cases = row.made(seed=4)
    cases = cases[:: max(1, len(cases) // LIMIT)][:LIMIT]
    for number, case in enumerate(cases):
        graph = record(row, case, sizes, row.order)
        check_graph(graph, case, f"{row.op} case {number}", is_exact=sizes == "known")


def check_graph(graph, case, where, is_exact):
    def compare(node, arrays, result):
        results = result if isinstance(result, tuple) else (result,)
        assert len(results) == len(node.outputs)
        is_known = all(None not in getattr(x, "shape", ()) for x in node.inputs)
        for output, array in zip(node.outputs, results, strict=True):
            actual = TensorSpec(array.shape, array.dtype)
            problem = f"{where}, {node.operation.name}: {output.spec} but got {actual}"
            assert output.spec.accepts(actual), problem
            if is_exact and is_known and not is_by_value(node):
                assert output.spec == actual, problem

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


def as_dtype(case, dtype):
    """A case with its float arrays in another dtype."""
    kind = dtypes.to_numpy(dtype)
    with np.errstate(all="ignore"):  # NaN has no integer
        inputs = tuple(
            a.astype(kind) if isinstance(a, np.ndarray) and a.dtype == np.float64 else a
            for a in case.inputs
        )
    return Case(inputs, case.params)


@each_row(lambda row: row.traced)
def test_spec_equals_result_in_other_dtypes(row):
    case = next((c for c in row.made(seed=4) if c.is_smooth), None)
    compared = 0
    for dtype in ("float32", "float16", "bfloat16", "int32", "uint8", "bool") if case else ():
        other = as_dtype(case, dtype)
        tensors = [convert_to_tensor(a) if isinstance(a, np.ndarray) else a for a in other.inputs]
        try:
            row.run(other, tensors)
            graph = record(row, other)
        except (TypeError, ValueError, OverflowError):
            continue  # not for this dtype: then there is nothing to predict
        check_graph(graph, other, f"{row.op} of {dtype}", is_exact=True)
        compared += 1
    assert compared >= 1, f"{row.op} runs in no dtype but float64"


def test_the_check_sees_a_wrong_spec():
    wrong = TensorSpec((2, None), "float64")
    assert not wrong.accepts(TensorSpec((3, 1), "float64"))
    assert not wrong.accepts(TensorSpec((2, 1), "float32"))
    assert wrong.accepts(TensorSpec(np.zeros((2, 7)).shape, "float64"))
