"""Images with segmentation masks drawn over them, alone and in galleries."""

import numpy

from kerasish.errors import DTypeError, ShapeError, explain
from kerasish.visualization.gallery import plot_image_gallery
from kerasish.visualization.pixels import as_channels_last, as_pixels

_PALETTE = numpy.array([2**25 - 1, 2**15 - 1, 2**21 - 1])  # multiples modulo 255 are far apart


def draw_segmentation_masks(images, segmentation_masks, num_classes=None, color_mapping=None,
                            alpha=0.8, blend=True, ignore_index=-1, data_format=None):  # fmt: skip
    """Images with the color of each pixel's class laid over them.

    Args:
        images: array or tensor (batch, height, width, 3), or channels first; from 0 to 255.
        segmentation_masks: int array or tensor (batch, height, width, 1), or channels first.
        num_classes: int; the largest class + 1 when None.
        color_mapping: dict from class to three numbers from 0 to 255, or None.
        alpha: float from 0 to 1. Weight of the colors.
        blend: bool. False: the colors hide the images.
        ignore_index: int. The class of pixels that stay.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Returns:
        uint8 array (batch, height, width, 3).

    Raises:
        ShapeError: not a batch, or masks of another size than the images.
        TypeError: masks that are not ints.

    Example:
        >>> masks = numpy.array([[[[0], [1]]]])
        >>> colors = {0: (0, 0, 0), 1: (200, 100, 0)}
        >>> draw_segmentation_masks(numpy.zeros((1, 1, 2, 3)), masks, 2, colors, 0.5).tolist()
        [[[[0, 0, 0], [100, 50, 0]]]]

    Source: Keras 3 names and defaults. (Keras 3.15 leaves the last class out where num_classes is
    None.)
    """
    where = "draw_segmentation_masks"
    images = as_channels_last(images, data_format, where)
    masks = as_channels_last(segmentation_masks, data_format, where)
    if masks.dtype.kind not in "iu":
        raise DTypeError(explain(where, "masks must be ints", received=masks))
    if masks.shape != (*images.shape[:3], 1):
        raise ShapeError(
            explain(
                where,
                "masks do not fit the images",
                received=f" images {images.shape}, masks {masks.shape}",
            )
        )
    masks = masks[..., 0]
    if num_classes is None:
        num_classes = int(masks.max(initial=0)) + 1
    drawn = images.astype("float32")
    weight = alpha if blend else 1.0
    for label in range(num_classes):
        color = label * _PALETTE % 255 if color_mapping is None else color_mapping[label]
        chosen = (masks == label) & (masks != ignore_index)
        drawn[chosen] = drawn[chosen] * (1 - weight) + numpy.array(color, "float32") * weight
    return as_pixels(drawn, (0, 255))


def plot_segmentation_mask_gallery(images, num_classes, value_range=(0, 255), y_true=None,
                                   y_pred=None, color_mapping=None, blend=True, alpha=0.8,
                                   ignore_index=-1, data_format=None, **kwargs):  # fmt: skip
    """Images below each other, beside them those with their true and predicted masks.

    Args:
        images: array or tensor (batch, height, width, 3), or channels first.
        num_classes: int.
        value_range: pair of numbers: lowest and highest value of a pixel.
        y_true, y_pred: true and predicted masks (batch, height, width, 1), or None.
        color_mapping: dict from class to three numbers from 0 to 255, or None.
        blend: bool. False: the colors hide the images.
        alpha: float from 0 to 1. Weight of the colors.
        ignore_index: int. The class of pixels that stay.
        data_format: "channels_last", "channels_first" or None (the configured default).
        **kwargs: as of `plot_image_gallery`.

    Raises:
        ImportError: matplotlib is not installed.

    Example:
        >>> images, masks = numpy.zeros((2, 8, 8, 3)), numpy.ones((2, 8, 8, 1))
        >>> plot_segmentation_mask_gallery(images, 2, y_true=masks, path="masks.png")

    Source: Keras 3 names and defaults.
    """
    where = "plot_segmentation_mask_gallery"
    pixels = as_pixels(as_channels_last(images, data_format, where), value_range)
    columns = [pixels]
    for masks in (y_true, y_pred):
        if masks is not None:
            masks = as_channels_last(masks, data_format, where).astype("int32")
            columns.append(
                draw_segmentation_masks(
                    pixels, masks, num_classes, color_mapping, alpha, blend, ignore_index,
                    "channels_last",
                )
            )  # fmt: skip
    shown = numpy.stack(columns, axis=1).reshape(-1, *pixels.shape[1:])
    return plot_image_gallery(shown, rows=len(pixels), cols=len(columns),
                              data_format="channels_last", **kwargs)  # fmt: skip
