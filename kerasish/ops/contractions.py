"""Einstein summation: einsum, by matrix products where two tensors meet."""

import functools
import math
import string

from kerasish.core.primitive import as_input, primitive, promote
from kerasish.core.structural import broadcast_like
from kerasish.errors import ShapeError, explain
from kerasish.ops.axes import expand_dims, transpose
from kerasish.ops.diagonals import diagonal
from kerasish.ops.totals import sum


@functools.lru_cache(maxsize=1024)
def parse(subscripts, ndims):
    """Terms and output of an einsum text, with every axis of an ellipsis a letter of its own.

    Raises:
        ShapeError: letters that do not fit the operands.
    """
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise _bad(subscripts, f"{len(terms)} terms for {len(ndims)} operands")
    named = [t.replace("...", "") for t in terms]
    if not all(c in string.ascii_letters for t in (*named, output.replace("...", "")) for c in t):
        raise _bad(subscripts, "only letters, commas, '...' and '->' have a meaning")
    hidden = [n - len(t) if "..." in whole else 0
              for t, whole, n in zip(named, terms, ndims, strict=True)]  # fmt: skip
    for t, whole, extra, n in zip(named, terms, hidden, ndims, strict=True):
        if extra < 0 or ("..." not in whole and len(t) != n):
            raise _bad(subscripts, f"term {whole!r} for an operand of {n} axes")
    free = [c for c in string.ascii_letters if c not in text][: max(hidden, default=0)]
    spelled = ["".join(free[len(free) - extra :]) for extra in hidden]
    if not arrow:
        letters = "".join(named)
        output = ("..." if free else "") + "".join(
            sorted(c for c in set(letters) if letters.count(c) == 1)
        )
    terms = tuple(t.replace("...", s) for t, s in zip(terms, spelled, strict=True))
    output = output.replace("...", "".join(free))
    known = set("".join(terms))
    if len(set(output)) != len(output) or not set(output) <= known:
        raise _bad(subscripts, f"output {output!r} repeats a letter or has an unknown one")
    return terms, output


def _bad(subscripts, problem):
    return ShapeError(explain("ops.einsum", problem, received=subscripts))


# ---- the primitive ---------------------------------------------------------------------------


def _spec(*operands, terms, output):
    sizes = {}
    for x, term in zip(operands, terms, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            known = sizes.get(letter, 1)
            if known == 1 or (known is None and n not in (1, None)):
                sizes[letter] = n
            elif n not in (1, None, known) and known is not None:
                raise ValueError(f"sizes of {letter!r} differ: {known} and {n}")
    result = operands[0].with_shape([sizes[c] for c in output])
    is_int8 = all(x.dtype == "int8" for x in operands)
    return result.with_dtype("int32") if is_int8 else result


def _rule(g, operands, terms, output, needs):
    found = []
    for i, (x, term) in enumerate(zip(operands, terms, strict=True)):
        if not needs[i]:
            found.append(None)
            continue
        others = (*operands[:i], *operands[i + 1 :])
        other_terms = (*terms[:i], *terms[i + 1 :])
        reached = set(output).union(*other_terms)
        kept = "".join(c for c in term if c in reached)
        gx = _einsum(g, *others, terms=(output, *other_terms), output=kept)
        lonely = tuple(axis for axis, c in enumerate(term) if c not in reached)
        found.append(broadcast_like(expand_dims(gx, lonely), x) if lonely else gx)
    return found


@primitive(spec=_spec, joint_vjp=_rule, name="einsum")
def _einsum(xp, /, *operands, terms=(), output=""):
    kind = operands[0].dtype
    if kind.itemsize < 4 and not xp.is_gpu and kind.kind in "fV":
        operands = [x.astype(xp.float32) for x in operands]
        return _contract(xp, operands, terms, output).astype(kind)
    if kind == xp.int8:
        operands = [x.astype(xp.int32) for x in operands]
    return _contract(xp, operands, terms, output)


def _contract(xp, operands, terms, output):
    if len(operands) == 2 and _sizes_agree(operands, terms):
        return _pair(xp, *operands, *terms, output)
    return xp.einsum(f"{','.join(terms)}->{output}", *operands, optimize=True)


def _sizes_agree(operands, terms):
    """Whether no size-1 axis meets a longer one, which a matrix product would not repeat."""
    sizes = dict(zip(terms[0], operands[0].shape, strict=True))
    return all(sizes.get(c, n) == n for c, n in zip(terms[1], operands[1].shape, strict=True))


@functools.lru_cache(maxsize=1024)
def _plan(left, right, output):
    """Roles of the letters: in both and kept, of one side, contracted, or summed alone."""
    both = set(left) & set(right)
    batch = [c for c in output if c in both]
    rows = [c for c in output if c in left and c not in both]
    columns = [c for c in output if c in right and c not in both]
    inner = [c for c in left if c in both and c not in output]
    alone_left = tuple(i for i, c in enumerate(left) if c not in both and c not in output)
    alone_right = tuple(i for i, c in enumerate(right) if c not in both and c not in output)
    left_kept = [c for i, c in enumerate(left) if i not in alone_left]
    right_kept = [c for i, c in enumerate(right) if i not in alone_right]
    order_left = [left_kept.index(c) for c in (*batch, *rows, *inner)]
    order_right = [right_kept.index(c) for c in (*batch, *inner, *columns)]
    made = [*batch, *rows, *columns]
    order_out = [made.index(c) for c in output]
    counts = (len(batch), len(rows), len(inner), len(columns))
    return alone_left, alone_right, order_left, order_right, order_out, counts


def _pair(xp, a, b, left, right, output):
    alone_left, alone_right, order_left, order_right, order_out, counts = _plan(left, right, output)
    if alone_left:
        a = a.sum(axis=alone_left, dtype=a.dtype)
    if alone_right:
        b = b.sum(axis=alone_right, dtype=b.dtype)
    a, b = a.transpose(order_left), b.transpose(order_right)
    batch, rows, inner, columns = counts
    row_sizes, column_sizes = a.shape[batch : batch + rows], b.shape[batch + inner :]
    inner_sizes = b.shape[batch : batch + inner]
    lead = a.shape[:batch]
    # Axes are merged only where they are not one each: a merge of strided axes is a copy.
    if rows != 1 or inner != 1:
        a = a.reshape((*lead, math.prod(row_sizes), math.prod(inner_sizes)))
    if inner != 1 or columns != 1:
        b = b.reshape((*lead, math.prod(inner_sizes), math.prod(column_sizes)))
    product = xp.matmul(a, b) if inner else xp.multiply(a, b)
    return product.reshape((*lead, *row_sizes, *column_sizes)).transpose(order_out)


# ---- public ----------------------------------------------------------------------------------


def einsum(subscripts, *operands, **kwargs):
    """Sum of products by Einstein's convention, such as "ij,jk->ik" for a matrix product.

    Args:
        subscripts: str. Letters for the axes of each operand, "..." for the rest, "->" before those
            of the result; without "->" the result has the letters that occur once, sorted.
        *operands: tensors.
        **kwargs: `optimize`, accepted for NumPy's sake and without effect.

    Returns:
        tensor of the promoted dtype; int8 gives int32.

    Raises:
        ShapeError: letters that do not fit the operands, or sizes that differ.

    Example:
        >>> einsum("ij,j->i", [[1.0, 2.0]], [3.0, 4.0]).tolist()
        [11.0]

    Source: Keras 3 names and defaults.
    """
    if set(kwargs) - {"optimize"}:
        raise ShapeError(explain("ops.einsum", "unknown argument", received=sorted(kwargs)))
    operands = [as_input(x) for x in operands]
    terms, output = parse(subscripts, tuple(len(x.shape) for x in operands))
    operands, terms = map(list, zip(*map(_without_repeats, operands, terms), strict=True))
    if len(operands) == 1:
        return _rearrange(operands[0], terms[0], output)
    return _einsum(*promote(*operands), terms=tuple(terms), output=output)


def _without_repeats(x, term):
    """An operand and its term, where a letter that occurs twice has become a diagonal."""
    while len(set(term)) != len(term):
        first = next(i for i, c in enumerate(term) if term.count(c) > 1)
        second = term.index(term[first], first + 1)
        x = diagonal(x, 0, first, second)
        term = "".join(c for i, c in enumerate(term) if i not in (first, second)) + term[first]
    return x, term


def _rearrange(x, term, output):
    dropped = tuple(i for i, c in enumerate(term) if c not in output)
    if dropped:
        x = sum(x, dropped)
    kept = [c for c in term if c in output]
    return transpose(x, tuple(kept.index(c) for c in output))


__all__ = ["einsum"]
