"""`kerasish.visualization`: pictures of images with what is known or predicted of them."""

from kerasish.visualization.bounding_boxes import draw_bounding_boxes, plot_bounding_box_gallery
from kerasish.visualization.gallery import plot_image_gallery
from kerasish.visualization.segmentation import (
    draw_segmentation_masks,
    plot_segmentation_mask_gallery,
)

__all__ = [
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_segmentation_mask_gallery",
]
