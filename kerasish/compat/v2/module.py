"""tf.Module: a container that finds its variables and submodules."""

import contextlib
import functools

from kerasish.core import names, tree
from kerasish.core.variable import Variable
from kerasish.layers import Layer


class name_scope(contextlib.ContextDecorator):
    """Context that puts `name/` before the names of variables made inside.

    Args:
        name: str.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> with tf.name_scope("block"):
        ...     tf.Variable(1.0, name="w").name
        'block/w:0'
    """

    def __init__(self, name):
        self._name = name.rstrip("/")
        self.name = f"{names.scope_path()}/{self._name}/".lstrip("/")

    def __enter__(self):
        names.push(self._name)
        return self.name

    def __exit__(self, *exc_info):
        names.pop()


class Module:
    """Base of objects with variables, which are found in their attributes.

    Args:
        name: str, an identifier; the class's name in snake case when None.

    Raises:
        ValueError: a name that is no identifier.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> class Line(tf.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.slope = tf.Variable(2.0, name="slope")
        ...     def __call__(self, x):
        ...         return self.slope * x
        >>> [v.name for v in Line().trainable_variables]
        ['slope:0']

    Source: TensorFlow `tf.Module`.
    """

    def __init__(self, name=None):
        name = name or names.snake_case(type(self).__name__)
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not a valid module name. Module names must be valid "
                             "Python identifiers (e.g. a valid class name).")  # fmt: skip
        self._name = name

    @property
    def name(self):
        """Name of the module."""
        return self._name

    @property
    def name_scope(self):
        """Context in which variables are named after the module."""
        return name_scope(self._name)

    @property
    def variables(self):
        """Tuple of all variables, by the names of attributes, those of submodules last."""
        return tuple(_unique(_variables(self)))

    @property
    def trainable_variables(self):
        """Tuple of the trainable ones."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self):
        """Tuple of the others."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self):
        """Tuple of the modules inside, and those inside them."""
        found, seen = [], {id(self)}
        queue = _children(self)
        while queue:
            child = queue.pop(0)
            if id(child) not in seen:
                seen.add(id(child))
                found.append(child)
                queue += _children(child)
        return tuple(found)

    @classmethod
    def with_name_scope(cls, method):
        """Decorator: a method runs in the module's name scope."""

        @functools.wraps(method)
        def wrapped(self, *args, **kwargs):
            with self.name_scope:
                return method(self, *args, **kwargs)

        return wrapped


def _leaves(module):
    for key in sorted(vars(module)):
        if key != "_traced_methods":
            yield from tree.flatten(vars(module)[key])


def _children(module):
    if isinstance(module, Layer):
        return [layer for layer in module._flatten_layers() if layer is not module]
    return [x for x in _leaves(module) if isinstance(x, (Module, Layer))]


def _variables(module):
    if isinstance(module, Layer):
        return list(module.variables)
    own = [x for x in _leaves(module) if isinstance(x, Variable)]
    return own + [v for child in module.submodules for v in _own_variables(child)]


def _own_variables(child):
    if isinstance(child, Layer):
        return list(child.variables)
    return [x for x in _leaves(child) if isinstance(x, Variable)]


def _unique(variables):
    return list({v.key: v for v in variables}.values())
