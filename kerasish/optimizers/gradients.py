"""What happens to gradients before the formula: leaving out missing ones, clipping by size."""

import warnings

from kerasish import ops
from kerasish.errors import explain


def drop_missing(where, gradients, variables):
    """Pairs that have a gradient; warns of the others.

    Returns:
        (gradients, variables), two lists.

    Raises:
        ValueError: there is no gradient at all.
    """
    missing = [v.path for g, v in zip(gradients, variables, strict=True) if g is None]
    if not missing:
        return list(gradients), list(variables)
    if len(missing) == len(variables):
        raise ValueError(
            explain(
                where,
                "no variable has a gradient",
                received=missing,
                fix="compute the loss from the variables, inside the tape",
            )
        )
    warnings.warn(
        explain(
            where,
            "variables without a gradient are left as they are",
            received=missing,
            fix="check that the loss depends on them, or set trainable=False",
        ),
        stacklevel=4,
    )
    kept = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    return [g for g, _ in kept], [v for _, v in kept]


def clip(gradients, clipnorm=None, global_clipnorm=None, clipvalue=None):
    """Gradients limited in one of three ways; unchanged where all limits are None or 0.

    Args:
        gradients: list of tensors.
        clipnorm: float. Largest L2 norm of each.
        global_clipnorm: float. Largest L2 norm of all together.
        clipvalue: float. Largest absolute value.

    Returns:
        list of tensors.

    Example:
        >>> clip([ops.array([3.0, 4.0])], clipnorm=1.0)[0].tolist()
        [0.6000000238418579, 0.800000011920929]

    Source: Keras 3 names and defaults.
    """
    if clipnorm:
        return [clip_by_norm(g, clipnorm) for g in gradients]
    if global_clipnorm:
        return clip_by_global_norm(gradients, global_clipnorm)
    if clipvalue:
        return [ops.clip(g, -clipvalue, clipvalue) for g in gradients]
    return gradients


def clip_by_norm(gradient, clipnorm):
    """`gradient * clipnorm / max(norm(gradient), clipnorm)`."""
    norm = ops.sqrt(ops.sum(ops.square(gradient)))
    return gradient * clipnorm / ops.maximum(norm, clipnorm)


def global_norm(gradients):
    """L2 norm of a list of tensors taken as one vector."""
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))


def clip_by_global_norm(gradients, clipnorm):
    """Gradients scaled by one factor so that their global norm is at most `clipnorm`.

    Where the norm is not finite all of them become NaN, so that the failure is seen.
    """
    norm = global_norm(gradients)
    factor = clipnorm / ops.maximum(norm, clipnorm)
    factor = ops.where(ops.isfinite(norm), factor, float("nan"))
    return [g * ops.cast(factor, g.dtype) for g in gradients]
