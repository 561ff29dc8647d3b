"""tf.function: the package's compiled functions, called with and returning TensorFlow's faces."""

import functools
import inspect
import numbers

import numpy

from kerasish.compat.v2.conversion import is_tensor, to_plain
from kerasish.compat.v2.shapes import TensorSpec, of_spec
from kerasish.compat.v2.tensors import face, faces, plain
from kerasish.config import settings
from kerasish.core import function as core
from kerasish.core import modes, tree
from kerasish.core.spec import TensorSpec as PlainSpec


class Function:
    """What `function` returns: runs a compiled program once it has been traced.

    Under a tape the recorded operations are applied again, so that Python code runs only while
    tracing there too; a function with a gradient of its own (`custom_gradient`) runs as it stands.
    """

    def __init__(self, python_function, input_signature=None, name=None, inner=None):
        self.python_function = python_function
        self.input_signature = None if input_signature is None else tuple(input_signature)
        specs = None if input_signature is None else tree.map_structure(_plain_spec,
                                                                        self.input_signature)
        name = name or getattr(python_function, "__name__", "function").strip("<>")
        self._inner = inner or core.Function(_with_faces(python_function), name, specs)
        functools.update_wrapper(self, python_function, updated=())

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        bound = self._inner.__get__(instance, owner)
        method = self.python_function.__get__(instance, owner)
        return Function(method, self.input_signature, bound.name, bound)

    def __call__(self, *args, **kwargs):
        if settings.functions_eager:
            return self.python_function(*args, **kwargs)
        args, kwargs = self._canonical(args, kwargs)
        if modes.state.tapes and modes.state.trace is None:
            return self._replayed(args, kwargs)
        return faces(self._inner(*args, **kwargs))

    def _canonical(self, args, kwargs):
        if self.input_signature is None:
            return _plain_tree(args), _plain_tree(kwargs)
        if kwargs:
            bound = inspect.signature(self.python_function).bind(*args, **kwargs)
            args, kwargs = bound.args, {}
        if len(args) != len(self.input_signature):
            raise TypeError(
                f"Binding inputs to tf.function failed: {len(self.input_signature)} arguments "
                f"are expected, {len(args)} given."
            )
        return tuple(map(_fitting, args, self.input_signature)), {}

    def _replayed(self, args, kwargs):
        concrete = self._inner.concrete(*args, **kwargs)
        if concrete.graph.has_own_gradients:
            return faces(self._inner.python_function(*args, **kwargs))
        leaves = [x for x in tree.flatten((args, kwargs)) if _is_input(x)]
        results = concrete.graph.replay([to_plain(x) for x in leaves])
        return faces(concrete.structured(results))

    def get_concrete_function(self, *args, **kwargs):
        """The trace for arguments given as tensors or TensorSpecs."""
        if self.input_signature is not None and not args and not kwargs:
            args = self.input_signature
        args, kwargs = tree.map_structure(_argument_spec, (args, kwargs))
        return ConcreteFunction(self._inner.concrete(*args, **kwargs), args, kwargs)

    def experimental_get_tracing_count(self):
        """How often it has been traced."""
        return len(self._inner.traces)

    @property
    def traces(self):
        """List of the traces made so far."""
        return self._inner.traces

    def source(self, *args, **kwargs):
        """Generated program for these arguments (the latest trace's when none are given)."""
        return self._inner.source(*args, **kwargs)

    def __repr__(self):
        return f"<kerasish.compat.v2.Function {self._inner.name}>"


class ConcreteFunction:
    """One trace, to be called with tensors of its specs."""

    def __init__(self, traced, args, kwargs):
        self._traced, self._form = traced, (args, kwargs)
        self.name, self.graph = traced.graph.name, traced.graph

    @property
    def structured_input_signature(self):
        """(Positional, keyword) arguments, as specs and values."""
        return tree.map_structure(of_spec, self._form)

    @property
    def structured_outputs(self):
        """Result, as specs."""
        return faces(self._traced.structured(self.graph.outputs))

    @property
    def inputs(self):
        """List of the symbolic inputs."""
        return [face(x) for x in self.graph.inputs]

    @property
    def outputs(self):
        """List of the symbolic results."""
        return [face(x) for x in self.graph.outputs]

    def __call__(self, *args, **kwargs):
        leaves = tree.flatten((args, kwargs))
        specs = [x for x in tree.flatten(self._form) if isinstance(x, PlainSpec)]
        tensors = [x for x in leaves if is_tensor(x) or isinstance(x, numpy.ndarray)]
        if len(tensors) != len(specs):
            tensors = leaves
        if len(tensors) != len(specs):
            raise TypeError(f"{self.name}: {len(specs)} tensors are expected, {len(leaves)} given")
        inputs = [plain(_fitting(x, s)) for x, s in zip(tensors, specs, strict=True)]
        if modes.state.tapes or modes.state.trace is not None:
            return faces(self._traced.structured(self.graph.replay(inputs)))
        return faces(self._traced([x._array for x in inputs]))

    def __repr__(self):
        shown = ", ".join(map(repr, tree.flatten(self.structured_input_signature)))
        return f"<ConcreteFunction {self.name}({shown})>"


def _with_faces(python_function):
    @functools.wraps(python_function)
    def run(*args, **kwargs):
        args, kwargs = faces(args), faces(kwargs)
        result = python_function(*args, **kwargs)
        return tree.map_structure(_result, result)

    return run


def _result(value):
    if isinstance(value, (bool, numbers.Number, str, bytes, numpy.ndarray, numpy.generic)):
        return to_plain(value)
    return plain(value)


def _is_input(leaf):
    return core.is_tensor_like(leaf)


def _plain_tree(structure):
    return tree.map_structure(plain, structure)


def _plain_spec(spec):
    return PlainSpec(tuple(spec.shape), spec.dtype[:])


def _argument_spec(leaf):
    if isinstance(leaf, PlainSpec):
        return _plain_spec(leaf)
    if is_tensor(leaf) or isinstance(leaf, numpy.ndarray):
        return PlainSpec(tuple(leaf.shape), str.__str__(to_plain(leaf).dtype))
    return leaf


def _fitting(value, spec):
    if isinstance(spec, (list, tuple)) and not isinstance(spec, PlainSpec):
        return type(spec)(_fitting(v, s) for v, s in zip(value, spec, strict=True))
    if isinstance(spec, dict):
        return {key: _fitting(value[key], spec[key]) for key in spec}
    if not is_tensor(value):
        value = to_plain(value, hint=spec.dtype[:])
    if not spec.accepts(value):
        found = TensorSpec(value.shape, value.dtype)
        raise TypeError(
            f"Binding inputs to tf.function failed due to `Can not cast {found!r} to "
            f"{of_spec(spec)!r}`."
        )
    return plain(value)


def function(func=None, input_signature=None, autograph=True, jit_compile=None,
             reduce_retracing=False, experimental_implements=None,
             experimental_autograph_options=None, experimental_attributes=None):  # fmt: skip
    """Trace a Python function into a compiled program, once per shapes and dtypes of its tensors.

    Python code runs only while tracing. Python numbers are static: another number means another
    trace. Conditions on tensors need `tf.cond` or `tf.while_loop`; a function with a Python `if` on
    a tensor runs eagerly, with a warning.

    Args:
        func: callable; None to use as a decorator with arguments.
        input_signature: sequence of TensorSpec, or None.
        autograph, jit_compile, reduce_retracing, experimental_implements,
            experimental_autograph_options, experimental_attributes: accepted, without effect.

    Returns:
        Function.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> @tf.function
        ... def double(x):
        ...     print("tracing")
        ...     return x * 2
        >>> print(double(tf.constant([1, 2])), double(tf.constant([3, 4])))
        tracing
        tf.Tensor([2 4], shape=(2,), dtype=int32) tf.Tensor([6 8], shape=(2,), dtype=int32)

    Source: TensorFlow `tf.function`.
    """
    if func is None:
        return functools.partial(function, input_signature=input_signature)
    return Function(func, input_signature)
