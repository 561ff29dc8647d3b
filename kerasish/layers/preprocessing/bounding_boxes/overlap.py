"""How much bounding boxes overlap: IoU of all pairs, and CIoU of matched boxes."""

import math

from kerasish import ops
from kerasish.config import settings
from kerasish.errors import ShapeError, explain
from kerasish.layers.preprocessing.bounding_boxes.formats import convert_format, is_relative


def _corners(boxes, bounding_box_format, image_shape, where):
    if is_relative(bounding_box_format) and image_shape is None:
        raise ValueError(
            explain(
                where,
                "relative formats need image_shape",
                received=bounding_box_format,
                fix="image_shape=(height, width, channels)",
            )
        )
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return convert_format(boxes, bounding_box_format, "xyxy", height, width)


def _parts(boxes):
    return tuple(boxes[..., i] for i in range(4))


def _shared(first, second):
    """Area that boxes of corner coordinates share, elementwise."""
    (x1, y1, u1, v1), (x2, y2, u2, v2) = first, second
    width = ops.minimum(u1, u2) - ops.maximum(x1, x2)
    height = ops.minimum(v1, v2) - ops.maximum(y1, y2)
    return ops.maximum(width, 0.0) * ops.maximum(height, 0.0)


def compute_iou(
    boxes1, boxes2, bounding_box_format, use_masking=False, mask_val=-1, image_shape=None
):
    """Intersection over union of every box of one set with every box of another.

    Args:
        boxes1: float tensor (n, 4) or (batch, n, 4).
        boxes2: float tensor (m, 4) or (batch, m, 4).
        bounding_box_format: str, see `convert_format`.
        use_masking: bool. Give `mask_val` for boxes of which all numbers are negative.
        mask_val: number.
        image_shape: (height, width, channels); needed for relative formats.

    Returns:
        float tensor (n, m) or (batch, n, m).

    Raises:
        ShapeError: boxes of another number of axes.
        ValueError: a relative format without `image_shape`.

    Example:
        >>> a, b = [[0.0, 0.0, 2.0, 2.0]], [[1.0, 0.0, 3.0, 2.0], [5.0, 5.0, 6.0, 6.0]]
        >>> compute_iou(a, b, "xyxy").numpy().round(4).tolist()
        [[0.33329999446868896, 0.0]]

    Source: Keras 3 names and defaults.
    """
    boxes1, boxes2 = ops.convert_to_tensor(boxes1), ops.convert_to_tensor(boxes2)
    for boxes in (boxes1, boxes2):
        if len(boxes.shape) not in (2, 3):
            raise ShapeError(
                explain("compute_iou", "boxes need 2 axes, or 3 with a batch axis", received=boxes)
            )
    boxes1 = _corners(boxes1, bounding_box_format, image_shape, "compute_iou")
    boxes2 = _corners(boxes2, bounding_box_format, image_shape, "compute_iou")
    boxes1, boxes2 = ops.expand_dims(boxes1, -2), ops.expand_dims(boxes2, -3)
    first, second = _parts(boxes1), _parts(boxes2)
    shared = _shared(first, second)
    areas = [(u - x) * (v - y) for x, y, u, v in (first, second)]
    found = shared / (areas[0] + areas[1] - shared + settings.epsilon)
    if not use_masking:
        return found
    hidden = ops.logical_or(ops.max(boxes1, axis=-1) < 0, ops.max(boxes2, axis=-1) < 0)
    return ops.where(hidden, ops.cast(mask_val, found.dtype), found)


def compute_ciou(boxes1, boxes2, bounding_box_format, image_shape=None):
    """Complete IoU of matched boxes: IoU less a penalty for distant centers and unlike shapes.

    Args:
        boxes1: float tensor (..., 4).
        boxes2: float tensor that broadcasts with it.
        bounding_box_format: str, see `convert_format`; no relative one.
        image_shape: accepted for compatibility.

    Returns:
        float tensor (...), at most 1.

    Raises:
        ValueError: a relative format.

    Example:
        >>> round(compute_ciou([[0.0, 0.0, 2.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], "xyxy")[0].item(), 4)
        1.0

    Source: Zheng et al., 2020; Keras 3 names and defaults.
    """
    if is_relative(bounding_box_format):
        raise ValueError(
            explain(
                "compute_ciou",
                "relative formats are not taken",
                received=bounding_box_format,
                fix="convert the boxes with convert_format first",
            )
        )
    tiny = settings.epsilon
    first = _parts(_corners(boxes1, bounding_box_format, image_shape, "compute_ciou"))
    second = _parts(_corners(boxes2, bounding_box_format, image_shape, "compute_ciou"))
    (x1, y1, u1, v1), (x2, y2, u2, v2) = first, second
    width1, height1 = u1 - x1, v1 - y1 + tiny
    width2, height2 = u2 - x2, v2 - y2 + tiny
    shared = _shared(first, second)
    iou = shared / (width1 * height1 + width2 * height2 - shared + 2 * tiny)
    diagonal = (
        ops.square(ops.maximum(u1, u2) - ops.minimum(x1, x2))
        + ops.square(ops.maximum(v1, v2) - ops.minimum(y1, y2))
        + tiny
    )
    distance = ops.square((x1 + u1 - x2 - u2) / 2) + ops.square((y1 + v1 - y2 - v2) / 2)
    angles = ops.arctan(width2 / height2) - ops.arctan(width1 / height1)
    unlike = ops.square(angles) * (4 / math.pi**2)
    weight = unlike / (unlike - iou + (1 + tiny))
    return iou - (distance / diagonal + unlike * weight)
