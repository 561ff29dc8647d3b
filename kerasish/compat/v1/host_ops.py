"""Operations that are Python functions: `py_func`, `Print`, assertions."""

import sys

import numpy

from kerasish.compat.v1 import dtypes, errors
from kerasish.compat.v1.constants import as_array, convert_to_tensor
from kerasish.compat.v1.tensors import Operation
from kerasish.core.primitive import primitive
from kerasish.core.structural import identity
from kerasish.core.tensor import as_tensor


class HostOperation(Operation):
    """A Python function of arrays, called between the compiled parts of a run.

    Args:
        function: callable of arrays that returns a tuple of arrays.
        outputs: list of (sizes, dtype).
    """

    is_host = True

    def __init__(self, type_name, inputs, function, outputs, name=None):
        super().__init__(type_name, inputs, function, name, outputs)

    def call(self, arrays):
        """The arrays that come out."""
        return self._function(*arrays)


def py_func(func, inp, Tout, stateful=True, name=None):
    """What a Python function of NumPy arrays returns at each run; it has no derivative.

    Args:
        func: callable of arrays that returns an array, or a list of them.
        inp: list of tensors.
        Tout: dtype of the result, or list of them.

    Returns:
        tensor of unknown shape, or list of them.

    Raises:
        errors.InvalidArgumentError: at a run, a result of another dtype.

    Example:
        >>> import kerasish.compat.v1 as tf
        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     y = tf.py_func(lambda x: x[::-1], [tf.constant([1.0, 2.0])], tf.float32)
        ...     session.run(y * 10).tolist()
        [20.0, 10.0]

    Source: TensorFlow 1.
    """
    is_list = isinstance(Tout, (list, tuple))
    wanted = [dtypes.as_dtype(d) for d in (Tout if is_list else [Tout])]

    def call(*arrays):
        result = func(*arrays)
        result = list(result) if isinstance(result, (list, tuple)) and is_list else [result]
        result = [r for r in result if r is not None] if not wanted else result
        if len(result) != len(wanted):
            raise errors.InvalidArgumentError(
                None, None, f"pyfunc returns {len(result)} values, but expects to see "
                f"{len(wanted)} values."
            )  # fmt: skip
        return tuple(_checked(r, d, i) for i, (r, d) in enumerate(zip(result, wanted, strict=True)))

    inputs = [convert_to_tensor(x) for x in inp]
    made = HostOperation("PyFunc", inputs, call, [(None, d) for d in wanted], name)
    return made.outputs if is_list else made.outputs[0] if made.outputs else made


def _checked(value, dtype, place):
    if dtype == "string":
        return as_array(value, "string")
    array = numpy.asarray(value)
    if isinstance(value, (bool, int, float, list, tuple)) and array.dtype.kind in "biuf":
        array = array.astype(dtype.as_numpy_dtype)
    if array.dtype != dtype.as_numpy_dtype:
        raise errors.InvalidArgumentError(
            None, None, f"{place}-th value returned by pyfunc is {array.dtype}, but expects "
            f"{dtype.enum_name}"
        )  # fmt: skip
    return array


@primitive(spec=lambda *xs, function: xs[0], tags=("host", "effect"), name="effect_call")
def _effect_call(xp, *arrays, function):
    """The first array, after a Python function has seen all of them."""
    function(*[a.get() if xp.is_gpu else a for a in arrays])
    return arrays[0].copy()


def Print(input_, data, message=None, first_n=None, summarize=None, name=None):  # noqa: N802
    """`input_`, printing `data` to the standard error whenever it is computed."""
    count = [0]

    def show(*arrays):
        count[0] += 1
        if first_n is None or first_n < 0 or count[0] <= first_n:
            parts = "".join(f"[{_summary(a, summarize or 3)}]" for a in arrays)
            print(f"{message or ''}{parts}", file=sys.stderr)

    x = convert_to_tensor(input_)
    shown = [convert_to_tensor(d) for d in data]

    def call(value, *values):
        _effect_call(*values, function=show)
        return identity(value)

    return Operation("Print", [x, *shown], call, name or "Print", [(x.sizes, x.dtype)]).output


def _summary(array, count):
    flat = array.ravel().tolist()
    return " ".join(str(v) for v in flat[:count]) + ("..." if len(flat) > count else "")


class _Assert(Operation):
    is_effect = True

    def execute(self, frame, values):
        def check(condition, *data):
            if not condition:
                shown = " ".join(f"[{_summary(a, 3)}]" for a in data)
                raise errors.InvalidArgumentError(
                    None, self, f"assertion failed: {' '.join(self.texts)} {shown}"
                )

        _effect_call(*values, function=check)
        return ()


def Assert(condition, data, summarize=None, name=None):  # noqa: N802
    """An operation that fails with InvalidArgumentError where a condition does not hold."""
    texts = [d for d in data if isinstance(d, str)]
    tensors = [convert_to_tensor(d) for d in data if not isinstance(d, str)]
    made = _Assert("Assert", [convert_to_tensor(condition, "bool"), *tensors], None,
                   name or "Assert", [])  # fmt: skip
    made.texts = texts
    return made


def _assertion(label, compare):
    def assertion(x, y, data=None, summarize=None, message=None, name=None):
        from_values = [convert_to_tensor(v) for v in (x, y)]
        text = f"{message or ''} Condition x {label} y did not hold element-wise:".strip()
        made = _Assert("Assert", [_all(compare, *from_values), *from_values], None,
                       name or "assert", [])  # fmt: skip
        made.texts = [text]
        return made

    assertion.__doc__ = f"An operation that fails unless x {label} y everywhere."
    return assertion


def _all(compare, x, y):
    from_function = Operation("All", [x, y], lambda a, b: as_tensor(compare(a, b)).all(), "All")
    return from_function.output


assert_equal = _assertion("==", lambda a, b: a == b)
assert_less = _assertion("<", lambda a, b: a < b)
assert_less_equal = _assertion("<=", lambda a, b: a <= b)
assert_greater = _assertion(">", lambda a, b: a > b)
assert_greater_equal = _assertion(">=", lambda a, b: a >= b)
