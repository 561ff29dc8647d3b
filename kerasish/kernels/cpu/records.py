"""Records: native calls in memory, in the layout that `native/record.h` declares."""

import numpy

ABI = 1  # raise it here and in native/run.c when the meaning of a record changes
_INTEGERS, _REALS, _VALUES = 40, 8, 24

RECORD = numpy.dtype(
    [
        ("kernel", "u8"),
        ("chain", "u8"),
        ("prologue", "u8"),
        ("count", "i8"),
        ("integer", "i8", _INTEGERS),
        ("real", "f8", _REALS),
        ("value", "i4", _VALUES),
    ]
)


def fill(record, call, address, place_of, chain=0, prologue=0, count=0):
    """Write a Call into one element of an array of RECORD.

    Args:
        record: element of a structured array, written in place.
        call: Call.
        address: int. Where the kernel's code is.
        place_of: function from a tensor to its place in the table of addresses.
        chain, prologue: addresses of chains, 0 for none.
        count: int. How many chains `chain` points at, for the kernel that runs several.
    """
    record["kernel"], record["chain"], record["prologue"] = address, chain, prologue
    record["count"] = count
    record["integer"][: len(call.integers)] = call.integers
    record["real"][: len(call.reals)] = call.reals
    record["value"] = -1
    record["value"][: len(call.values)] = [-1 if v is None else place_of(v) for v in call.values]
