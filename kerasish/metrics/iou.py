"""Intersection over union of classes, from a confusion matrix: IoU and its variants."""

import warnings

from kerasish import ops, registry
from kerasish.config import epsilon
from kerasish.core.structural import convert_to_tensor
from kerasish.errors import explain
from kerasish.losses.alignment import (
    fit_weight,
    require_same_shape,
    squeeze_or_expand_to_same_rank,
)
from kerasish.metrics.metric import Metric


@registry.register("metrics", "io_u", "iou")
class IoU(Metric):
    """Mean over classes of `intersection / union = tp / (tp + fp + fn)`.

    Entries whose label or prediction is no class, or whose label is `ignore_class`, do not count.

    Args:
        num_classes: int.
        target_class_ids: list of int. Classes of which the mean is taken; those that occur
            neither in labels nor in predictions do not count.
        name: str.
        dtype: dtype-like of the confusion matrix; int64 when None, so weights must be integers.
        ignore_class: int or None. Label that does not count, such as 255 for "void".
        sparse_y_true: bool. Labels are class indices, rather than one-hot.
        sparse_y_pred: bool. Predictions are class indices, rather than scores.
        axis: int. The class axis of what is not sparse.

    Raises:
        ValueError: a target class outside [0, num_classes).

    Example:
        >>> metric = IoU(num_classes=2, target_class_ids=[0])
        >>> round(metric([0, 0, 1, 1], [0, 1, 0, 1]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults.
    """

    _direction = "up"

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(name=name, dtype="int64" if dtype is None else dtype)
        target_class_ids = [int(i) for i in target_class_ids]
        if not all(0 <= i < num_classes for i in target_class_ids):
            raise ValueError(
                explain(
                    type(self).__name__,
                    "a target class is no class",
                    received=target_class_ids,
                    expected=f"0 to {num_classes - 1}",
                )
            )
        self.num_classes, self.target_class_ids = num_classes, target_class_ids
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_variable(
            (num_classes, num_classes), "zeros", dtype=self.dtype, name="total_confusion_matrix"
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch.

        Args:
            y_true: array-like (batch, ...) of class indices, or one-hot.
            y_pred: array-like of the same shape of class indices, or scores.
            sample_weight: array-like (batch, ...) or scalar, or None.

        Raises:
            ShapeError: shapes that do not fit.
        """
        y_true = self._indices(y_true, self.sparse_y_true)
        y_pred = self._indices(y_pred, self.sparse_y_pred)
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        require_same_shape(type(self).__name__, y_true, y_pred)
        counts = ops.logical_and(self._is_class(y_true), self._is_class(y_pred))
        if self.ignore_class is not None:
            counts = ops.logical_and(counts, ops.not_equal(y_true, self.ignore_class))
        weight = ops.cast(counts, self.dtype)
        if sample_weight is not None:
            weight = weight * fit_weight(y_true, self._weight(sample_weight))
        cell = ops.where(counts, y_true * self.num_classes + y_pred, 0)
        matrix = ops.segment_sum(
            ops.reshape(weight, (-1,)),
            ops.reshape(cell, (-1,)),
            num_segments=self.num_classes**2,
        )
        self.total_cm.assign_add(ops.reshape(matrix, (self.num_classes, self.num_classes)))

    def _indices(self, y, is_sparse):
        y = convert_to_tensor(y)
        return ops.cast(y if is_sparse else ops.argmax(y, axis=self.axis), "int32")

    def _is_class(self, indices):
        return ops.logical_and(indices >= 0, indices < self.num_classes)

    def _weight(self, sample_weight):
        given = convert_to_tensor(sample_weight)
        if "float" in given.dtype and "int" in self.dtype:
            warnings.warn(
                explain(
                    type(self).__name__,
                    f"float weights are cut to integers, since the counts are {self.dtype}",
                    fix='pass integers, or dtype="float32"',
                ),
                stacklevel=3,
            )
        return ops.cast(given, self.dtype)

    def result(self):
        """The mean over target classes: scalar tensor."""
        matrix = convert_to_tensor(self.total_cm)
        hits = ops.diagonal(matrix)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - hits
        targets = convert_to_tensor(self.target_class_ids, dtype="int32")
        hits = ops.cast(ops.take(hits, targets, axis=0), "float32")
        union = ops.cast(ops.take(union, targets, axis=0), "float32")
        occurs = union > 1e-9
        ratios = ops.where(occurs, hits / (union + epsilon()), 0.0)
        return ops.sum(ratios) / (ops.sum(ops.cast(occurs, "float32")) + epsilon())

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


@registry.register("metrics", "binary_io_u", "binary_iou")
class BinaryIoU(IoU):
    """IoU of two classes, from scores and a threshold.

    Args:
        target_class_ids: list of int among 0 and 1.
        threshold: float. Predictions at or above it are class 1.
        name: str.
        dtype: dtype-like of the confusion matrix; int64 when None.

    Raises:
        ValueError: a target class other than 0 and 1.

    Example:
        >>> round(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults.
    """

    def __init__(self, target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None):
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch; `y_pred` are scores. Else as for `IoU`."""
        y_pred = ops.cast(convert_to_tensor(y_pred, dtype="float32") >= self.threshold, "int32")
        super().update_state(y_true, y_pred, sample_weight)

    def get_config(self):
        """Dict of constructor arguments."""
        return {
            "name": self.name,
            "dtype": self.dtype,
            "target_class_ids": self.target_class_ids,
            "threshold": self.threshold,
        }


@registry.register("metrics", "mean_io_u", "mean_iou")
class MeanIoU(IoU):
    """Mean IoU of all classes.

    Args:
        num_classes: int.
        name: str.
        dtype: dtype-like of the confusion matrix; int64 when None.
        ignore_class: int or None. Label that does not count.
        sparse_y_true: bool. Labels are class indices, rather than one-hot.
        sparse_y_pred: bool. Predictions are class indices, rather than scores.
        axis: int. The class axis of what is not sparse.

    Example:
        >>> round(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]).item(), 4)
        0.3333

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            range(num_classes),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self):
        """Dict of constructor arguments."""
        config = super().get_config()
        del config["target_class_ids"]
        return config


@registry.register("metrics", "one_hot_io_u", "one_hot_iou")
class OneHotIoU(IoU):
    """IoU of chosen classes for one-hot labels.

    Args:
        num_classes: int.
        target_class_ids: list of int. Classes of which the mean is taken.
        name: str.
        dtype: dtype-like of the confusion matrix; int64 when None.
        ignore_class: int or None. Label that does not count.
        sparse_y_pred: bool. Predictions are class indices, rather than scores.
        axis: int. The class axis.

    Raises:
        ValueError: a target class outside [0, num_classes).

    Example:
        >>> OneHotIoU(2, [0])([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).item() > 0.999
        True

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self):
        """Dict of constructor arguments."""
        config = super().get_config()
        del config["sparse_y_true"]
        return config


@registry.register("metrics", "one_hot_mean_io_u", "one_hot_mean_iou")
class OneHotMeanIoU(MeanIoU):
    """Mean IoU of all classes for one-hot labels.

    Args:
        num_classes: int.
        name: str.
        dtype: dtype-like of the confusion matrix; int64 when None.
        ignore_class: int or None. Label that does not count.
        sparse_y_pred: bool. Predictions are class indices, rather than scores.
        axis: int. The class axis.

    Example:
        >>> OneHotMeanIoU(2)([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).item() > 0.999
        True

    Source: Keras 3 names and defaults.
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self):
        """Dict of constructor arguments."""
        config = super().get_config()
        del config["sparse_y_true"]
        return config
