"""Which parts of a model have state, in what order, and what Keras's files call them.

A part's name is the attribute that holds it ("head", "cell"). In a list or dict it is the class
name in snake case, numbered from the second on ("layers/dense", "layers/dense_1"), since layer
names change from run to run. A part that is reached twice keeps the first name.
"""

import functools

from kerasish import registry
from kerasish.core.names import snake_case
from kerasish.core.variable import Variable

_GRAPHS = ("Sequential", "Functional")
_BASES = ("Layer", "Model", *_GRAPHS)
_NEVER = {
    "_init_arguments",
    "_layers",
    "_compile_arguments",
    "_operations",
    "operations",
    "_functional",
}


class Part:
    """A layer, model or optimizer inside a model, and where its weights are in a file."""

    def __init__(self, item, parent, name):
        self.item, self.parent, self.names = item, parent, [name]
        self.is_left_out = False

    @property
    def path(self):
        """Group of this part in a file; "" for the model itself."""
        above = self.parent.path if self.parent else ""
        return f"{above}/{self.names[0]}" if above else self.names[0]

    def find(self, groups):
        """Path of the group that a file has for this part, or None.

        Old files name some parts by the private attribute ("_query_dense" for "query_dense").
        """
        above = self.parent.find(groups) if self.parent else ""
        if above is None:
            return None
        names = [
            *self.names,
            self.names[0].replace("layers/", "_layer_checkpoint_dependencies/", 1),
        ]
        for name in names:
            path = f"{above}/{name}" if above else name
            if path in groups:
                return path
        return None

    @property
    def label(self):
        """What errors call this part: its path in the model, and its class."""
        name = getattr(self.item, "path", None) or getattr(self.item, "name", None) or self.path
        return f"{name} ({type(self.item).__name__})"


def walk(root, leave_out=()):
    """The parts of a model with state, each once, in the order of Keras's files.

    Args:
        root: Model or Layer.
        leave_out: parts not to look into; they are listed with `is_left_out` set.

    Returns:
        list of Part, the model itself first.
    """
    left_out = {id(item) for item in leave_out}
    first = Part(root, None, "")
    parts, by_id = [], {id(root): first}
    stack = [iter([first])]
    while stack:  # a loop: layers held by layers held by layers may go deeper than Python's stack
        part = next(stack[-1], None)
        if part is None:
            stack.pop()
            continue
        known = by_id.setdefault(id(part.item), part)
        if known is not part:
            is_same_name = part.names[0].lstrip("_") == known.names[0].lstrip("_")
            if is_same_name and known.parent is part.parent:
                known.names.append(part.names[0])
            continue
        parts.append(part)
        part.is_left_out = id(part.item) in left_out
        if not part.is_left_out:
            stack.append(_parts_inside(part))
    return parts


def has_state(item):
    """Whether an object takes part in saving."""
    return hasattr(type(item), "save_own_variables")


def _parts_inside(part):
    for name, value in _attributes(part.item):
        if has_state(value):
            yield Part(value, part, name)
        elif isinstance(value, (list, tuple, dict)):
            yield from _parts_in_container(value, part, name, set())


def _parts_in_container(container, parent, prefix, seen):
    if id(container) in seen:
        return
    seen.add(id(container))
    counts = {}
    for value in container.values() if isinstance(container, dict) else container:
        if has_state(value):
            name = _numbered(snake_case(type(value).__name__), counts)
            yield Part(value, parent, f"{prefix}/{name}")
        elif isinstance(value, (list, tuple, dict)):
            name = _numbered("container", counts)
            yield from _parts_in_container(value, parent, f"{prefix}/{name}", seen)


def _numbered(name, counts):
    number = counts.get(name, 0)
    counts[name] = number + 1
    return f"{name}_{number}" if number else name


def _attributes(item):
    """(name, value) of the attributes, public ones first, alphabetically."""
    hidden = _NEVER | getattr(item, "_untracked", frozenset())
    if any(registry.origin(c) and registry.origin(c)[1] in _GRAPHS for c in type(item).__mro__):
        yield "layers", item.layers
        hidden = hidden | {"layers", "_stack"}
    names = {*vars(item), *_properties(type(item))}
    for name in sorted(names, key=lambda n: (n.startswith("_"), n)):
        if name not in hidden:
            value = _value(item, name)
            if not isinstance(value, Variable):
                yield name, value


def _value(item, name):
    if name in vars(item):
        return vars(item)[name]
    try:
        return getattr(item, name)
    except Exception:  # noqa: BLE001 (a property that cannot be computed yet holds no layer yet)
        return None


@functools.cache
def _properties(cls):
    """Names of the properties that may give a part: not those of the package's base classes."""
    found = set()
    for base in cls.__mro__:
        origin = registry.origin(base)
        is_ours = base.__module__.partition(".")[0] == __name__.partition(".")[0]
        if is_ours and (origin is None or origin[1] in _BASES):
            found.update({"layers"} & set(vars(base)))
            continue
        kinds = (property, functools.cached_property)
        found.update(name for name, value in vars(base).items() if isinstance(value, kinds))
    return frozenset(found)
