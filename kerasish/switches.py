"""Switches of Keras's `config` that concern logging, tracebacks, attention, limits and backends."""

import functools
import os
import warnings

from kerasish.config import settings
from kerasish.errors import explain

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


# ---- progress --------------------------------------------------------------------------------


def enable_interactive_logging():
    """Let `verbose="auto"` draw bars where the output can redraw a line: the default."""
    settings.is_interactive = True


def disable_interactive_logging():
    """Make `verbose="auto"` print one line an epoch, wherever the output goes."""
    settings.is_interactive = False


def is_interactive_logging_enabled():
    """Whether `verbose="auto"` may draw bars."""
    return settings.is_interactive


# ---- tracebacks ------------------------------------------------------------------------------


def enable_traceback_filtering():
    """Leave lines of this package out of the tracebacks of `fit` and its kin: the default."""
    settings.filters_tracebacks = True


def disable_traceback_filtering():
    """Show whole tracebacks, with the lines of this package."""
    settings.filters_tracebacks = False


def is_traceback_filtering_enabled():
    """Whether tracebacks of `fit` and its kin leave out lines of this package."""
    return settings.filters_tracebacks


def filtered(function):
    """Decorator: errors that leave an entry show the user's lines, and where they arose.

    Args:
        function: method.

    Returns:
        the method, wrapped.

    Example:
        >>> @filtered
        ... def entry():
        ...     raise ValueError("told")
        >>> entry()
        Traceback (most recent call last):
        ValueError: told
    """

    @functools.wraps(function)
    def entry(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if settings.filters_tracebacks:
                error.__traceback__ = _of_others(error.__traceback__)
            raise

    return entry


def _of_others(traceback):
    """A traceback without the inner frames of this package, except for the last of all."""
    kept, current = [], traceback
    while current is not None:
        is_ours = current.tb_frame.f_code.co_filename.startswith((_PACKAGE, "<"))
        if not is_ours or current.tb_next is None:
            kept.append(current)
        current = current.tb_next
    result = None
    for item in reversed(kept):
        item.tb_next = result
        result = item
    return result


# ---- attention -------------------------------------------------------------------------------


def enable_flash_attention():
    """Ask for fused attention; it is used in any case where there is a kernel for it."""
    settings.flash_attention = True


def disable_flash_attention():
    """Ask for plain attention; results do not depend on it (`disable_kernels` does it in fact)."""
    settings.flash_attention = False


def is_flash_attention_enabled():
    """What was asked for: True, False, or None when nothing was."""
    return settings.flash_attention


# ---- limits ----------------------------------------------------------------------------------


def set_max_epochs(max_epochs):
    """Let `fit` make at most so many epochs, for a quick trial of a long script.

    Args:
        max_epochs: int, or None for no limit.

    Raises:
        ValueError: not a positive int.
    """
    settings.max_epochs = _checked_limit("set_max_epochs", max_epochs)


def max_epochs():
    """Most epochs that `fit` makes: what was set, else KERAS_MAX_EPOCHS, else None."""
    if settings.max_epochs == "unread":
        settings.max_epochs = _limit_from_environment("KERAS_MAX_EPOCHS")
    return settings.max_epochs


def set_max_steps_per_epoch(max_steps_per_epoch):
    """Let an epoch of `fit`, `evaluate` and `predict` have at most so many batches.

    Args:
        max_steps_per_epoch: int, or None for no limit.

    Raises:
        ValueError: not a positive int.
    """
    settings.max_steps_per_epoch = _checked_limit("set_max_steps_per_epoch", max_steps_per_epoch)


def max_steps_per_epoch():
    """Most batches of an epoch: what was set, else KERAS_MAX_STEPS_PER_EPOCH, else None."""
    if settings.max_steps_per_epoch == "unread":
        settings.max_steps_per_epoch = _limit_from_environment("KERAS_MAX_STEPS_PER_EPOCH")
    return settings.max_steps_per_epoch


def _checked_limit(where, value):
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if value is not None and not is_count:
        raise ValueError(explain(where, "not a positive int or None", received=value))
    return value


def _limit_from_environment(name):
    text = os.environ.get(name, "").strip()
    return _checked_limit(name, int(text) if text.isdecimal() else text) if text else None


# ---- what Keras has for its other backends ---------------------------------------------------


def backend():
    """Name of the backend: "kerasish", the package's own."""
    return "kerasish"


def set_backend(backend):
    """Choose the backend.

    Args:
        backend: "kerasish"; arrays are chosen by `kerasish.device`.

    Raises:
        ValueError: any other name.
    """
    if backend != "kerasish":
        raise ValueError(
            explain(
                "set_backend",
                "there is one backend",
                received=backend,
                expected='"kerasish"',
                fix="kerasish.device('cpu') or kerasish.device('gpu:0') choose the arrays",
            )
        )


def is_nnx_enabled():
    """Whether layers are Flax NNX modules: never here."""
    return False


def enable_unsafe_deserialization():
    """Keras's way to let files run code. Nothing here does: it warns, and changes nothing."""
    warnings.warn(
        "loading never runs code from a file here, so there is nothing to enable: "
        "pass the function or class as custom_objects",
        UserWarning,
        stacklevel=2,
    )
