"""Passes over the instructions of a chain: what nobody needs goes, products join sums."""

from kerasish.kernels.cpu.lowering import SCALAR, Step


def live(steps, sums, stored):
    """The steps whose results are stored, summed up, or used by one of these."""
    needed = {id(v) for _, v in stored}
    late = [s for s in steps if s.result.is_late]
    kept = []
    for step in reversed(late):
        if id(step.result) in needed:
            kept.append(step)
            needed.update(map(id, step.operands))
    for total in sums:
        if any(id(v) in needed for v in total.results):
            needed.add(id(total.source))
    for step in reversed([s for s in steps if not s.result.is_late]):
        if id(step.result) in needed:
            kept.append(step)
            needed.update(map(id, step.operands))
    chosen = {id(s) for s in kept}
    return [s for s in steps if id(s) in chosen]


def fused(steps, stored, emitter):
    """Steps with a product and the sum or difference that alone uses it in one."""
    uses = {}
    for step in steps:
        for value in step.operands:
            uses[id(value)] = uses.get(id(value), 0) + 1
    kept = {id(v) for _, v in stored} | {id(s.source) for s in emitter.sums}
    made = {id(s.result): s for s in steps}
    gone = set()
    result = []
    for step in steps:
        found = _with_product(step, made, uses, kept) if step.name in ("add", "subtract") else None
        if found is not None:
            product, step = found
            gone.add(id(product))
            made[id(step.result)] = step
        result.append(step)
    return [s for s in result if id(s) not in gone]


def _with_product(step, made, uses, kept):
    for k in (1, 0):
        value, other = step.operands[k], step.operands[1 - k]
        product = made.get(id(value))
        if product is None or product.name not in ("multiply", "square"):
            continue
        if uses[id(value)] != 1 or id(value) in kept or value.space != step.space:
            continue
        if product.result.is_late != step.result.is_late:
            continue
        factors = product.operands * (2 if product.name == "square" else 1)
        operands = [*factors, other]
        if step.space != SCALAR and all(v.space == SCALAR for v in operands):
            continue
        name = "multiply_add"
        if step.name == "subtract":
            name = "subtract_product" if k == 1 else "multiply_subtract"
        return product, Step(name, step.result, operands, step.space)
    return None
