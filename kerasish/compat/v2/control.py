"""Choosing and repeating by values: cond, case, loops, maps over rows, and own gradients."""

import functools

from kerasish import ops
from kerasish.compat.v2.conversion import is_tensor, to_plain
from kerasish.compat.v2.tensors import face, faces, plain
from kerasish.core import custom_gradient as core
from kerasish.core import tree


def _plain_tree(structure):
    return tree.map_structure(lambda x: None if x is None else plain(to_plain(x)), structure)


def _dressed(function):
    """A user's function of faces as one of the package's tensors."""

    def call(*args):
        result = function(*[faces(a) for a in args])
        return None if result is None else _plain_tree(result)

    return call


def cond(pred, true_fn=None, false_fn=None, name=None):
    """What one of two functions returns; inside a trace both are recorded and one runs.

    Args:
        pred: bool, or bool tensor without axes.
        true_fn, false_fn: functions without arguments, returning the same structure.
        name: ignored.

    Returns:
        tensor or nested structure.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> x = tf.constant(3)
        >>> print(tf.cond(x > 2, lambda: x * 10, lambda: x))
        tf.Tensor(30, shape=(), dtype=int32)
    """
    pred = plain(to_plain(pred))
    return faces(ops.cond(pred, _dressed(true_fn), _dressed(false_fn)))


def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """What the function of the first true predicate returns.

    Args:
        pred_fn_pairs: list of (bool tensor, function).
        default: function for when none is true; the last of the pairs when None.
        exclusive, strict: accepted.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    pairs = list(pred_fn_pairs)
    last = pairs.pop()[1] if default is None else default
    return functools.reduce(lambda rest, p: lambda: cond(p[0], p[1], rest), reversed(pairs), last)()


def switch_case(branch_index, branch_fns, default=None, name="switch_case"):
    """What the function of a number returns.

    Args:
        branch_index: int tensor without axes.
        branch_fns: list of functions, or dict from int to function.
        default: function for other numbers; the last when None.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    branches = dict(enumerate(branch_fns)) if not isinstance(branch_fns, dict) else branch_fns
    index = face(plain(to_plain(branch_index)))
    last = branches[max(branches)] if default is None else default
    return case([(index == i, f) for i, f in branches.items()], default=last)


def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10,
               back_prop=True, swap_memory=False, maximum_iterations=None, name=None):  # fmt: skip
    """Repeats `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` is true.

    Args:
        cond: function of the loop variables that returns a bool tensor.
        body: function of the loop variables that returns their new values.
        loop_vars: list or tuple of tensors or nested structures.
        shape_invariants, parallel_iterations, back_prop, swap_memory: accepted.
        maximum_iterations: int or None.
        name: ignored.

    Returns:
        the last loop variables.
    """

    def rounds(*values):
        result = body(*[faces(v) for v in values])
        if len(loop_vars) == 1 and not isinstance(result, (list, tuple)):
            result = (result,)
        return tuple(_plain_tree(result))

    start = tuple(_plain_tree(v) for v in loop_vars)
    limit = None if maximum_iterations is None else int(maximum_iterations)
    found = ops.while_loop(_dressed(cond), rounds, start, maximum_iterations=limit)
    return type(loop_vars)(faces(v) for v in found) if type(loop_vars) in (
        list, tuple) else faces(found)  # fmt: skip


def map_fn(fn, elems, dtype=None, parallel_iterations=None, back_prop=True, swap_memory=False,
           infer_shape=True, name=None, fn_output_signature=None):  # fmt: skip
    """Results of a function of each row, stacked.

    Args:
        fn: function of a row (or a structure of rows).
        elems: tensor or nested structure of tensors.
        dtype, parallel_iterations, back_prop, swap_memory, infer_shape, fn_output_signature:
            accepted; the dtypes are those that `fn` returns.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    return faces(ops.map(_dressed(fn), _plain_tree(elems)))


def vectorized_map(fn, elems, fallback_to_while_loop=True, warn=True):
    """As `map_fn`.

    Args:
        fn: function of a row.
        elems: tensor or nested structure of tensors.
        fallback_to_while_loop, warn: accepted.

    Returns:
        tensor or nested structure.
    """
    return map_fn(fn, elems)


def _first(structure):
    return tree.map_structure(lambda x: x[0], structure)


def _rest(structure):
    return tree.map_structure(lambda x: x[1:], structure)


def scan(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False,
         infer_shape=True, reverse=False, name=None):  # fmt: skip
    """All values of `a = fn(a, row)`, stacked.

    Args:
        fn: function of the last result and a row.
        elems: tensor or nested structure of tensors.
        initializer: first value; the first row when None.
        parallel_iterations, back_prop, swap_memory, infer_shape: accepted.
        reverse: bool. From the last row to the first.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    elems, start = _started(elems, initializer, reverse)

    def step(carry, x):
        carry = _dressed(fn)(carry, x)
        return carry, carry

    _, values = ops.scan(step, start, elems, reverse=reverse)
    if initializer is None:
        def joined(first, others):
            parts = [others, first[None]] if reverse else [first[None], others]
            return ops.concatenate(parts, axis=0)

        values = tree.map_structure(joined, start, values)
    return faces(values)


def _started(elems, initializer, reverse):
    elems = _plain_tree(elems)
    if initializer is not None:
        return elems, _plain_tree(initializer)
    if reverse:
        last = tree.map_structure(lambda x: x[-1], elems)
        return tree.map_structure(lambda x: x[:-1], elems), last
    return _rest(elems), _first(elems)


def _fold(fn, elems, initializer, reverse):
    elems, start = _started(elems, initializer, reverse)
    total, _ = ops.scan(lambda c, x: (_dressed(fn)(c, x), ops.zeros(())), start, elems,
                        reverse=reverse)  # fmt: skip
    return faces(total)


def foldl(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False,
          name=None):  # fmt: skip
    """The last value of `a = fn(a, row)`, from the first row on.

    Args:
        fn: function of the last result and a row.
        elems: tensor or nested structure of tensors.
        initializer: first value; the first row when None.
        parallel_iterations, back_prop, swap_memory: accepted.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    return _fold(fn, elems, initializer, reverse=False)


def foldr(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False,
          name=None):  # fmt: skip
    """The last value of `a = fn(a, row)`, from the last row on.

    Args:
        fn: function of the last result and a row.
        elems: tensor or nested structure of tensors.
        initializer: first value; the last row when None.
        parallel_iterations, back_prop, swap_memory: accepted.
        name: ignored.

    Returns:
        tensor or nested structure.
    """
    return _fold(fn, elems, initializer, reverse=True)


def custom_gradient(f):
    """Decorator: give a function its own derivative.

    Args:
        f: function of tensors that returns `(result, grad)`; `grad(*upstream)` returns one gradient
            (or None) for each argument.

    Returns:
        callable that returns `result`.
    """

    def dressed(*args, **kwargs):
        result, grad = f(*map(face, args), **kwargs)

        def gradient(*upstream):
            return _plain_tree(grad(*map(face, upstream)))

        return _plain_tree(result), gradient

    functools.update_wrapper(dressed, f)
    inner = core.custom_gradient(dressed)

    @functools.wraps(f)
    def call(*args, **kwargs):
        return faces(inner(*[plain(a if is_tensor(a) else to_plain(a)) for a in args], **kwargs))

    return call
