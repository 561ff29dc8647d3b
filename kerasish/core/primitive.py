"""Primitive: one declaration per operation, from which everything else follows.

A primitive says what it computes on arrays (`forward(xp, ...)`), which shape and dtype comes out
(`spec`) and the derivative rule of each input (`vjp`). It may have faster implementations for a
device, registered elsewhere with `implements`.
"""

import functools
import inspect

import numpy

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.config import settings
from kerasish.core import modes
from kerasish.core.spec import TensorSpec, broadcast_shapes
from kerasish.core.tensor import Tensor, as_tensor, own_array

operations = {}  # name -> Primitive or Composite


class Rule:
    """A derivative rule and where its arguments come from, read off its parameter names."""

    __slots__ = ("function", "sources")

    def __init__(self, function, operation):
        self.function = function
        names = list(inspect.signature(function).parameters)[1:]
        self.sources = [operation.source_of(name) for name in names]

    def __call__(self, g, node, needs=None):
        return self.function(g, *[_argument(source, node, needs) for source in self.sources])


def _argument(source, node, needs):
    kind, where = source
    if kind in ("input", "like"):  # "like" is satisfied by a Reference: only shape and dtype count
        return node.inputs[where]
    if kind in ("inputs", "inputs_like"):
        return node.inputs[where:]
    if kind == "output":
        return node.outputs if node.is_multiple else node.outputs[0]
    return needs if kind == "needs" else node.params[where]


class Operation:
    """What Primitive and Composite share: signature, rules, implementations.

    Attributes:
        name: str.
        input_names: names of the tensor arguments (those before `/`).
        has_body: whether it is a Composite, defined by other operations.
        variadic: name of the `*arguments`, or None.
        param_names: names of the static parameters.
        tags: frozenset of facts for passes: "elementwise", "view", "effect", ...
    """

    has_body = False
    declares_rules = True

    def __init__(self, function, *, skip, name=None, vjp=None, joint_vjp=None, tags=()):
        self.name = name or function.__name__
        self.function = function
        self.tags = frozenset(tags)
        self.is_effect = "effect" in self.tags
        self.implementations = []
        self._read_signature(function, skip)
        self.rules, self.joint_rule = None, None
        self._keeps, self.keeps_output = (), False
        self._rule_sources = (vjp, joint_vjp)
        operations[self.name] = self

    def _read_signature(self, function, skip):
        parameters = list(inspect.signature(function).parameters.values())[skip:]
        kinds = inspect.Parameter
        self.input_names = [p.name for p in parameters if p.kind is kinds.POSITIONAL_ONLY]
        self.variadic = next((p.name for p in parameters if p.kind is kinds.VAR_POSITIONAL), None)
        self.defaults = {p.name: p.default for p in parameters if p.default is not kinds.empty}
        skipped = {*self.input_names, self.variadic, "out"}
        self.param_names = [p.name for p in parameters if p.name not in skipped]
        self.takes_out = any(p.name == "out" for p in parameters)

    def source_of(self, name):
        """Where a rule's argument of this name comes from."""
        if name in self.input_names:
            return ("input", self.input_names.index(name))
        if self.variadic and name in (self.variadic, f"{self.variadic}_like"):
            kind = "inputs" if name == self.variadic else "inputs_like"
            return (kind, len(self.input_names))
        if name in self.param_names:
            return ("param", name)
        if name.endswith("_like") and name[:-5] in self.input_names:
            return ("like", self.input_names.index(name[:-5]))
        if name in ("y", "needs"):
            return ("output" if name == "y" else "needs", None)
        raise TypeError(
            f"{self.name}: a derivative rule names {name!r}, which is neither an input "
            f"{self.input_names}, a parameter {self.param_names}, 'y' nor 'needs'"
        )

    def bind_rules(self):
        """Read the declared rules (at first use, so that importing operations stays cheap)."""
        vjp, joint = self._rule_sources
        if joint is not None:
            self.joint_rule = Rule(joint, self)
            used = [self.joint_rule]
        else:
            if callable(vjp):
                vjp = (vjp,)
            vjp = tuple(vjp or ())
            vjp += (None,) * (len(self.input_names) - len(vjp))
            self.rules = [Rule(f, self) if f is not None else None for f in vjp]
            used = [r for r in self.rules if r is not None]
        sources = [s for rule in used for s in rule.sources]
        self._keeps = tuple(("input", i) in sources for i in range(len(self.input_names)))
        self._keeps_variadic = any(kind == "inputs" for kind, _ in sources)
        self.keeps_output = any(kind == "output" for kind, _ in sources)
        self._rule_sources = None

    def keeps(self, count):
        """For each of `count` inputs, whether a rule needs its values."""
        if self._rule_sources is not None:
            self.bind_rules()
        extra = count - len(self._keeps)
        return self._keeps + (self._keeps_variadic,) * extra if extra else self._keeps

    @property
    def is_differentiable(self):
        """Whether any input has a derivative rule."""
        if self._rule_sources is not None:
            self.bind_rules()
        return self.joint_rule is not None or any(r is not None for r in self.rules)

    def implementation(self, kind, inputs, params):
        """The registered function for a device kind whose guard accepts these inputs, or None."""
        if self.implementations and settings.kernels_enabled:
            for device_kind, when, function in self.implementations:
                if device_kind == kind and (when is None or when(*inputs, **params)):
                    return function
        return None

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}>"


class Primitive(Operation):
    """An indivisible operation; see `primitive` for its parts."""

    def __init__(self, forward, *, spec=None, ufunc=None, **keywords):
        super().__init__(forward, skip=1, **keywords)
        self.forward = forward
        self.ufunc = ufunc
        self._spec = spec

    def run(self, xp, arrays, params):
        """Arrays out for arrays in, by the device's implementation or the plain forward."""
        if self.implementations:
            kind = "gpu" if xp.is_gpu else "cpu"
            function = self.implementation(kind, arrays, params)
            if function is not None:
                return function(xp, *arrays, **params)
        return self.forward(xp, *arrays, **params)

    def infer(self, specs, params):
        """Spec (or tuple of specs) that comes out for specs (or scalars) that go in."""
        rule = self._spec or probe_spec
        return rule(self, specs, params) if rule in _GENERIC else rule(*specs, **params)


# ---- spec rules ------------------------------------------------------------------------------


def elementwise_spec(operation, specs, params):
    """Shape by broadcasting; dtype by running the forward on single elements (remembered)."""
    shapes = [s.shape for s in specs if isinstance(s, TensorSpec)]
    kinds = tuple(s.dtype if isinstance(s, TensorSpec) else s for s in specs)
    try:
        dtype = _probed_dtype(operation, kinds, tuple(params.items()))
    except TypeError:  # a parameter that cannot be hashed
        dtype = _probed_dtype.__wrapped__(operation, kinds, tuple(params.items()))
    return TensorSpec(broadcast_shapes(*shapes, where=f"ops.{operation.name}"), dtype)


@functools.lru_cache(maxsize=4096)
def _probed_dtype(operation, kinds, params):
    arrays = [
        numpy.ones((), dtypes.to_numpy(k)) if isinstance(k, str) and k in dtypes.ALLOWED else k
        for k in kinds
    ]
    with numpy.errstate(all="ignore"):
        result = operation.forward(devices.cpu.xp, *arrays, **dict(params))
    return dtypes.name_of(numpy.asarray(result).dtype)


def same_spec(operation, specs, params):
    """Shape and dtype of the first input."""
    return specs[0].with_shape(specs[0].shape)


def probe_spec(operation, specs, params):
    """Spec found by running the forward on zeros, twice where sizes are unknown.

    Unknown sizes are given one value, then another; sizes of the output that change are unknown.
    Costs a real run: declared rules are for everything that is traced often.
    """
    first = _probe(operation, specs, params, 83)
    if all(s.is_static for s in specs if isinstance(s, TensorSpec)):
        return first
    second = _probe(operation, specs, params, 89)
    if isinstance(first, tuple):
        return tuple(_merge(a, b) for a, b in zip(first, second, strict=True))
    return _merge(first, second)


def _probe(operation, specs, params, unknown):
    arrays = [
        numpy.zeros([unknown if n is None else n for n in s.shape], dtypes.to_numpy(s.dtype))
        if isinstance(s, TensorSpec)
        else s
        for s in specs
    ]
    with numpy.errstate(all="ignore"):
        result = operation.forward(devices.cpu.xp, *arrays, **params)
    if type(result) is tuple:
        return tuple(_spec_of(a) for a in result)
    return _spec_of(result)


def _spec_of(array):
    array = numpy.asarray(array)
    return TensorSpec(array.shape, dtypes.name_of(array.dtype))


def _merge(a, b):
    return TensorSpec(
        [m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)], a.dtype
    )


_GENERIC = {elementwise_spec, same_spec, probe_spec}


# ---- what operations accept ------------------------------------------------------------------


def as_input(x):
    """Tensors, variables and None as they are; anything else as a Tensor.

    Float variables are read in the layer's compute dtype where a mixed-precision scope is open.
    """
    if x is None or isinstance(x, Tensor):
        return x
    if hasattr(x, "_as_tensor"):
        wanted = modes.state.autocast
        if wanted is not None and x.autocast and x.dtype != wanted and dtypes.is_float(x.dtype):
            modes.state.autocast = None  # or the cast itself would ask for a cast
            try:
                return _cast(x, wanted)
            finally:
                modes.state.autocast = wanted
        return x
    return stack_tensors(x) if holds_tensor(x) else as_tensor(x)


def holds_tensor(x):
    """Whether a value is a list or tuple with a tensor or variable somewhere inside."""
    return isinstance(x, (list, tuple)) and any(
        _is_tensor(v) or holds_tensor(v) for v in x
    )


def _is_tensor(x):
    return isinstance(x, Tensor) or hasattr(x, "_as_tensor")


def stack_tensors(values, dtype=None):
    """One tensor of a nested list of tensors and numbers, as an operation that tapes follow."""
    if dtype is None:
        parts = _promoted(values, raise_to_float=False)
        dtype = next(p.dtype for p in parts if _is_tensor(p))
    else:
        parts = [stack_tensors(v, dtype) if holds_tensor(v) else v for v in values]
    parts = [p if _is_tensor(p) else Tensor(own_array(p, dtype)) for p in parts]
    parts = [p if p.dtype == dtype else _cast(p, dtype) for p in parts]
    return operations["stack"].public(*parts, axis=0)


def as_float_input(x):
    """Like `as_input`, with integers and booleans cast to floatx."""
    x = as_input(x)
    if x is not None and not dtypes.is_differentiable(x.dtype):
        return _cast(x, settings.floatx)
    return x


_SCALARS = (bool, int, float, complex)


def promote(*values):
    """Inputs brought to one dtype; Python scalars stay, as weak scalars of that dtype."""
    if len(values) == 2:  # by far the most frequent call: tensors or variables of one dtype
        dtype = _plain_dtype(values[0])
        if dtype is not None and dtype is _plain_dtype(values[1]):
            return values
    return _promoted(values, raise_to_float=False)


def _plain_dtype(x):
    """dtype of a tensor's or variable's array where nothing but promotion would change it."""
    if type(x) is Tensor:
        return x._array.dtype
    buffer = getattr(x, "_buffer", None)
    return None if buffer is None or modes.state.autocast is not None else buffer.dtype


def promote_floats(*values):
    """Like `promote`, with an integer result raised to floatx."""
    if len(values) == 2:
        a, b = values
        if type(a) is Tensor and a._array.dtype.kind == "f":
            if type(b) in _REAL_SCALARS or (type(b) is Tensor and a._array.dtype is b._array.dtype):
                return values
    return _promoted(values, raise_to_float=True)


_REAL_SCALARS = (float, int)


def _promoted(values, raise_to_float):
    values = [v if type(v) in _SCALARS else as_input(v) for v in values]
    strong = [v.dtype for v in values if v is not None and type(v) not in _SCALARS]
    if not strong:
        values = [as_input(v) for v in values]
        strong = [v.dtype for v in values if v is not None]
    weak = [type(v) for v in values if type(v) in _SCALARS]
    target = dtypes.result_type(*strong, *weak)
    if raise_to_float and not dtypes.is_differentiable(target):
        target = settings.floatx
    # NumPy does not know bfloat16's scalars as weak, so there they become tensors.
    keeps_scalars = target != "bfloat16"
    return tuple(
        v
        if v is None or (keeps_scalars and type(v) in _SCALARS)
        else (_cast(as_tensor(v), target) if type(v) in _SCALARS or v.dtype != target else v)
        for v in values
    )


def _cast(x, dtype):
    return operations["cast"].public(x, dtype=dtype)


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
            "effect".
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
    """Build the public function: exact signature, conversion of inputs, one call of `apply`."""
    space = {
        "_apply": modes.apply,
        "_operation": operation,
        "_Tensor": Tensor,
        "_input": as_float_input if floats else as_input,
        "_promote": promote_floats if floats else promote,
        "_body": source,
        "_settings": settings,
    }
    head, params = [], []
    for name in operation.input_names:
        head.append(_argument_text(name, operation, space))
    if operation.variadic:
        head.append(f"*{operation.variadic}")
    for name in operation.param_names:
        head.append(_argument_text(name, operation, space))
        params.append(f"{name!r}: {name}")
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
    exec(compile("\n".join(lines), f"<operation {operation.name}>", "exec"), space)
    public = space[operation.name]
    public.__doc__, public.__module__ = source.__doc__, source.__module__
    public.__qualname__ = public.__name__ = source.__name__
    public.operation = operation
    operation.public = public
    return public


def _argument_text(name, operation, space):
    if name not in operation.defaults:
        return name
    space[f"_default_{name}"] = operation.defaults[name]
    return f"{name}=_default_{name}"
