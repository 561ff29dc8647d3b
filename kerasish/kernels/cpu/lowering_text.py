"""Chains as text, for listings of programs."""

from kerasish.core.tensor import SymbolicTensor, Tensor

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "equal": "==", "less": "<",
          "greater": ">", "less_equal": "<=", "greater_equal": ">=", "not_equal": "!=",
          "logical_and": "&", "logical_or": "|"}  # fmt: skip
_PARAMS = ("axis", "axes", "epsilon", "dtype", "low", "high")


def text_of(views, stored, name_of):
    """Lines like "v3 = relu(v1 + bias)": an assignment for each stored result.

    Args:
        views: list of NodeView, in order.
        stored: set of keys.
        name_of: function from a tensor to its name.

    Returns:
        str, assignments joined by "; ".
    """
    uses = {}
    for view in views:
        for x in view.inputs:
            if isinstance(x, SymbolicTensor):
                uses[x.key] = uses.get(x.key, 0) + 1
    inline, lines = {}, []
    for view in views:
        operands = [_operand(x, view, i, inline, name_of) for i, x in enumerate(view.inputs)]
        text = _call(view, [o for o in operands if o is not None])
        keys = [o.key for o in view.outputs]
        if len(keys) == 1 and keys[0] not in stored and uses.get(keys[0], 0) == 1:
            inline[keys[0]] = text
            continue
        names = ", ".join(name_of(o) for o in view.outputs)
        lines.append(f"{names} = {text[1:-1] if text.startswith('(') else text}")
    return "; ".join(lines)


def _operand(x, view, i, inline, name_of):
    if x is None:
        return None
    if not isinstance(x, Tensor):
        return repr(x)
    if x.key in inline:
        return inline[x.key]
    base = view.layout(i).base
    return inline.get(base.key) or name_of(base)


def _call(view, operands):
    sign = _SIGNS.get(view.name)
    if sign and len(operands) == 2:
        return f"({operands[0]} {sign} {operands[1]})"
    params = [f"{k}={v!r}" for k, v in view.params.items() if k in _PARAMS]
    return f"{view.name}({', '.join((*map(_bare, operands), *params))})"


def _bare(text):
    """Without the outer brackets of one sum or product."""
    if not text.startswith("("):
        return text
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0 and i < len(text) - 1:
            return text
    return text[1:-1]
