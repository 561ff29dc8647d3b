"""Profiling: how long each line of a program takes, and each native call within it."""

import dataclasses
import re
import time

import numpy

from kerasish.core import modes

_WRITE = re.compile(r"write_\d+$")


@dataclasses.dataclass
class Row:
    """One call of a program.

    Attributes:
        text: str. The call as in `source()`.
        seconds: float. The least that it took.
        flops: float. Floating point operations of a product or convolution; 0 where not counted.
        nbytes: int. Bytes of its operands and results together.
    """

    text: str
    seconds: float
    flops: float = 0
    nbytes: int = 0


class Profile:
    """Times of the calls of a program, in order; printed as a table.

    Attributes:
        rows: list of Row.
    """

    def __init__(self, rows):
        self.rows = rows

    @property
    def seconds(self):
        """Sum over all calls."""
        return sum(row.seconds for row in self.rows)

    def __str__(self):
        lines = [f"{'us':>9} {'%':>5} {'GFLOP/s':>8} {'GB/s':>6}  call"]
        for row in self.rows:
            rate = f"{row.flops / row.seconds / 1e9:8.1f}" if row.flops and row.seconds else " " * 8
            memory = f"{row.nbytes / row.seconds / 1e9:6.1f}" if row.seconds else " " * 6
            share = 100 * row.seconds / self.seconds if self.seconds else 0
            lines.append(f"{row.seconds * 1e6:9.1f} {share:5.1f} {rate} {memory}  {row.text}")
        lines.append(f"{self.seconds * 1e6:9.1f} total")
        return "\n".join(lines)


def profile(program, arrays, repeats=20):
    """Run a program several times on copies of its variables and time every call.

    Args:
        program: Program.
        arrays: list of array, the inputs.
        repeats: int. The least time of so many runs is told.

    Returns:
        Profile.
    """
    run = program.spare_run()
    run.state = [array.copy() for array in run.state]
    native = run.native
    if native is not None:
        native.take_captures(run.state)
        arrays = native.take_inputs(arrays)
    lines = program.source().splitlines()
    found = {}
    space = {**run.function.__globals__, "_now": time.perf_counter, "_least": _Least(found)}
    space.update({name: _Ignored() for name in space if _WRITE.match(name)})
    times = native.timed_segments() if native is not None else {}
    space.update({name: call for name, (call, _, _) in times.items()})
    text = "\n".join(_timed(line, i) for i, line in enumerate(lines))
    exec(compile(text, f"<profile of {program.name}>", "exec"), space)
    for _ in range(repeats):
        modes.quietly(space[program.name], *arrays, *run.state)
    rows = []
    for i, line in enumerate(lines):
        name = line.strip().partition("(")[0]
        if name in times:
            _, seconds, operations = times[name]
            names = [c.strip().removeprefix("# ") for c in lines[i + 1 : i + 1 + len(operations)]]
            for label, took, operation in zip(names, seconds, operations, strict=True):
                rows.append(Row(label.strip(), took, operation.flops, operation.nbytes))
        elif i in found:
            rows.append(Row(line.strip(), found[i]))
    return Profile(rows)


def _timed(line, number):
    statement = line.strip()
    if not line.startswith("    ") or statement.startswith(("#", "return")):
        return line
    statement = statement.partition("  # ")[0]
    return f"    _start = _now(); {statement}; _least({number}, _now() - _start)"


class _Least:
    """Keeps the least time of each line."""

    def __init__(self, found):
        self._found = found

    def __call__(self, number, seconds):
        self._found[number] = min(seconds, self._found.get(number, numpy.inf))


class _Ignored:
    """Stands for a variable that must keep its value."""

    def adopt(self, array):
        """Do nothing."""
