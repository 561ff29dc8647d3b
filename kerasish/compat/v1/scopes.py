"""Contexts and collections of the default graph as functions."""

import contextlib

from kerasish.compat.v1.graph import get_default_graph


@contextlib.contextmanager
def name_scope(name, default_name=None, values=None):
    """Context that puts `name/` before the names of operations; yields the whole prefix.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.name_scope("loss") as scope:
        ...     scope, tf.constant(1.0).name
        ('loss/', 'loss/Const:0')

    Source: TensorFlow 1.
    """
    with get_default_graph().name_scope(default_name if name is None else name) as scope:
        yield scope


def control_dependencies(control_inputs):
    """Context in which new operations run after these."""
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function):
    """Context that marks new operations with a device's name."""
    return get_default_graph().device(device_name_or_function)


def add_to_collection(name, value):
    """Append to a collection of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value):
    """Append to several collections of the default graph."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None):
    """List of what a collection of the default graph holds."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key):
    """A collection of the default graph itself."""
    return get_default_graph().get_collection_ref(key)


def executing_eagerly():
    """False: what is called here is recorded."""
    return False


def disable_eager_execution():
    """Nothing: graphs are all there is here."""


def disable_v2_behavior():
    """Nothing: graphs are all there is here."""


def disable_resource_variables():
    """Nothing: there is one kind of variables."""
