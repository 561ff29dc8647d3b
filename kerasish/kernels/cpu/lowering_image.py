"""Images: chains as memory, in the layout that `native/chain_layout.h` declares."""

import math

import numpy

from kerasish.kernels.cpu.lowering import COLUMN, FULL, SCALAR, instructions
from kerasish.kernels.cpu.lowering_slots import AXES, KINDS, is_rowwise, size_of

_OPERANDS = 4  # slots of an instruction: its result, then what it reads
_SLOT = numpy.dtype(
    [
        ("kind", "i4"),
        ("size", "i4"),
        ("place", "i4"),
        ("source", "i4"),
        ("copy", "i4"),
        ("is_read", "i4"),
        ("is_written", "i4"),
        ("unused", "i4"),
        ("constant", "i8"),
        ("count", "i8", AXES),
        ("step", "i8", AXES),
    ]
)
_INSTRUCTION = numpy.dtype(
    [
        ("loop", "u2"),
        ("form", "u1"),
        ("space", "u1"),
        ("stepping", "u1"),
        ("unused", "u1"),
        ("slots", "u2", _OPERANDS),
    ],
)
_SUM = numpy.dtype(
    [
        ("kind", "i4"),
        ("space", "i4"),
        ("source", "i4"),
        ("result", "i4", 2),
        ("unused", "i4"),
        ("divisor", "f8"),
        ("offset", "i8"),
    ]
)
_CHAIN = numpy.dtype(
    [
        (name, "i8")
        for name in (
            "bytes outer rows columns strip_rows strip_columns strip_bytes part_rows"
            " splits_columns slots moving_slots registers row_registers scalar_registers"
            " repeated_rows before body after sums sum_bytes period slots_at code_at sums_at"
        ).split()
    ]
)
_FIRST_STEADY = KINDS.index("constant")
_SUMS = ("total", "columns", "groups", "statistics")


def image(frame, slots, sums, place_of):
    """A chain as an array of uint8.

    Args:
        frame: Frame.
        slots: Slots.
        sums: list of SumOf.
        place_of: function from a tensor to the place of its address in the table.
    """
    columns = frame.columns
    period = columns * (16 // math.gcd(columns, 16)) if columns < 64 else columns
    code = _code(slots)
    table, registers = _slot_table(slots, place_of)
    sums, sum_bytes = _sum_table(slots, sums, period)
    fields = {
        "outer": frame.outer,
        "rows": frame.rows // frame.outer,
        "columns": columns,
        "strip_rows": slots.strip_rows,
        "strip_columns": slots.strip_columns,
        "strip_bytes": _rounded(slots.strip_rows * slots.strip_columns * 4) + 64,
        "part_rows": slots.part_rows,
        "splits_columns": slots.splits_columns,
        "slots": len(table),
        "moving_slots": sum(KINDS.index(s.kind) < _FIRST_STEADY for s in slots.slots),
        "registers": registers,
        "row_registers": slots.row_registers,
        "scalar_registers": slots.scalar_registers,
        "repeated_rows": slots.repeated_rows,
        "before": len(slots.before),
        "body": len(slots.body),
        "after": len(slots.after),
        "sums": len(sums),
        "sum_bytes": sum_bytes,
        "period": period,
    }
    tables, at = {"slots_at": table, "code_at": code, "sums_at": sums}, _rounded(_CHAIN.itemsize)
    for name, part in tables.items():
        fields[name] = at
        at += _rounded(part.nbytes)
    fields["bytes"] = at
    found = numpy.zeros(at, "u1")
    chain = numpy.array([tuple(fields[name] for name in _CHAIN.names)], _CHAIN)
    found[: chain.nbytes] = chain.view("u1")
    for name, part in tables.items():
        found[fields[name] : fields[name] + part.nbytes] = part.view("u1")
    return found


def _code(slots):
    steps, records = slots.all_steps(), []
    for step in steps:
        form = stepping = 0
        if not is_rowwise(step):
            for k, value in enumerate(step.operands):
                form |= (value.space == SCALAR and step.space != SCALAR) << k
                stepping |= (value.space == COLUMN and step.space == FULL) << k
        used = [slots.slot(step.result).number]
        used += [slots.operand(v, step).number for v in step.operands]
        used += [0] * (_OPERANDS - len(used))
        records.append((instructions()[step.name][0], form, step.space, stepping, 0, used))
    return numpy.array(records, _INSTRUCTION)


def _slot_table(slots, place_of):
    """Table of the slots, and the number of registers with those that hold copies of operands."""
    records, registers = [], slots.registers
    for slot in slots.slots:
        size, place, source, copy = size_of(slot.letter), 0, slot.register, 0
        if slot.tensor is not None:
            place = place_of(slot.tensor)
        if slot.kind == "repeated_row":
            place, source = slot.register, slots.slot(slot.source).number
        if slot.kind in ("full", "repeated_row", "rows", "columns", "incoming"):
            copy, registers = registers, registers + (2 if size == 8 else 1)
        rows = [(1, 0)] * (AXES - len(slot.rows)) + list(slot.rows)
        counts, steps = zip(*rows, strict=True)
        flags = slot.is_read, slot.is_written, 0
        kind = KINDS.index(slot.kind)
        records.append((kind, size, place, source, copy, *flags, slot.constant, counts, steps))
    return numpy.array(records, _SLOT), registers


def _sum_table(slots, sums, period):
    """Table of the sums, and the bytes of one part's."""
    records, offset = [], 0
    padded = -(-period // 16) * 16
    for total in sums:
        kind, source = _SUMS.index(total.kind), slots.slot(total.source).number
        results = [slots.slot(v).number for v in total.results]
        results += [0] * (2 - len(results))
        records.append((kind, total.source.space, source, results, 0, total.divisor, offset))
        offset += {"total": 64, "statistics": 192 + padded * 28}.get(total.kind, 64 + padded * 12)
        offset = _rounded(offset)
    return numpy.array(records, _SUM), offset


def _rounded(n):
    return -(-n // 64) * 64
