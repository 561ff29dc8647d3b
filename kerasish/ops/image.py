"""The door to image operations: the names of `keras.ops.image`."""

from kerasish.ops.colors import crop_images, hsv_to_rgb, pad_images, rgb_to_grayscale, rgb_to_hsv
from kerasish.ops.image_filters import elastic_transform, gaussian_blur, sobel_edges, ssim
from kerasish.ops.patches import extract_patches, extract_patches_3d
from kerasish.ops.resampling import resize, scale_and_translate
from kerasish.ops.warping import affine_transform, map_coordinates, perspective_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
