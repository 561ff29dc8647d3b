"""Loading that changes all or nothing: what fits is checked first, a failure puts values back."""

import contextlib

from kerasish.arrays import dtypes
from kerasish.core.variable import Variable
from kerasish.errors import explain


def value_mismatch(reader, path, variable, label):
    """What keeps a variable from taking a data set's values.

    Args:
        reader: hdf5.Reader.
        path: str. The data set.
        variable: Variable.
        label: str. What to call the variable's owner.

    Returns:
        str, or None when they fit.
    """
    where, name = f"loading {reader.where}", f"weight {variable.name!r} of {label}"
    if path not in reader.datasets:
        return explain(where, f"{name} is missing", expected=f"a data set {path!r}")
    if reader.shape(path) != tuple(variable.shape):
        return explain(
            where,
            f"{name} has another shape",
            received=f" {reader.shape(path)} at {path!r}",
            expected=str(tuple(variable.shape)),
        )
    dtype = reader.dtype(path)
    if dtype is None or _kind(dtype) != _kind(variable.dtype):
        return explain(
            where,
            f"{name} has another kind of values",
            received=f" {dtype or 'no numbers'} at {path!r}",
            expected=variable.dtype,
        )
    return None


def _kind(dtype):
    if dtypes.is_float(dtype):
        return "float"
    return "bool" if dtype == "bool" else "int"


def summarized(problems):
    """One text for a list of texts: the first, and how many more there are."""
    more = f" (and {len(problems) - 1} more mismatches)" if len(problems) > 1 else ""
    return problems[0] + more


@contextlib.contextmanager
def unchanged_on_failure(items):
    """Context that gives layers and optimizers their old state again when the block raises.

    Args:
        items: list of layers and optimizers.
    """
    attributes = [(i, _copied(vars(i))) for i in items if is_optimizer(i)]
    before = [(v, v._array) for item in items for v in _state_of(item)]
    try:
        yield
    except BaseException:
        for item, values in attributes:
            vars(item).clear()
            vars(item).update(values)
        for variable, array in before:
            variable.adopt(array, is_shared=True)
        raise


def is_optimizer(item):
    """Whether a part of a model is an optimizer, and not a layer."""
    return not hasattr(item, "_own_variables")


def _state_of(item):
    found = item.variables
    return [v for v in found if isinstance(v, Variable)]


def _copied(attributes):
    """Attributes, with copies of the lists and dicts that building an optimizer adds to."""
    return {k: v.copy() if type(v) in (list, dict) else v for k, v in attributes.items()}
