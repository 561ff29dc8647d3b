"""Process-wide settings: float type, epsilon, image layout, traced functions, device kernels."""

from kerasish.errors import explain

_FLOAT_TYPES = ("bfloat16", "float16", "float32", "float64")


class _Settings:
    floatx = "float32"
    epsilon = 1e-7
    image_data_format = "channels_last"
    functions_eager = False
    kernels_enabled = True


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
