"""Bounding boxes as differences from anchors, as detectors predict them, and back."""

from kerasish import ops
from kerasish.config import settings
from kerasish.errors import ShapeError, explain
from kerasish.layers.preprocessing.bounding_boxes.formats import convert_format

_ENCODINGS = ("center_xywh", "center_yxhw")


def _checked(encoding, variance, image_shape, where):
    """The variance as a tensor or 1, height and width."""
    if encoding not in _ENCODINGS:
        raise ValueError(
            explain(where, "unknown encoding", received=encoding, expected=str(_ENCODINGS))
        )
    if variance is not None:
        variance = ops.convert_to_tensor(variance, "float32")
        if variance.shape[-1] != 4:
            raise ShapeError(explain(where, "variance must be 4 numbers", received=variance))
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return 1.0 if variance is None else variance, height, width


def encode_box_to_deltas(anchors, boxes, anchor_format, box_format, encoding_format="center_yxhw",
                         variance=None, image_shape=None):  # fmt: skip
    """Boxes as differences from anchors: moves of the center, and logarithms of the sizes' ratios.

    Args:
        anchors: float tensor (..., 4).
        boxes: float tensor (..., 4).
        anchor_format: str, see `convert_format`.
        box_format: str, see `convert_format`.
        encoding_format: "center_yxhw" or "center_xywh": the order of the differences.
        variance: 4 numbers by which the differences are divided, or None.
        image_shape: (height, width, channels); needed for relative formats.

    Returns:
        float tensor (..., 4).

    Raises:
        ValueError: an unknown format, or a relative one without `image_shape`.

    Example:
        >>> anchors, boxes = [[0.0, 0.0, 2.0, 2.0]], [[1.0, 0.0, 3.0, 2.0]]
        >>> encode_box_to_deltas(anchors, boxes, "xyxy", "xyxy", "center_xywh").tolist()
        [[0.5, 0.0, 0.0, 0.0]]

    Source: Girshick et al., 2014; Keras 3 names and defaults.
    """
    variance, height, width = _checked(
        encoding_format, variance, image_shape, "encode_box_to_deltas"
    )
    anchors = convert_format(anchors, anchor_format, encoding_format, height, width)
    boxes = convert_format(boxes, box_format, encoding_format, height, width)
    size = ops.maximum(anchors[..., 2:], settings.epsilon)
    ratio = ops.maximum(boxes[..., 2:], settings.epsilon) / size
    moves = (boxes[..., :2] - anchors[..., :2]) / size
    return ops.concatenate([moves, ops.log(ratio)], axis=-1) / variance


def decode_deltas_to_boxes(anchors, boxes_delta, anchor_format, box_format,
                           encoded_format="center_yxhw", variance=None,
                           image_shape=None):  # fmt: skip
    """Boxes from their differences to anchors: the inverse of `encode_box_to_deltas`.

    Args:
        anchors: float tensor (..., 4), or a dict of them, one for each level.
        boxes_delta: float tensor (..., 4), or a dict of them with the keys of `anchors`.
        anchor_format: str, see `convert_format`.
        box_format: str. Format of the result.
        encoded_format: "center_yxhw" or "center_xywh": the order of the differences.
        variance: 4 numbers by which the differences are multiplied, or None.
        image_shape: (height, width, channels); needed for relative formats.

    Returns:
        float tensor (..., 4), or a dict of them.

    Raises:
        ValueError: an unknown format, or a relative one without `image_shape`.

    Example:
        >>> anchors, deltas = [[0.0, 0.0, 2.0, 2.0]], [[0.5, 0.0, 0.0, 0.0]]
        >>> decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", "center_xywh").tolist()
        [[1.0, 0.0, 3.0, 2.0]]

    Source: Girshick et al., 2014; Keras 3 names and defaults.
    """
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        return {
            level: decode_deltas_to_boxes(
                anchor, boxes_delta[level], anchor_format, box_format, encoded_format, variance,
                image_shape,
            )
            for level, anchor in anchors.items()
        }  # fmt: skip
    variance, height, width = _checked(
        encoded_format, variance, image_shape, "decode_deltas_to_boxes"
    )
    anchors = convert_format(anchors, anchor_format, encoded_format, height, width)
    deltas = ops.cast(ops.convert_to_tensor(boxes_delta), "float32") * variance
    size = anchors[..., 2:]
    boxes = ops.concatenate(
        [deltas[..., :2] * size + anchors[..., :2], ops.exp(deltas[..., 2:]) * size], axis=-1
    )
    return convert_format(boxes, encoded_format, box_format, height, width)
