"""Half precision calculated in float32: for what loses too much, or has no half form at all."""

from kerasish.core.primitive import as_float_input
from kerasish.core.structural import cast

_HALVES = ("float16", "bfloat16")


def widened(x):
    """`x` as a float tensor, half precision as float32, and the dtype to return to.

    Args:
        x: tensor; integers become floatx.

    Returns:
        tuple (tensor, dtype name).
    """
    x = as_float_input(x)
    return (cast(x, "float32") if x.dtype in _HALVES else x), x.dtype
