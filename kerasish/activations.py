"""Activation functions by name; their formulas are operations, see `kerasish.ops`."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from kerasish.registry import register
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]


def linear(x):
    """No activation: `x`.

    Args:
        x: tensor.

    Returns:
        `x`.

    Example:
        >>> linear(3.0)
        3.0

    Source: Keras 3 names and defaults.
    """
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """Rectifier: `max(x, 0)`, with an optional slope, ceiling and threshold.

    It is `max_value` from there on, `x` from the threshold on, and
    `negative_slope * (x - threshold)` below it.

    Args:
        x: tensor.
        negative_slope: float.
        max_value: float or None.
        threshold: float.

    Returns:
        tensor of the same shape and dtype.

    Derivative: 0 at x = 0, as of `ops.relu`.

    Example:
        >>> relu(ops.array([-2.0, 0.5, 3.0]), negative_slope=0.5, max_value=2.0).tolist()
        [-1.0, 0.5, 2.0]

    Source: Keras 3 names and defaults.
    """
    if negative_slope == 0.0 and threshold == 0.0:
        if max_value is None:
            return ops.relu(x)
        return ops.relu6(x) if max_value == 6 else ops.clip(ops.relu(x), 0.0, max_value)
    if max_value is None and threshold == 0.0:
        return ops.leaky_relu(x, negative_slope=negative_slope)
    below = ops.relu(threshold - x)
    above = ops.threshold(x, threshold, 0.0) if threshold != 0.0 else ops.relu(x)
    if max_value is not None:
        above = ops.clip(above, 0.0, max_value)
    return above - negative_slope * below if negative_slope != 0.0 else above


def gelu(x, approximate=False):
    """Gaussian error linear unit: `x * Phi(x)` with the normal distribution function Phi.

    Args:
        x: tensor.
        approximate: bool. Use `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3)))`.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> round(gelu(ops.array(1.0)).item(), 4)
        0.8413

    Source: Hendrycks and Gimpel, 2016; Keras 3 names and defaults.
    """
    return ops.gelu(x, approximate=approximate)


def exponential(x):
    """Exponential: `exp(x)`.

    Args:
        x: tensor.

    Returns:
        tensor of the same shape and dtype.

    Example:
        >>> exponential(ops.array(0.0)).item()
        1.0

    Source: Keras 3 names and defaults.
    """
    return ops.exp(x)


swish, hard_swish = silu, hard_silu

_ALIASES = {"silu": ("swish",), "hard_silu": ("hard_swish",)}
for _name in sorted(set(__all__) - {"deserialize", "get", "serialize", "swish", "hard_swish"}):
    register("activations", *_ALIASES.get(_name, ()), name=_name)(globals()[_name])
_OWN = {globals()[_name]: _name for _name in registry.names("activations") if _name in __all__}
_OWN.update({silu: "silu", hard_silu: "hard_silu"})  # the main name of those with two


def get(identifier):
    """Activation named by a string ("relu"), a config or itself; None gives `linear`.

    Args:
        identifier: str, dict, callable or None.

    Returns:
        callable from tensor to tensor.

    Raises:
        ValueError: an unknown name (the nearest one is offered), or nothing callable.

    Example:
        >>> get("relu")(ops.array([-1.0, 1.0])).tolist()
        [0.0, 1.0]

    Source: Keras 3 names and defaults.
    """
    if identifier is None:
        return linear
    found = deserialize(identifier) if isinstance(identifier, (str, dict)) else identifier
    if not callable(found):
        raise ValueError(  # noqa: TRY004 (as in Keras)
            explain(
                "activations.get",
                "not usable as an activation",
                received=identifier,
                expected="a name, a config or a callable",
            )
        )
    return found


def serialize(activation):
    """Name of an activation of the package, else its config.

    Args:
        activation: callable.

    Returns:
        str or dict.

    Raises:
        ValueError: a lambda, or an object without `get_config`.

    Example:
        >>> serialize(relu)
        'relu'

    Source: Keras 3 names and defaults.
    """
    try:
        name = _OWN.get(activation)
    except TypeError:  # an object that cannot be hashed is none of ours
        name = None
    return name or serialize_keras_object(activation)


def deserialize(config, custom_objects=None):
    """Activation from its name or config.

    Args:
        config: str or dict.
        custom_objects: dict from name to function or class.

    Returns:
        callable.

    Raises:
        ValueError: an unknown name.

    Source: Keras 3 names and defaults.
    """
    with registry.CustomObjectScope(custom_objects):
        if isinstance(config, str):
            return registry.lookup("activations", config, where="activations.get")
        return deserialize_keras_object(config)
