"""Loss, the base class: from per-sample values, weights and masks to what is minimised."""

from kerasish import dtype_policies, ops
from kerasish.config import settings
from kerasish.core import faces, names, tree
from kerasish.core.masks import get_mask
from kerasish.errors import explain, nearest
from kerasish.losses.alignment import align_weight

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss:
    """Base class of losses: `call` gives a value per sample, which weights and reduction combine.

    Subclass it and write `call(y_true, y_pred)`.

    Args:
        name: str. Snake case of the class name when None.
        reduction: "sum_over_batch_size" or "mean" (sum of weighted values / number of values),
            "sum", "mean_with_sample_weight" (divided by the sum of weights), "none" or None.
        dtype: dtype-like or dtype policy of the computation; floatx when None.

    Call arguments:
        y_true: array-like, or a nested structure of them.
        y_pred: the same; a mask it carries leaves masked values out of the mean.
        sample_weight: array-like (batch,), (batch, 1) or like the values; or None.

    Raises:
        ValueError: unknown reduction.

    Example:
        >>> class Gap(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return ops.max(ops.abs(y_true - y_pred), axis=-1)
        >>> Gap()([[1.0, 2.0]], [[1.0, 5.0]]).item()
        3.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name=None, reduction="sum_over_batch_size", dtype=None):
        self.name = name or names.unique_name(names.snake_case(type(self).__name__))
        self.reduction = standardize_reduction(reduction)
        self._dtype = compute_dtype(dtype)

    @property
    def dtype(self):
        """Name of the dtype of the computation."""
        return self._dtype

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask, face = get_mask(y_pred), faces.face_of((y_pred, y_true))
        if face is not None:
            y_true, y_pred, sample_weight = tree.map_structure(
                faces.plain, (y_true, y_pred, sample_weight)
            )
        values = self.call(to_tensors(y_true, self.dtype), to_tensors(y_pred, self.dtype))
        own_mask = get_mask(values)
        if mask is None or own_mask is None:
            mask = own_mask if mask is None else mask
        else:
            mask = ops.logical_and(mask, own_mask)
        loss = reduce_weighted_values(values, sample_weight, mask, self.reduction, self.dtype)
        return faces.with_face(face, loss)

    def call(self, y_true, y_pred):
        """Value of each sample; to be written by subclasses.

        Raises:
            NotImplementedError: always, here.
        """
        raise NotImplementedError(
            explain(type(self).__name__, "a loss needs call(y_true, y_pred)", fix="write it")
        )

    def get_config(self):
        """Dict of constructor arguments."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config):
        """Loss from what `get_config` returned."""
        return cls(**config)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}>"


def compute_dtype(dtype):
    """Dtype name in which a dtype-like or a dtype policy computes; floatx for None."""
    return dtype_policies.get(settings.floatx if dtype is None else dtype).compute_dtype


def to_tensors(x, dtype):
    """Tensor of numbers or an array; tensors in their places for a structure of arrays."""
    if tree.is_nested(x):
        is_structure = isinstance(x, dict) or any(
            getattr(leaf, "shape", ()) != () for leaf in tree.flatten(x)
        )
        if is_structure:
            return tree.map_structure(lambda leaf: ops.convert_to_tensor(leaf, dtype=dtype), x)
    return ops.convert_to_tensor(x, dtype=dtype)


def standardize_reduction(reduction):
    """The reduction itself; ValueError for an unknown one."""
    if reduction not in REDUCTIONS:
        known = [r for r in REDUCTIONS if r]
        raise ValueError(
            explain(
                "reduction",
                "unknown reduction",
                received=reduction,
                expected=", ".join(known),
                fix=nearest(reduction, known),
            )
        )
    return reduction


def reduce_weighted_values(
    values, sample_weight=None, mask=None, reduction="sum_over_batch_size", dtype=None
):
    """Weighted and masked values reduced to a scalar (or kept, for "none").

    Args:
        values: tensor (batch, ...).
        sample_weight: array-like or None; see `align_weight` for the shapes.
        mask: bool tensor or None. Where False, a value does not count, in the mean either.
        reduction: as in `Loss`.
        dtype: dtype-like or None (that of the values).

    Returns:
        tensor.

    Example:
        >>> reduce_weighted_values(ops.convert_to_tensor([1.0, 3.0]), [1.0, 0.0]).item()
        0.5

    Source: Keras 3 semantics.
    """
    reduction = standardize_reduction(reduction)
    values = ops.convert_to_tensor(values, dtype=dtype)
    weight = apply_mask(sample_weight, mask, values.dtype, reduction)
    if weight is not None:
        values, weight = align_weight(values, weight)
        values = values * weight
    return _reduce(values, weight, reduction)


def apply_mask(sample_weight, mask, dtype, reduction):
    """One weight tensor of weights and mask; None where there is neither.

    For the means over all values, valid entries get the weight total / valid, so that the mean is
    over the valid ones.
    """
    if sample_weight is not None:
        sample_weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
    if mask is None:
        return sample_weight
    weight = ops.cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        total = ops.cast(ops.size(weight), dtype)
        weight = weight * ops.divide_no_nan(total, ops.sum(weight))
    if sample_weight is None:
        return weight
    if len(sample_weight.shape) > len(weight.shape):
        weight, sample_weight = sample_weight, weight
    weight, sample_weight = align_weight(weight, sample_weight)
    return weight * sample_weight


def _reduce(values, weight, reduction):
    if reduction in (None, "none") or values.shape == ():
        return values
    if reduction == "sum" or values.size == 0:
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(weight))
    return ops.mean(values)
