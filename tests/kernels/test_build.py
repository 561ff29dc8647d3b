"""Building and loading the native library: levels, what is rebuilt, and what is refused."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kerasish import config
from kerasish.errors import NativeError
from kerasish.kernels.cpu import build, levels, library, records
from tests.kernels.compiled import needs_compiler

REPOSITORY = Path(build.__file__).parents[3]
_SMALL = ("run.c", "threads.c", "threads.h", "record.h")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Function that builds a small library (the pool alone) and returns what it said."""
    native = tmp_path / "native"
    native.mkdir()
    for name in _SMALL:
        shutil.copy(build.NATIVE / name, native)
    for path in native.iterdir():
        os.utime(path, (1, 1))
    monkeypatch.setattr(build, "NATIVE", native)
    monkeypatch.setattr(levels, "NATIVE", native)

    def make(*wanted, **options):
        said = []
        output, cache = tmp_path / "out", tmp_path / "cache"
        files = build.build(output, wanted or None, cache=cache, say=said.append, **options)
        return files, said

    make.native = native
    return make


@pytest.fixture
def loader(monkeypatch, tmp_path):
    """The loader as in a new process, looking beside a package in `tmp_path / "out"`."""
    for name in ("handle", "path", "reason"):
        monkeypatch.setattr(library._Loaded, name, None)
    monkeypatch.setattr(library._Loaded, "searched", False)
    monkeypatch.setattr(library, "HERE", tmp_path / "out")
    monkeypatch.setattr(config.settings, "threads_changed", None)
    for name in ("KERASISH_KERNELS", "KERASISH_KERNELS_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def search_again(loader):
    loader.setattr(library._Loaded, "searched", False)
    loader.setattr(library._Loaded, "handle", None)
    return library.library()


# ---- building ----------------------------------------------------------------------------------


@needs_compiler
def test_every_level_is_built_and_hides_what_is_not_exported(small):
    files, _ = small()
    assert [f.name for f in files] == [levels.file_name(n) for n in levels.levels()]
    for file in files:
        lowest = ctypes.CDLL(str(files[-1]))
        assert lowest.thread_count and not hasattr(lowest, "parallel_for")
        assert file.stat().st_size < 100_000


@needs_compiler
def test_only_what_changed_is_compiled_again(small, monkeypatch):
    [level] = levels.levels()[-1:]
    compiled, run = [], build._run
    monkeypatch.setattr(
        build,
        "_run",
        lambda command: compiled.append(Path(command[-1]).stem) or run(command),
    )

    def build_again():
        compiled.clear()
        _, said = small(level)
        return {name for name in compiled if name in ("run", "threads")}, said[0]

    assert build_again()[0] == {"run", "threads"}
    again, said = build_again()
    assert not again and "up to date" in said
    (small.native / "threads.h").write_text((small.native / "threads.h").read_text() + "\n")
    again, said = build_again()
    assert again == {"run", "threads"} and "built" in said  # `run` holds the digest of all sources
    (small.native / "unread.h").write_text("")
    assert build_again()[0] == {"run"}


@needs_compiler
def test_a_source_that_does_not_compile_replaces_nothing(small):
    [file], _ = small(levels.levels()[-1])
    before = file.read_bytes()
    with open(small.native / "threads.c", "a") as source:
        source.write("this is not C\n")
    with pytest.raises(build.CompileError, match="threads.c"):
        small(levels.levels()[-1])
    assert file.read_bytes() == before
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_without_a_compiler_there_is_a_reason(monkeypatch):
    monkeypatch.setenv("CC", "/nonexistent/cc")
    with pytest.raises(build.NoCompilerError, match="/nonexistent/cc"):
        build.build()
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(build.sysconfig, "get_config_var", lambda name: None)
    with pytest.raises(build.NoCompilerError, match="cc, gcc, clang"):
        build.build()


def test_a_compiler_that_does_not_work_is_none(monkeypatch, tmp_path):
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(build.NoCompilerError):
        build.find_compiler()


def test_the_command_ends_with_an_error_that_says_why(tmp_path):
    command = [sys.executable, "-m", "kerasish.kernels.cpu.build", "--output", str(tmp_path)]
    environment = {**os.environ, "CC": "/nonexistent/cc"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "no C compiler" in done.stderr and not done.stdout


# ---- loading -----------------------------------------------------------------------------------


@needs_compiler
def test_the_best_level_of_the_processor_is_loaded(small, loader):
    files, _ = small()
    probe = ctypes.CDLL(str(files[-1]))
    assert library.library() is not None and library.why_none() is None
    best = probe.supported_level()
    wanted = {4: "x86-64-v4", 3: "x86-64-v3"}.get(best, levels.levels()[-1])
    assert library.path().name == levels.file_name(wanted)
    assert library.address_of("run_records") and library.address_of("no_such_kernel") is None
    assert library.library().thread_count() == config.threads()


@needs_compiler
def test_a_level_can_be_forced_if_it_can_run(small, loader):
    small()
    lowest = levels.levels()[-1]
    loader.setenv("KERASISH_KERNELS_LEVEL", lowest)
    assert library.library() is not None and library.path().name == levels.file_name(lowest)
    loader.setenv("KERASISH_KERNELS_LEVEL", "x86-64-v9")
    with pytest.raises(NativeError, match="KERASISH_KERNELS_LEVEL"):
        search_again(loader)
    loader.setattr(library, "usable_levels", lambda: [lowest])
    loader.setenv("KERASISH_KERNELS_LEVEL", levels.levels()[0])
    if levels.levels()[0] != lowest:
        with pytest.raises(NativeError, match="no library of this level can run here"):
            search_again(loader)


def test_without_a_library_there_is_a_reason(loader):
    assert library.library() is None
    assert library.why_none().startswith("not built")
    assert library.path() is None and library.address_of("run_records") is None


@pytest.mark.skipif(len(levels.levels()) < 2, reason="there is one level on this machine")
@needs_compiler
def test_a_higher_level_alone_is_not_tried(small, loader):
    small(levels.levels()[0])
    assert library.library() is None and "not the lowest level" in library.why_none()


@needs_compiler
def test_a_library_of_other_sources_is_refused(small, loader):
    small(levels.levels()[-1])
    with open(small.native / "threads.c", "a") as source:
        source.write("/* newer */\n")
    assert library.library() is None and "other sources" in library.why_none()
    for path in small.native.iterdir():  # a package without sources trusts its libraries
        path.unlink()
    assert search_again(loader) is not None


@needs_compiler
@pytest.mark.parametrize("name, value", [("ABI", -1), ("RECORD", records.numpy.dtype("u8"))])
def test_a_library_of_another_layout_is_refused(small, loader, name, value):
    [file], _ = small(levels.levels()[-1])
    loader.setattr(library, name, value)
    assert library.library() is None and "another version" in library.why_none()
    loader.setenv("KERASISH_KERNELS", str(file))
    with pytest.raises(NativeError, match="another version"):
        search_again(loader)


def test_a_broken_file_is_refused(loader, tmp_path):
    file = tmp_path / "out" / levels.file_name(levels.levels()[-1])
    file.parent.mkdir()
    file.write_bytes(b"not a library")
    assert library.library() is None and "cannot be loaded" in library.why_none()
    loader.setenv("KERASISH_KERNELS", str(file))
    library._Loaded.searched = False
    for _ in range(2):  # asked for by name: an error, every time
        with pytest.raises(NativeError, match="KERASISH_KERNELS: the library cannot be loaded"):
            library.library()


@needs_compiler
def test_a_named_library_comes_first(small, loader, tmp_path):
    [file], _ = small(levels.levels()[-1])
    other = shutil.copy(file, tmp_path / "other.so")
    loader.setenv("KERASISH_KERNELS", str(other))
    assert search_again(loader) is not None and library.path() == Path(other)


def test_importing_the_package_loads_no_library():
    code = "import kerasish, sys; assert not any('kernels' in name for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY, timeout=60)


# ---- BLAS --------------------------------------------------------------------------------------


def test_blas_threads_are_limited_and_given_back():
    before = library.limit_blas(1)
    if before is None:
        pytest.skip("NumPy uses another library than OpenBLAS")
    assert library.limit_blas(2) == 1
    assert library.limit_blas(before) == 2
    assert library._Blas.core in library.blas_name()


def test_another_blas_is_left_alone(monkeypatch):
    monkeypatch.setattr(library, "_BLAS_NAMES", ("no_such_{}",))
    for name in ("set_threads", "core"):
        monkeypatch.setattr(library._Blas, name, None)
    monkeypatch.setattr(library._Blas, "searched", False)
    assert library.limit_blas(1) is None and library.blas_name()
