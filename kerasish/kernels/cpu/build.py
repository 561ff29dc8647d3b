"""Building the native library: one shared object per instruction-set level, with the C compiler.

Run as `python -m kerasish.kernels.cpu.build`. The package's own build calls `build()` too, so this
file needs the standard library alone.
"""

import argparse
import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kerasish.kernels.cpu.levels import HERE, NATIVE, file_name, levels, sources_digest

if sys.platform != "win32":  # where nothing is built
    import fcntl

# Level -> flags: the first of them that the compiler knows. Other levels need none.
_MACHINE = {
    "x86-64-v4": ("-march=x86-64-v4", "-march=skylake-avx512"),
    "x86-64-v3": ("-march=x86-64-v3", "-march=haswell"),
    "x86-64-baseline": ("-march=x86-64",),
}
# -Wno-psabi: wide vectors are passed to inlined functions alone, for which no convention matters.
_CODE = (
    "-std=gnu11 -fPIC -fvisibility=hidden -pthread -fno-math-errno -fno-trapping-math"
    " -ffp-contract=fast -Wall -Wextra -Wno-psabi"
).split()
_FAST = ["-O3"]
_CHECKED = ["-O2", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]


class NoCompilerError(RuntimeError):
    """No C compiler that works was found; the text says what was tried."""


class CompileError(RuntimeError):
    """The compiler refused a source; the text is its own."""


def find_compiler():
    """The command of the C compiler, as a list: $CC, or that of Python, cc, gcc, clang on PATH.

    Raises:
        NoCompilerError: none of them can compile a program.
    """
    if sys.platform == "win32":
        raise NoCompilerError("the native library is not built on Windows")
    chosen = os.environ.get("CC")
    names = [chosen] if chosen else [sysconfig.get_config_var("CC") or "", "cc", "gcc", "clang"]
    tried = []
    for command in filter(None, map(shlex.split, names)):
        if command[0] in tried:
            continue
        tried.append(command[0])
        if shutil.which(command[0]) and _compiles(command, []):
            return command
    raise NoCompilerError(f"no C compiler that works (tried {', '.join(tried) or 'none'})")


def _compiles(command, flags):
    """Whether the compiler takes these flags, and finds the headers that the library needs."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "try.c")
        source.write_text("#include <pthread.h>\n#include <math.h>\nint one(void) { return 1; }\n")
        made = _run([*command, *flags, "-shared", "-fPIC", str(source), "-o", f"{folder}/try.so"])
    return made.returncode == 0


def _run(command):
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


def build(output=HERE, wanted=None, sanitize=None, cache=None, say=print):
    """Compile all sources for each level into `output`; what is up to date is left alone.

    Args:
        output: folder of the shared objects.
        wanted: names of levels; None for all of this machine that the compiler knows.
        sanitize: str. What -fsanitize= takes; None for the fast library.
        cache: folder where object files stay for the next time; None for the one of a checkout, or
            none outside of one.
        say: function that prints a line.

    Returns:
        list of Path: the shared objects.

    Raises:
        NoCompilerError, CompileError: as the names say. No library was replaced.
    """
    compiler = find_compiler()
    version = _run([*compiler, "--version"]).stdout
    checked = [*_CHECKED, f"-fsanitize={sanitize}"] if sanitize else []
    flags_of = {}
    for level in wanted or levels():
        sets = [[flag] for flag in _MACHINE.get(level, ())] or [[]]
        known = next((flags for flags in sets if _compiles(compiler, flags)), None)
        if known is not None:
            flags_of[level] = [*_CODE, *(checked or _FAST), *known]
        else:
            say(f"{level}: this compiler is too old for it")
    sources = sorted(NATIVE.glob("*.c"))
    with _cache_folder(cache) as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = {}
        for level, flags in flags_of.items():
            own = folder / (f"{level}-{sanitize.replace(',', '-')}" if sanitize else level)
            own.mkdir(parents=True, exist_ok=True)
            jobs[level] = [pool.submit(_compile, compiler, version, flags, s, own) for s in sources]
        try:
            objects = {level: [job.result() for job in jobs[level]] for level in jobs}
        finally:
            pool.shutdown(cancel_futures=True)  # after an error the rest need not be tried
        return [_link(compiler, n, objects[n], Path(output), checked, say) for n in objects]


@contextlib.contextmanager
def _cache_folder(chosen):
    """The folder of object files, held by one build at a time."""
    root = HERE.parents[2]
    if not chosen and not (root / "pyproject.toml").exists():
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
        return
    folder = Path(chosen or root / "build" / "kernels")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _compile(compiler, version, flags, source, folder):
    """Object file of a source, compiled if anything that goes into it has changed."""
    target = folder / f"{source.stem}.o"
    command = [*compiler, *flags, "-MMD", "-c", str(source)]
    if source.stem == "run":
        command.append(f'-DSOURCES_DIGEST="{sources_digest()}"')
    key = target.with_suffix(".key")
    is_known = all(path.exists() for path in (target, key, target.with_suffix(".d")))
    if is_known and key.read_text() == _digest(command, version, target):
        return target
    key.unlink(missing_ok=True)
    started = time.time()
    result = _run([*command, "-MF", str(target.with_suffix(".d")), "-o", str(target)])
    if result.returncode:
        raise CompileError(f"{shlex.join(command)}\n{result.stdout}")
    sys.stderr.write(result.stdout)  # warnings
    if all(p.stat().st_mtime < started for p in _files_read(target)):  # none edited meanwhile
        key.write_text(_digest(command, version, target))
    return target


def _files_read(target):
    """Files that went into an object file, as the compiler listed them."""
    text = target.with_suffix(".d").read_text().replace("\\\n", " ")
    return [Path(name) for name in shlex.split(text.split(":", 1)[1])]


def _digest(command, version, target):
    """Digest of the command, the compiler and every file that the last compilation read."""
    digest = hashlib.sha256(repr((command, version)).encode())
    for path in _files_read(target):
        digest.update(path.read_bytes() if path.exists() else b"gone")
    return digest.hexdigest()


def _link(compiler, level, objects, output, checked, say):
    """Link one library, and put it in place in one step: a running process keeps the old one."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / file_name(level)
    stamp = hashlib.sha256(repr((compiler, checked)).encode())
    for path in objects:
        stamp.update(path.read_bytes())
    key = objects[0].parent / "library.key"
    wanted = f"{stamp.hexdigest()} {target}"
    if target.exists() and key.exists():
        if key.read_text() == f"{wanted} {hashlib.sha256(target.read_bytes()).hexdigest()}":
            say(f"{target}: up to date")
            return target
    made = target.with_suffix(f".{os.getpid()}.tmp")
    strip = [] if checked or sys.platform == "darwin" else ["-s", "-Wl,-O1"]
    command = [*compiler, "-shared", "-fPIC", "-pthread", *checked, *strip]
    result = _run([*command, *map(str, objects), "-o", str(made), "-lm"])
    if result.returncode:
        made.unlink(missing_ok=True)
        raise CompileError(f"{target.name}: linking failed\n{result.stdout}")
    os.replace(made, target)
    key.write_text(f"{wanted} {hashlib.sha256(target.read_bytes()).hexdigest()}")
    say(f"{target}: built, {target.stat().st_size / 1024:.0f} KB")
    return target


def main(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m kerasish.kernels.cpu.build",
        description="Compile the native kernels; object files are kept for the next time.",
    )
    parser.add_argument("--output", type=Path, default=HERE, help="folder of the libraries")
    parser.add_argument("--levels", nargs="+", choices=levels(), help="left out: all of them")
    parser.add_argument("--sanitize", help="address,undefined or thread: a checked, slow build")
    parser.add_argument("--cache", type=Path, help="folder of the object files")
    given = parser.parse_args(arguments)
    try:
        build(given.output, given.levels, given.sanitize, given.cache)
    except (NoCompilerError, CompileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
