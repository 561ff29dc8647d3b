"""TensorFlow 1's names: graphs of named operations, and sessions that run them compiled.

`import kerasish.compat.v1 as tf` takes the place of `import tensorflow.compat.v1 as tf`.

Example:
    >>> import kerasish.compat.v1 as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [None])
    ...     session.run(tf.reduce_mean(x), {x: [1.0, 2.0, 6.0]}).item()
    3.0
"""

import importlib
import types

from kerasish.compat.v1 import dtypes, names


def _gathered():
    """Everything by its name, and the modules of TensorFlow with what is in them."""
    home = importlib.import_module
    generated = home(f"{__name__}.generated").FUNCTIONS
    home(f"{__name__}.operators")
    found = dict(dtypes.TYPES, newaxis=None)
    for module, text in names.NAMES.items():
        for theirs, ours in names.pairs(text):
            found[theirs] = getattr(home(f"{__name__}.{module}"), ours)
    spaces = {}
    for space, homes in names.SPACES.items():
        spaces[space] = {}
        for module, text in homes.items():
            source = home(f"{__name__}.{module}")
            text = " ".join(source.__all__) if text == "*" else text
            for theirs, ours in names.pairs(text):
                spaces[space][theirs] = getattr(source, ours)
    for name, function in generated.items():
        space, _, short = name.rpartition(".")
        for target in [spaces[space]] if space else [found, spaces["math"]]:
            target[short] = function
    spaces["math"] |= {n: spaces["nn"][n] for n in ("tanh", "sigmoid") if n in spaces["nn"]}
    for name, content in spaces.items():
        found[name] = types.SimpleNamespace(**content)
    for name, initializer in spaces["initializers"].items():
        if not name.endswith("variables"):
            found[f"{name}_initializer"] = initializer
    return found


_found = _gathered()
globals().update(_found)
__all__ = sorted(_found)
__version__ = "1.15.0"
