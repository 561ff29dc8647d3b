"""`kerasish.utils.bounding_boxes`: the names of `keras.utils.bounding_boxes`."""

from kerasish.layers.preprocessing.bounding_boxes.deltas import (
    decode_deltas_to_boxes,
    encode_box_to_deltas,
)
from kerasish.layers.preprocessing.bounding_boxes.formats import convert_format
from kerasish.layers.preprocessing.bounding_boxes.geometry import (
    affine_transform,
    clip_to_image_size,
    crop,
    pad,
)
from kerasish.layers.preprocessing.bounding_boxes.overlap import compute_ciou, compute_iou

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
