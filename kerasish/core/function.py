"""`function`: a Python function traced once per kind of input and run as a compiled program."""

import copy
import functools
import pathlib
import threading
import traceback
import warnings

from kerasish.arrays import device as devices
from kerasish.arrays.text import is_text
from kerasish.config import settings
from kerasish.core import modes, tree
from kerasish.core.graph import Graph
from kerasish.core.program import Program
from kerasish.core.signatures import borrowed, is_tensor_like, key_of, static_key
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
        self._is_lone = result is self._leaves[0] and self._is_tensor[0] if self._leaves else False
        graph.outputs = [
            graph.lift(x)
            for x, is_tensor in zip(self._leaves, self._is_tensor, strict=True)
            if is_tensor
        ]
        _check_captures(graph)
        self.graph = graph
        self._device = _device_of(graph)
        self._program, self._silent = None, None

    @property
    def program(self):
        """The compiled graph, made when it is first needed."""
        if self._program is None:
            self._program = Program(self.graph, self._device, self.graph.name)
        return self._program

    def run_silently(self, arrays):
        """Assign the variables only: whatever just the results need is not computed."""
        self._updates_only()(arrays)

    def run_silently_each(self, batches):
        """As `run_silently` for each of several lists of arrays in turn, in one go.

        An error in one of them leaves the effects of those before, and none of its own.
        """
        self._updates_only().run_each(batches)

    def _updates_only(self):
        if self._silent is None:
            self._silent = Program(self.graph.without_outputs(), self._device, self.graph.name)
        return self._silent

    def __call__(self, arrays):
        """Result structure for a list of input arrays."""
        xp = self.program.device.xp
        if self._is_lone:
            return _as_result(self.program(arrays)[0], xp)
        return self.structured([_as_result(array, xp) for array in self.program(arrays)])

    def structured(self, results):
        """The function's result, with these tensors in place of those that it computed."""
        results = iter(results)
        leaves = [
            next(results) if is_tensor else leaf
            for leaf, is_tensor in zip(self._leaves, self._is_tensor, strict=True)
        ]
        return tree.unflatten(self._structure, leaves)


def _as_result(array, xp):
    is_kept = isinstance(array, xp.ndarray) or is_text(array)
    return Tensor(array if is_kept else xp.asarray(array))


def _check_captures(graph):
    for source, _ in graph.captures.values():
        if isinstance(source, SymbolicTensor):
            raise KerasishError(
                explain(
                    f"function {graph.name!r}",
                    "it uses a symbolic tensor from outside",
                    received=source,
                    fix="pass it as an argument",
                )
            )


def _device_of(graph):
    variables = graph.captured_variables
    return devices.get(variables[0].device) if variables else devices.current()


class _Traces:
    """What one function has traced so far; it stays behind when its owner is copied or pickled."""

    def __init__(self):
        self.concrete, self.is_eager = {}, False
        self.lock = threading.RLock()  # two threads must not build the same layers

    def __reduce__(self):
        return _Traces, ()


class Function:
    """What `function` returns; see there."""

    def __init__(self, python_function, name=None, input_signature=None, traces=None):
        self.python_function = python_function
        self.name = name or getattr(python_function, "__name__", "function").strip("<>")
        self.input_signature = None if input_signature is None else tuple(input_signature)
        self._traces = _Traces() if traces is None else traces
        functools.update_wrapper(self, python_function, updated=())

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        # The object keeps the traces, not the bound function: that would be a reference cycle.
        traces = instance.__dict__.setdefault("_traced_methods", {}).setdefault(self, _Traces())
        method = self.python_function.__get__(instance, owner)
        return Function(method, self.name, self.input_signature, traces)

    def __deepcopy__(self, memo):
        if not hasattr(self.python_function, "__self__"):
            return self  # as plain functions are
        return Function(copy.deepcopy(self.python_function, memo), self.name, self.input_signature)

    def __reduce__(self):
        owner = getattr(self.python_function, "__self__", None)
        return self.__qualname__ if owner is None else (getattr, (owner, self.__name__))

    def __call__(self, *args, **kwargs):
        # Inside a trace or under a tape the operations themselves are wanted, not their result.
        traces = self._traces
        if traces.is_eager or settings.functions_eager or modes.state.trace is not None:
            return self.python_function(*args, **kwargs)
        if modes.state.tapes or modes.state.stateless is not None:
            return self.python_function(*args, **kwargs)
        key, specs, arrays = self._signature(args, kwargs)
        concrete = traces.concrete.get(key)
        if concrete is None:
            concrete = self._trace(key, specs)
            if concrete is None:
                return self.python_function(*args, **kwargs)
        return concrete(arrays)

    def _signature(self, args, kwargs):
        leaves, arrays, specs, parts = tree.flatten((args, kwargs)), [], [], []
        signature = self._signature_specs(args, kwargs)
        for leaf in leaves:
            if is_tensor_like(leaf) or (signature is not None and isinstance(leaf, (int, float))):
                tensor = leaf if isinstance(leaf, Tensor) else borrowed(leaf)
                spec = tensor.spec
                if signature is not None:
                    spec = self._checked(spec, signature, len(arrays))
                arrays.append(tensor._array)
                specs.append(spec)
                parts.append(spec)
            else:
                specs.append(leaf)
                parts.append((type(leaf), static_key(leaf)))
        key = key_of((args, kwargs), parts)
        return key, tree.unflatten((args, kwargs), specs), arrays

    def _signature_specs(self, args, kwargs):
        if self.input_signature is None:
            return None
        if kwargs:
            raise TypeError(
                explain(
                    f"function {self.name!r}",
                    "with an input_signature arguments are positional",
                    received=sorted(kwargs),
                )
            )
        return tree.flatten(self.input_signature)

    def _checked(self, spec, signature, position):
        wanted = signature[position] if position < len(signature) else None
        if wanted is None or not wanted.accepts(spec):
            raise TypeError(
                explain(
                    f"function {self.name!r}",
                    f"argument {position} does not fit the signature",
                    received=f" {spec}",
                    expected=str(wanted),
                )
            )
        return wanted

    def _trace(self, key, specs):
        traces = self._traces
        with traces.lock:
            if key not in traces.concrete and not traces.is_eager:
                self._trace_anew(key, specs)
            return traces.concrete.get(key)

    def _trace_anew(self, key, specs):
        traces = self._traces
        args, kwargs = specs
        try:
            concrete = ConcreteFunction(self.python_function, args, kwargs, self.name)
        except SymbolicValueError as error:
            traces.is_eager = True
            warnings.warn(
                f"function {self.name!r} runs eagerly, step by step and slower, because it needs "
                f"the value of a tensor while it is traced: {user_line(error)}: {error}",
                EagerFallbackWarning,
                stacklevel=5,
            )
            return
        if len(traces.concrete) == _RETRACE_LIMIT:
            warnings.warn(
                f"function {self.name!r} has been traced {_RETRACE_LIMIT + 1} times. "
                + self._retrace_reason(key),
                RetraceWarning,
                stacklevel=5,
            )
        traces.concrete[key] = concrete

    def _retrace_reason(self, key):
        last = next(reversed(self._traces.concrete))
        if last[0] != key[0]:
            return "The arguments have another structure each time."
        for i, (a, b) in enumerate(zip(last[1], key[1], strict=True)):
            if a != b:
                if isinstance(a, TensorSpec):
                    fix = "Fix: pass input_signature with None for sizes that change."
                    return f"Argument {i} was {a}, now {b}. {fix}"
                return (f"Argument {i} is a Python value that changes: {a[1]!r}, then {b[1]!r}. "
                        "Fix: pass it as a tensor.")  # fmt: skip
        return "The device or a global setting changed."

    def concrete(self, *args, **kwargs):
        """The trace for arguments given as tensors or TensorSpecs (made if there is none yet)."""
        args, kwargs = tree.map_structure(
            lambda x: as_tensor(x).spec if is_tensor_like(x) else x,
            (args, kwargs),
        )
        leaves = tree.flatten((args, kwargs))
        parts = [x if isinstance(x, TensorSpec) else (type(x), static_key(x)) for x in leaves]
        traced = self._trace(key_of((args, kwargs), parts), (args, kwargs))
        if traced is None:
            raise SymbolicValueError(explain(f"function {self.name!r}", "it cannot be traced"))
        return traced

    def profile(self, *args, repeats=20, **kwargs):
        """Time of every call of the program for these arguments; variables keep their values.

        Args:
            *args, **kwargs: as of the function.
            repeats: int. Runs, of which the least time of each call is told.

        Returns:
            Profile, printed as a table, with `rows`.
        """
        key, specs, arrays = self._signature(args, kwargs)
        concrete = self._traces.concrete.get(key) or self.concrete(*args, **kwargs)
        return concrete.program.profile(arrays, repeats)

    @property
    def traces(self):
        """List of the ConcreteFunctions made so far."""
        return list(self._traces.concrete.values())

    def source(self, *args, **kwargs):
        """Generated program for these arguments (the latest trace's when none are given)."""
        if args or kwargs:
            return self.concrete(*args, **kwargs).program.source()
        if not self.traces:
            raise KerasishError(
                explain(
                    f"function {self.name!r}",
                    "it has not been traced yet",
                    fix="call it once, or pass example arguments to source()",
                )
            )
        return self.traces[-1].program.source()


def user_line(error):
    """File, line and text of the innermost frame outside this package."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [
        f for f in frames if not f.filename.startswith(_PACKAGE) and not f.filename.startswith("<")
    ]
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
