"""Primitive: one declaration per operation, from which everything else follows.

A primitive says what it computes on arrays (`forward(xp, ...)`), which shape and dtype comes out
(`spec`) and the derivative rule of each input (`vjp`). It may have faster implementations for a
device, registered elsewhere with `implements`.
"""

import inspect
import types

from kerasish.config import settings
from kerasish.core import delegation, modes
from kerasish.core.inputs import as_float_input, as_input, promote, promote_floats
from kerasish.core.operation import Operation, operations
from kerasish.core.spec_rules import GENERIC, elementwise_spec, probe_spec, same_spec
from kerasish.core.tensor import Tensor

__all__ = [
    "Primitive",
    "as_float_input",
    "as_input",
    "elementwise_spec",
    "implements",
    "operations",
    "primitive",
    "promote",
    "promote_floats",
    "public_function",
    "same_spec",
]


class Primitive(Operation):
    """An indivisible operation; see `primitive` for its parts."""

    def __init__(self, forward, *, spec=None, ufunc=None, **keywords):
        super().__init__(forward, skip=1, **keywords)
        self.forward = forward
        self.ufunc = ufunc
        self._spec = spec

    def run(self, xp, arrays, params):
        """Arrays out for arrays in, by the device's implementation or the plain forward."""
        kind = "gpu" if xp.is_gpu else "cpu"
        if self.is_costly:
            delegation.planner_for(kind)  # when it loads it registers implementations
        if self.implementations:
            function = self.implementation(kind, arrays, params)
            if function is not None:
                return function(xp, *arrays, **params)
        return self.forward(xp, *arrays, **params)

    def infer(self, specs, params):
        """Spec (or tuple of specs) that comes out for specs (or scalars) that go in."""
        rule = self._spec or probe_spec
        return rule(self, specs, params) if rule in GENERIC else rule(*specs, **params)


# ---- decorators ------------------------------------------------------------------------------


def primitive(*, spec=None, vjp=None, joint_vjp=None, tags=(), promotes=False, floats=False,
              ufunc=None, name=None):  # fmt: skip
    """Declare a primitive from its forward `f(xp, inputs..., /, params..., out=None)`.

    Arguments before `/` (or `*`) are tensors, those after are static parameters. The decorated name
    becomes the public function, with the same signature less `xp` and `out`.

    Args:
        spec: `f(*input_specs, **params)` -> TensorSpec or tuple; or `elementwise_spec`,
            `same_spec`; None probes by running the forward.
        vjp: derivative rule of each input, `f(g, names...)`; a rule names the inputs, params, or
            the output `y` that it needs, and only those are kept for the backward pass; `x_like`
            gives the shape and dtype of input `x` without keeping its values. None where an input
            has no derivative. Written in operations, never on arrays.
        joint_vjp: one rule for all inputs together, returning a sequence with a gradient or None
            for each; it may name `needs`, a tuple of bools.
        tags: facts for passes: "elementwise", "view" (output may share memory with an input),
            "same" (the one output is the one input), "fresh" (no output shares memory with an
            input, or with another output, though there is no `out`), "costly"
            (worth a native call by itself), "host" (Python code of its caller), "effect".
        promotes: bring the inputs to one dtype first.
        floats: raise integer inputs to floatx first.
        ufunc: name of the NumPy function that is the forward, taking `out=`.
        name: str. When it is not the function's own.

    Example:
        >>> @primitive(spec=elementwise_spec, vjp=lambda g, x: 2 * g * x, name="example_square")
        ... def example_square(xp, x, /):
        ...     return xp.multiply(x, x)
        >>> example_square([3.0]).tolist()
        [9.0]
    """

    def decorate(forward):
        operation = Primitive(
            forward, spec=spec, ufunc=ufunc, name=name, vjp=vjp, joint_vjp=joint_vjp, tags=tags
        )
        return public_function(operation, forward, promotes, floats)

    return decorate


def implements(function, *, device, when=None):
    """Decorator: a faster `f(xp, arrays..., **params)` for an operation on one kind of device.

    Args:
        function: public operation, such as `ops.layer_normalization`.
        device: "cpu" or "gpu".
        when: `f(arrays_or_specs..., **params)` -> bool; the implementation takes only those calls.
    """

    def decorate(implementation):
        function.operation.implementations.append((device, when, implementation))
        return implementation

    return decorate


def public_function(operation, source, promotes=False, floats=False):
    """The public function: exact signature, conversion of inputs, one call of `apply`.

    It is compiled when it is first called, since most operations never are, and compiling all of
    them would take a third of the time of importing the package. Until then its code, of the same
    signature, does nothing but ask for that.
    """
    space = {
        "_apply": modes.apply,
        "_operation": operation,
        "_Tensor": Tensor,
        "_input": as_float_input if floats else as_input,
        "_promote": promote_floats if floats else promote,
        "_body": source,
        "_settings": settings,
    }

    def compile_and_call(arguments):
        text = _public_source(operation, promotes, floats)
        exec(compile(text, f"<operation {operation.name}>", "exec"), space)
        public.__code__ = space.pop(operation.name).__code__
        values = [arguments[name] for name in operation.input_names]
        if operation.variadic:
            values += arguments[operation.variadic]
        return public(*values, **{name: arguments[name] for name in operation.param_names})

    space["_compile_and_call"] = compile_and_call
    variadic = [operation.variadic] if operation.variadic else []
    positional, keywords = operation.input_names, operation.param_names
    if not variadic:
        positional, keywords = [*positional, *keywords], []
    code = _uncompiled.__code__
    code = code.replace(
        co_name=operation.name,
        co_argcount=len(positional),
        co_kwonlyargcount=len(keywords),
        co_varnames=(*positional, *keywords, *variadic),
        co_nlocals=len(positional) + len(keywords) + len(variadic),
        co_flags=code.co_flags | (inspect.CO_VARARGS if variadic else 0),
    )
    defaults = [operation.defaults[n] for n in positional if n in operation.defaults]
    public = types.FunctionType(code, space, source.__name__, tuple(defaults) or None)
    named = {n: operation.defaults[n] for n in keywords if n in operation.defaults}
    public.__kwdefaults__ = named or None
    public.__doc__, public.__module__ = source.__doc__, source.__module__
    public.__qualname__ = source.__name__
    public.operation = operation
    operation.public = public
    return public


def _uncompiled():
    return _compile_and_call(locals())  # noqa: F821 - a name of the space that it is given


def _public_source(operation, promotes, floats):
    head, params = [], []
    for name in (*operation.input_names, *operation.param_names):
        # The function's own defaults apply; here they only tell which arguments have one.
        head.append(f"{name}=None" if name in operation.defaults else name)
    if operation.variadic:
        head.insert(len(operation.input_names), f"*{operation.variadic}")
    params = [f"{name!r}: {name}" for name in operation.param_names]
    inputs = [*operation.input_names, *([f"*{operation.variadic}"] if operation.variadic else [])]
    tuple_text = "(" + "".join(f"{name}, " for name in inputs) + ")"
    lines = [f"def {operation.name}({', '.join(head)}):"]
    if promotes:
        lines.append(f"    {''.join(f'{n}, ' for n in inputs)}= _promote({', '.join(inputs)})")
    else:
        for name in operation.input_names:
            is_ready = f' or {name}._array.dtype.kind != "f"' if floats else ""
            lines.append(f"    if type({name}) is not _Tensor{is_ready}:")
            lines.append(f"        {name} = _input({name})")
        if operation.variadic:
            v = operation.variadic
            lines.append(f"    {v} = [_input(x) for x in {v}]")
    params_text = "{" + ", ".join(params) + "}"
    if operation.has_body:
        arguments = [*inputs, *[f"{n}={n}" for n in operation.param_names]]
        lines.append("    if not _operation.implementations or not _settings.kernels_enabled "
                     f"or not _operation.select({tuple_text}, {params_text}):")  # fmt: skip
        lines.append(f"        return _body({', '.join(arguments)})")
    lines.append(f"    return _apply(_operation, {tuple_text}, {params_text})")
    return "\n".join(lines)
