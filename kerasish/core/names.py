"""Names: unique ones for layers and variables, and the scopes that make up their paths."""

import collections
import contextlib
import re
import threading

from kerasish.errors import explain


class _Local(threading.local):
    def __init__(self):
        self.counts, self.scopes = collections.Counter(), []


_local = _Local()


def unique_name(prefix):
    """`prefix`, or `prefix_1`, `prefix_2`, ... at the next calls.

    Example:
        >>> reset()
        >>> unique_name("dense"), unique_name("dense")
        ('dense', 'dense_1')
    """
    counts = _local.counts
    number = counts[prefix]
    counts[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


def count(prefix):
    """How often a prefix has been counted, this time included."""
    _local.counts[prefix] += 1
    return _local.counts[prefix]


def reset():
    """Start the numbering of names again."""
    _local.counts.clear()


def snake_case(name):
    """Class name in the form of layer names: Conv2DTranspose -> conv2d_transpose."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def push(name):
    """Open a scope; the caller closes it with `pop`."""
    _local.scopes.append(name)


def pop():
    """Close the innermost scope."""
    _local.scopes.pop()


@contextlib.contextmanager
def scope(name):
    """Context that puts `name/` before the paths of variables made inside, whatever the name."""
    push(name)
    try:
        yield
    finally:
        pop()


class name_scope:
    """Context that puts `name/` before the paths of variables and layers made inside.

    Args:
        name: str without a slash.
        **kwargs: Keras's `deduplicate` and `override_parent` are accepted at their defaults.

    Raises:
        ValueError: another kind of name, or an unknown option.

    Example:
        >>> with name_scope("outer"):
        ...     current_path("v")
        'outer/v'

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name, **kwargs):
        if not isinstance(name, str) or "/" in name:
            raise ValueError(
                explain("name_scope", "a name is a string without a slash", received=name)
            )
        unusable = {k: v for k, v in kwargs.items() if _OPTIONS.get(k, ...) is not v}
        if unusable:
            raise ValueError(explain("name_scope", "unsupported options", received=unusable))
        self.name = name

    def __enter__(self):
        push(self.name)
        return self

    def __exit__(self, *exc_info):
        pop()


_OPTIONS = {"deduplicate": True, "override_parent": None}


@contextlib.contextmanager
def root_scope(path):
    """Context in which paths start at `path`, whatever scopes are open."""
    before = _local.scopes
    _local.scopes = [path] if path else []
    try:
        yield
    finally:
        _local.scopes = before


def current_path(name):
    """Scopes and name joined by "/"."""
    return "/".join((*_local.scopes, name))


def scope_path():
    """The open scopes joined by "/"."""
    return "/".join(_local.scopes)
