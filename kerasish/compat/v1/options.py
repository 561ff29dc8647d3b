"""What programs set that has no effect here, or little: session options, logging, text helpers."""

import logging as _logging

DEBUG, INFO, WARN, ERROR, FATAL = (
    _logging.DEBUG, _logging.INFO, _logging.WARNING, _logging.ERROR, _logging.CRITICAL,
)  # fmt: skip
_logger = _logging.getLogger("kerasish")
debug, info, warn, error = _logger.debug, _logger.info, _logger.warning, _logger.error
set_verbosity = _logger.setLevel


class _Settings:
    """Attributes as they are set; devices and threads are set with `kerasish.config`."""

    def __init__(self, **settings):
        self.__dict__.update(settings)


class GPUOptions(_Settings):
    """Accepted, unused."""


class RunOptions(_Settings):
    """Accepted, unused."""

    NO_TRACE, FULL_TRACE = 0, 3


class RunMetadata(_Settings):
    """Accepted, unused."""


class ConfigProto(_Settings):
    """Accepted, unused.

    Example:
        >>> config = ConfigProto(allow_soft_placement=True)
        >>> config.gpu_options.allow_growth = True
    """

    def __init__(self, **settings):
        self.gpu_options = GPUOptions()
        super().__init__(**settings)


def as_bytes(bytes_or_text, encoding="utf-8"):
    """The text as bytes."""
    return bytes_or_text.encode(encoding) if isinstance(bytes_or_text, str) else bytes_or_text


def as_text(bytes_or_text, encoding="utf-8"):
    """The bytes as text."""
    return bytes_or_text.decode(encoding) if isinstance(bytes_or_text, bytes) else bytes_or_text


as_str = as_text


def as_str_any(value):
    """Any value as text."""
    return as_text(value) if isinstance(value, (bytes, str)) else str(value)
