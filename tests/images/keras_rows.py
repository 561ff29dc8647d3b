"""Image layers on the same data and the same transformation in Keras and here: one row each.

Run by an interpreter that has Keras (`python keras_rows.py FILE.npz`) it writes what Keras gives;
`test_keras_values.py` compares. Only standard names of `keras.layers` are used.
"""

import json
import sys

import numpy as np

GENERATOR = np.random.default_rng(7)
HEIGHT, WIDTH = 12, 10
IMAGES = GENERATOR.integers(0, 256, (2, HEIGHT, WIDTH, 3)).astype("float32")
SMOOTH = np.add.outer(np.arange(HEIGHT) * 9, np.arange(WIDTH) * 14)[None, :, :, None]
SMOOTH = (SMOOTH * np.array([1.0, 0.7, 0.4]) + np.array([[[[0, 20, 60]]], [[[9, 5, 90]]]])) % 256
SMOOTH = SMOOTH.astype("float32")
MASKS = GENERATOR.integers(0, 4, (2, HEIGHT, WIDTH, 1)).astype("float32")
BOXES = np.array([[[1, 2, 6, 9], [3, 1, 9, 5]], [[0, 0, 5, 5], [4, 6, 8, 11]]], "float32")
LABELS = np.array([[1, 2], [3, 4]], "int32")
ONE_HOT = np.eye(2, 3, dtype="float32")

# (layer, constructor arguments, what is checked besides images, inputs)
M, B, L = "masks", "boxes", "labels"
ROWS = [
    ("CenterCrop", {"height": 7, "width": 6}, (B,), {}),
    ("CenterCrop", {"height": 14, "width": 8}, (B,), {}),
    ("Resizing", {"height": 7, "width": 15}, (M, B), {}),
    ("Resizing", {"height": 8, "width": 8, "crop_to_aspect_ratio": True}, (M, B), {}),
    ("Resizing", {"height": 8, "width": 8, "pad_to_aspect_ratio": True}, (M, B), {}),
    ("Resizing", {"height": 7, "width": 15, "interpolation": "bicubic"}, (M,), {"dtype": "uint8"}),
    ("RandomCrop", {"height": 7, "width": 6}, (M,), {}),
    ("RandomFlip", {}, (M, B), {}),
    ("RandomFlip", {"mode": "horizontal"}, (M, B), {}),
    ("RandomFlip", {"mode": "vertical"}, (M, B), {"dtype": "uint8"}),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.2}, (M, B), {}),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.2, "fill_mode": "constant",
                           "interpolation": "nearest", "fill_value": 3.0}, (M, B), {}),
    ("RandomZoom", {"height_factor": 0.3}, (M, B), {}),
    ("RandomZoom", {"height_factor": 0.3, "width_factor": [-0.5, -0.2], "fill_mode": "nearest"},
     (M, B), {}),
    ("RandomRotation", {"factor": 0.3}, (M, B), {}),
    ("RandomRotation", {"factor": 0.3, "fill_mode": "nearest"}, (M, B), {"dtype": "uint8"}),
    ("RandomShear", {"x_factor": 0.3, "y_factor": 0.2}, (M,), {}),
    ("RandomPerspective", {"scale": 0.4}, (M, B), {}),
    ("RandomBrightness", {"factor": 0.4}, (M,), {}),
    ("RandomBrightness", {"factor": 0.4, "value_range": [0, 1]}, (), {"scale": 1 / 255}),
    ("RandomContrast", {"factor": 0.6}, (), {}),
    ("RandomInvert", {"factor": [0.5, 0.5]}, (), {}),
    ("RandomGrayscale", {"factor": 0.5}, (), {}),
    ("RandomHue", {"factor": 0.7}, (), {}),
    ("RandomHue", {"factor": 0.7, "value_range": [0, 1]}, (), {"scale": 1 / 255}),
    ("RandomSaturation", {"factor": [0.1, 0.5]}, (), {}),
    ("RandomSaturation", {"factor": [0.5, 0.9], "value_range": [0, 1]}, (), {"scale": 1 / 255}),
    ("RandomColorDegeneration", {"factor": 0.9}, (), {}),
    ("RandomSharpness", {"factor": 0.9}, (), {}),
    ("RandomPosterization", {"factor": [2, 5]}, (), {}),
    ("RandomPosterization", {"factor": [3, 3], "value_range": [0, 1]}, (), {"scale": 1 / 255}),
    ("Solarization", {"addition_factor": 0.3, "threshold_factor": 0.5}, (), {}),
    ("Solarization", {"threshold_factor": 0.5, "value_range": [-1, 1]}, (),
     {"scale": 2 / 255, "offset": -1.0}),
    ("AutoContrast", {}, (), {"data": "smooth"}),
    ("AutoContrast", {"value_range": [0, 1]}, (), {"data": "smooth", "scale": 1 / 300}),
    ("Equalization", {}, (), {"data": "smooth", "single": True}),
    ("Equalization", {"bins": 16}, (), {"single": True}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": [2, 3]}, (),
     {"data": "smooth"}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": 1.5, "tile_grid_size": [3, 2]},
     (), {}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": 0.0, "tile_grid_size": [5, 4]},
     (), {"data": "smooth", "dtype": "uint8"}),
    ("RandomGaussianBlur", {"kernel_size": 3}, (), {}),
    ("RandomGaussianBlur", {"kernel_size": 5, "factor": [1.0, 1.0]}, (), {}),
    ("RandomErasing", {"scale": [0.2, 0.6]}, (), {}),
    ("RandomErasing", {"scale": [0.2, 0.6], "fill_value": [1.0, 2.0, 3.0]}, (), {}),
    ("CutMix", {}, (L,), {}),
    ("MixUp", {"alpha": 2.0}, (L,), {}),
    ("RandAugment", {}, (M,), {"steps": 6}),
]  # fmt: skip
FORMATS = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx",
           "rel_xywh", "rel_center_xywh")  # fmt: skip


def images_of(inputs):
    """The images of a row."""
    images = SMOOTH if inputs.get("data") == "smooth" else IMAGES
    images = images * np.float32(inputs.get("scale", 1)) + np.float32(inputs.get("offset", 0))
    images = images.astype(inputs.get("dtype", "float32"))
    return images[:1] if inputs.get("single") else images


def flattened(value, prefix):
    """Nested dicts of arrays as one dict from path to array."""
    if isinstance(value, dict):
        found = {}
        for key, part in value.items():
            found.update(flattened(part, f"{prefix}/{key}"))
        return found
    return {} if value is None else {prefix: np.asarray(value)}


def results(layer, images, transformation, extras):
    """What a layer makes of the data, given the transformation."""
    found = {"images": layer.transform_images(images, transformation, training=True)}
    if M in extras:
        found[M] = layer.transform_segmentation_masks(MASKS[: len(images)], transformation)
    if B in extras:
        moved = layer.transform_bounding_boxes({"boxes": BOXES, "labels": LABELS}, transformation)
        found["boxes"], found["box_labels"] = moved["boxes"], moved["labels"]
    if L in extras:
        found[L] = layer.transform_labels(ONE_HOT, transformation)
    return found


def boxes_of(module, ops):
    """What the functions for bounding boxes give, by name."""
    found = {}
    for source in FORMATS:
        for target in FORMATS:
            boxes = BOXES / 12 if source.startswith("rel") else BOXES
            found[f"{source} to {target}"] = module.convert_format(boxes, source, target, 12, 10)
    iou = module.compute_iou
    found["iou"] = iou(BOXES, BOXES[:, ::-1] - 1, "xyxy")
    found["iou of sets"] = iou(BOXES[0], BOXES[1], "xywh")
    found["iou of a set and a batch"] = iou(BOXES[0], BOXES, "xyxy")
    hidden = np.concatenate([BOXES, -np.ones((2, 1, 4), "float32")], axis=1)
    found["iou with masking"] = iou(hidden, BOXES, "xyxy", use_masking=True, mask_val=-7)
    found["iou of parts"] = iou(BOXES / 12, BOXES / 9, "rel_xyxy", image_shape=(12, 10, 3))
    found["ciou"] = module.compute_ciou(BOXES, BOXES[:, ::-1] * 0.7 + 1, "xyxy")
    found["ciou of centers"] = module.compute_ciou(BOXES, BOXES[::-1] + 1, "center_xywh")
    deltas = module.encode_box_to_deltas(
        BOXES, BOXES[::-1] + 1, "xyxy", "xywh", variance=[0.1, 0.1, 0.2, 0.2]
    )
    found["deltas"] = deltas
    found["decoded"] = module.decode_deltas_to_boxes(
        BOXES, deltas, "xyxy", "rel_yxyx", variance=[0.1, 0.1, 0.2, 0.2], image_shape=(12, 10, 3)
    )
    clipped = module.clip_to_image_size(
        {"boxes": ops.convert_to_tensor(BOXES * 3 - 9), "labels": LABELS}, height=12, width=10
    )
    found["clipped"], found["clipped labels"] = clipped["boxes"], clipped["labels"]
    found["cropped"] = module.crop(ops.convert_to_tensor(BOXES), 2, 3, 6, 4)
    found["padded"] = module.pad(ops.convert_to_tensor(BOXES), 2, 3)
    angle, x, y, scale, lean_x, lean_y = (
        ops.convert_to_tensor(np.array(v, "float32"))
        for v in ([30, -70], [0.1, 0.2], [-0.2, 0.3], [1.5, 0.8], [10, 5], [20, -15])
    )
    found["affine"] = module.affine_transform(
        ops.convert_to_tensor(BOXES), angle, x, y, scale, lean_x, lean_y, 12, 10, 0.4, 0.6
    )
    return {name: np.asarray(value) for name, value in found.items()}


def main(path):
    """Write what Keras gives."""
    import keras

    keras.utils.set_random_seed(5)
    found, configs = {}, []
    for i, (name, config, extras, inputs) in enumerate(ROWS):
        kwargs = {"bounding_box_format": "xyxy"} if B in extras else {}
        layer = getattr(keras.layers, name)(**config, **kwargs)
        configs.append(layer.get_config())
        images = images_of(inputs)
        transformation = layer.get_random_transformation(images, training=True, seed=None)
        if name == "RandAugment":
            layer.num_ops = inputs["steps"]
            transformation["layer_idxes"] = keras.ops.convert_to_tensor([0, 1, 2, 5, 6, 8])
        given = transformation if isinstance(transformation, dict) else {"value": transformation}
        if isinstance(transformation, tuple):  # RandomCrop's is a place, others' need nothing
            is_place = name == "RandomCrop"
            given = dict(zip(("top", "left"), transformation, strict=True)) if is_place else {}
        found.update(flattened(given, f"{i}/given"))
        tensor = keras.ops.convert_to_tensor(images)
        found.update(flattened(results(layer, tensor, transformation, extras), f"{i}/found"))
    found.update(flattened(boxes_of(keras.utils.bounding_boxes, keras.ops), "functions"))
    np.savez_compressed(path, configs=json.dumps(configs, default=str), **found)


if __name__ == "__main__":
    main(sys.argv[1])
