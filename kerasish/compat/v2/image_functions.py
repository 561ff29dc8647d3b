"""Pictures of (height, width, channels), or batches of them."""

from kerasish import ops, random
from kerasish.arrays import dtypes
from kerasish.compat.v2.conversion import dtype_or
from kerasish.compat.v2.random_state import next_seed


def resize(images, size, method="bilinear", preserve_aspect_ratio=False, antialias=False):
    """Pictures of another size; float32, except by nearest neighbours."""
    nearest = method == "nearest"
    x = images if nearest else ops.cast(images, "float32")
    height, width = size
    if preserve_aspect_ratio:
        scale = min(height / images.shape[-3], width / images.shape[-2])
        height, width = (max(1, round(n * scale)) for n in images.shape[-3:-1])
    return ops.image.resize(x, (height, width), interpolation=method, antialias=antialias,
                            data_format="channels_last")  # fmt: skip


def rgb_to_grayscale(images):
    """One channel of three."""
    return ops.image.rgb_to_grayscale(images, data_format="channels_last")


def grayscale_to_rgb(images):
    """Three equal channels of one."""
    return ops.concatenate([images] * 3, axis=-1)


def rgb_to_hsv(images):
    """Hue, saturation and value of red, green and blue."""
    return ops.image.rgb_to_hsv(images, data_format="channels_last")


def hsv_to_rgb(images):
    """Red, green and blue of hue, saturation and value."""
    return ops.image.hsv_to_rgb(images, data_format="channels_last")


def flip_left_right(image):
    """Columns in reverse order."""
    return ops.flip(image, axis=-2)


def flip_up_down(image):
    """Rows in reverse order."""
    return ops.flip(image, axis=-3)


def rot90(image, k=1):
    """Turned by a quarter, `k` times, against the clock."""
    return ops.rot90(image, k=k, axes=(-3, -2))


def transpose_image(image):
    """Rows and columns exchanged."""
    return ops.swapaxes(image, -3, -2)


def convert_image_dtype(image, dtype, saturate=False):
    """Another dtype, scaled so that 1.0 corresponds to an integer dtype's greatest number."""
    dtype = dtype_or(dtype, None)
    if image.dtype == dtype:
        return image
    own, other = _greatest(image.dtype), _greatest(dtype)
    if own and other:
        scaled = ops.multiply(ops.cast(image, "float64"), (other + 1) / (own + 1))
        return ops.cast(scaled, dtype)
    if own:
        return ops.cast(ops.true_divide(ops.cast(image, dtype), own), dtype)
    if not other:
        return ops.cast(image, dtype)
    scaled = ops.multiply(image, other + 0.5)
    return ops.saturate_cast(scaled, dtype) if saturate else ops.cast(scaled, dtype)


def _greatest(dtype):
    if not dtypes.is_integer(dtype):
        return None
    bits = 8 * dtypes.to_numpy(dtype).itemsize
    return 2 ** (bits - (dtype in dtypes.SIGNED)) - 1


def adjust_brightness(image, delta):
    """A number added to pixels that count from 0 to 1."""
    bright = ops.add(convert_image_dtype(image, "float32"), delta)
    return convert_image_dtype(bright, image.dtype, saturate=True)


def adjust_contrast(images, contrast_factor):
    """Distances from each channel's mean multiplied."""
    x = convert_image_dtype(images, "float32")
    mean = ops.mean(x, axis=(-3, -2), keepdims=True)
    x = ops.add(ops.multiply(ops.subtract(x, mean), contrast_factor), mean)
    return convert_image_dtype(x, images.dtype, saturate=True)


def crop_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """Part of a picture."""
    rows = slice(offset_height, offset_height + target_height)
    return image[..., rows, offset_width : offset_width + target_width, :]


def pad_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """A picture within zeros."""
    height, width = image.shape[-3:-1]
    after = (target_height - offset_height - height, target_width - offset_width - width)
    widths = ((offset_height, after[0]), (offset_width, after[1]), (0, 0))
    return ops.pad(image, ((0, 0),) * (image.ndim - 3) + widths)


def central_crop(image, central_fraction):
    """The middle of a picture."""
    height, width = image.shape[-3:-1]
    top = int((height - height * central_fraction) / 2)
    left = int((width - width * central_fraction) / 2)
    return crop_to_bounding_box(image, top, left, height - 2 * top, width - 2 * left)


def resize_with_crop_or_pad(image, target_height, target_width):
    """The middle of a picture, or the picture in the middle of zeros."""
    height, width = image.shape[-3:-1]
    image = crop_to_bounding_box(
        image, max(0, (height - target_height) // 2), max(0, (width - target_width) // 2),
        min(height, target_height), min(width, target_width),
    )  # fmt: skip
    height, width = image.shape[-3:-1]
    return pad_to_bounding_box(image, (target_height - height) // 2, (target_width - width) // 2,
                               target_height, target_width)  # fmt: skip


def per_image_standardization(image):
    """Mean 0 and variance 1 for each picture."""
    x = ops.cast(image, "float32")
    axes = (-3, -2, -1)
    size = image.shape[-1] * image.shape[-2] * image.shape[-3]
    deviation = ops.maximum(ops.std(x, axis=axes, keepdims=True), 1 / size**0.5)
    return ops.true_divide(ops.subtract(x, ops.mean(x, axis=axes, keepdims=True)), deviation)


def _by_chance(image, turned, seed):
    draws = random.uniform((image.shape[0],) + (1,) * (image.ndim - 1) if image.ndim == 4 else (),
                           seed=next_seed(seed))  # fmt: skip
    return ops.where(ops.less(draws, 0.5), turned, image)


def random_flip_left_right(image, seed=None):
    """Columns in reverse order, or not."""
    return _by_chance(image, flip_left_right(image), seed)


def random_flip_up_down(image, seed=None):
    """Rows in reverse order, or not."""
    return _by_chance(image, flip_up_down(image), seed)


def random_brightness(image, max_delta, seed=None):
    """A number between `-max_delta` and `max_delta` added."""
    delta = random.uniform((), -max_delta, max_delta, seed=next_seed(seed))
    return adjust_brightness(image, delta)


def random_crop(value, size, seed=None):
    """Part of a given size from a random place."""
    starts = [
        random.randint((), 0, n - wanted + 1, seed=next_seed(seed))
        for n, wanted in zip(value.shape, size, strict=True)
    ]
    return ops.slice(value, ops.stack(starts), size)


def sobel_edges(image):
    """Derivatives down and across, on a new last axis."""
    return ops.image.sobel_edges(image, data_format="channels_last")


def extract_patches(images, sizes, strides, rates, padding):
    """Patches, with their pixels on the last axis."""
    return ops.image.extract_patches(images, sizes[1:3], strides=strides[1:3],
                                     dilation_rate=rates[1], padding=padding.lower(),
                                     data_format="channels_last")  # fmt: skip


def psnr(a, b, max_val):
    """Peak signal-to-noise ratio of pairs of pictures, in decibels."""
    a, b = ops.cast(a, "float32"), ops.cast(b, "float32")
    error = ops.mean(ops.square(ops.subtract(a, b)), axis=(-3, -2, -1))
    return ops.multiply(10, ops.log10(ops.true_divide(float(max_val) ** 2, error)))


def ssim(img1, img2, max_val, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    """Structural similarity of pairs of pictures."""
    return ops.image.ssim(ops.cast(img1, "float32"), ops.cast(img2, "float32"), max_val,
                          filter_size, filter_sigma, k1, k2, "channels_last")  # fmt: skip
