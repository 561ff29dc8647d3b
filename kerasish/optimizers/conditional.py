"""Updates that take effect only where a condition holds, without Python control flow."""

from kerasish import ops


def update_where(condition, update, variables):
    """Run `update()`, then give `variables` their old values back where `condition` is false.

    The condition may be a traced value, so both outcomes are computed and one is chosen.

    Args:
        condition: bool tensor ().
        update: function without arguments that assigns to some of the variables.
        variables: list of Variable.

    Example:
        >>> from kerasish import Variable
        >>> v = Variable(1.0)
        >>> update_where(ops.array(False), lambda: v.assign(5.0), [v])
        >>> float(v)
        1.0
    """
    before = [ops.convert_to_tensor(v) for v in variables]
    update()
    for variable, old in zip(variables, before, strict=True):
        variable.assign(ops.where(condition, variable, old))
