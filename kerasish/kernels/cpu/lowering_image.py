"""Images: chains as memory, in the layout that `native/chain_layout.h` declares.

Here the values of a chain get their slots and registers, and the rows are cut into strips.
"""

import dataclasses
import math

import numpy

from kerasish.kernels.cpu.lowering import (
    COLUMN,
    FULL,
    ROW,
    SCALAR,
    Step,
    Value,
    instructions,
)

_AXES = 4
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
        ("count", "i8", _AXES),
        ("step", "i8", _AXES),
    ]
)
_INSTRUCTION = numpy.dtype(
    [
        ("loop", "u2"),
        ("form", "u1"),
        ("space", "u1"),
        ("stepping", "u1"),
        ("unused", "u1"),
        ("slots", "u2", 4),
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
# The order of enum SlotKind.
_KINDS = (
    "full column row row_register repeated_row rows columns incoming constant fixed register"
    " scalar_register"
).split()
_FIRST_STEADY = _KINDS.index("constant")
_SUMS = ("total", "columns", "groups", "statistics")
_SIZES = {"L": 8, "B": 1, "C": 1}
_CONSTANTS = {"F": "f4", "I": "i4", "L": "i8", "U": "u4", "M": "i4"}
_MOST_SLOTS = 250

_CACHE = 24 * 1024  # bytes of registers and operands that a strip may take of the first cache
_PART = 32768  # elements of a part, for a chain of usual length
_MOST_PARTS = 64


def size_of(letter):
    """Bytes of an element in memory or in a register."""
    return _SIZES.get(letter, 4)


class TooLargeError(Exception):
    """More values than a chain can name."""


@dataclasses.dataclass(eq=False)
class _Slot:
    kind: str
    letter: str
    place: int = 0
    source: object = None  # Value of the row of a repeated_row
    constant: int = 0
    rows: tuple = ()
    is_read: bool = False
    is_written: bool = False
    register: int = 0
    number: int = 0


class Image:
    """The memory of one chain.

    Args:
        frame: Frame.
        steps: list of Step, in order.
        sums: list of SumOf.
        stored: list of (tensor, Value).
        place_of: function from a tensor to its place in the table.
    """

    def __init__(self, frame, steps, sums, stored, place_of):
        self._frame, self._sums, self._place_of = frame, sums, place_of
        self._before, self._body, self._after = [], [], []
        for step in steps:
            late = step.result.is_late
            part = self._after if late else self._body if step.space >= COLUMN else self._before
            part.append(step)
        self._slots, self._slot_of, self._repeated = [], {}, {}
        self._cut()
        self._store(stored)
        self._assign()

    # ---- strips ----

    def _cut(self):
        """Rows and columns of a strip."""
        frame = self._frame
        streams = {id(v) for s in self._body for v in (s.result, *s.operands) if v.space == FULL}
        alive = min(len(streams) + 1, 12)
        elements = max(256, min(1024, _CACHE // 4 // alive // 64 * 64))
        reducing = any(
            _is_rowwise(s) and s.name not in ("expand", "expand_i64") for s in self._body
        )
        whole = reducing or any(s.source.space == COLUMN for s in self._sums)
        all_rows = frame.rows
        if frame.columns > elements and not whole:
            self.strip_rows, self.strip_columns = 1, elements
        else:
            self.strip_rows = max(1, min(elements // frame.columns, all_rows))
            self.strip_columns = frame.columns
        kinds = {s.kind for s in self._sums}
        self.splits_columns = not (whole or kinds & {"statistics", "groups"})
        work = sum(_cost(s) for s in self._body) + len(self._sums)
        per_part = max(_PART * 8 // max(work, 2), _PART // 4)
        self.part_rows = max(1, per_part // frame.columns, -(-all_rows // _MOST_PARTS))
        self.part_rows = -(-self.part_rows // self.strip_rows) * self.strip_rows
        if frame.outer > 1:
            group = frame.rows // frame.outer
            self.part_rows = -(-self.part_rows // group) * group

    # ---- results ----

    def _store(self, stored):
        """Give each stored value a slot in memory.

        The instruction that makes it writes there, unless that would be too early: over an operand
        in the same place that is still read, or where the value is needed in several places.
        """
        self._final, taken = {}, set()
        for tensor, value in stored:
            place, letter = self._place_of(tensor), value.letter
            made = next((s for s in self._all_steps() if s.result is value), None)
            is_sum = any(value in s.results for s in self._sums)
            direct = (made is not None or is_sum) and id(value) not in taken
            if direct and made is not None:
                direct = not self._is_overwritten(made, place)
            if direct and is_sum:
                direct = not any(self._reads(s, place) for s in self._after)
            if direct:
                taken.add(id(value))
                self._slot_of[id(value)] = self._add(self._memory_slot(value, place))
            else:
                copied = Value(letter, value.space, is_late=value.is_late)
                name = {"F": "copy", "L": "copy_i64", "B": "copy_bool"}.get(letter, "copy_i32")
                name = "copy_u32" if letter == "U" else name
                step = Step(name, copied, [value], value.space)
                (self._body if value.space >= COLUMN else self._after).append(step)
                self._slot_of[id(copied)] = self._add(self._memory_slot(copied, place))

    def _memory_slot(self, value, place):
        kind = {SCALAR: "fixed", ROW: "row", COLUMN: "column", FULL: "full"}[value.space]
        return _Slot(kind, value.letter, place, is_written=True)

    def _all_steps(self):
        return (*self._before, *self._body, *self._after)

    def _reads(self, step, place):
        return any(
            v.operand is not None
            and v.operand.tensor is not None
            and not v.operand.is_incoming
            and self._place_of(v.operand.tensor) == place
            for v in step.operands
        )

    def _is_overwritten(self, made, place):
        """Whether an operand in this place is read by a later step, or by rows by this one."""
        steps = self._all_steps()
        later = steps[steps.index(made) + 1 :]
        if any(self._reads(s, place) for s in later):
            return True
        if any(
            s.source.operand is not None and self._place_of(s.source.operand.tensor) == place
            for s in self._sums
            if not s.source.operand or not s.source.operand.is_incoming
        ):
            return True
        if self._reads(made, place):
            sizes = {size_of(v.letter) for v in made.operands}
            return _is_rowwise(made) or sizes != {size_of(made.result.letter)}
        return False

    # ---- slots and registers ----

    def _add(self, slot):
        self._slots.append(slot)
        return slot

    def _assign(self):
        self._row_registers = self._scalar_registers = 0
        for step in (*self._before, *self._after):
            self._steady(step.result)
        for total in self._sums:
            for value in total.results:
                self._steady(value, is_group=total.kind == "groups")
        for step in self._all_steps():
            for value in step.operands:
                self._outside(value)
        for total in self._sums:
            self._outside(total.source)
        self._assign_registers()

    def _steady(self, value, is_group=False):
        """Slot of a value that stays for the whole run."""
        if id(value) in self._slot_of:
            return
        if is_group:
            raise TooLargeError("a sum of groups that is not stored")
        if value.space == ROW:
            slot = _Slot("row_register", value.letter)
            slot.register, self._row_registers = self._row_registers, self._row_registers + 1
        else:
            slot = _Slot("scalar_register", value.letter)
            slot.register = self._scalar_registers
            self._scalar_registers += 1
        self._slot_of[id(value)] = self._add(slot)

    def _outside(self, value):
        """Slot of a value that no instruction makes."""
        if id(value) in self._slot_of:
            return
        if value.constant is not None:
            raw = numpy.zeros(8, "u1")
            number = -int(value.constant) if value.letter == "M" else value.constant
            with numpy.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite
                data = numpy.array(number, "f8" if value.letter == "F" else None)
                data = data.astype(_CONSTANTS[value.letter])
            raw[: data.itemsize] = data.reshape(1).view("u1")
            slot = _Slot("constant", value.letter, constant=int(raw.view("i8")[0]))
        elif value.operand is not None:
            slot = self._operand_slot(value)
        else:
            return  # made in the body
        self._slot_of[id(value)] = self._add(slot)

    def _operand_slot(self, value):
        operand = value.operand
        if operand.is_incoming:
            return _Slot("incoming", operand.letter, is_read=True)
        place = self._place_of(operand.tensor)
        if operand.rows is not None:
            kind = "rows" if operand.space == FULL else "columns"
            if len(operand.rows) > _AXES:
                raise TooLargeError("an operand with too many axes")
            return _Slot(kind, operand.letter, place, rows=operand.rows, is_read=True)
        slot = self._memory_slot(value, place)
        slot.is_written, slot.is_read = False, True
        return slot

    def _slot_in(self, value, step):
        """Slot by which a step names an operand: a ROW among rows is repeated for each."""
        if value.space != ROW or step.space != FULL:
            return self._slot_of[id(value)]
        if id(value) not in self._repeated:
            slot = _Slot("repeated_row", value.letter, source=value)
            slot.place = len(self._repeated)
            self._repeated[id(value)] = self._add(slot)
        return self._repeated[id(value)]

    def _assign_registers(self):
        """Registers of what is made in the body, each free again after its last use."""
        last = {}
        for i, step in enumerate(self._body):
            for value in (step.result, *step.operands):
                last[id(value)] = i
        for total in self._sums:
            last[id(total.source)] = len(self._body)
        free, self._registers = {4: [], 8: []}, 0
        for i, step in enumerate(self._body):
            dying = [v for v in dict.fromkeys(step.operands) if last[id(v)] == i]
            held = [self._slot_of[id(v)] for v in dying if id(v) in self._slot_of]
            held = [s for s in held if s.kind == "register"]
            in_place = not _is_rowwise(step) and len(
                {size_of(v.letter) for v in (step.result, *step.operands)}
            ) == 1 and not self._has_steps(step)  # fmt: skip
            if in_place:
                self._release(held, free)
            if id(step.result) not in self._slot_of:
                self._slot_of[id(step.result)] = self._add(self._register(step.result, free))
            if not in_place:
                self._release(held, free)
            if last[id(step.result)] == i and self._slot_of[id(step.result)].kind == "register":
                self._release([self._slot_of[id(step.result)]], free)

    def _has_steps(self, step):
        return step.space == FULL and any(v.space == COLUMN for v in step.operands)

    def _release(self, slots, free):
        for slot in slots:
            free[max(4, size_of(slot.letter))].append(slot.register)

    def _register(self, value, free):
        size = max(4, size_of(value.letter))
        slot = _Slot("register", value.letter)
        if free[size]:
            slot.register = free[size].pop()
        else:
            slot.register = self._registers
            self._registers += size // 4
        return slot

    # ---- memory ----

    def bytes(self):
        """The image, as an array of uint8."""
        code = self._code()
        slots = self._slot_table()
        period = self._period()
        sums, sum_bytes = self._sum_table(period)
        chain = numpy.zeros((), _CHAIN)
        frame = self._frame
        chain["outer"], chain["rows"] = frame.outer, frame.rows // frame.outer
        chain["columns"] = frame.columns
        chain["strip_rows"], chain["strip_columns"] = self.strip_rows, self.strip_columns
        chain["strip_bytes"] = _rounded(self.strip_rows * self.strip_columns * 4) + 64
        chain["part_rows"], chain["splits_columns"] = self.part_rows, self.splits_columns
        chain["slots"], chain["registers"] = len(slots), self._registers
        chain["moving_slots"] = numpy.count_nonzero(slots["kind"] < _FIRST_STEADY)
        chain["row_registers"] = self._row_registers
        chain["scalar_registers"] = self._scalar_registers
        chain["repeated_rows"] = len(self._repeated) if self.strip_rows > 1 else 0
        chain["before"], chain["body"] = len(self._before), len(self._body)
        chain["after"] = len(self._after)
        chain["sums"], chain["sum_bytes"], chain["period"] = len(sums), sum_bytes, period
        parts, at = [chain], _rounded(chain.nbytes)
        for name, table in (("slots_at", slots), ("code_at", code), ("sums_at", sums)):
            chain[name] = at
            at += _rounded(table.nbytes)
        chain["bytes"] = at
        image = numpy.zeros(at, "u1")
        image[: chain.nbytes] = chain.reshape(1).view("u1")
        for name, table in (("slots_at", slots), ("code_at", code), ("sums_at", sums)):
            if table.size:
                start = int(chain[name])
                image[start : start + table.nbytes] = table.view("u1")
        del parts
        return image

    def _code(self):
        """Instructions; gives the slots their final numbers."""
        for step in self._body:
            for value in step.operands:
                self._slot_in(value, step)
        order = {kind: i for i, kind in enumerate(_KINDS)}
        order["register"] = len(_KINDS)  # last: the runs' addresses end before them
        self._slots.sort(key=lambda s: order[s.kind])
        if len(self._slots) > _MOST_SLOTS:
            raise TooLargeError("too many values")
        for i, slot in enumerate(self._slots):
            slot.number = i
        steps = self._all_steps()
        code = numpy.zeros(len(steps), _INSTRUCTION)
        for record, step in zip(code, steps, strict=True):
            record["loop"] = instructions()[step.name][0]
            record["space"] = step.space
            form = stepping = 0
            if not _is_rowwise(step):
                for k, value in enumerate(step.operands):
                    form |= (value.space == SCALAR and step.space != SCALAR) << k
                    stepping |= (value.space == COLUMN and step.space == FULL) << k
            record["form"], record["stepping"] = form, stepping
            operands = [self._slot_in(v, step).number for v in step.operands]
            record["slots"][: 1 + len(operands)] = [
                self._slot_of[id(step.result)].number,
                *operands,
            ]
        return code

    def _slot_table(self):
        table = numpy.zeros(len(self._slots), _SLOT)
        table["count"] = 1
        copies = self._registers
        for record, slot in zip(table, self._slots, strict=True):
            record["kind"] = _KINDS.index(slot.kind)
            record["size"], record["place"] = size_of(slot.letter), slot.place
            record["is_read"], record["is_written"] = slot.is_read, slot.is_written
            record["constant"], record["source"] = slot.constant, slot.register
            for k, (count, step) in enumerate(reversed(slot.rows)):
                record["count"][_AXES - 1 - k], record["step"][_AXES - 1 - k] = count, step
            if slot.kind == "repeated_row":
                record["source"] = self._slot_of[id(slot.source)].number
            if slot.kind in ("full", "repeated_row", "rows", "columns", "incoming"):
                record["copy"] = copies
                copies += 2 if record["size"] == 8 else 1
        self._registers = copies
        return table

    def _period(self):
        columns = self._frame.columns
        return columns * (16 // math.gcd(columns, 16)) if columns < 64 else columns

    def _sum_table(self, period):
        table, offset = numpy.zeros(len(self._sums), _SUM), 0
        padded = -(-period // 16) * 16
        for record, total in zip(table, self._sums, strict=True):
            record["kind"], record["space"] = _SUMS.index(total.kind), total.source.space
            record["source"] = self._slot_of[id(total.source)].number
            record["divisor"], record["offset"] = total.divisor, offset
            results = [self._slot_of[id(v)].number for v in total.results]
            record["result"][: len(results)] = results
            offset += {"total": 64, "statistics": 192 + padded * 28}.get(
                total.kind, 64 + padded * 12
            )
            offset = _rounded(offset)
        return table, offset


def _is_rowwise(step):
    result, operands = instructions()[step.name][1:]
    return step.name in _ROWWISE_SAME or any(x.islower() for x in (result, *operands))


_ROWWISE_SAME = ("softmax", "log_softmax")
_HEAVY = {"power": 16, "sin": 8, "cos": 8, "erf": 4, "exp": 2, "log": 3, "log1p": 4, "softplus": 6,
          "tanh": 4, "sigmoid": 3, "expm1": 3, "softmax": 5, "log_softmax": 6}  # fmt: skip


def _cost(step):
    return _HEAVY.get(step.name, 1) if step.space == FULL else 0


def _rounded(n):
    return -(-n // 64) * 64
