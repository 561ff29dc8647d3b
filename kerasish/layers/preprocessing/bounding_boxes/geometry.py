"""Bounding boxes moved, cropped, padded and clipped as their images are."""

import math

from kerasish import ops
from kerasish.errors import explain
from kerasish.layers.preprocessing.bounding_boxes.formats import is_relative


def _only_corners(bounding_box_format, where, allowed=("xyxy",)):
    if bounding_box_format not in allowed:
        raise NotImplementedError(
            explain(
                where,
                "only boxes given by their corners",
                received=bounding_box_format,
                expected=" or ".join(map(repr, allowed)),
                fix="convert them with convert_format first",
            )
        )


def _clipped(boxes, height, width):
    x1, y1, x2, y2 = ops.split(boxes, 4, axis=-1)
    width, height = (
        n if isinstance(n, (int, float)) else ops.cast(n, boxes.dtype) for n in (width, height)
    )
    return ops.concatenate(
        [ops.clip(v, 0.0, n) for v, n in zip((x1, y1, x2, y2), (width, height) * 2, strict=True)],
        axis=-1,
    )


def clip_to_image_size(bounding_boxes, height=None, width=None, bounding_box_format="xyxy"):
    """Boxes brought inside the image; those of which nothing is left get the label -1.

    Args:
        bounding_boxes: dict with "boxes" (..., boxes, 4) and perhaps "labels" (..., boxes).
        height: int or tensor. Height of the images; not needed for "rel_xyxy".
        width: int or tensor. Their width.
        bounding_box_format: "xyxy" or "rel_xyxy".

    Returns:
        dict like `bounding_boxes`.

    Raises:
        NotImplementedError: another format.
        ValueError: "xyxy" without sizes.

    Example:
        >>> data = {"boxes": [[2.0, 3.0, 9.0, 5.0], [7.0, 0.0, 9.0, 2.0]], "labels": [4, 5]}
        >>> clipped = clip_to_image_size(data, height=6, width=6)
        >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
        ([[2.0, 3.0, 6.0, 5.0], [6.0, 0.0, 6.0, 2.0]], [4, -1])

    Source: Keras 3 names and defaults.
    """
    where = "clip_to_image_size"
    _only_corners(bounding_box_format, where, ("xyxy", "rel_xyxy"))
    if is_relative(bounding_box_format):
        height = width = 1.0
    elif height is None or width is None:
        raise ValueError(explain(where, 'boxes in the format "xyxy" need height and width'))
    boxes = _clipped(ops.convert_to_tensor(bounding_boxes["boxes"]), height, width)
    result = {**bounding_boxes, "boxes": boxes}
    if result.get("labels") is not None:
        labels = ops.convert_to_tensor(result["labels"])
        is_left = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]) > 0
        for _ in range(len(labels.shape) - len(is_left.shape)):
            is_left = ops.expand_dims(is_left, -1)  # labels may be vectors
        result["labels"] = ops.where(is_left, labels, ops.cast(-1, labels.dtype))
    return result


def crop(boxes, top, left, height, width, bounding_box_format="xyxy"):
    """Boxes of images of which a window is cut out.

    Args:
        boxes: float tensor (..., 4).
        top, left: number or tensor. Where the window begins.
        height, width: number or tensor. Its size.
        bounding_box_format: "xyxy".

    Returns:
        tensor of the shape of `boxes`, inside the window.

    Raises:
        NotImplementedError: another format.

    Example:
        >>> crop(ops.array([[2.0, 3.0, 9.0, 5.0]]), top=1, left=1, height=4, width=4).tolist()
        [[1.0, 2.0, 4.0, 4.0]]

    Source: Keras 3 names and defaults.
    """
    _only_corners(bounding_box_format, "crop")
    return _clipped(pad(boxes, -top, -left), height, width)


def pad(boxes, top, left, height=None, width=None, bounding_box_format="xyxy"):
    """Boxes of images to which rows are added above and columns on the left.

    Args:
        boxes: float tensor (..., 4).
        top: number or tensor. Rows added above.
        left: number or tensor. Columns added on the left.
        height, width: accepted for compatibility.
        bounding_box_format: "xyxy".

    Returns:
        tensor of the shape of `boxes`.

    Raises:
        NotImplementedError: another format.

    Example:
        >>> pad(ops.array([[2.0, 3.0, 9.0, 5.0]]), top=1, left=2).tolist()
        [[4.0, 4.0, 11.0, 6.0]]

    Source: Keras 3 names and defaults.
    """
    _only_corners(bounding_box_format, "pad")
    x1, y1, x2, y2 = ops.split(ops.convert_to_tensor(boxes), 4, axis=-1)
    return ops.concatenate([x1 + left, y1 + top, x2 + left, y2 + top], axis=-1)


def around_corners(boxes, move):
    """The boxes around the moved corners of boxes.

    Args:
        boxes: float tensor (batch, boxes, 4), "xyxy".
        move: f(x, y) -> (x, y) of tensors (batch, boxes).

    Returns:
        tensor (batch, boxes, 4), "xyxy".
    """
    x1, y1, x2, y2 = (boxes[..., i] for i in range(4))
    moved = [move(x, y) for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]
    xs, ys = (ops.stack(values, axis=-1) for values in zip(*moved, strict=True))
    lows, highs = (ops.min(xs, -1), ops.min(ys, -1)), (ops.max(xs, -1), ops.max(ys, -1))
    return ops.stack([*lows, *highs], axis=-1)


def affine_transform(boxes, angle, translate_x, translate_y, scale, shear_x, shear_y, height,
                     width, center_x=None, center_y=None, bounding_box_format="xyxy"):  # fmt: skip
    """The boxes around turned, sheared, scaled and moved boxes.

    Args:
        boxes: float tensor (batch, boxes, 4).
        angle: tensor (batch,). Degrees; counterclockwise as the picture is seen.
        translate_x, translate_y: tensor (batch,). As parts of `width - 1` and `height - 1`.
        scale: tensor (batch,).
        shear_x, shear_y: tensor (batch,). Degrees.
        height, width: int or tensor. Sizes of the images.
        center_x, center_y: float. Fixed point as part of the sizes; 0.5 when None.
        bounding_box_format: "xyxy".

    Returns:
        tensor (batch, boxes, 4).

    Raises:
        NotImplementedError: another format.

    Example:
        >>> zero, one = ops.zeros((1,)), ops.ones((1,))
        >>> box = ops.array([[[2.0, 2.0, 4.0, 3.0]]])
        >>> affine_transform(box, zero, zero, zero, 2 * one, zero, zero, 5, 5).tolist()
        [[[2.0, 2.0, 6.0, 4.0]]]

    Source: Keras 3 names and defaults.
    """
    _only_corners(bounding_box_format, "affine_transform")
    angle, shear_x, shear_y = (
        ops.convert_to_tensor(v, "float32") * (-math.pi / 180) for v in (angle, shear_x, shear_y)
    )
    translate_x, translate_y, scale = (
        ops.convert_to_tensor(v, "float32") for v in (translate_x, translate_y, scale)
    )
    width, height = (ops.cast(n, "float32") - 1.0 for n in (width, height))
    x0 = width * (0.5 if center_x is None else center_x)
    y0 = height * (0.5 if center_y is None else center_y)
    lean, slope = angle - shear_y, ops.tan(shear_x)
    xx = ops.cos(lean) / ops.cos(shear_y)
    yx = -ops.sin(lean) / ops.cos(shear_y)
    rows = [
        [ops.cos(angle) - yx * slope, -(xx * slope + ops.sin(angle))],
        [-yx, xx],
    ]
    (a0, a1), (b0, b1) = [[ops.expand_dims(v * scale, 1) for v in row] for row in rows]
    from_x = ops.expand_dims(x0 - translate_x * width, 1)
    from_y = ops.expand_dims(y0 - translate_y * height, 1)

    def move(x, y):
        x, y = x - from_x, y - from_y
        return a0 * x + a1 * y + x0, b0 * x + b1 * y + y0

    return around_corners(ops.cast(ops.convert_to_tensor(boxes), "float32"), move)
