"""Every operation of the package, under its Keras name; each also works on `Input` tensors.

The files declare; here their public names are gathered once, and tensors get their operators.
"""

import importlib
import sys
import types

from kerasish.core.calls import symbolic_aware
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.core.variable import Variable

# File -> the namespace of Keras in which its functions stand, besides `ops` itself; "" is none.
# `elementwise`, `indexing`, `linalg`, `reduction` and `shape` are doors to several files each.
_FILES = {
    "activations": "nn",
    "attention": "nn",
    "branching": "",
    "conv": "nn",
    "conversions": "",
    "creation": "numpy",
    "ctc": "nn",
    "elementwise": "numpy",
    "forward_mode": "linalg",
    "indexing": "",
    "linalg": "linalg",
    "loops": "",
    "losses": "nn",
    "nn": "nn",
    "normalization": "nn",
    "pooling": "nn",
    "ranges": "numpy",
    "rearranging": "",
    "recurrent": "",
    "reduction": "numpy",
    "scanning": "",
    "shape": "numpy",
    "signal": "",
    "sorting": "numpy",
    "vectorizing": "numpy",
    "window_functions": "numpy",
}
_ELSEWHERE = {
    name: namespace
    for namespace, names in {
        "nn": "depth_to_space fold moments multi_hot one_hot polar psnr space_to_depth unfold",
        "numpy": "copy corrcoef correlate cross dot einsum get_item inner kron matmul outer "
        "slogdet take take_along_axis tensordot trapezoid unravel_index vander vdot view",
        "": "batch_normalization_training cast cdist convert_to_tensor dtype erf erfc erfinv "
        "group_normalization in_top_k logdet logsumexp mish rsqrt segment_max segment_min "
        "segment_prod segment_sum shape stop_gradient top_k unstack view_as_complex view_as_real",
    }.items()
    for name in names.split()
}


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


def _namespace(name, functions):
    """A module of that name with the functions in it."""
    module = types.ModuleType(f"{__name__}.{name}", f"The operations of Keras's `ops.{name}`.")
    vars(module).update(functions, __all__=sorted(functions))
    return module


def _namespaces():
    members = {"image": _aware(_public("image")), "linalg": {}, "nn": {}, "numpy": {}}
    homes = {name: home for file, home in _FILES.items() for name in _public(file)}
    for name, function in _recorded.items():
        home = _ELSEWHERE.get(name, homes.get(name))
        if home:
            members[home][name] = function
    return {name: _namespace(name, functions) for name, functions in members.items()}


_spaces = _namespaces()
_operators = importlib.import_module("kerasish.ops.operators")

_operators.attach(Tensor, _declared)
_operators.attach(Variable, _declared)
_operators.attach(SymbolicTensor, _recorded)

# Last, since some names of functions are also names of files: `ops.shape` is the function.
globals().update(_recorded)
globals().update(_spaces)
sys.modules[f"{__name__}.numpy"] = _spaces["numpy"]  # no file is in its place

__all__ = sorted([*_recorded, *_spaces])
