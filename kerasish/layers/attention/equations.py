"""Einsum equations of multi-head attention, for inputs of any rank."""

import string


def projection(rank, bound, added):
    """Equation that contracts the last `bound` axes of an input with a kernel.

    Args:
        rank: int. Axes of the input.
        bound: int. How many of its last axes are contracted.
        added: int. How many axes the output has in their place.

    Returns:
        tuple: equation, letters of the added axes.

    Example:
        >>> projection(3, 1, 2)
        ('abc,cde->abde', 'de')
    """
    inputs = string.ascii_lowercase[:rank]
    free, contracted = inputs[: rank - bound], inputs[rank - bound :]
    new = string.ascii_lowercase[rank : rank + added]
    return f"{inputs},{contracted}{new}->{free}{new}", new


def attention(rank, axes):
    """Equations of attention along some axes of tensors (batch, ..., heads, size).

    Args:
        rank: int. Axes of the projected query, key and value.
        axes: tuple of int. The axes that are attended over.

    Returns:
        tuple: equation of key and query to scores (the other axes, heads, query axes, key axes),
        equation of scores and value to outputs.

    Example:
        >>> attention(4, (1,))
        ('aecd,abcd->acbe', 'acbe,aecd->abcd')
    """
    target = list(string.ascii_lowercase[:rank])
    source = list(target)
    for axis, letter in zip(axes, string.ascii_lowercase[rank:], strict=False):
        source[axis] = letter
    shared = [c for i, c in enumerate(target[:-1]) if i not in axes]
    scores = "".join(shared + [target[a] for a in axes] + [source[a] for a in axes])
    target, source = "".join(target), "".join(source)
    return f"{source},{target}->{scores}", f"{scores},{source}->{target}"
