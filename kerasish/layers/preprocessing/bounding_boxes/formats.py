"""Bounding box formats: what the four numbers of a box mean, and how to go from one to another."""

from kerasish import ops
from kerasish.errors import ShapeError, explain, nearest

# The absolute layouts: whether y comes before x, and what the numbers are.
_LAYOUTS = {
    "xyxy": (False, "corners"),
    "yxyx": (True, "corners"),
    "xywh": (False, "corner and size"),
    "center_xywh": (False, "center and size"),
    "center_yxhw": (True, "center and size"),
}
FORMATS = (*_LAYOUTS, "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")


def check_format(name, where):
    """`name` in lower case, which must be a format of boxes.

    Raises:
        ValueError: anything else.
    """
    found = name.lower() if isinstance(name, str) else name
    if found not in FORMATS:
        raise ValueError(
            explain(where, "unknown bounding box format", received=name, fix=nearest(name, FORMATS))
        )
    return found


def is_relative(name):
    """Whether the numbers of a format are parts of the image's sizes instead of pixels."""
    return name.startswith("rel_")


def _to_corners(boxes, layout):
    y_first, kind = _LAYOUTS[layout]
    a, b, c, d = ops.split(boxes, 4, axis=-1)
    x, y, u, v = (b, a, d, c) if y_first else (a, b, c, d)
    if kind == "corner and size":
        u, v = x + u, y + v
    elif kind == "center and size":
        x, y, u, v = x - u / 2, y - v / 2, x + u / 2, y + v / 2
    return x, y, u, v


def _from_corners(corners, layout):
    y_first, kind = _LAYOUTS[layout]
    x, y, u, v = corners
    if kind != "corners":
        width, height = u - x, v - y
        if kind == "center and size":
            x, y = x + width / 2, y + height / 2
        u, v = width, height
    return ops.concatenate([y, x, v, u] if y_first else [x, y, u, v], axis=-1)


def _as_size(size, dtype):
    return float(size) if isinstance(size, int) else ops.cast(size, dtype)


def convert_format(boxes, source, target, height=None, width=None, dtype="float32"):
    """Bounding boxes in another format.

    Args:
        boxes: tensor (..., 4), or a dict with such a tensor under "boxes".
        source: "xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx",
            "rel_xywh" or "rel_center_xywh"; those with "rel" are parts of the image's sizes.
        target: the same.
        height: int or tensor. Height of the images; needed from or to a relative format.
        width: int or tensor. Their width.
        dtype: dtype name of the result.

    Returns:
        tensor of the shape of `boxes`, or a dict with it.

    Raises:
        ShapeError: a last axis of another size than 4.
        ValueError: an unknown format, or the sizes are missing.

    Example:
        >>> convert_format([[1.0, 2.0, 4.0, 8.0]], "xyxy", "center_xywh").tolist()
        [[2.5, 5.0, 3.0, 6.0]]

    Source: Keras 3 names and defaults.
    """
    where = "convert_format"
    if isinstance(boxes, dict):
        moved = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": moved}
    boxes = ops.cast(ops.convert_to_tensor(boxes), dtype)
    if boxes.shape[-1] != 4:
        raise ShapeError(explain(where, "boxes need a last axis of size 4", received=boxes))
    source, target = check_format(source, where), check_format(target, where)
    if (is_relative(source) or is_relative(target)) and (height is None or width is None):
        raise ValueError(
            explain(
                where,
                "relative formats need the height and width of the images",
                received=f" from {source!r} to {target!r}, height {height}, width {width}",
            )
        )
    if source == target:
        return boxes
    corners = _to_corners(boxes, source.removeprefix("rel_"))
    if is_relative(source) != is_relative(target):
        sizes = (_as_size(width, dtype), _as_size(height, dtype)) * 2
        change = ops.multiply if is_relative(source) else ops.divide
        corners = [change(c, size) for c, size in zip(corners, sizes, strict=True)]
    return _from_corners(corners, target.removeprefix("rel_"))
