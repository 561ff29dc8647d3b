"""Bounding boxes as users give them: checked, and made into tensors of one number of boxes."""

from kerasish import ops
from kerasish.core.tensor import Tensor
from kerasish.errors import DataError, ShapeError, explain

NO_BOX, NO_LABEL = 0.0, -1  # what images with fewer boxes than others are filled up with


def as_dense(bounding_boxes, is_batched, where):
    """Dict of bounding boxes as tensors.

    Lists of a batch may hold different numbers of boxes for each image; boxes of zeros with the
    label -1 are added to the shorter ones.

    Args:
        bounding_boxes: dict with "boxes" (boxes, 4) and "labels" (boxes,), with a batch axis in
            front where `is_batched`; other entries are kept.
        is_batched: bool.
        where: str. Who asks.

    Returns:
        dict with float32 "boxes" and "labels".

    Raises:
        DataError: entries are missing, or the numbers of boxes and labels differ.
        ShapeError: not these axes.
    """
    keys = ("boxes", "labels")
    if not isinstance(bounding_boxes, dict) or any(key not in bounding_boxes for key in keys):
        found = sorted(bounding_boxes) if isinstance(bounding_boxes, dict) else bounding_boxes
        raise DataError(
            explain(
                where,
                "bounding boxes are a dict of boxes and labels",
                received=found,
                fix='{"boxes": ..., "labels": ...}',
            )
        )
    boxes, labels = (bounding_boxes[key] for key in keys)
    if isinstance(boxes, (list, tuple)) and isinstance(labels, (list, tuple)):
        boxes, labels = _filled(boxes, labels, is_batched, where)
    boxes = boxes if isinstance(boxes, Tensor) else ops.convert_to_tensor(boxes)
    boxes, labels = ops.cast(boxes, "float32"), ops.convert_to_tensor(labels)
    rank = 3 if is_batched else 2
    if len(boxes.shape) != rank or boxes.shape[-1] != 4:
        expected = "(batch, boxes, 4)" if is_batched else "(boxes, 4)"
        raise ShapeError(
            explain(where, "boxes have the wrong shape", received=boxes, expected=expected)
        )
    known = [n.shape[rank - 2] for n in (boxes, labels) if len(n.shape) >= rank - 1]
    if len(labels.shape) not in (rank - 1, rank) or len({*known} - {None}) > 1:
        raise ShapeError(
            explain(
                where,
                "there must be one label for each box",
                received=f" boxes {tuple(boxes.shape)}, labels {tuple(labels.shape)}",
            )
        )
    return {**bounding_boxes, "boxes": boxes, "labels": labels}


def _filled(boxes, labels, is_batched, where):
    """Lists of boxes and labels of equal lengths."""
    if not is_batched:
        boxes, labels = [boxes], [labels]
    counts = [len(b) for b in boxes]
    if counts != [len(n) for n in labels]:
        raise DataError(
            explain(
                where,
                "there must be one label for each box",
                received=f" {counts} boxes, {[len(n) for n in labels]} labels",
            )
        )
    most = max(counts, default=0)
    boxes = [[*b, *[[NO_BOX] * 4] * (most - len(b))] for b in boxes]
    labels = [[*n, *[NO_LABEL] * (most - len(n))] for n in labels]
    return (boxes, labels) if is_batched else (boxes[0], labels[0])
