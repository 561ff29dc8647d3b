"""Reverse-mode differentiation: one walk over recorded nodes.

The walk is made of operations itself, so an outer tape or an open trace records it: that is all
there is to higher derivatives and to compiled backward passes.
"""

from kerasish.arrays import dtypes
from kerasish.core.structural import add, cast, full_like, sum_to_like


def backward(nodes, cotangents, sources):
    """Carry cotangents from outputs back to sources.

    Args:
        nodes: list of Node in recording order.
        cotangents: dict from key of a tensor to the Tensor g = d target / d tensor.
        sources: set of keys wanted.

    Returns:
        dict from key to Tensor; a source without a path to the target is missing.
    """
    relevant = set(sources)
    useful = []
    for node in nodes:
        if any(key in relevant for key in node.keys):
            useful.append(node)
            relevant.update(o.key for o in node.outputs)
    cotangents = dict(cotangents)
    for node in reversed(useful):
        gs = [cotangents.get(o.key) for o in node.outputs]
        if all(g is None for g in gs):
            continue
        for o in node.outputs:
            if o.key not in sources:
                cotangents.pop(o.key, None)  # an inner cotangent is done with: free its memory
        for key, gx in _node_gradients(node, gs, relevant):
            known = cotangents.get(key)
            cotangents[key] = gx if known is None else add(known, gx)
    return {key: cotangents[key] for key in sources if key in cotangents}


def _node_gradients(node, gs, relevant):
    operation = node.operation
    needs = tuple([key in relevant for key in node.keys])
    if operation.has_body and not operation.declares_rules:
        return [(key, fit(g, x)) for key, x, g in operation.body_gradients(node, gs, relevant)]
    if node.is_multiple:
        g = tuple(
            full_like(o, 0) if g is None else g for g, o in zip(gs, node.outputs, strict=True)
        )
    else:
        g = gs[0]
    if operation._rule_sources is not None:
        operation.bind_rules()
    if operation.joint_rule is not None:
        parts = operation.joint_rule(g, node, needs)
        parts = parts if isinstance(parts, (tuple, list)) else (parts,)
    else:
        parts = [
            rule(g, node) if rule is not None and need else None
            for rule, need in zip(operation.rules, needs, strict=True)
        ]
    found = []
    for key, x, need, gx in zip(node.keys, node.inputs, needs, parts, strict=True):
        if need and gx is not None and dtypes.is_differentiable(x.dtype):
            found.append((key, fit(gx, x)))
    return found


def fit(g, x):
    """Cotangent in the shape and dtype of what it belongs to: broadcasting is undone here, once."""
    if g.shape != x.shape or None in x.shape:
        g = sum_to_like(g, x)
    return g if g.dtype == x.dtype else cast(g, x.dtype)
