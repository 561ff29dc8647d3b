"""Each differentiable operation has a row, and each row names an operation."""

import kerasish.ops
from kerasish import ops
from kerasish.core.primitive import operations
from tests.ops.recording import record
from tests.ops.rows import MODULES, ROWS
from tests.ops.sample import public

# Registered by tests and examples, not by the package.
# Operations that only derivatives of programs hold, and what tests them.
ELSEWHERE = {"held_back": "tests/stateless/test_remat.py"}
EXAMPLES = ("example_square", "example_sum_of_squares")


def reached():
    """Names of the operations that the traced cases of all rows run through, with gradients."""
    found = set()
    for row in ROWS:
        found.update((row.op.rpartition(".")[2], *row.operations))
        if not row.traced:
            continue
        cases = row.made(seed=8)
        for case in cases[:: max(1, len(cases) // 4)]:
            for sizes in {"known", row.unknown_sizes if row.unknown_sizes != "none" else "known"}:
                graph = record(row, case, sizes, row.order)
                found.update(node.operation.name for node in graph.nodes)
    return found


def test_every_differentiable_operation_has_a_row():
    assert kerasish.ops is ops
    missing = {
        name
        for name, operation in operations.items()
        if operation.function.__module__.startswith(("kerasish.ops", "kerasish.core"))
        and not name.startswith(EXAMPLES)
        and operation.is_differentiable
    } - reached()
    missing -= set(ELSEWHERE)
    assert not missing, f"no row runs through these operations: {sorted(missing)}"


def test_every_row_names_a_public_function():
    for row in ROWS:
        assert callable(public(row.op)), f"kerasish.ops has no {row.op!r}"
        for name in row.operations:
            assert name in operations, f"{row.op}: there is no operation {name!r}"


def test_every_family_lists_its_samples():
    for module in MODULES:
        assert module.SAMPLES, module.__name__
