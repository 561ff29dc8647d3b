"""Image layers on images with everything that belongs to them: all is changed alike, or stays."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function

HEIGHT, WIDTH = 24, 30
DOT = (9, 12, 17, 18)  # x1, y1, x2, y2 of a bright rectangle
COUNT = 12


def data_of(data_format="channels_last", dtype="float32", box_format="xyxy"):
    """Images of a bright rectangle on black, its mask and box, and one-hot labels."""
    x1, y1, x2, y2 = DOT
    marks = np.zeros((COUNT, HEIGHT, WIDTH, 1), dtype)
    marks[:, y1:y2, x1:x2] = 1
    images = marks * np.array([250, 200, 150]).astype(dtype)
    if data_format == "channels_first":
        images, marks = (np.moveaxis(v, -1, 1) for v in (images, marks))
    box = {
        "xyxy": DOT,
        "xywh": (x1, y1, x2 - x1, y2 - y1),
        "rel_xyxy": (x1 / WIDTH, y1 / HEIGHT, x2 / WIDTH, y2 / HEIGHT),
    }[box_format]
    boxes = np.tile(np.array([box, (0, 0, 0, 0)], "float32"), (COUNT, 1, 1))
    return {
        "images": images,
        "segmentation_masks": marks,
        "labels": np.eye(COUNT, dtype="float32"),
        "bounding_boxes": {"boxes": boxes, "labels": np.tile([7, -1], (COUNT, 1))},
        "names": ["as", "it", "is"],
    }


MOVING = [
    ("CenterCrop", {"height": 14, "width": 22}),
    ("CenterCrop", {"height": 40, "width": 20}),
    ("Resizing", {"height": 48, "width": 45, "interpolation": "nearest"}),
    ("Resizing", {"height": 30, "width": 30, "crop_to_aspect_ratio": True}),
    ("Resizing", {"height": 60, "width": 60, "pad_to_aspect_ratio": True}),
    ("RandomCrop", {"height": 18, "width": 20, "seed": 3}),
    ("RandomCrop", {"height": 30, "width": 30, "seed": 3}),
    ("RandomFlip", {"seed": 3}),
    ("RandomFlip", {"mode": "vertical", "seed": 3}),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.4, "seed": 3}),
    ("RandomZoom", {"height_factor": 0.4, "width_factor": (-0.4, -0.1), "seed": 3}),
    ("RandomRotation", {"factor": 0.4, "seed": 3}),
    ("RandomShear", {"x_factor": 0.5, "y_factor": 0.4, "seed": 3}),
    ("RandomPerspective", {"scale": 0.5, "seed": 3}),
    ("RandAugment", {"num_ops": 4, "seed": 3}),
]  # fmt: skip
FILLING = ("RandomTranslation", "RandomZoom", "RandomRotation", "RandomShear")
FIXED = [
    ("AutoContrast", {}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {}),
    ("Equalization", {}),
    ("RandomBrightness", {"factor": 0.4, "seed": 3}),
    ("RandomColorDegeneration", {"factor": 0.9, "seed": 3}),
    ("RandomColorJitter", {"brightness_factor": 0.3, "hue_factor": 0.2, "seed": 3}),
    ("RandomContrast", {"factor": 0.4, "seed": 3}),
    ("RandomErasing", {"seed": 3}),
    ("RandomGaussianBlur", {"seed": 3}),
    ("RandomGrayscale", {"seed": 3}),
    ("RandomHue", {"factor": 0.5, "seed": 3}),
    ("RandomInvert", {"seed": 3}),
    ("RandomPosterization", {"factor": (1, 8), "seed": 3}),
    ("RandomSaturation", {"factor": 0.9, "seed": 3}),
    ("RandomSharpness", {"factor": 0.9, "seed": 3}),
    ("Solarization", {"threshold_factor": 0.9, "seed": 3}),
]
ALL = [*MOVING, *FIXED, ("AugMix", {"seed": 3}), ("CutMix", {"seed": 3}), ("MixUp", {"seed": 3}),
       ("RandomElasticTransform", {"seed": 3})]  # fmt: skip
BOXLESS = ("CutMix", "RandomElasticTransform")  # as in Keras
ACT_AT_REST = ("CenterCrop", "Resizing", "RandomCrop", "AutoContrast",
               "ContrastLimitedAdaptiveHistogramEqualization")  # fmt: skip


def rows(table):
    return pytest.mark.parametrize(
        ("name", "config"), table, ids=[f"{n}-{i}" for i, (n, _) in enumerate(table)]
    )


def make(name, config, **more):
    return getattr(layers, name)(**config, **more)


def arrays(value):
    """A nested result as NumPy arrays."""
    if isinstance(value, dict):
        return {k: arrays(v) for k, v in value.items()}
    return value if isinstance(value, list) else np.asarray(value)


@rows(MOVING)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_boxes_lie_around_what_they_lay_around(name, config, data_format):
    if name in FILLING:
        config = {**config, "fill_mode": "constant"}
    layer = make(name, config, bounding_box_format="xyxy", data_format=data_format)
    data = data_of(data_format)
    if name == "RandAugment":  # at the border it repeats what is there
        data["images"] = data["segmentation_masks"]
        layer = _only_moving(layer)
    found = arrays(layer(data, training=True))
    marks = found["segmentation_masks"]
    marks = marks[:, 0] if data_format == "channels_first" else marks[..., 0]
    boxes, labels = (found["bounding_boxes"][k] for k in ("boxes", "labels"))
    height, width = marks.shape[1:]
    assert (boxes >= 0).all()
    assert (boxes[..., [0, 2]] <= width).all() and (boxes[..., [1, 3]] <= height).all()
    assert (labels[:, 1] == -1).all()
    seen = 0
    for mark, box, label in zip(marks, boxes[:, 0], labels[:, 0], strict=True):
        ys, xs = np.where(mark > 0)
        if not len(xs):
            continue
        assert label == 7
        seen += 1
        around = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
        # Boxes of turned rectangles are larger than these; pixels are centered on their numbers.
        slack = 1.6 * max(1, width / WIDTH, height / HEIGHT)
        assert (box[:2] <= around[:2] + slack).all() and (box[2:] >= around[2:] - slack).all()
        if name not in ("RandomRotation", "RandomShear", "RandomPerspective", "RandAugment"):
            assert np.abs(box - around).max() <= slack
    assert seen >= COUNT // 3


def _only_moving(layer):
    """The layer with only those of its steps that move pixels, which bring in zeros."""
    for step in layer._steps.values():
        if step.moves_pixels:
            step.fill_mode = "constant"
    layer.draw_numbers = lambda shape, end, seed: ops.convert_to_tensor([0, 1, 2, 0], "int32")
    return layer


@rows([row for row in MOVING if row[0] != "RandAugment"])
def test_masks_move_with_images_and_keep_their_dtype(name, config):
    layer = make(name, {**config, "interpolation": "nearest"}) if "Random" in name and name not in (
        "RandomFlip", "RandomCrop") else make(name, config)  # fmt: skip
    data = data_of()
    del data["bounding_boxes"]
    data["segmentation_masks"] = data["segmentation_masks"].astype("uint8") * 3
    found = arrays(layer(data, training=True))
    assert found["segmentation_masks"].dtype == "uint8"
    assert set(np.unique(found["segmentation_masks"])) <= {0, 3}
    if name not in ("CenterCrop", "Resizing", "RandomCrop"):
        bright = found["images"][..., :1] > 0
        np.testing.assert_array_equal(found["segmentation_masks"] > 0, bright)
    np.testing.assert_array_equal(found["labels"], np.eye(COUNT))
    assert found["names"] == ["as", "it", "is"]


def test_masks_are_distorted_as_their_images():
    layer = layers.RandomElasticTransform((1.0, 1.0), (0.9, 0.9), interpolation="nearest", seed=5,
                                          fill_mode="constant")  # fmt: skip
    data = {k: v for k, v in data_of().items() if k in ("images", "segmentation_masks")}
    found = arrays(layer(data, training=True))
    assert (found["images"] != data["images"]).any((1, 2, 3)).all()
    np.testing.assert_array_equal(
        found["segmentation_masks"] > 0, found["images"][..., :1] > 0
    )  # fmt: skip


@rows(FIXED)
def test_colors_change_without_masks_boxes_and_labels(name, config):
    data = data_of()
    found = arrays(make(name, config, bounding_box_format="xyxy")(data, training=True))
    assert (found["images"] != data["images"]).any()
    assert found["images"].min() >= 0 and found["images"].max() <= 255
    for key in ("segmentation_masks", "labels"):
        np.testing.assert_array_equal(found[key], data[key])
    for key in ("boxes", "labels"):
        np.testing.assert_array_equal(found["bounding_boxes"][key], data["bounding_boxes"][key])


@rows(ALL)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_at_rest_and_alone_and_traced(name, config, dtype):
    """Outside training nothing changes, one image gives what a batch of one gives, as traced."""
    layer, data = make(name, config, bounding_box_format="xyxy"), data_of(dtype=dtype)
    del data["names"]
    if name in BOXLESS:
        del data["bounding_boxes"]
    if name not in ACT_AT_REST:
        found = arrays(layer(data, training=False))
        np.testing.assert_array_equal(found["images"], data["images"])
        np.testing.assert_array_equal(found["segmentation_masks"], data["segmentation_masks"])
    first = {k: v[:1] for k, v in data.items() if k != "bounding_boxes"}
    alone = {k: v[0] for k, v in first.items()}
    if "bounding_boxes" in data:
        first["bounding_boxes"] = {k: v[:1] for k, v in data["bounding_boxes"].items()}
        alone["bounding_boxes"] = {k: v[0] for k, v in data["bounding_boxes"].items()}
    layers_of = [make(name, config, bounding_box_format="xyxy") for _ in range(3)]
    batched = arrays(layers_of[0](first, training=True))
    single = arrays(layers_of[1](alone, training=True))
    traced = arrays(function(lambda d: layers_of[2](d, training=True))(first))
    for key, value in batched.items():
        parts = value if isinstance(value, dict) else {"": value}
        for part, expected in parts.items():
            one = single[key][part] if part else single[key]
            np.testing.assert_array_equal(one, expected[0], err_msg=f"{key} {part}")
            other = traced[key][part] if part else traced[key]
            assert other.dtype == expected.dtype
            np.testing.assert_allclose(other, expected, rtol=1e-4, atol=2e-3, err_msg=key)


@pytest.mark.parametrize("box_format", ["xywh", "rel_xyxy"])
@rows([row for row in MOVING if row[0] != "RandAugment"][::2])
def test_boxes_come_back_in_their_format(name, config, box_format):
    expected = make(name, config, bounding_box_format="xyxy")(data_of())
    layer = make(name, config, bounding_box_format=box_format)
    found = arrays(layer(data_of(box_format=box_format)))
    height, width = found["images"].shape[1:3]
    boxes = found["bounding_boxes"]["boxes"]
    if box_format == "rel_xyxy":
        boxes = boxes * np.array([width, height, width, height])
    else:
        boxes = np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], axis=-1)
    np.testing.assert_allclose(boxes, expected["bounding_boxes"]["boxes"].numpy(), atol=2e-3)


def test_boxes_are_refused_where_they_cannot_be_moved():
    for name in BOXLESS:
        with pytest.raises(NotImplementedError, match="boxes cannot be moved"):
            make(name, {"seed": 1}, bounding_box_format="xyxy")(data_of())


@pytest.mark.parametrize("is_list", [False, True])
def test_number_of_boxes_is_made_equal(is_list):
    boxes = [[[0, 0, 2, 2]], [[1, 1, 3, 3], [2, 2, 5, 5]]]
    labels = [[1], [2, 3]]
    images = np.zeros((2, 8, 8, 3), "float32")
    if not is_list:
        boxes, labels = np.array([b[:1] for b in boxes]), np.array([n[:1] for n in labels])
    for number, fill in ((1, -1), (4, 0)):
        layer = layers.MaxNumBoundingBoxes(number, fill_value=fill, bounding_box_format="xyxy")
        data = {"images": images, "bounding_boxes": {"boxes": boxes, "labels": labels}}
        found = arrays(layer(data))["bounding_boxes"]
        assert found["boxes"].shape == (2, number, 4) and found["labels"].shape == (2, number)
        assert found["labels"][:, 0].tolist() == [1, 2]
        if number == 4:
            assert (found["labels"][:, 2:] == 0).all() and (found["boxes"][:, 2:] == 0).all()


@pytest.mark.parametrize(
    ("boxes", "problem"),
    [
        ([[1, 2]], "a dict of boxes and labels"),
        ({"boxes": np.zeros((1, 1, 4))}, "a dict of boxes and labels"),
        ({"boxes": np.zeros((1, 4)), "labels": np.zeros((1, 1))}, "boxes have the wrong shape"),
        ({"boxes": np.zeros((1, 2, 5)), "labels": np.zeros((1, 2))}, "boxes have the wrong shape"),
        ({"boxes": np.zeros((1, 2, 4)), "labels": np.zeros((1, 3))}, "one label for each box"),
        ({"boxes": [[[0, 0, 1, 1]]], "labels": [[1, 2]]}, "one label for each box"),
    ],
)
def test_unusable_boxes_are_explained(boxes, problem):
    layer = layers.RandomFlip(bounding_box_format="xyxy", name="my_flip")
    with pytest.raises(ValueError, match=f"my_flip: .*{problem}"):
        layer({"images": np.zeros((1, 4, 4, 3), "float32"), "bounding_boxes": boxes})


@pytest.mark.parametrize(
    ("make_layer", "problem"),
    [
        (lambda: layers.RandomFlip(bounding_box_format="xyxz"), "did you mean 'yxyx'"),
        (lambda: layers.RandomHue(-0.5), "factor is not usable"),
        (lambda: layers.RandomShear("x"), "x_factor is not usable"),
        (lambda: layers.RandomPosterization(9), "factor is not usable"),
        (lambda: layers.RandomPosterization(2.5), "made of ints"),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), "an odd int"),
        (lambda: layers.RandomErasing(fill_value="red"), "fill_value is not usable"),
        (lambda: layers.RandomPerspective(scale=1.5), "scale must be a number from 0 to 1"),
        (lambda: layers.AutoContrast(value_range=(0, 0)), "value_range is not usable"),
        (lambda: layers.Equalization(bins=0), "bins must be a positive int"),
        (lambda: layers.RandAugment(num_ops=0), "num_ops must be a positive int"),
        (lambda: layers.AugMix(interpolation="cubic"), "unknown interpolation"),
        (lambda: layers.RandomElasticTransform(fill_mode="x"), "unknown fill_mode"),
        (lambda: layers.MaxNumBoundingBoxes(0), "max_number must be a positive int"),
        (lambda: layers.RandomHue(0.5)(np.zeros((1, 4, 4, 2), "float32")), "3 channels"),
    ],
)
def test_unusable_arguments_are_explained(make_layer, problem):
    with pytest.raises(ValueError, match=problem):
        make_layer()
