"""Runs the kernels' tests on libraries built with sanitizers (`make sanitize`); halts on errors.

AddressSanitizer with UndefinedBehaviorSanitizer on each level that the processor can run, and
ThreadSanitizer with more threads than processors on the best one. Needs GCC and its sanitizers.
"""

import os
import subprocess
import sys
from pathlib import Path

from kerasish.kernels.cpu import build, levels, library
from tests.kernels.compiled import fixed_addresses

ROOT = Path(build.__file__).parents[3]
OUTPUT = ROOT / "build" / "sanitized"
TESTS = ["tests/kernels", "tests/core/test_threads.py"]
# These compile and run programs of their own, some of them with a sanitizer.
NOT_THESE = ["tests/kernels/test_build.py", "tests/kernels/test_threads.py"]

ADDRESS, THREAD = "address,undefined", "thread"
OPTIONS = {
    ADDRESS: {
        # Python keeps memory until it ends. New memory is filled with NaN.
        "ASAN_OPTIONS": "detect_leaks=0:max_malloc_fill_size=1000000000:malloc_fill_byte=255",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    },
    THREAD: {
        "TSAN_OPTIONS": "halt_on_error=1:ignore_noninstrumented_modules=1:die_after_fork=0",
        "KERASISH_NUM_THREADS": "4",
    },
}
RUNTIMES = {ADDRESS: ["libasan.so", "libubsan.so", "libstdc++.so.6"], THREAD: ["libtsan.so"]}


def runtime(name):
    """Path of a library of the compiler's."""
    command = [*build.find_compiler(), f"-print-file-name={name}"]
    path = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if not os.path.isabs(path):
        sys.exit(f"the compiler has no {name}: install GCC with its sanitizers")
    return path


def check(sanitizer, level, arguments):
    """Build one level with a sanitizer and run the tests on it."""
    print(f"== {sanitizer}, {level}", flush=True)
    folder = OUTPUT / sanitizer.replace(",", "-")
    [file] = build.build(folder, [level], sanitizer)
    environment = {
        **os.environ,
        **OPTIONS[sanitizer],
        "KERASISH_KERNELS": str(file),
        "LD_PRELOAD": " ".join(runtime(name) for name in RUNTIMES[sanitizer]),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONMALLOC": "malloc",
    }
    tests = [*TESTS, *(f"--ignore={name}" for name in NOT_THESE), *arguments]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "--capture=sys",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    done = subprocess.run([*fixed_addresses(), *command], cwd=ROOT, env=environment)
    if done.returncode:
        sys.exit(f"failed: {sanitizer}, {level}")


def main(arguments):
    build.build()
    usable = library.usable_levels()
    for level in usable:
        check(ADDRESS, level, arguments)
    check(THREAD, usable[0], arguments)
    print(f"clean: {', '.join(usable)} of {', '.join(levels.levels())}")


if __name__ == "__main__":
    main(sys.argv[1:])
