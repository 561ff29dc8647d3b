"""Losses made from a function: the wrapper of any function, and the form of the built-in ones."""

from kerasish import ops, registry
from kerasish.core import tree
from kerasish.losses.alignment import squeeze_or_expand_to_same_rank
from kerasish.losses.loss import Loss
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@registry.register("losses")
class LossFunctionWrapper(Loss):
    """Loss of a function `fn(y_true, y_pred, **kwargs)` that gives a value per sample.

    Args:
        fn: function.
        reduction: as in `Loss`.
        name: str or None.
        dtype: dtype-like or None.
        **kwargs: passed to `fn`.

    Example:
        >>> loss = LossFunctionWrapper(lambda y_true, y_pred: ops.abs(y_true - y_pred))
        >>> loss([1.0, 2.0], [1.0, 4.0]).item()
        1.0

    Source: Keras 3 names and defaults.
    """

    def __init__(self, fn, reduction="sum_over_batch_size", name=None, dtype=None, **kwargs):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true, y_pred):
        """The function's value of each sample; (batch,) and (batch, 1) fit each other."""
        if tree.is_nested(y_pred) or tree.is_nested(y_true):
            tree.assert_same_structure(y_pred, y_true)
            pairs = [
                squeeze_or_expand_to_same_rank(t, p)
                for t, p in zip(tree.flatten(y_true), tree.flatten(y_pred), strict=True)
            ]
            y_true = tree.unflatten(y_true, [t for t, _ in pairs])
            y_pred = tree.unflatten(y_pred, [p for _, p in pairs])
        else:
            y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self):
        """Dict of constructor arguments, with the function in serialized form."""
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self.fn),
            **{k: serialize_keras_object(v) for k, v in self._fn_kwargs.items()},
        }

    @classmethod
    def from_config(cls, config):
        """Loss from what `get_config` returned."""
        if "fn" in config:
            config = {k: deserialize_keras_object(v) for k, v in config.items()}
        return cls(**config)


class FunctionLoss(LossFunctionWrapper):
    """A built-in loss: the options of its function are its attributes and its config."""

    def __init__(self, fn, reduction, name, dtype, **options):
        super().__init__(fn, reduction=reduction, name=name, dtype=dtype, **options)
        self._given_dtype = None if dtype is None else self.dtype
        vars(self).update(options)

    def __call__(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None and getattr(self.fn, "averages_last_axis", False):
            y_true, y_pred = as_samples(y_true, y_pred)
        return super().__call__(y_true, y_pred, sample_weight)

    def get_config(self):
        """Dict of constructor arguments; the dtype only where one was given."""
        config = {**Loss.get_config(self), **self._fn_kwargs}
        if self._given_dtype is not None:
            config["dtype"] = self._given_dtype
        return config

    @classmethod
    def from_config(cls, config):
        """Loss from what `get_config` returned, or from a config that Keras 2 wrote."""
        config = {k: v for k, v in config.items() if k != "fn"}
        if config.get("reduction") == "auto":
            config["reduction"] = "sum_over_batch_size"
        return cls(**config)


def averages_last_axis(fn):
    """Mark a loss function as a mean of elementwise values over the last axis."""
    fn.averages_last_axis = True
    return fn


def as_samples(y_true, y_pred):
    """Labels and predictions (batch,) as (batch, 1), so that each entry is a sample with a weight.

    Without this the last axis would be the batch, and weights would meet a value already averaged.
    """
    if _rank(y_true) == 1 and _rank(y_pred) == 1:
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        return ops.expand_dims(y_true, axis=-1), ops.expand_dims(y_pred, axis=-1)
    return y_true, y_pred


def _rank(x):
    return len(x.shape if hasattr(x, "shape") else ops.convert_to_tensor(x).shape)
