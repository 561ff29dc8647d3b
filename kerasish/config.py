"""Process-wide settings: float type, epsilon, image layout, traced functions, kernels, threads."""

import importlib
import math
import os

from kerasish.errors import explain

_FLOAT_TYPES = ("bfloat16", "float16", "float32", "float64")
_THREAD_VARIABLES = ("KERASISH_NUM_THREADS", "OMP_NUM_THREADS")
_MOST_THREADS = 1024


class _Settings:
    floatx = "float32"
    epsilon = 1e-7
    image_data_format = "channels_last"
    functions_eager = False
    kernels_enabled = True
    is_interactive = True  # whether progress may be drawn with bars
    filters_tracebacks = True
    flash_attention = None
    max_epochs = max_steps_per_epoch = "unread"  # until asked for: the environment decides
    threads = None  # None: not decided yet
    threads_changed = None  # told of a new number; the native library sets it when it loads


settings = _Settings()


def floatx():
    """Name of the default float dtype: that of Python floats and new weights.

    Returns:
        str, "float32" unless changed.

    Example:
        >>> floatx()
        'float32'
    """
    return settings.floatx


def set_floatx(value):
    """Set the default float dtype.

    Args:
        value: "bfloat16", "float16", "float32" or "float64".

    Raises:
        ValueError: any other value.
    """
    if value not in _FLOAT_TYPES:
        raise ValueError(
            explain("set_floatx", "unknown float type", received=value, expected=str(_FLOAT_TYPES))
        )
    settings.floatx = str(value)


def epsilon():
    """Small constant that guards divisions and logarithms (1e-7 unless changed)."""
    return settings.epsilon


def set_epsilon(value):
    """Set the small constant returned by `epsilon()`; value: float."""
    settings.epsilon = float(value)


def image_data_format():
    """Default layout of images: "channels_last" or "channels_first"."""
    return settings.image_data_format


def set_image_data_format(data_format):
    """Set the default layout of images.

    Args:
        data_format: "channels_last" or "channels_first".

    Raises:
        ValueError: any other value.
    """
    settings.image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format):
    """Return `data_format`, or the default for None; ValueError for an unknown one."""
    if data_format is None:
        return settings.image_data_format
    if str(data_format).lower() not in ("channels_last", "channels_first"):
        raise ValueError(
            explain(
                "data_format",
                "unknown image layout",
                received=data_format,
                expected='"channels_last" or "channels_first"',
            )
        )
    return str(data_format).lower()


def run_functions_eagerly(run_eagerly=True):
    """Make every `kerasish.function` (and so every `fit`) run without tracing, for debugging."""
    settings.functions_eager = bool(run_eagerly)


def functions_run_eagerly():
    """Whether traced functions are switched off."""
    return settings.functions_eager


def disable_kernels():
    """Run plain operations only: the oracle of every fast implementation."""
    settings.kernels_enabled = False


def enable_kernels():
    """Let operations use the fast implementations registered for their device (the default)."""
    settings.kernels_enabled = True


def kernels_enabled():
    """Whether fast implementations may be used."""
    return settings.kernels_enabled


def threads():
    """Number of threads that native CPU kernels use, the calling one included.

    Returns:
        int: what `set_threads` was given, else `KERASISH_NUM_THREADS`, else `OMP_NUM_THREADS`, else
        the processors that this process may use (its affinity and its container's quota).

    Raises:
        ValueError: one of the two variables holds something else than a count.

    Example:
        >>> threads() >= 1
        True
    """
    if settings.threads is None:
        settings.threads = _threads_from_environment() or _usable_processors()
    return settings.threads


def set_threads(count):
    """Set the number of threads of native CPU kernels; results do not depend on it.

    Args:
        count: int from 1 to 1024; None for the number that is chosen by itself.

    Raises:
        ValueError: any other value.

    Example:
        >>> before = threads()
        >>> set_threads(1)
        >>> threads()
        1
        >>> set_threads(before)
    """
    settings.threads = None if count is None else _checked_threads("set_threads", count)
    if settings.threads_changed:
        settings.threads_changed(threads())


def _checked_threads(where, count):
    is_count = isinstance(count, int) and not isinstance(count, bool)
    if not (is_count and 1 <= count <= _MOST_THREADS):
        raise ValueError(
            explain(
                where,
                "not a number of threads",
                received=count,
                expected=f"a whole number from 1 to {_MOST_THREADS}",
            )
        )
    return count


def _threads_from_environment():
    for name in _THREAD_VARIABLES:
        first = os.environ.get(name, "").split(",")[0].strip()  # OpenMP: one number per nesting
        if first:
            return _checked_threads(name, int(first) if first.isdecimal() else first)
    return None


def _usable_processors():
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min(count, _container_quota() or count, _MOST_THREADS)


def _container_quota(group="/sys/fs/cgroup"):
    """Processors that a Linux control group grants, rounded up; None where it sets no limit."""
    if os.path.exists(f"{group}/cpu.max"):
        quota, period = _words(f"{group}/cpu.max")
    elif os.path.exists(f"{group}/cpu/cpu.cfs_quota_us"):
        [quota] = _words(f"{group}/cpu/cpu.cfs_quota_us")
        [period] = _words(f"{group}/cpu/cpu.cfs_period_us")
    else:
        return None
    return None if quota in ("max", "-1") else max(1, math.ceil(int(quota) / int(period)))


def _words(path):
    with open(path, encoding="ascii") as file:
        return file.read().split()


# Names of Keras's `config` that stand on higher floors, imported when they are first used.
_LATE = {
    "kerasish.dtype_policies": "dtype_policy set_dtype_policy",
    "kerasish.switches": "backend disable_flash_attention disable_interactive_logging "
    "disable_traceback_filtering enable_flash_attention enable_interactive_logging "
    "enable_traceback_filtering enable_unsafe_deserialization is_flash_attention_enabled "
    "is_interactive_logging_enabled is_nnx_enabled is_traceback_filtering_enabled max_epochs "
    "max_steps_per_epoch set_backend set_max_epochs set_max_steps_per_epoch",
}
_LATE_HOMES = {name: home for home, names in _LATE.items() for name in names.split()}


def __getattr__(name):
    if name not in _LATE_HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE_HOMES[name]), name)


def __dir__():
    return sorted([*globals(), *_LATE_HOMES])
