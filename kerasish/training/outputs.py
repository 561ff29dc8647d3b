"""Which loss, metric, target and weight belongs to which output of a model."""

from kerasish.core import tree
from kerasish.errors import explain, nearest


def output_leaves(y_pred, names=None):
    """Outputs of a model as (names, tensors), in order; dict keys name themselves.

    Args:
        y_pred: tensor, list of tensors or dict of tensors.
        names: list of str or None. Names of the outputs of a list.
    """
    if isinstance(y_pred, dict):
        return list(y_pred), list(y_pred.values())
    leaves = tree.flatten(y_pred)
    if names is None or len(names) != len(leaves):
        names = [f"output_{i}" for i in range(len(leaves))] if len(leaves) > 1 else ["output"]
    return list(names), leaves


def per_output(value, names, label, *, shared=False):
    """Spread an argument of `compile` or a batch's targets over the outputs.

    Args:
        value: None, one value, a list in the order of outputs, or a dict by output name.
        names: list of output names.
        label: str. For error texts.
        shared: bool. A single value stands for every output.

    Returns:
        list with one entry per output.

    Raises:
        ValueError: unknown output names, or a list of another length.
    """
    if value is None:
        return [None] * len(names)
    if isinstance(value, dict):
        unknown = [k for k in value if k not in names]
        if unknown:
            raise ValueError(
                explain(
                    label,
                    f"there is no output {unknown[0]!r}",
                    received=list(value),
                    expected=str(names),
                    fix=nearest(unknown[0], names),
                )
            )
        return [value.get(name) for name in names]
    if isinstance(value, (list, tuple)) and (len(names) > 1 or len(value) == 1):
        if len(value) != len(names):
            raise ValueError(
                explain(
                    label,
                    "one entry is needed for each output",
                    received=len(value),
                    expected=f"{len(names)} for the outputs {names}",
                )
            )
        return list(value)
    if len(names) > 1 and not shared:
        raise ValueError(
            explain(
                label,
                "the model has several outputs, but there is one entry",
                received=value,
                expected=f"a list or dict for the outputs {names}",
            )
        )
    return [value] * len(names)
