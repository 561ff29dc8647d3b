"""What the benchmark scripts share: the machine's description, and timing with its spread."""

import os
import platform
import statistics
import time

import numpy


def describe_machine():
    """One line: processor, cores, Python, NumPy and the kernels its BLAS chose."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(
                line.split(":")[1].strip() for line in file if line.startswith("model name")
            )
    except (OSError, StopIteration):
        model = platform.machine()
    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"NumPy {numpy.__version__} ({blas['name']}), "
        f"OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', 'unset')}"
    )


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
