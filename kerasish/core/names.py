"""Names: unique ones for layers and variables, and the scopes that make up their paths."""

import collections
import contextlib
import re
import threading

_local = threading.local()


def _counts():
    if not hasattr(_local, "counts"):
        _local.counts, _local.scopes = collections.Counter(), []
    return _local.counts


def unique_name(prefix):
    """`prefix`, or `prefix_1`, `prefix_2`, ... at the next calls.

    Example:
        >>> reset()
        >>> unique_name("dense"), unique_name("dense")
        ('dense', 'dense_1')
    """
    counts = _counts()
    number = counts[prefix]
    counts[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


def reset():
    """Start the numbering of names again."""
    _counts().clear()


def snake_case(name):
    """Class name in the form of layer names: Conv2DTranspose -> conv2d_transpose."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def push(name):
    """Open a scope; the caller closes it with `pop`."""
    _counts()
    _local.scopes.append(name)


def pop():
    """Close the innermost scope."""
    _local.scopes.pop()


@contextlib.contextmanager
def name_scope(name):
    """Context that puts `name/` before the paths of variables made inside."""
    push(name)
    try:
        yield
    finally:
        pop()


@contextlib.contextmanager
def root_scope(path):
    """Context in which paths start at `path`, whatever scopes are open."""
    _counts()
    before = _local.scopes
    _local.scopes = [path] if path else []
    try:
        yield
    finally:
        _local.scopes = before


def current_path(name):
    """Scopes and name joined by "/"."""
    _counts()
    return "/".join((*_local.scopes, name))


def scope_path():
    """The open scopes joined by "/"."""
    _counts()
    return "/".join(_local.scopes)
