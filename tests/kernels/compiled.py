"""Compiling small C programs against the thread pool, for the tests that need one."""

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

from kerasish.kernels.cpu import build

SOURCES = Path(__file__).parent / "native"
_POOL = ["threads.c", "run.c"]


@functools.cache
def compiler():
    """The C compiler as a list, or None."""
    try:
        return build.find_compiler()
    except build.NoCompilerError:
        return None


needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")


def compile_with_pool(source, target, *flags, more=()):
    """Compile a file of tests/kernels/native with the pool, and `more` of the library's sources.

    Skips for flags that are unknown.
    """
    files = [build.NATIVE / name for name in (*_POOL, *more)] + [SOURCES / source]
    command = [*compiler(), "-O2", "-g", "-std=gnu11", "-Wall", "-Wextra", "-pthread", *flags]
    made = subprocess.run(
        [*command, "-I", build.NATIVE, *files, "-o", target, "-lm"],
        capture_output=True,
        text=True,
    )
    if made.returncode and any("-fsanitize" in f for f in flags):
        pytest.skip(f"the compiler has no {flags}")
    assert made.returncode == 0 and not made.stderr, made.stderr
    return target


@functools.cache
def fixed_addresses():
    """Command that starts a program without address randomization, where that is allowed.

    ThreadSanitizer needs it on some systems.
    """
    if not shutil.which("setarch"):
        return []
    command = ["setarch", "-R"]
    return (
        command
        if not subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode
        else []
    )


def run(command, **options):
    """Run a program that must succeed within a minute; returns what it printed."""
    done = subprocess.run(
        [*fixed_addresses(), *command], capture_output=True, text=True, timeout=60, **options
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
