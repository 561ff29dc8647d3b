"""Passes over a traced graph: what to run, in which order, and which buffers may be shared."""

from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core.tensor import SymbolicTensor, Tensor


def live_nodes(graph):
    """Nodes that the outputs, the updates or an effect need, in order (dead code is left out)."""
    wanted = {t.key for t in (*graph.outputs, *graph.updates.values()) if _is_symbolic(t)}
    kept = []
    for node in reversed(graph.nodes):
        if node.operation.is_effect or any(o.key in wanted for o in node.outputs):
            kept.append(node)
            wanted.update(x.key for x in node.inputs if _is_symbolic(x))
    return kept[::-1]


def _is_symbolic(x):
    return isinstance(x, SymbolicTensor)


def merge_duplicates(nodes):
    """Leave out nodes that compute what an earlier one did, or only hand on their input.

    Returns:
        (nodes, aliases): the nodes kept, and a dict from the key of a merged output to the tensor
        that stands for it.
    """
    seen, aliases, kept = {}, {}, []
    for node in nodes:
        x = handed_on(node)
        if x is not None:
            aliases[node.outputs[0].key] = aliases.get(x.key, x)
            continue
        signature = None if node.operation.is_effect else _signature(node, aliases)
        if signature is None or signature not in seen:
            kept.append(node)
            if signature is not None:
                seen[signature] = node
            continue
        twin = seen[signature]
        aliases.update({o.key: t for o, t in zip(node.outputs, twin.outputs, strict=True)})
    return kept, aliases


def handed_on(node):
    """The input that a node's result equals whatever its values are, or None."""
    name, inputs, y = node.operation.name, node.inputs, node.outputs[0]
    if "same" in node.operation.tags:
        return inputs[0]
    if name in ("cast", "sum", "mean") and _is_symbolic(inputs[0]) and inputs[0].spec == y.spec:
        # A sum of nothing but one element without axes; a cast to the dtype that it has.
        return inputs[0] if name == "cast" or y.spec.shape == () else None
    if name == "multiply":
        for x, factor in (inputs, inputs[::-1]):
            if _is_symbolic(x) and x.spec == y.spec and _is_one(factor):
                return x
    return None


def _is_one(x):
    if isinstance(x, SymbolicTensor):
        return False
    array = getattr(x, "_array", x)
    return getattr(array, "size", 1) == 1 and bool(array == 1)


def _signature(node, aliases):
    inputs = []
    for x in node.inputs:
        if _is_symbolic(x):
            inputs.append(("t", aliases.get(x.key, x).key))
        elif hasattr(x, "_array"):
            inputs.append(_constant_signature(x))
        else:
            inputs.append((type(x).__name__, repr(x)))
    try:
        # The text tells apart what compares equal: 1, 1.0 and True, or 0.0 and -0.0.
        params = tuple([(k, repr(v), v) for k, v in node.params.items()])
        signature = (node.operation.name, tuple(inputs), params)
        hash(signature)
    except TypeError:  # a parameter that cannot be compared: never merged
        return None
    return signature


def _constant_signature(tensor):
    """Small constants are the same if their bytes are; large ones are not worth comparing."""
    array = tensor._array
    if array.nbytes > 64:
        return ("c", tensor.key)
    return ("v", str(array.dtype), array.shape, devices.to_host(array).tobytes())


def storage_roots(nodes, resolve):
    """For each tensor key, the keys of the tensors whose memory it may share.

    Only an operation that writes into a buffer it is given is sure to own its result; any other
    may hand on the memory of an input (views, and functions that return an argument unchanged).
    """
    roots = {}
    for node in nodes:
        owns = node.operation.takes_out or "fresh" in node.operation.tags
        shared = set()
        if not owns:
            for x in node.inputs:
                if _is_symbolic(x):
                    key = resolve(x).key
                    shared |= roots.get(key, {key})
        for o in node.outputs:
            roots[o.key] = {o.key} | shared
    return roots


def cannot_fail(node):
    """Whether a node runs whatever the values are: an elementwise call on known shapes."""
    ufunc = node.operation.ufunc
    if not ufunc or not all(x.spec.is_static for x in node.inputs if isinstance(x, Tensor)):
        return False
    # NumPy refuses integers to negative integer powers.
    return ufunc != "power" or not dtypes.is_integer(node.outputs[0].dtype)


def safe_finals(nodes, finals, resolve, cannot_fail=cannot_fail):
    """Those of the in-place values that, like all that depends on them, come from safe calls.

    Anything else could fail after the first write.
    """
    finals, depends, unsafe = set(finals), {}, set()
    for node in nodes:
        found = {o.key for o in node.outputs} & finals
        for x in node.inputs:
            if _is_symbolic(x):
                found |= depends.get(resolve(x).key, set())
        if found and not cannot_fail(node):
            unsafe |= found
        for o in node.outputs:
            depends[o.key] = found
    return finals - unsafe


def updates_last(nodes, finals, resolve, kept, cannot_fail=cannot_fail):
    """Order the nodes so that writing into variables starts when everything else is done.

    A step that fails on its input (a label out of range) then leaves every variable as it was.

    Args:
        nodes: list of Node.
        finals: set of keys of values that are written straight into a variable's array.
        resolve: function from a tensor to the one that stands for it.
        kept: tensors that the program returns.
        cannot_fail: function from a node to whether it runs whatever the values are.

    Returns:
        (early, late): two lists of nodes; the first writes come in the second.
    """
    late = set()
    late_keys = set()
    for node in nodes:
        if any(o.key in finals for o in node.outputs) or any(
            _is_symbolic(x) and resolve(x).key in late_keys for x in node.inputs
        ):
            late.add(id(node))
            late_keys.update(o.key for o in node.outputs)
    # What only feeds the writes joins them, if it cannot fail: its buffers then live a moment only.
    wanted_early = {resolve(t).key for t in kept if _is_symbolic(t)}
    for node in reversed(nodes):
        if id(node) not in late and late and cannot_fail(node):
            if not any(o.key in wanted_early for o in node.outputs):
                late.add(id(node))
        if id(node) not in late:
            wanted_early.update(resolve(x).key for x in node.inputs if _is_symbolic(x))
    return [n for n in nodes if id(n) not in late], [n for n in nodes if id(n) in late]


def last_uses(nodes, roots, resolve, outputs):
    """Index of the last node that needs the memory of each key; len(nodes) for what is returned."""
    last = {}
    for i, node in enumerate(nodes):
        for x in (*node.inputs, *node.outputs):
            if _is_symbolic(x):
                key = resolve(x).key
                for root in roots.get(key, {key}):
                    last[root] = i
    for t in outputs:
        if _is_symbolic(t):
            key = resolve(t).key
            for root in roots.get(key, {key}):
                last[root] = len(nodes)
    return last


class BufferPlan:
    """Gives each value a place in as few arrays as possible: a place is reused after its last use.

    Attributes:
        sizes: list of int, bytes of each array to allocate.
        places: dict from tensor key to index into `sizes`.
    """

    def __init__(self):
        self.sizes, self.places, self._free, self._held = [], {}, [], {}

    def allocate(self, key, nbytes):
        """Place for a value: the smallest free array that holds it, or a new one."""
        fitting = [i for i in self._free if nbytes <= self.sizes[i] <= 4 * nbytes + 1024]
        if fitting:
            index = min(fitting, key=self.sizes.__getitem__)
            self._free.remove(index)
        else:
            index = len(self.sizes)
            self.sizes.append(nbytes)
        self.places[key] = self._held[key] = index

    def hand_over(self, old, new):
        """Place for a value: that of another one, which is not needed any more."""
        self.places[new] = self._held[new] = self._held.pop(old)

    def holds(self, key):
        """Whether a value that is needed has a place."""
        return key in self._held

    def release(self, key):
        """The value is not needed any more."""
        index = self._held.pop(key, None)
        if index is not None:
            self._free.append(index)
