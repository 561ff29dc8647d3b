"""Every operation of the package, under its Keras name; each also works on `Input` tensors."""
import importlib
import pathlib

from kerasish.core.calls import symbolic_aware
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.core.variable import Variable

_plain = {}
for _f in sorted(pathlib.Path(__file__).parent.glob("*.py")):
    if _f.stem not in ("__init__", "operators"):
        try:
            _mod = importlib.import_module("kerasish.ops." + _f.stem)
        except (ImportError, SyntaxError):
            continue
        for _n in getattr(_mod, "__all__", ()):
            if hasattr(_mod, _n):
                _plain[_n] = getattr(_mod, _n)
_aware = {k: symbolic_aware(v) for k, v in _plain.items()}
globals().update(_aware)

from kerasish.ops import operators  # noqa: E402

operators.attach(Tensor, _plain)
operators.attach(Variable, _plain)
operators.attach(SymbolicTensor, _aware)
