"""The native library: finding and loading it, its functions' addresses, and BLAS's threads."""

import ctypes
import os
import threading
from pathlib import Path

import numpy
from numpy.linalg import _umath_linalg

from kerasish import config
from kerasish.errors import NativeError, explain, nearest
from kerasish.kernels.cpu.levels import HERE, file_name, levels, sources_digest
from kerasish.kernels.cpu.records import ABI, RECORD

_PATH_VARIABLE, _LEVEL_VARIABLE = "KERASISH_KERNELS", "KERASISH_KERNELS_LEVEL"
_BUILD = "install a C compiler and run `python -m kerasish.kernels.cpu.build`"

_FUNCTIONS = ("library_abi", "record_bytes", "sources_digest", "run_records", "set_thread_count")


class _Loaded:
    """What is known of the library: nothing until somebody asks."""

    searched = False
    handle = None
    path = None
    reason = None  # why there is none


_lock = threading.Lock()


def library():
    """The loaded library (ctypes.CDLL, whose calls release the interpreter lock), or None.

    The first call looks for it: the file that `KERASISH_KERNELS` names, else the one beside the
    package for the best instruction-set level of this processor (`KERASISH_KERNELS_LEVEL` chooses
    another one).

    Raises:
        NativeError: one of these two variables asks for what cannot be loaded.
    """
    if not _Loaded.searched:
        with _lock:
            if not _Loaded.searched:
                _search()
                _Loaded.searched = True
    return _Loaded.handle


def why_none():
    """Why `library()` is None; None if it is not."""
    library()
    return _Loaded.reason


def path():
    """Path of the loaded library, or None."""
    library()
    return _Loaded.path


def address_of(name):
    """Address of an exported function, or None if the library lacks it (or is absent)."""
    found = library() and getattr(library(), name, None)
    return found and ctypes.cast(found, ctypes.c_void_p).value


def has(name):
    """Whether the library exports a function."""
    return library() is not None and hasattr(library(), name)


# ---- finding and loading -----------------------------------------------------------------------


def _search():
    chosen = os.environ.get(_PATH_VARIABLE)
    if chosen:
        handle, problem = _load(Path(chosen), is_own=False)
        if problem:
            raise NativeError(
                explain(_PATH_VARIABLE, problem, received=chosen, fix="rebuild it, or unset it")
            )
        _adopt(handle, Path(chosen))
        return
    level, reason = _best_level()
    if level is None:
        _Loaded.reason = reason
        return
    file = HERE / file_name(level)
    handle, _Loaded.reason = _load(file, is_own=True)
    if handle:
        _adopt(handle, file)


def _best_level():
    """Level of the best library that this processor can run and that was built, or a reason."""
    built = [name for name in levels() if (HERE / file_name(name)).exists()]
    forced = os.environ.get(_LEVEL_VARIABLE)
    if not built and not forced:
        return None, f"not built; {_BUILD}"
    usable = usable_levels()
    if forced:
        if forced not in usable:
            raise NativeError(
                explain(
                    _LEVEL_VARIABLE,
                    "no library of this level can run here",
                    received=forced,
                    expected=f"one of {usable}",
                    fix=nearest(forced, usable) if usable else _BUILD,
                )
            )
        return forced, None
    if not usable:
        return None, f"there is {built}, but not the lowest level, {levels()[-1]}; {_BUILD}"
    return usable[0], None


def usable_levels():
    """Levels that were built and whose instructions this processor has, the best first."""
    *higher, lowest = levels()
    if not (HERE / file_name(lowest)).exists():
        return []  # nothing can tell what the processor has
    probe, problem = _open(HERE / file_name(lowest))
    number = 0 if problem else probe.supported_level()
    built = [name for name in higher if (HERE / file_name(name)).exists()]
    return [name for name in built if int(name.rsplit("-v", 1)[1]) <= number] + [lowest]


def _open(file):
    try:
        return ctypes.CDLL(str(file)), None
    except OSError as error:
        return None, f"the library cannot be loaded: {error}"


def _load(file, is_own):
    """(handle, None), or (None, why not) for one that is broken or does not fit this package."""
    handle, problem = _open(file)
    if problem:
        return None, problem
    if not all(hasattr(handle, name) for name in _FUNCTIONS):
        return None, f"{file} is not a library of kernels, or a very old one"
    handle.sources_digest.restype = ctypes.c_char_p
    handle.set_thread_count.restype = None
    if (handle.library_abi(), handle.record_bytes()) != (ABI, RECORD.itemsize):
        return None, f"{file} is of another version than this package; rebuild it"
    if is_own and sources_digest() not in (None, handle.sources_digest().decode()):
        return None, f"{file} was built from other sources than those beside it; {_BUILD}"
    return handle, None


def _adopt(handle, file):
    handle.set_thread_count(config.threads())
    config.settings.threads_changed = handle.set_thread_count
    _Loaded.handle, _Loaded.path = handle, file


# ---- BLAS --------------------------------------------------------------------------------------


class _Blas:
    searched = False
    get_threads = set_threads = None
    core = None


_BLAS_NAMES = ("scipy_openblas_{}64_", "openblas_{}64_", "openblas_{}")


def _blas():
    """NumPy's OpenBLAS. Looking in the module that NumPy links with it finds just that one."""
    if not _Blas.searched:
        linked = ctypes.CDLL(_umath_linalg.__file__)
        for name in _BLAS_NAMES:
            if hasattr(linked, name.format("set_num_threads")):
                _Blas.get_threads = linked[name.format("get_num_threads")]
                _Blas.set_threads = linked[name.format("set_num_threads")]
                core = linked[name.format("get_corename")]
                core.restype = ctypes.c_char_p
                _Blas.core = core().decode()
                break
        _Blas.searched = True
    return _Blas


def limit_blas(count):
    """Set the number of threads of NumPy's OpenBLAS; nothing where NumPy uses another library.

    Its idle threads keep spinning, and so slow ours down: programs with native segments run with
    one BLAS thread.

    Returns:
        int: the number before; None where there is no OpenBLAS.
    """
    blas = _Blas if _Blas.searched else _blas()
    if blas.set_threads is None:
        return None
    before = blas.get_threads()
    if before != count:
        blas.set_threads(count)
    return before


def blas_name():
    """Name of NumPy's BLAS, its version, and for OpenBLAS the processor type that it chose."""
    about = numpy.show_config(mode="dicts")["Build Dependencies"].get("blas", {})
    name = f"{about.get('name', 'unknown')} {about.get('version', '')}".strip()
    core = _blas().core
    return f"{name}, {core} kernels" if core else name
