"""Operation: what primitives and composites share: signature, derivative rules, implementations."""

import inspect

from kerasish.config import settings

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
        self.is_costly = "costly" in self.tags
        self.implementations = []
        self._read_signature(function, skip)
        self.rules, self.joint_rule = None, None
        self._keeps, self.keeps_output = (), False
        self._rule_sources = (vjp, joint_vjp)
        operations[self.name] = self

    def _read_signature(self, function, skip):
        # Off the code object: `inspect.signature` would take a seventh of the time of importing.
        code, names = function.__code__, function.__code__.co_varnames
        stop = code.co_argcount + code.co_kwonlyargcount
        self.input_names = list(names[skip : code.co_posonlyargcount])
        self.variadic = names[stop] if code.co_flags & inspect.CO_VARARGS else None
        rest = names[max(skip, code.co_posonlyargcount) : stop]
        self.param_names = [name for name in rest if name != "out"]
        self.takes_out = "out" in rest
        defaults = function.__defaults__ or ()
        with_default = names[code.co_argcount - len(defaults) : code.co_argcount]
        self.defaults = dict(zip(with_default, defaults, strict=True))
        self.defaults.update(function.__kwdefaults__ or {})

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


class Bound:
    """An operation as the implementation that a program chose for it.

    Only an implementation that itself takes `out` is given a buffer to write into.
    """

    has_body, ufunc = False, None

    def __init__(self, operation, function, kind):
        self.name, self.forward = f"{operation.name}_{kind}", function
        self.tags, self.is_effect = operation.tags, operation.is_effect
        self.takes_out = "out" in inspect.signature(function).parameters
