"""Instruction-set levels, and the files of the native library: what its build and loader share."""

import os
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
NATIVE = HERE / "native"
_SOURCES = (".c", ".h", ".def")
_X86 = ("x86-64-v4", "x86-64-v3", "x86-64-baseline")


def levels():
    """Names of the instruction-set levels of this kind of machine, the best first."""
    machine = os.uname().machine.lower() if hasattr(os, "uname") else "unknown"
    if machine in ("x86_64", "amd64"):
        return _X86
    return ("aarch64" if machine == "arm64" else machine,)


def file_name(level):
    """Name of the shared object of a level."""
    return f"native-{level}.so"


def sources_digest():
    """Checksum of all C sources: a library made from others is too old or too new.

    Returns:
        str; None where the sources are absent.
    """
    checksum, found = 0, sorted(p for p in NATIVE.glob("*") if p.suffix in _SOURCES)
    for path in found:
        checksum = zlib.crc32(path.name.encode() + b"\0" + path.read_bytes(), checksum)
    return f"{len(found)}-{checksum:08x}" if found else None
