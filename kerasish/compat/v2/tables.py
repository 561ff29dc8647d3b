"""The functions of `aliases`, built once, and the operators of tensors, which are among them."""

import kerasish.compat.v2.aliases as aliases
import kerasish.compat.v2.array_functions as array_functions
import kerasish.compat.v2.image_functions as image_functions
import kerasish.compat.v2.linalg_functions as linalg_functions
import kerasish.compat.v2.math_functions as math_functions
import kerasish.compat.v2.nn_functions as nn_functions
import kerasish.compat.v2.random_functions as random_functions
import kerasish.compat.v2.string_functions as string_functions
from kerasish import ops
from kerasish.compat.v2.calling import table

_HOMES = {
    "elementwise": math_functions,
    "reductions": math_functions,
    "arrays": array_functions,
    "linalg": linalg_functions,
    "nn": nn_functions,
    "random": random_functions,
    "strings": string_functions,
    "image": image_functions,
}
_SHARED = (array_functions, math_functions, nn_functions, ops)  # for what stands in other tables

FUNCTIONS = {}
for _name, _text in aliases.TABLES.items():
    _homes = (_HOMES[_name],) if _name in ("strings", "image", "random") else (
        _HOMES[_name], *_SHARED)  # fmt: skip
    FUNCTIONS.update(table(_text, _homes))


def namespace(prefix):
    """Functions whose full names start with `prefix.`, by their last part."""
    start = f"{prefix}."
    return {
        name.removeprefix(start): function
        for name, function in FUNCTIONS.items()
        if name.startswith(start) and "." not in name.removeprefix(start)
    }


def top():
    """Functions that stand in no namespace."""
    return {name: function for name, function in FUNCTIONS.items() if "." not in name}
