"""Images: resizing, warping, colours, filters. References go pixel by pixel."""

import colorsys
import math

import numpy as np

from tests.ops.sample import Case, Sample, draw


def images(variants, low=0.05, high=0.95, shapes=None, repeats=1):
    """Cases on one image and on batches, channels last and first, with every variant."""

    def cases(rng):
        found = []
        for _ in range(repeats):
            for params in variants:
                for number, shape in enumerate(shapes or ((2, 5, 6, 3), (4, 7, 3))):
                    x, data_format = draw(rng, shape, low, high), "channels_last"
                    if number % 2:
                        x, data_format = np.moveaxis(x, -1, -3).copy(), "channels_first"
                    found.append(Case((x,), {**params, "data_format": data_format}))
        return found

    return cases


def each_image(function):
    """A reference for batches and layouts from one for a single image with channels last."""

    def reference(x, *others, data_format="channels_last", **params):
        x = np.moveaxis(x, -3, -1) if data_format == "channels_first" else x
        if x.ndim == 3:
            y = function(x, *others, **params)
        else:
            y = np.stack(
                [
                    function(v, *(o[n] if o.ndim > 1 else o for o in others), **params)
                    for n, v in enumerate(x)
                ]
            )
        return np.moveaxis(y, -1, -3) if data_format == "channels_first" else y

    return reference


def kernel_value(method, x):
    x = abs(x)
    if method == "bilinear":
        return max(1 - x, 0)
    if method == "bicubic":
        if x < 1:
            return 1.5 * x**3 - 2.5 * x**2 + 1
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0
    radius = int(method[-1])
    return float(np.sinc(x) * np.sinc(x / radius)) if x < radius else 0


def resized_axis(x, axis, size, method, antialias):
    x = np.moveaxis(x, axis, 0)
    ratio = len(x) / size
    rows = []
    for i in range(size):
        place = (i + 0.5) * ratio - 0.5
        if method == "nearest":
            rows.append(x[min(math.floor((i + 0.5) * ratio), len(x) - 1)])
            continue
        width = max(ratio, 1) if antialias else 1
        weights = np.array([kernel_value(method, (j - place) / width) for j in range(len(x))])
        rows.append(np.tensordot(weights / weights.sum(), x, 1))
    return np.moveaxis(np.stack(rows), 0, axis)


def resize(
    x,
    size,
    interpolation="bilinear",
    antialias=False,
    crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False,
    fill_value=0.0,
):
    height, width = x.shape[:2]
    rows, columns = int(width * size[0] / size[1]), int(height * size[1] / size[0])
    if crop_to_aspect_ratio:
        rows, columns = min(rows, height), min(columns, width)
        top, left = (height - rows) // 2, (width - columns) // 2
        x = x[top : top + rows, left : left + columns]
    if pad_to_aspect_ratio:
        rows, columns = max(rows, height) - height, max(columns, width) - width
        # Keras fills both sides alike, so an odd row or column is left out (see traces/layers 096)
        amounts = ((rows // 2, rows // 2), (columns // 2, columns // 2), (0, 0))
        x = np.pad(x, amounts, constant_values=fill_value)
    for axis in (0, 1):
        x = resized_axis(x, axis, size[axis], interpolation, antialias)
    return x


RESIZES = [
    {"size": size, "interpolation": method, "antialias": antialias}
    for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    for size, antialias in (((3, 4), True), ((8, 9), False), ((3, 11), False))
]
FITTED = [
    {"size": (6, 3), option: True, **more}
    for option, more in (("crop_to_aspect_ratio", {}), ("pad_to_aspect_ratio", {"fill_value": 0.5}))
] * 5


def gray(x):
    return (x @ [0.2989, 0.587, 0.114])[..., None]


def to_hsv(x):
    return np.apply_along_axis(lambda c: colorsys.rgb_to_hsv(*c), -1, x)


def to_rgb(x):
    return np.apply_along_axis(lambda c: colorsys.hsv_to_rgb(*c), -1, x)


def inside(index, size, mode):
    """The element that an index beyond the edges stands for, found by walking; None for none."""
    if mode == "constant":
        return index if 0 <= index < size else None
    if mode == "wrap":
        return index % size
    if mode == "nearest":
        return min(max(index, 0), size - 1)
    there = list(range(size)) + list(
        range(size - 2, 0, -1) if mode == "mirror" else range(size - 1, -1, -1)
    )
    return there[index % len(there)]


def read(x, place, order, mode, value):
    """`x` (*spatial, channels) at one place."""
    total = 0.0
    corners = [(0,)] if order == 0 else [(0, 1)]
    for corner in np.ndindex(*[len(corners[0])] * len(place)):
        weight, index = 1.0, []
        for p, step, size in zip(place, corner, x.shape, strict=False):
            low = round(p) if order == 0 else math.floor(p)
            weight *= 1 if order == 0 else (p - low if step else 1 - p + low)
            index.append(inside(low + step, size, mode))
        total = total + weight * (value if None in index else x[tuple(index)])
    return total


def places(rng):
    found = []
    for mode in ("constant", "nearest", "wrap", "mirror", "reflect"):
        for order in (0, 1):
            params = {"order": order, "fill_mode": mode, "fill_value": 0.5}
            found.append(Case((draw(rng, (4, 5)), draw(rng, (2, 3, 2), -5.3, 8.2)), params))
            found.append(Case((draw(rng, (3,)), draw(rng, (1, 6), -5.3, 7.1)), params))
    return found


def map_coordinates(x, coordinates, order, fill_mode, fill_value):
    flat = coordinates.reshape(len(coordinates), -1).T
    found = [read(x[..., None], p, order, fill_mode, fill_value) for p in flat]
    return np.stack([np.asarray(v).reshape(()) for v in found]).reshape(coordinates.shape[1:])


def transforms(rng):
    found = []
    for case in images(
        [
            {"interpolation": order, "fill_mode": mode, "fill_value": 0.3}
            for order in ("nearest", "bilinear")
            for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
        ]
    )(rng):
        numbers = np.array([1.0, 0, 0.31, 0, 1.0, -0.62, 0, 0])
        shape = (8,) if case.inputs[0].ndim == 3 else (len(case.inputs[0]), 8)
        transform = numbers + draw(rng, shape, -0.04, 0.04)
        found.append(Case((case.inputs[0], transform), case.params))
    return found


def affine(x, transform, interpolation, fill_mode, fill_value):
    a0, a1, a2, b0, b1, b2, c0, c1 = transform
    y = np.zeros_like(x)
    for row, column in np.ndindex(*x.shape[:2]):
        k = c0 * column + c1 * row + 1
        place = (b0 * column + b1 * row + b2) / k, (a0 * column + a1 * row + a2) / k
        y[row, column] = read(x, place, int(interpolation == "bilinear"), fill_mode, fill_value)
    return y


def corners(rng):
    points = np.array([[0.0, 0.0], [0.0, 5.0], [5.0, 0.0], [5.0, 5.0]])
    found = []
    for case in images([{"fill_value": 0.5}, {"interpolation": "nearest"}], repeats=6)(rng):
        shape = points.shape if case.inputs[0].ndim == 3 else (len(case.inputs[0]), 4, 2)
        start, end = (points + draw(rng, shape, -0.7, 0.7) for _ in range(2))
        found.append(Case((case.inputs[0], start, end), case.params))
    return found


def perspective(x, start, end, interpolation="bilinear", fill_value=0.0):
    rows, targets = [], []
    for (u, v), (px, py) in zip(start, end, strict=True):
        rows += [[px, py, 1, 0, 0, 0, -u * px, -u * py], [0, 0, 0, px, py, 1, -v * px, -v * py]]
        targets += [u, v]
    numbers = np.linalg.solve(np.array(rows), np.array(targets))
    return affine(x, numbers, interpolation, "constant", fill_value)


def bell(size, sigma):
    weights = [math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma**2)) for i in range(size)]
    return np.array(weights) / sum(weights)


def filtered(x, kernel, pad_mode="constant"):
    rows, columns = kernel.shape
    pads = ((rows - 1) // 2, rows // 2), ((columns - 1) // 2, columns // 2), (0, 0)
    padded = np.pad(x, pads, mode=pad_mode) if pad_mode else x
    height, width = padded.shape[0] - rows + 1, padded.shape[1] - columns + 1
    y = np.zeros((height, width, x.shape[-1]))
    for i, j in np.ndindex(rows, columns):
        y += kernel[i, j] * padded[i : i + height, j : j + width]
    return y


def blur(x, kernel_size=(3, 3), sigma=(1.0, 1.0)):
    kernels = [bell(n, s) for n, s in zip(kernel_size, reversed(sigma), strict=True)]
    return filtered(x, np.outer(*kernels))


def sobel(x, data_format):
    slope = np.outer([-1, 0, 1], [1, 2, 1])
    both = (slope, slope.T)
    parts = [
        each_image(lambda v, k=k: filtered(v, k, "reflect"))(x, data_format=data_format)
        for k in both
    ]
    return np.stack(parts, -1)


def two_images(rng):
    found = []
    for case in images(
        [{}, {"max_val": 2.0}, {"filter_size": 5, "k1": 0.02}],
        repeats=4,
        shapes=((2, 12, 13, 2), (11, 12, 1)),
    )(rng):
        x = case.inputs[0]
        found.append(Case((x, np.clip(x + draw(rng, x.shape, -0.2, 0.2), 0, 1)), case.params))
    return found


def ssim(x, y, max_val=1.0, filter_size=11, k1=0.01, data_format="channels_last"):
    if data_format == "channels_first":
        x, y = (np.moveaxis(v, -3, -1) for v in (x, y))
    if x.ndim == 4:
        return np.array([ssim(a, b, max_val, filter_size, k1) for a, b in zip(x, y, strict=True)])
    kernel = np.outer(*[bell(filter_size, 1.5)] * 2)
    c1, c2 = (k1 * max_val) ** 2, (0.03 * max_val) ** 2
    mx, my, xx, yy, xy = (filtered(v, kernel, None) for v in (x, y, x * x, y * y, x * y))
    top = (2 * mx * my + c1) * (2 * (xy - mx * my) + c2)
    return (top / ((mx**2 + my**2 + c1) * (xx - mx**2 + yy - my**2 + c2))).mean()


def scaled(rng):
    return [
        Case(
            (draw(rng, (2, 5, 6)), draw(rng, (2,), 0.6, 1.6), draw(rng, (2,), -0.8, 0.8)),
            {
                "output_shape": (2, 4, 7),
                "spatial_dims": (1, 2),
                "method": method,
                "antialias": antialias,
            },
        )
        for method in ("linear", "cubic", "lanczos3", "lanczos5")
        for antialias in (True, False)
        for _ in range(3)
    ]


def call_scaled(function, x, scale, translation, **params):
    return function(
        x, params.pop("output_shape"), scale, translation, params.pop("spatial_dims"), **params
    )


def scale_and_translate(x, scale, translation, output_shape, spatial_dims, method, antialias):
    method = {"linear": "bilinear", "cubic": "bicubic"}.get(method, method)
    for axis, factor, move in zip(spatial_dims, scale, translation, strict=True):
        moved = np.moveaxis(x, axis, 0)
        rows = []
        for i in range(output_shape[axis]):
            place = (i + 0.5 - move) / factor - 0.5
            width = max(1 / factor, 1) if antialias else 1
            weights = np.array(
                [kernel_value(method, (j - place) / width) for j in range(len(moved))]
            )
            is_inside = -0.5 <= place <= len(moved) - 0.5 and abs(weights.sum()) > 1e-4
            weights = weights / weights.sum() if is_inside else weights * 0
            rows.append(np.tensordot(weights, moved, 1))
        x = np.moveaxis(np.stack(rows), 0, axis)
    return x


def edges(rng):
    amounts = [(1, 2, 0, 3, None, None), (0, 0, 0, 0, None, None), (1, None, None, 2, 9, 12)]
    return images([{"amounts": a} for a in amounts], repeats=4)(rng)


def named(words):
    def call(function, x, amounts, data_format):
        names = ("top", "left", "bottom", "right")
        params = {f"{n}_{words}": v for n, v in zip(names, amounts[:4], strict=True)}
        height, width = amounts[4:]
        return function(
            x, **params, target_height=height, target_width=width, data_format=data_format
        )

    return call


def padded(x, amounts):
    top, left, bottom, right, height, width = amounts
    bottom = height - len(x) - top if bottom is None else bottom
    left = width - x.shape[1] - right if left is None else left
    return np.pad(x, ((top, bottom), (left, right), (0, 0)))


def cropped_edges(rng):
    amounts = [(1, 2, 0, 1, None, None), (0, 0, 0, 0, None, None), (1, None, None, 1, 2, 3)]
    return images([{"amounts": a} for a in amounts], repeats=4)(rng)


def cropped(x, amounts):
    top, left, bottom, right, height, width = amounts
    bottom = len(x) - height - top if bottom is None else bottom
    left = x.shape[1] - width - right if left is None else left
    return x[top : len(x) - bottom, left : x.shape[1] - right]


def pairs(rng):
    return [
        Case((draw(rng, s, 0, 1), draw(rng, s, 0, 1)), {"max_val": m})
        for s in ((3,), (2, 3), (4, 1, 2), (1,), (5, 5))
        for m in (1.0, 2.0, 255.0, 10.0)
    ]


def psnr(a, b, max_val):
    return 10 * math.log10(max_val**2 / ((a - b) ** 2).mean())


SAMPLES = [
    Sample(
        "image.resize", images(RESIZES), each_image(resize), operations=("resample_transposed",)
    ),
    Sample("image.resize", images(FITTED), each_image(resize), unknown_sizes="none"),
    Sample(
        "image.scale_and_translate",
        scaled,
        scale_and_translate,
        call=call_scaled,
        rtol=1e-9,
        unknown_sizes="none",
        note="the weights are made for known sizes",
    ),
    Sample(
        "image.rgb_to_grayscale", images([{}], repeats=10), each_image(gray), unknown_sizes="none"
    ),
    Sample("image.rgb_to_hsv", images([{}], repeats=10), each_image(to_hsv), unknown_sizes="none"),
    Sample("image.hsv_to_rgb", images([{}], repeats=10), each_image(to_rgb), unknown_sizes="none"),
    Sample(
        "image.pad_images", edges, each_image(padded), call=named("padding"), unknown_sizes="none"
    ),
    Sample(
        "image.crop_images",
        cropped_edges,
        each_image(cropped),
        call=named("cropping"),
        unknown_sizes="none",
    ),
    Sample(
        "image.map_coordinates",
        places,
        map_coordinates,
        operations=("scatter_rows",),
        unknown_sizes="first",
    ),
    Sample("image.affine_transform", transforms, each_image(affine), unknown_sizes="none"),
    Sample(
        "image.perspective_transform",
        corners,
        each_image(perspective),
        unknown_sizes="none",
        rtol=1e-8,
    ),
    Sample(
        "image.gaussian_blur",
        images([{}, {"kernel_size": (5, 3), "sigma": (0.8, 1.5)}], repeats=5),
        each_image(blur),
        unknown_sizes="none",
    ),
    Sample("image.sobel_edges", images([{}], repeats=10), sobel, unknown_sizes="none"),
    Sample("image.ssim", two_images, ssim, unknown_sizes="none", gradient_rtol=1e-4),
    Sample("psnr", pairs, psnr),
]
