"""Images with bounding boxes drawn on them, alone and in galleries."""

import numpy

from kerasish import ops
from kerasish.errors import explain
from kerasish.optional import matplotlib_patches, pillow, pillow_drawing
from kerasish.utils.bounding_boxes import convert_format
from kerasish.visualization.gallery import plot_image_gallery
from kerasish.visualization.pixels import as_channels_last, as_pixels

_LETTER = 18  # pixels of a letter's height at font_scale 1
_PLATE = 2  # pixels around a name
_BRIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue


def draw_bounding_boxes(images, bounding_boxes, bounding_box_format, class_mapping=None,
                        color=(128, 128, 128), line_thickness=2, text_thickness=1, font_scale=1.0,
                        data_format=None):  # fmt: skip
    """Images with frames, and names where they are known.

    Args:
        images: array or tensor (batch, height, width, 3), or channels first; floats from 0 to 1,
            or numbers from 0 to 255.
        bounding_boxes: dict with "boxes" (batch, boxes, 4), "labels" (batch, boxes) and perhaps
            "confidences" (batch, boxes); boxes with the label -1 are left out.
        bounding_box_format: str, see `kerasish.utils.bounding_boxes.convert_format`.
        class_mapping: dict from label to name, or None.
        color: three numbers from 0 to 255.
        line_thickness: int. Pixels.
        text_thickness: int or None. Weight of the letters; None takes that of the lines.
        font_scale: float. Size of the letters.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Returns:
        uint8 array (batch, height, width, 3).

    Raises:
        ImportError: there are names to write, and Pillow is not installed.
        ValueError: images without batch axis, or boxes without labels.
        TypeError: boxes that are not a dict.

    Example:
        >>> boxes = {"boxes": [[[2, 2, 6, 6]]], "labels": [[0]]}
        >>> drawn = draw_bounding_boxes(numpy.zeros((1, 9, 9, 3)), boxes, "xyxy")
        >>> drawn[0, 2, 4].tolist(), drawn[0, 4, 4].tolist()
        ([128, 128, 128], [0, 0, 0])

    Source: Keras 3 names and defaults. (Drawn by NumPy and Pillow; Keras needs OpenCV.)
    """
    where = "draw_bounding_boxes"
    images = as_channels_last(images, data_format, where)
    if not isinstance(bounding_boxes, dict):
        raise TypeError(
            explain(where, "bounding boxes are a dict of boxes and labels", received=bounding_boxes)
        )
    if "boxes" not in bounding_boxes or "labels" not in bounding_boxes:
        raise ValueError(
            explain(where, "boxes and labels are needed", received=sorted(map(str, bounding_boxes)))
        )
    height, width = images.shape[1:3]
    found = convert_format(bounding_boxes, bounding_box_format, "xyxy", height, width)
    boxes = ops.convert_to_numpy(found["boxes"]).astype("int32")
    labels = ops.convert_to_numpy(found["labels"]).astype("int32")
    confidences = found.get("confidences")
    if confidences is not None:
        confidences = ops.convert_to_numpy(confidences)
    drawn = as_pixels(images)
    for i, picture in enumerate(drawn):
        for j, (box, label) in enumerate(zip(boxes[i], labels[i], strict=True)):
            if label == -1:
                continue
            _draw_frame(picture, box, color, line_thickness)
            text = (class_mapping or {}).get(int(label))
            if text is not None:
                if confidences is not None:
                    text = f"{text} | {confidences[i][j]:.2f}"
                _write(picture, box, str(text), color, font_scale, text_thickness or line_thickness)
    return drawn


def _draw_frame(picture, box, color, thickness):
    """Lines of a width around the edges of a box, as far as they are inside the picture."""
    x1, y1, x2, y2 = (int(v) for v in box)
    before = thickness // 2

    def paint(top, left, bottom, right):
        picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = color

    left, right, top, bottom = x1 - before, x2 - before, y1 - before, y2 - before
    for y in (top, bottom):
        paint(y, left, y + thickness, right + thickness)
    for x in (left, right):
        paint(top, x, bottom + thickness, x + thickness)


def _write(picture, box, text, color, font_scale, thickness):
    """A name on a plate of the box's color, above the box or inside it where there is no room."""
    image = pillow("writing names on pictures")
    drawing, fonts = pillow_drawing("writing names on pictures")
    font = fonts.load_default(size=max(round(_LETTER * font_scale), 6))
    canvas = image.fromarray(picture)
    pen = drawing.Draw(canvas)
    stroke = max(thickness - 1, 0) // 2
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font, stroke_width=stroke)
    width, height = right - left + 2 * _PLATE, bottom - top + 2 * _PLATE
    x = max(min(int(box[0]), picture.shape[1] - width), 0)
    y = int(box[1]) - height
    y = y if y >= 0 else int(box[1])
    ground = tuple(int(c) for c in color)
    is_bright = numpy.dot(ground, _BRIGHTNESS) > 127
    pen.rectangle((x, y, x + width - 1, y + height - 1), fill=ground)
    pen.text((x - left + _PLATE, y - top + _PLATE), text, font=font, stroke_width=stroke,
             fill=(0, 0, 0) if is_bright else (255, 255, 255))  # fmt: skip
    picture[...] = numpy.asarray(canvas)


def plot_bounding_box_gallery(images, bounding_box_format, y_true=None, y_pred=None,
                              value_range=(0, 255), true_color=(0, 188, 212),
                              pred_color=(255, 235, 59), line_thickness=2, font_scale=1.0,
                              text_thickness=None, class_mapping=None, ground_truth_mapping=None,
                              prediction_mapping=None, legend=False, legend_handles=None,
                              rows=None, cols=None, data_format=None, **kwargs):  # fmt: skip
    """Images side by side with their true and predicted boxes.

    Args:
        images: array or tensor (batch, height, width, 3), or channels first.
        bounding_box_format: str, see `kerasish.utils.bounding_boxes.convert_format`.
        y_true, y_pred: dict of true and predicted boxes, see `draw_bounding_boxes`, or None.
        value_range: pair of numbers: lowest and highest value of a pixel.
        true_color, pred_color: three numbers from 0 to 255.
        line_thickness: int. Pixels.
        font_scale: float. Size of the letters.
        text_thickness: int or None. Weight of the letters.
        class_mapping: dict from label to name, or None.
        ground_truth_mapping, prediction_mapping: dict for one kind of boxes; `class_mapping` when
            None.
        legend: bool. Say which color is which.
        legend_handles: list of matplotlib artists for a legend of your own.
        rows, cols: int. Size of the gallery.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: as of `plot_image_gallery`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: both `legend` and `legend_handles`.

    Example:
        >>> boxes = {"boxes": [[[2, 2, 6, 6]]], "labels": [[0]]}
        >>> plot_bounding_box_gallery(numpy.zeros((1, 9, 9, 3)), "xyxy", boxes, path="boxes.png")

    Source: Keras 3 names and defaults.
    """
    where = "plot_bounding_box_gallery"
    patches = matplotlib_patches(where)
    if legend and legend_handles:
        raise ValueError(explain(where, "give either legend or legend_handles"))
    shown = as_pixels(as_channels_last(images, data_format, where), value_range)
    known = (
        (y_true, true_color, ground_truth_mapping or class_mapping, "Ground Truth"),
        (y_pred, pred_color, prediction_mapping or class_mapping, "Prediction"),
    )
    for boxes, color, mapping, _ in known:
        if boxes is not None:
            shown = draw_bounding_boxes(
                shown, boxes, bounding_box_format, mapping, color, line_thickness, text_thickness,
                font_scale, "channels_last",
            )  # fmt: skip
    if legend:
        legend_handles = [
            patches.Patch(color=numpy.array(color) / 255, label=name) for _, color, _, name in known
        ]
    return plot_image_gallery(shown, legend_handles=legend_handles, rows=rows, cols=cols,
                              data_format="channels_last", **kwargs)  # fmt: skip
