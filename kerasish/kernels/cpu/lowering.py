"""Lowering: from nodes of a program to instructions of a chain.

`emits(name)` registers how a node of that name becomes instructions: a function of the Emitter, the
node and its operands. Types have the letters of `native/elements.h`.
"""

import ctypes
import dataclasses
import math

from kerasish.kernels.cpu import library

LETTERS = {
    "float32": "F",
    "int32": "I",
    "int64": "L",
    "bool": "M",
    "uint32": "U",
    "uint8": "C",
}
SCALAR, ROW, COLUMN, FULL = range(4)  # enum Space
SHORT_ROW = 48  # columns below which a COLUMN value is written out along the rows

_LIMITS = {"I": (-(2**31), 2**31), "L": (-(2**63), 2**63), "U": (0, 2**32)}

emitters = {}  # operation name -> function(emitter, node, operands) -> Value or tuple of Values


class Unsupported(Exception):
    """The nodes do not become a chain."""


@dataclasses.dataclass(eq=False)
class Value:
    """What an instruction makes, or an operand from outside.

    Attributes:
        letter: type.
        space: int. SCALAR, ROW, COLUMN or FULL.
        constant: int or float, if it is one.
        operand: Operand, if it comes from outside.
        is_late: whether it depends on sums over rows, so that it is known only after them.
    """

    letter: str
    space: int
    constant: float | None = None
    operand: object = None
    is_late: bool = False


@dataclasses.dataclass(eq=False)
class Step:
    """One instruction.

    Attributes:
        name: str. As in `native/instructions.def`.
        result: Value.
        operands: list of Value.
        space: int. Over which it runs.
    """

    name: str
    result: Value
    operands: list
    space: int


@dataclasses.dataclass(eq=False)
class SumOf:
    """A sum over rows or over everything: kind "total", "columns", "groups" or "statistics"."""

    kind: str
    source: Value
    results: list
    divisor: float = 1.0


def emits(*names):
    """Decorator: registers how nodes of these operations become instructions."""

    def decorate(function):
        for name in names:
            emitters[name] = function
        return function

    return decorate


# ---- instruction table -----------------------------------------------------------------------

_instructions = {}


def instructions():
    """dict from name to (number, letter of the result, letters of the operands)."""
    if not _instructions:
        text_of = library.library().chain_instruction
        text_of.restype = ctypes.c_char_p
        number = 0
        while text := text_of(number):
            name, result, *operands = text.decode().split()
            _instructions[name] = number, result, operands
            number += 1
    return _instructions


# ---- emitting ---------------------------------------------------------------------------------


class Emitter:
    """Collects the instructions of a chain.

    Args:
        columns: int. Size of a row.

    Attributes:
        steps: list of Step, in order.
        sums: list of SumOf.
        can_fail: bool.
    """

    def __init__(self, columns):
        self.columns = columns
        self.steps, self.sums = [], []
        self.can_fail = False
        self._known = {}
        self._constants = {}
        self._makers = {}  # id of a Value -> the Step that makes it

    def constant(self, number, letter):
        """A number as an operand of a type."""
        if letter in _LIMITS:
            low, high = _LIMITS[letter]
            if not math.isfinite(number) or number != int(number) or not low <= number < high:
                raise Unsupported("a number that the integer type lacks")
            number = int(number)
        else:
            number = float(number)
        key = letter, repr(number)
        if key not in self._constants:
            self._constants[key] = Value(letter, SCALAR, constant=number)
        return self._constants[key]

    def emit(self, name, *operands, space=None):
        """Value of an instruction on each element; the same one if it was emitted before."""
        _, letter, wanted = instructions()[name]
        if [o.letter for o in operands] != wanted:
            raise Unsupported(f"{name} of {[o.letter for o in operands]}")
        spaces = {o.space for o in operands} | {space or SCALAR}
        space = max(spaces)
        if space == COLUMN and ROW in spaces:
            space = FULL
        if space == FULL and self.columns < SHORT_ROW:
            operands = [self.expanded(o) if o.space == COLUMN else o for o in operands]
        return self._step(name, letter, space, operands, space)

    def emit_rows(self, name, *operands):
        """Value of a rowwise instruction."""
        _, letter, wanted = instructions()[name]
        spaces = [FULL if w.isupper() else COLUMN for w in wanted]
        if len(operands) == 1 and operands[0].space in (SCALAR, ROW) and wanted[0].isupper():
            operands = [self.materialized(operands[0], ROW)]  # one row, of all rows
            result_space = ROW if letter.isupper() else SCALAR
            return self._step(name, letter.upper(), result_space, operands, ROW)
        operands = [self.materialized(o, s) for o, s in zip(operands, spaces, strict=True)]
        if [o.letter for o in operands] != [w.upper() for w in wanted]:
            raise Unsupported(f"{name} of {[o.letter for o in operands]}")
        result_space = FULL if letter.isupper() else COLUMN
        return self._step(name, letter.upper(), result_space, operands, FULL)

    def _step(self, name, letter, result_space, operands, space):
        key = name, *map(id, operands), space
        if key not in self._known:
            is_late = any(o.is_late for o in operands)
            if is_late and space in (COLUMN, FULL):
                raise Unsupported("an element that depends on a sum over all rows")
            result = Value(letter, result_space, is_late=is_late)
            self.steps.append(Step(name, result, list(operands), space))
            self._known[key], self._makers[id(result)] = result, self.steps[-1]
        return self._known[key]

    def expanded(self, value):
        """A COLUMN value along its rows."""
        name = "expand_i64" if value.letter == "L" else "expand"  # 8 or 4 bytes of any kind
        return self._step(name, value.letter, FULL, [value], FULL)

    def materialized(self, value, space):
        """The value with all elements of a space in memory."""
        if value.space == space:
            return value
        if space == FULL and value.space == COLUMN:
            return self.expanded(value)
        if space == COLUMN and value.space == FULL and self.columns == 1:
            return value
        if value.space > space or (value.space, space) == (ROW, COLUMN):
            raise Unsupported("a value of another space")
        return self.copy(value, space)

    def copy(self, value, space=None):
        """A new value equal to another."""
        name = _COPIES[value.letter]
        letter, space = value.letter, value.space if space is None else space
        if value.is_late and space in (COLUMN, FULL):
            raise Unsupported("an element that depends on a sum over all rows")
        result = Value(letter, space, is_late=value.is_late)
        self.steps.append(Step(name, result, [value], space))
        return result

    def product(self, x, y):
        """Value of a product; x * rsqrt(row) * row multiplies the rows first, once for all x.

        Only so: the product of two other rows may leave the range of numbers where x does not.
        """
        for whole, row in ((x, y), (y, x)):
            found = self._scaled(whole) if row.space == ROW else None
            if found is not None and self._is_root(found[1]):
                return self.emit("multiply", found[0], self.emit("multiply", found[1], row))
        return self.emit("multiply", x, y)

    def _is_root(self, value):
        step = self._makers.get(id(value))
        return step is not None and step.name == "rsqrt"

    def _scaled(self, value):
        """(x, row) if the value is a FULL one times a ROW, else None."""
        step = self._makers.get(id(value))
        if step is None or step.name != "multiply" or value.space != FULL:
            return None
        for whole, row in (step.operands, step.operands[::-1]):
            if whole.space == FULL and row.space == ROW:
                return whole, row
        return None

    def unscaled(self, value):
        """(x, row) so that the value is their product; row is None where no such factor is known.

        Taken out of a sum, an infinite row leaves it infinite where plus and minus infinity would
        have made it NaN.
        """
        found = self._scaled(value)
        if found is not None:
            return found
        step = self._makers.get(id(value))
        if step is None or step.name != "multiply" or value.space != FULL:
            return value, None
        (x, row), (y, other) = map(self.unscaled, step.operands)
        if row is None and other is None:
            return value, None
        both = row is not None and other is not None
        return self.emit("multiply", x, y), self.emit(
            "multiply", row, other
        ) if both else row or other

    def cast(self, value, letter):
        """The value in another type."""
        if value.constant is not None:
            number = value.constant
            if letter == "M":
                return self.constant(float(number != 0), "M")
            if letter in "IL" and not math.isfinite(number):
                raise Unsupported("a number that the integer type lacks")
            return self.constant(int(number) if letter in "IL" else number, letter)
        path = _CASTS.get((value.letter, letter))
        if path is None:
            raise Unsupported(f"cast from {value.letter} to {letter}")
        for name in path:
            value = self.emit(name, value)
        return value

    def total(self, kind, source, divisor=1.0):
        """Value of a sum over rows or over everything; two values for statistics."""
        key = kind, id(source), divisor
        if key not in self._known:
            if source.is_late:
                raise Unsupported("a sum of sums")
            space = SCALAR if kind == "total" else ROW
            count = 2 if kind == "statistics" else 1
            results = [Value("F", space, is_late=True) for _ in range(count)]
            self.sums.append(SumOf(kind, source, results, divisor))
            self._known[key] = results if count == 2 else results[0]
        return self._known[key]


_COPIES = {"F": "copy", "I": "copy_i32", "L": "copy_i64", "U": "copy_u32", "M": "copy_mask",
           "B": "copy_bool"}  # fmt: skip

_CASTS = {
    ("F", "I"): ["i32_from_float"],
    ("F", "L"): ["i64_from_float"],
    ("F", "M"): ["mask_from_float"],
    ("I", "F"): ["float_from_i32"],
    ("I", "L"): ["i64_from_i32"],
    ("I", "M"): ["mask_from_i32"],
    ("L", "F"): ["float_from_i64"],
    ("L", "I"): ["i32_from_i64"],
    ("L", "M"): ["mask_from_i64"],
    ("M", "F"): ["float_from_mask"],
    ("M", "I"): ["i32_from_mask"],
    ("M", "L"): ["i64_from_mask"],
    ("U", "F"): ["float_from_u32"],
    ("B", "M"): ["mask_from_bool"],
    ("M", "B"): ["bool_from_mask"],
    ("C", "I"): ["i32_from_u8"],
    ("C", "F"): ["i32_from_u8", "float_from_i32"],
    ("C", "L"): ["i32_from_u8", "i64_from_i32"],
    ("C", "M"): ["i32_from_u8", "mask_from_i32"],
    **{(letter, letter): [] for letter in "FILMU"},
}
