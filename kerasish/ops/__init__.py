"""Every operation of the package, under its Keras name; each also works on `Input` tensors.

The files declare; here their public names are gathered once, and tensors get their operators.
"""

import importlib
import types

from kerasish.core.calls import symbolic_aware
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.core.variable import Variable

# `elementwise`, `indexing`, `linalg`, `reduction` and `shape` are doors to several files each.
_FILES = (
    "activations",
    "attention",
    "branching",
    "conv",
    "conversions",
    "creation",
    "ctc",
    "elementwise",
    "forward_mode",
    "indexing",
    "linalg",
    "loops",
    "losses",
    "nn",
    "normalization",
    "pooling",
    "ranges",
    "rearranging",
    "recurrent",
    "reduction",
    "scanning",
    "shape",
    "signal",
    "sorting",
    "vectorizing",
    "window_functions",
)


def _public(file):
    """Public functions of a file, as they are declared."""
    module = importlib.import_module(f"kerasish.ops.{file}")
    return {name: getattr(module, name) for name in module.__all__}


def _aware(functions):
    return {name: symbolic_aware(function) for name, function in functions.items()}


# Functions that Keras has at the top, from files of which the rest is under `ops.image`.
_SINGLE = {
    "image_filters": ("psnr",),
    "patches": ("depth_to_space", "fold", "space_to_depth", "unfold"),
}

_declared = {name: f for file in _FILES for name, f in _public(file).items()}
_declared |= {name: _public(file)[name] for file, names in _SINGLE.items() for name in names}
_recorded = _aware(_declared)
_image = types.SimpleNamespace(**_aware(_public("image")))
_operators = importlib.import_module("kerasish.ops.operators")

_operators.attach(Tensor, _declared)
_operators.attach(Variable, _declared)
_operators.attach(SymbolicTensor, _recorded)

# Last, since some names of functions are also names of files: `ops.shape` is the function.
globals().update(_recorded)
image = _image

__all__ = sorted([*_recorded, "image"])
