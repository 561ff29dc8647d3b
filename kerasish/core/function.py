"""`function`: a Python function traced once per kind of input and run as a compiled program."""

import functools
import pathlib
import traceback
import warnings

import numpy

from kerasish.arrays import device as devices
from kerasish.config import settings
from kerasish.core import modes, tree
from kerasish.core.graph import Graph
from kerasish.core.program import Program
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor, as_tensor
from kerasish.errors import KerasishError, SymbolicValueError, explain

_PACKAGE = str(pathlib.Path(__file__).resolve().parent.parent)
_RETRACE_LIMIT = 8  # traces of one function after which a warning says why


class RetraceWarning(UserWarning):
    """A function is traced again and again, which costs more than it saves."""


class EagerFallbackWarning(UserWarning):
    """A function cannot be traced and runs step by step."""


class ConcreteFunction:
    """One trace of a function: a graph for inputs of certain specs, and its program.

    Args:
        python_function: callable.
        args, kwargs: arguments; leaves that are TensorSpec become inputs, the rest is static.
        name: str.

    Attributes:
        graph: Graph.
        program: Program.
    """

    def __init__(self, python_function, args, kwargs, name):
        graph = Graph(name)

        def as_argument(leaf):
            return graph.add_input(leaf) if isinstance(leaf, TensorSpec) else leaf

        args, kwargs = tree.map_structure(as_argument, (args, kwargs))
        with modes.tracing(graph):
            result = python_function(*args, **kwargs)
        self._structure = result
        self._leaves = tree.flatten(result)
        self._is_tensor = [isinstance(x, Tensor) or hasattr(x, "_as_tensor") for x in self._leaves]
        graph.outputs = [
            graph.lift(x) for x, is_tensor in zip(self._leaves, self._is_tensor, strict=True) if is_tensor
        ]
        _check_captures(graph)
        self.graph = graph
        self.program = Program(graph, _device_of(graph), name)
        self._silent = None

    def run_silently(self, arrays):
        """Assign the variables only: whatever just the results need is not computed."""
        if self._silent is None:
            self._silent = Program(self.graph.without_outputs(), self.program.device, self.graph.name)
        self._silent(arrays)

    def __call__(self, arrays):
        """Result structure for a list of input arrays."""
        xp = self.program.device.xp
        results = iter(self.program(arrays))
        leaves = [
            _as_result(next(results), xp) if is_tensor else leaf
            for leaf, is_tensor in zip(self._leaves, self._is_tensor, strict=True)
        ]
        return tree.unflatten(self._structure, leaves)


def _as_result(array, xp):
    return Tensor(array if isinstance(array, xp.ndarray) else xp.asarray(array))


def _check_captures(graph):
    for source, _ in graph.captures.values():
        if isinstance(source, SymbolicTensor):
            raise KerasishError(
                explain(f"function {graph.name!r}", "it uses a symbolic tensor from outside",
                        received=source, fix="pass it as an argument")  # fmt: skip
            )


def _device_of(graph):
    variables = graph.captured_variables
    return devices.get(variables[0].device) if variables else devices.current()


class Function:
    """What `function` returns; see there."""

    def __init__(self, python_function, name=None, input_signature=None):
        self.python_function = python_function
        self.name = name or getattr(python_function, "__name__", "function").strip("<>")
        self.input_signature = None if input_signature is None else tuple(input_signature)
        self._concrete, self._is_eager = {}, False
        functools.update_wrapper(self, python_function, updated=())

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        cache = instance.__dict__.setdefault("_traced_methods", {})
        if self not in cache:
            method = self.python_function.__get__(instance, owner)
            cache[self] = Function(method, self.name, self.input_signature)
        return cache[self]

    def __call__(self, *args, **kwargs):
        # Inside a trace or under a tape the operations themselves are wanted, not their result.
        if self._is_eager or settings.functions_eager or modes.state.trace is not None:
            return self.python_function(*args, **kwargs)
        if modes.state.tapes:
            return self.python_function(*args, **kwargs)
        key, specs, arrays = self._signature(args, kwargs)
        concrete = self._concrete.get(key)
        if concrete is None:
            concrete = self._trace(key, specs)
            if concrete is None:
                return self.python_function(*args, **kwargs)
        return concrete(arrays)

    def _signature(self, args, kwargs):
        leaves, arrays, specs, parts = tree.flatten((args, kwargs)), [], [], []
        signature = self._signature_specs(args, kwargs)
        for leaf in leaves:
            if _is_tensor_like(leaf) or (signature is not None and isinstance(leaf, (int, float))):
                tensor = as_tensor(leaf)
                spec = tensor.spec
                if signature is not None:
                    spec = self._checked(spec, signature, len(arrays))
                arrays.append(tensor._array)
                specs.append(spec)
                parts.append(spec)
            else:
                specs.append(leaf)
                parts.append((type(leaf), _static_key(leaf)))
        place = devices.current().name
        key = (tree.structure_key((args, kwargs)), tuple(parts), place, settings.kernels_enabled,
               modes.state.autocast)  # fmt: skip
        return key, tree.unflatten((args, kwargs), specs), arrays

    def _signature_specs(self, args, kwargs):
        if self.input_signature is None:
            return None
        if kwargs:
            raise TypeError(
                explain(f"function {self.name!r}", "with an input_signature arguments are positional",
                        received=sorted(kwargs))  # fmt: skip
            )
        return tree.flatten(self.input_signature)

    def _checked(self, spec, signature, position):
        wanted = signature[position] if position < len(signature) else None
        if wanted is None or not wanted.accepts(spec):
            raise TypeError(
                explain(f"function {self.name!r}", f"argument {position} does not fit the signature",
                        received=f" {spec}", expected=str(wanted))  # fmt: skip
            )
        return wanted

    def _trace(self, key, specs):
        args, kwargs = specs
        try:
            concrete = ConcreteFunction(self.python_function, args, kwargs, self.name)
        except SymbolicValueError as error:
            self._is_eager = True
            warnings.warn(
                f"function {self.name!r} runs eagerly, step by step and slower, because it needs the "
                f"value of a tensor while it is traced: {user_line(error)}: {error}",
                EagerFallbackWarning,
                stacklevel=4,
            )
            return None
        if len(self._concrete) == _RETRACE_LIMIT:
            warnings.warn(
                f"function {self.name!r} has been traced {_RETRACE_LIMIT + 1} times. "
                + self._retrace_reason(key),
                RetraceWarning,
                stacklevel=4,
            )
        self._concrete[key] = concrete
        return concrete

    def _retrace_reason(self, key):
        last = next(reversed(self._concrete))
        if last[0] != key[0]:
            return "The arguments have another structure each time."
        for i, (a, b) in enumerate(zip(last[1], key[1], strict=True)):
            if a != b:
                if isinstance(a, TensorSpec):
                    return (f"Argument {i} was {a}, now {b}. Fix: pass input_signature with None for "
                            "sizes that change.")  # fmt: skip
                return (f"Argument {i} is a Python value that changes: {a[1]!r}, then {b[1]!r}. "
                        "Fix: pass it as a tensor.")  # fmt: skip
        return "The device or a global setting changed."

    def concrete(self, *args, **kwargs):
        """The trace for arguments given as tensors or TensorSpecs (made if there is none yet)."""
        args, kwargs = tree.map_structure(
            lambda x: as_tensor(x).spec if _is_tensor_like(x) else x,
            (args, kwargs),
        )
        leaves = tree.flatten((args, kwargs))
        parts = tuple(x if isinstance(x, TensorSpec) else (type(x), _static_key(x)) for x in leaves)
        key = (tree.structure_key((args, kwargs)), parts, devices.current().name,
               settings.kernels_enabled, modes.state.autocast)  # fmt: skip
        if key not in self._concrete:
            traced = self._trace(key, (args, kwargs))
            if traced is None:
                raise SymbolicValueError(explain(f"function {self.name!r}", "it cannot be traced"))
        return self._concrete[key]

    @property
    def traces(self):
        """List of the ConcreteFunctions made so far."""
        return list(self._concrete.values())

    def source(self, *args, **kwargs):
        """Generated program for these arguments (the latest trace's when none are given)."""
        if args or kwargs:
            return self.concrete(*args, **kwargs).program.source()
        if not self._concrete:
            raise KerasishError(
                explain(f"function {self.name!r}", "it has not been traced yet",
                        fix="call it once, or pass example arguments to source()")  # fmt: skip
            )
        return self.traces[-1].program.source()


def _is_tensor_like(leaf):
    return isinstance(leaf, (Tensor, numpy.generic)) or devices.is_array(leaf)


def _static_key(leaf):
    try:
        hash(leaf)
    except TypeError:
        return id(leaf)
    return leaf


def user_line(error):
    """File, line and text of the innermost frame outside this package."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [f for f in frames if not f.filename.startswith(_PACKAGE) and not f.filename.startswith("<")]
    frame = outside[-1] if outside else frames[-1]
    return f"{frame.filename}:{frame.lineno}: {frame.line}"


def function(python_function=None, *, input_signature=None, name=None, **unused):
    """Trace a Python function into a compiled program, once per shapes and dtypes of its tensors.

    Tensors and arrays among the arguments are inputs; every other value is static: another value
    means another trace. Variables are read and assigned as usual. Python code runs only while
    tracing; where it needs the value of a tensor, the function runs eagerly, with one warning.

    Args:
        python_function: callable; None to use as a decorator with arguments.
        input_signature: sequence of TensorSpec. One trace for all inputs; sizes may be None.
        name: str.
        **unused: TensorFlow's `jit_compile`, `reduce_retracing` and `autograph` are accepted.

    Returns:
        Function: callable, with `source()` and `traces`.

    Raises:
        TypeError: an unknown keyword, or arguments that do not fit the signature.

    Example:
        >>> from kerasish import ops
        >>> @function
        ... def double(x):
        ...     return x * 2
        >>> double(ops.ones((2,))).numpy().tolist()
        [2.0, 2.0]

    Source: TensorFlow `tf.function` (names).
    """
    unknown = set(unused) - {"jit_compile", "reduce_retracing", "autograph"}
    if unknown:
        raise TypeError(explain("function", "unknown arguments", received=sorted(unknown)))
    if python_function is None:
        return functools.partial(function, input_signature=input_signature, name=name)
    return Function(python_function, name, input_signature)
