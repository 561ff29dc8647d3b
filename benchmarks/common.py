"""What the benchmark scripts share: the machine's description, timing, and files of results."""

import ctypes
import datetime
import json
import os
import platform
import re
import statistics
import time
from pathlib import Path

import numpy

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = REPOSITORY / "benchmarks" / "results"


def usable_cores():
    """Numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def describe_machine():
    """One line: processor, cores, vector instructions, and the kernels that NumPy's BLAS chose."""
    model, flags = platform.machine(), ""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        model = re.search(r"model name\s*: (.*)", text)[1].strip()
        flags = re.search(r"flags\s*: (.*)", text)[1].split()
    except (OSError, TypeError):
        pass
    best = next((name for flag, name in _VECTORS if flag in flags), "vector instructions unknown")
    return f"{model}, {len(usable_cores())} cores, {best}; {platform.system()}"


_VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"), ("sse2", "SSE2"))


def describe_blas():
    """NumPy's version, and the processor type for which its OpenBLAS chose its kernels."""
    core = "unknown"
    for line in _mapped_files():
        if "openblas" in line:
            library = ctypes.CDLL(line)
            for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
                if hasattr(library, name):
                    function = getattr(library, name)
                    function.restype = ctypes.c_char_p
                    core = function().decode()
    return f"NumPy {numpy.__version__}, OpenBLAS core type {core}"


def _mapped_files():
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return sorted({line.split()[-1] for line in lines if ".so" in line})


def time_call(function, repeats=7, seconds=0.2):
    """(minimum, median) seconds of one call, over `repeats` runs of about `seconds` each."""
    function()
    count, elapsed = 1, 0.0
    while elapsed < seconds / 4:
        count *= 2
        start = time.perf_counter()
        for _ in range(count):
            function()
        elapsed = time.perf_counter() - start
    count = max(1, int(count * seconds / elapsed))
    runs = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(count):
            function()
        runs.append((time.perf_counter() - start) / count)
    return min(runs), statistics.median(runs)


def save(path, entries):
    """Add entries, each with the machine and the date, to a JSON file of results.

    Args:
        path: Path, or None to save nothing.
        entries: dict of name: dict.
    """
    if path is None:
        return
    known = load(path)
    about = {"machine": describe_machine(), "date": datetime.date.today().isoformat()}
    for name, entry in entries.items():
        known[name] = rounded({**entry, **about})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path):
    """The entries of a file of results; none where there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}


def rounded(value):
    """The value with every float in it cut to four digits, to keep the files small."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
