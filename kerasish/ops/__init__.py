"""Every operation of the package, under its Keras name; each also works on `Input` tensors."""
import importlib
import importlib.util

from kerasish.core.calls import symbolic_aware

_MODULES = ("elementwise", "reduction", "shape", "creation", "indexing", "linalg", "decompositions", "sorting", "nn", "activations", "conv", "pooling",
            "normalization", "recurrent", "attention", "image", "random", "losses", "update", "control", "structural")
for _m in _MODULES:
    if importlib.util.find_spec("kerasish.ops." + _m):
        _mod = importlib.import_module("kerasish.ops." + _m)
        for _n in _mod.__all__:
            globals()[_n] = symbolic_aware(getattr(_mod, _n))
