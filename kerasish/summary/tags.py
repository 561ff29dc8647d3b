"""Tags: names of summaries, made harmless for terminals and pages."""

import hashlib

from kerasish.core.names import current_path
from kerasish.errors import explain

MAX_LENGTH = 512


def clean(name):
    """Tag from a name: control and other unprintable characters become "_".

    Names of over 512 characters are cut, and end in a digest that keeps them apart.

    Args:
        name: str.

    Raises:
        TypeError: not a str.

    Example:
        >>> clean("loss/\\x1b[2J")
        'loss/_[2J'
    """
    _require_str(name)
    tag = "".join(c if c.isprintable() else "_" for c in name)
    if len(tag) > MAX_LENGTH:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        tag = f"{tag[: MAX_LENGTH - 13]}-{digest}"
    return tag


def scoped(name):
    """Name behind those of the open name scopes."""
    _require_str(name)
    return current_path(name)


def _require_str(name):
    if not isinstance(name, str):
        raise TypeError(explain("summary", "the name of a summary must be a str", received=name))
