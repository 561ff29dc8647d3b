"""Slots: how the rows of a chain are cut into strips, and where each of its values is kept.

A value lies in memory, in a register of a strip's size, or stays for the whole run.
"""

import dataclasses

import numpy

from kerasish.kernels.cpu.lowering import COLUMN, FULL, ROW, SCALAR, Step, Value, instructions

AXES = 4  # of an operand that lies in memory in an order of its own
# The order of enum SlotKind.
KINDS = (
    "full column row row_register repeated_row rows columns incoming constant fixed register"
    " scalar_register"
).split()
_MOST_SLOTS = 250
_SIZES = {"L": 8, "B": 1, "C": 1}
_CONSTANTS = {"F": "f4", "I": "i4", "L": "i8", "U": "u4", "M": "i4"}

_CACHE = 24 * 1024  # bytes of registers and operands that a strip may take of the first cache
_PART = 32768  # elements of a part, for a chain of usual length
_MOST_PARTS = 64
_HEAVY = {"power": 16, "sin": 8, "cos": 8, "erf": 4, "exp": 2, "log": 3, "log1p": 4, "softplus": 6,
          "tanh": 4, "sigmoid": 3, "expm1": 3, "softmax": 5, "log_softmax": 6}  # fmt: skip


def size_of(letter):
    """Bytes of an element in memory or in a register."""
    return _SIZES.get(letter, 4)


def is_rowwise(step):
    """Whether an instruction takes the elements of a row together."""
    result, operands = instructions()[step.name][1:]
    return step.name in _ROWWISE_SAME or any(x.islower() for x in (result, *operands))


_ROWWISE_SAME = ("softmax", "log_softmax")


class TooLargeError(Exception):
    """More values than a chain can name."""


@dataclasses.dataclass(eq=False)
class Slot:
    """Where a value is kept.

    Attributes:
        kind: str. One of enum SlotKind in `native/chain_layout.h`, in lower case.
        letter: type.
        tensor: Tensor whose memory it is, or None.
        source: Value of the row, of a repeated_row.
        constant: int. Bits of a constant.
        rows: map over rows, of an operand that is not in the order of the rows.
        is_read, is_written: bool. Whether memory is read, or written.
        register: int.
        number: int. Its place in the chain's table of slots.
    """

    kind: str
    letter: str
    tensor: object = None
    source: object = None
    constant: int = 0
    rows: tuple = ()
    is_read: bool = False
    is_written: bool = False
    register: int = 0
    number: int = 0


class Slots:
    """Strips, slots and registers of one chain.

    Args:
        frame: Frame.
        steps: list of Step, in order.
        sums: list of SumOf.
        stored: list of (tensor, Value).
        shares: function of two tensors: whether they have the same memory.

    Attributes:
        before, body, after: lists of Step: ahead of all rows, for each strip, behind them.
        slots: list of Slot.
        strip_rows, strip_columns, part_rows: int. Sizes of a strip, and rows of a part.
        splits_columns: bool. Whether a row may be cut.
        registers, row_registers, scalar_registers: int. Numbers of them.
        repeated_rows: int. Number of rows that are repeated for each row of a strip.

    Raises:
        TooLargeError: it needs more slots than there can be.
    """

    def __init__(self, frame, steps, sums, stored, shares):
        self._frame, self._sums, self._shares = frame, sums, shares
        self.before, self.body, self.after = [], [], []
        for step in steps:
            late = step.result.is_late
            part = self.after if late else self.body if step.space >= COLUMN else self.before
            part.append(step)
        self.slots, self._slot_of, self._repeated = [], {}, {}
        self._cut()
        self._store(stored)
        self._assign()
        for step in self.body:
            for value in step.operands:
                self.operand(value, step)
        self._number()

    # ---- strips ----

    def _cut(self):
        """Rows and columns of a strip."""
        frame = self._frame
        streams = {id(v) for s in self.body for v in (s.result, *s.operands) if v.space == FULL}
        alive = min(len(streams) + 1, 12)
        elements = max(256, min(1024, _CACHE // 4 // alive // 64 * 64))
        reducing = any(is_rowwise(s) and s.name not in ("expand", "expand_i64") for s in self.body)
        whole = reducing or any(s.source.space == COLUMN for s in self._sums)
        all_rows = frame.rows
        if frame.columns > elements and not whole:
            self.strip_rows, self.strip_columns = 1, elements
        else:
            self.strip_rows = max(1, min(elements // frame.columns, all_rows))
            self.strip_columns = frame.columns
        kinds = {s.kind for s in self._sums}
        self.splits_columns = not (whole or kinds & {"statistics", "groups"})
        work = sum(_cost(s) for s in self.body) + len(self._sums)
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
            letter = value.letter
            made = next((s for s in self.all_steps() if s.result is value), None)
            is_sum = any(value in s.results for s in self._sums)
            direct = (made is not None or is_sum) and id(value) not in taken
            if direct and made is not None:
                direct = not self._is_overwritten(made, tensor)
            if direct and is_sum:
                direct = not any(self._reads(s, tensor) for s in self.after)
            if direct:
                taken.add(id(value))
                self._slot_of[id(value)] = self._add(_memory_slot(value, tensor))
            else:
                copied = Value(letter, value.space, is_late=value.is_late)
                name = {"F": "copy", "L": "copy_i64", "B": "copy_bool"}.get(letter, "copy_i32")
                name = "copy_u32" if letter == "U" else name
                step = Step(name, copied, [value], value.space)
                (self.body if value.space >= COLUMN else self.after).append(step)
                self._slot_of[id(copied)] = self._add(_memory_slot(copied, tensor))

    def all_steps(self):
        """All instructions in order."""
        return (*self.before, *self.body, *self.after)

    def _reads(self, step, tensor):
        return any(self._lies_in(v, tensor) for v in step.operands)

    def _lies_in(self, value, tensor):
        """Whether a value comes from outside, out of the memory of a tensor."""
        operand = value.operand
        is_outside = operand is not None and not operand.is_incoming
        return is_outside and self._shares(operand.tensor, tensor)

    def _is_overwritten(self, made, tensor):
        """Whether what lies in a tensor's memory is read by a later step, or by rows by this."""
        steps = self.all_steps()
        later = steps[steps.index(made) + 1 :]
        if any(self._reads(s, tensor) for s in later):
            return True
        if any(self._lies_in(s.source, tensor) for s in self._sums):
            return True
        if self._reads(made, tensor):
            sizes = {size_of(v.letter) for v in made.operands}
            return is_rowwise(made) or sizes != {size_of(made.result.letter)}
        return False

    # ---- slots and registers ----

    def _add(self, slot):
        self.slots.append(slot)
        return slot

    def _assign(self):
        self.row_registers = self.scalar_registers = 0
        for step in (*self.before, *self.after):
            self._steady(step.result)
        for total in self._sums:
            for value in total.results:
                self._steady(value, is_group=total.kind == "groups")
        for step in self.all_steps():
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
            slot = Slot("row_register", value.letter)
            slot.register, self.row_registers = self.row_registers, self.row_registers + 1
        else:
            slot = Slot("scalar_register", value.letter)
            slot.register = self.scalar_registers
            self.scalar_registers += 1
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
            slot = Slot("constant", value.letter, constant=int(raw.view("i8")[0]))
        elif value.operand is not None:
            slot = self._operand_slot(value)
        else:
            return  # made in the body
        self._slot_of[id(value)] = self._add(slot)

    def _operand_slot(self, value):
        operand = value.operand
        if operand.is_incoming:
            return Slot("incoming", operand.letter, is_read=True)
        if operand.rows is not None:
            kind = "rows" if operand.space == FULL else "columns"
            if len(operand.rows) > AXES:
                raise TooLargeError("an operand with too many axes")
            return Slot(kind, operand.letter, operand.tensor, rows=operand.rows, is_read=True)
        slot = _memory_slot(value, operand.tensor)
        slot.is_written, slot.is_read = False, True
        return slot

    @property
    def repeated_rows(self):
        return len(self._repeated) if self.strip_rows > 1 else 0

    def slot(self, value):
        """Slot of a value."""
        return self._slot_of[id(value)]

    def operand(self, value, step):
        """Slot by which a step names an operand: a ROW among rows is repeated for each."""
        if value.space != ROW or step.space != FULL:
            return self._slot_of[id(value)]
        if id(value) not in self._repeated:
            slot = Slot("repeated_row", value.letter, source=value)
            slot.register = len(self._repeated)
            self._repeated[id(value)] = self._add(slot)
        return self._repeated[id(value)]

    def _assign_registers(self):
        """Registers of what is made in the body, each free again after its last use."""
        last = {}
        for i, step in enumerate(self.body):
            for value in (step.result, *step.operands):
                last[id(value)] = i
        for total in self._sums:
            last[id(total.source)] = len(self.body)
        free, self.registers = {4: [], 8: []}, 0
        for i, step in enumerate(self.body):
            dying = [v for v in dict.fromkeys(step.operands) if last[id(v)] == i]
            held = [self._slot_of[id(v)] for v in dying if id(v) in self._slot_of]
            held = [s for s in held if s.kind == "register"]
            in_place = not is_rowwise(step) and len(
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
        slot = Slot("register", value.letter)
        if free[size]:
            slot.register = free[size].pop()
        else:
            slot.register = self.registers
            self.registers += size // 4
        return slot

    def _number(self):
        """Order the slots by kind, as the library expects them, and number them."""
        order = {kind: i for i, kind in enumerate(KINDS)}
        order["register"] = len(KINDS)  # last: the runs' addresses end before them
        self.slots.sort(key=lambda s: order[s.kind])
        if len(self.slots) > _MOST_SLOTS:
            raise TooLargeError("too many values")
        for i, slot in enumerate(self.slots):
            slot.number = i


def _memory_slot(value, tensor):
    kind = {SCALAR: "fixed", ROW: "row", COLUMN: "column", FULL: "full"}[value.space]
    return Slot(kind, value.letter, tensor, is_written=True)


def _cost(step):
    return _HEAVY.get(step.name, 1) if step.space == FULL else 0
