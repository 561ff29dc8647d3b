"""Functions made of the rows of `aliases`: arguments and dtype rules of TensorFlow around ours."""

import inspect

from kerasish import ops
from kerasish.compat.v1 import aliases
from kerasish.compat.v1.constants import convert_to_tensor
from kerasish.compat.v1.tensors import Tensor, record
from kerasish.errors import explain

_ALLOWED = {
    "number": lambda d: d.is_floating or d.is_integer or d.is_complex,
    "real": lambda d: d.is_floating or d.is_integer,
    "float": lambda d: d.is_floating or d.is_complex,
    "integer": lambda d: d.is_integer,
    "bool": lambda d: d.is_bool,
    "any": lambda d: True,
}
# What kerasish has no function of its own for.
_COMPOSED = {
    "squared_difference": lambda x, y: ops.square(ops.subtract(x, y)),
}


def operands(type_name, names, values, allowed="any"):
    """Tensors of one dtype: that of the first tensor among the values, or of the first value.

    Raises:
        TypeError: tensors of different dtypes, or of one that the operation does not take.
    """
    values = [v._as_read() if hasattr(v, "_as_read") else v for v in values]
    dtype = next((v.dtype for v in values if isinstance(v, Tensor)), None)
    converted = []
    for value in values:
        tensor = convert_to_tensor(value, dtype_hint=dtype)
        dtype = dtype or tensor.dtype
        converted.append(tensor)
    for name, tensor in zip(names, converted, strict=True):
        if tensor.dtype != converted[0].dtype:
            raise TypeError(
                f"Input '{name}' of '{type_name}' Op has type {tensor.dtype.name} that does not "
                f"match type {converted[0].dtype.name} of argument '{names[0]}'."
            )
        check_dtype(type_name, name, tensor, allowed)
    return converted


def check_dtype(type_name, name, tensor, allowed):
    """Raise TypeError unless the dtype is of the allowed kind."""
    if not _ALLOWED[allowed](tensor.dtype):
        raise TypeError(
            explain(
                f"tf {type_name}",
                f"Value passed to parameter '{name}' has DataType {tensor.dtype.name} not in list "
                "of allowed values",
                expected=f"a {allowed} dtype",
                fix="tf.cast",
            )
        )


def elementwise(type_name, function, inputs, allowed, default_name=None):
    """A TensorFlow function of some inputs and `name`."""
    signature = _signature([(n, inspect.Parameter.empty) for n in inputs] + [("name", None)])

    def call(*args, **kwargs):
        bound = signature.bind(*args, **kwargs).arguments
        tensors = operands(type_name, inputs, [bound[n] for n in inputs], allowed)
        return record(type_name, function, tensors, bound.get("name") or default_name)

    call.__signature__ = signature
    return call


def reduction(type_name, function, allowed):
    """A TensorFlow reduction, with the old and the new names of its arguments."""

    def call(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None,
             keep_dims=None):  # fmt: skip
        axis = static_axis(reduction_indices if axis is None else axis)
        keepdims = bool(keep_dims if keepdims is None else keepdims)
        x = convert_to_tensor(input_tensor)
        check_dtype(type_name, "input_tensor", x, allowed)

        def reduce(value):
            if axis == ():
                return value
            dtype = value.dtype
            return ops.cast(function(value, axis=axis, keepdims=keepdims), dtype)

        return record(type_name, reduce, [x], name)

    return call


def static_axis(axis):
    """int, tuple of int, or None of anything that names axes."""
    if hasattr(axis, "constant") and axis.constant is not None:
        axis = axis.constant
    if hasattr(axis, "tolist"):
        axis = axis.tolist()
    if axis is None or isinstance(axis, int):
        return axis
    return tuple(int(a) for a in axis)


def _signature(parameters):
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(n, kind, default=d) for n, d in parameters])


def _described(function, name, home):
    function.__name__ = function.__qualname__ = name.split(".")[-1]
    function.__module__ = __name__
    function.__doc__ = f"TensorFlow's `{name}`: `kerasish.ops.{home}` as an operation of a graph."
    return function


def _function(name):
    return _COMPOSED.get(name) or getattr(ops, name)


def _made():
    made = {}
    for names, type_name, home, inputs, allowed in aliases.rows(aliases.ELEMENTWISE):
        for name in names.split(","):
            default = {"AddV2": "Add"}.get(type_name, type_name)
            call = elementwise(type_name, _function(home), inputs.split(","), allowed, default)
            made[name] = _described(call, name, home)
    for name, type_name, home, allowed in aliases.rows(aliases.REDUCTIONS):
        made[name] = _described(reduction(type_name, _function(home), allowed), name, home)
    return made


FUNCTIONS = _made()
