"""Pictures as arrays and files, galleries, and what drawing on images changes."""

import builtins
import io
import pathlib

import numpy as np
import pytest

import kerasish
from kerasish import optional, visualization
from kerasish.preprocessing import image as namespace
from kerasish.utils import array_to_img, bounding_boxes, img_to_array, load_img, save_img

Image = pytest.importorskip("PIL.Image", reason="needs the extra 'pictures'")
pytest.importorskip("matplotlib", reason="needs the extra 'pictures'")

PIXELS = np.random.default_rng(4).integers(0, 256, (6, 9, 4)).astype("uint8")


# ---- arrays and files ----


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_array_becomes_the_same_picture(channels, data_format):
    pixels = PIXELS[..., :channels]
    given = np.moveaxis(pixels, -1, 0) if data_format == "channels_first" else pixels
    picture = array_to_img(given, data_format, scale=False)
    assert picture.size == (9, 6)
    np.testing.assert_array_equal(np.asarray(picture).reshape(6, 9, channels), pixels)
    back = img_to_array(picture, data_format)
    assert back.dtype == "float32"
    np.testing.assert_array_equal(back, given)


def test_scaling_spreads_over_all_shades():
    picture = np.asarray(array_to_img([[[-1.0], [0.0], [3.0]]]))
    assert picture.tolist() == [[0, 63, 255]]
    assert np.asarray(array_to_img(np.ones((1, 1, 3)))).tolist() == [[[0, 0, 0]]]
    deep = array_to_img(np.full((1, 2, 1), 300.0), scale=False)
    assert np.asarray(deep).tolist() == [[300, 300]]


@pytest.mark.parametrize("kind", [str, pathlib.Path, bytes, "file"])
def test_picture_written_and_read_back_is_the_same(tmp_path, kind):
    path = tmp_path / "a.png"
    save_img(path, PIXELS, scale=False)
    given = {str: str(path), bytes: bytes(path), "file": io.BytesIO(path.read_bytes())}
    found = load_img(given.get(kind, path), "rgba")
    np.testing.assert_array_equal(img_to_array(found, dtype="uint8"), PIXELS)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_pictures_are_read_in_the_mode_and_size_asked_for(tmp_path):
    save_img(tmp_path / "a.png", PIXELS[..., :3], scale=False)
    assert load_img(tmp_path / "a.png", "grayscale").mode == "L"
    small = load_img(tmp_path / "a.png", target_size=(3, 3), interpolation="box")
    assert small.size == (3, 3)
    kept = load_img(tmp_path / "a.png", target_size=(6, 6), keep_aspect_ratio=True)
    np.testing.assert_array_equal(np.asarray(kept), PIXELS[:, 1:7, :3])


def test_formats_come_from_the_name_or_the_argument(tmp_path):
    with pytest.warns(UserWarning, match="no transparency"):
        save_img(tmp_path / "a.jpg", PIXELS)
    assert (tmp_path / "a.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    memory = io.BytesIO()
    save_img(memory, PIXELS, file_format="bmp")
    assert memory.getvalue()[:2] == b"BM"


@pytest.mark.parametrize(
    ("use", "error", "problem"),
    [
        (lambda p: array_to_img(np.zeros((2, 2))), ValueError, "an image has 3 axes"),
        (lambda p: array_to_img(np.zeros((2, 2, 2))), ValueError, "1, 3 or 4 channels"),
        (lambda p: img_to_array(np.zeros(3)), ValueError, "2 or 3 axes"),
        (lambda p: load_img(3), TypeError, "not a path"),
        (lambda p: load_img(p / "none.png"), FileNotFoundError, "none.png"),
        (lambda p: load_img(p, "rgbb"), ValueError, "unknown color_mode"),
        (lambda p: load_img(p, interpolation="cubic"), ValueError, "unknown interpolation"),
        (lambda p: load_img(io.BytesIO(b"text")), ValueError, "no readable picture"),
        (lambda p: save_img(p / "a.xyz", PIXELS), ValueError, "unknown file format.*'xyz'"),
        (lambda p: namespace.smart_resize(PIXELS, 3), ValueError, "height, width"),
        (lambda p: namespace.smart_resize(PIXELS, (3,)), ValueError, "height, width"),
        (lambda p: namespace.smart_resize(PIXELS[0], (3, 3)), ValueError, "axes"),
        (lambda p: namespace.smart_resize(PIXELS, (3, 3), side=1), TypeError, "unknown arguments"),
    ],
)
def test_unusable_pictures_are_explained(use, error, problem, tmp_path):
    with pytest.raises(error, match=problem):
        use(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_smart_resize_takes_the_middle():
    found = namespace.smart_resize(PIXELS, (6, 6))
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, PIXELS[:, 1:7])
    tensor = namespace.smart_resize(kerasish.ops.ones((2, 4, 6, 3)), (2, 2))
    assert tensor.shape == (2, 2, 2, 3)


@pytest.mark.parametrize("name", ["PIL", "matplotlib", "pydot"])
def test_missing_packages_are_named(name, monkeypatch):
    import_module = builtins.__import__

    def without(wanted, *arguments, **keywords):
        if wanted.split(".")[0] == name:
            raise ImportError(f"No module named {wanted!r}", name=wanted)
        return import_module(wanted, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    doors = {
        "PIL": (optional.pillow, optional.pillow_drawing),
        "matplotlib": (
            optional.matplotlib_figure, optional.matplotlib_patches, optional.matplotlib_text,
            optional.pyplot,
        ),
        "pydot": (optional.pydot,),
    }[name]  # fmt: skip
    for door in doors:
        with pytest.raises(ImportError, match="a thing needs .*pip install"):
            door("a thing")


# ---- drawing ----


def test_frames_are_drawn_where_the_boxes_are():
    boxes = {"boxes": [[[2, 3, 10, 8], [0, 0, 5, 5]]], "labels": [[0, -1]]}
    drawn = visualization.draw_bounding_boxes(
        np.zeros((1, 12, 14, 3)), boxes, "xyxy", color=(9, 8, 7), line_thickness=1
    )
    expected = np.zeros((12, 14), bool)
    expected[3:9, 2:11] = True
    expected[4:8, 3:10] = False
    assert drawn.dtype == "uint8"
    np.testing.assert_array_equal((drawn[0] == (9, 8, 7)).all(-1), expected)
    assert (drawn[0][~expected] == 0).all()


def test_frames_outside_are_cut_and_images_kept():
    images = np.full((1, 3, 8, 8), 0.5, "float32")
    boxes = {"boxes": [[[-0.5, 0.25, 2.0, 0.5]]], "labels": [[1]]}
    drawn = visualization.draw_bounding_boxes(
        images, boxes, "rel_xyxy", color=(255, 0, 0), data_format="channels_first"
    )
    assert drawn.shape == (1, 8, 8, 3)
    red = (drawn[0] == (255, 0, 0)).all(-1)
    assert red[1:3].all() and red[3:5].all() and red.sum() == 32
    assert (drawn[0][~red] == 127).all()
    assert (images == 0.5).all()


def test_names_and_confidences_are_written_inside_the_image():
    boxes = {"boxes": [[[2, 30, 40, 60], [60, 0, 79, 9]]], "labels": [[0, 3]],
             "confidences": [[0.876, 0.2]]}  # fmt: skip
    images = np.zeros((1, 64, 80, 3), "uint8")
    plain = visualization.draw_bounding_boxes(images, boxes, "xyxy", color=(255, 255, 0))
    named = visualization.draw_bounding_boxes(
        images, boxes, "xyxy", {0: "cat"}, (255, 255, 0), font_scale=0.6
    )
    rows, columns = np.where((plain != named).any(-1)[0])
    assert 12 < rows.min() and rows.max() < 30 and columns.max() > 40
    other = visualization.draw_bounding_boxes(
        images, {**boxes, "confidences": [[0.2, 0.2]]}, "xyxy", {0: "cat"}, (255, 255, 0),
        font_scale=0.6,
    )  # fmt: skip
    assert (named != other).any()


def test_masks_are_laid_over_the_images():
    images = np.full((1, 2, 2, 3), 100, "float32")
    masks = np.array([[[[0], [1]], [[2], [-1]]]])
    colors = {0: (0, 0, 0), 1: (200, 0, 0), 2: (0, 0, 50)}
    drawn = visualization.draw_segmentation_masks(images, masks, 3, colors, alpha=0.5)
    assert drawn.tolist() == [[[[50, 50, 50], [150, 50, 50]], [[50, 50, 75], [100, 100, 100]]]]
    hidden = visualization.draw_segmentation_masks(images, masks, 3, colors, blend=False,
                                                   ignore_index=2)  # fmt: skip
    assert hidden[0, :, 0].tolist() == [[0, 0, 0], [100, 100, 100]]
    own = visualization.draw_segmentation_masks(images, masks, alpha=1.0)
    assert len({tuple(p) for p in own.reshape(-1, 3).tolist()}) == 4  # the last class has one, too


@pytest.mark.parametrize(
    ("use", "error", "problem"),
    [
        (lambda v: v.draw_bounding_boxes(PIXELS, {}, "xyxy"), ValueError, "4 axes"),
        (lambda v: v.draw_bounding_boxes(PIXELS[None], [], "xyxy"), TypeError, "a dict"),
        (lambda v: v.draw_bounding_boxes(PIXELS[None], {}, "xyxy"), ValueError, "are needed"),
        (lambda v: v.draw_segmentation_masks(PIXELS[None], PIXELS[None, ..., :1] / 2), TypeError,
         "masks must be ints"),
        (lambda v: v.draw_segmentation_masks(PIXELS[None], PIXELS[None, :2, :, :1]), ValueError,
         "do not fit"),
        (lambda v: v.plot_image_gallery(PIXELS[None], path="a.png", show=True), ValueError,
         "either path or show"),
        (lambda v: v.plot_image_gallery(PIXELS[None], y_true=[1], path="a.png"), ValueError,
         "labels need names"),
        (lambda v: v.plot_bounding_box_gallery(PIXELS[None], "xyxy", legend=True,
                                               legend_handles=[1]), ValueError, "either legend"),
        (lambda v: bounding_boxes.convert_format([[1, 2, 3]], "xyxy", "xywh"), ValueError,
         "last axis of size 4"),
        (lambda v: bounding_boxes.convert_format([[1, 2, 3, 4]], "xyxy", "rel_xywh"), ValueError,
         "need the height and width"),
        (lambda v: bounding_boxes.convert_format([[1, 2, 3, 4]], "xyxy", "xyhw"), ValueError,
         "unknown bounding box format"),
        (lambda v: bounding_boxes.crop([[1, 2, 3, 4]], 0, 0, 1, 1, "xywh"), NotImplementedError,
         "only boxes given by their corners"),
        (lambda v: bounding_boxes.clip_to_image_size({"boxes": [[1, 2, 3, 4]]}), ValueError,
         "need height and width"),
        (lambda v: bounding_boxes.compute_iou([1.0], [[1.0]], "xyxy"), ValueError, "2 axes"),
        (lambda v: bounding_boxes.compute_ciou([[1.0]], [[1.0]], "rel_xyxy"), ValueError,
         "relative formats"),
        (lambda v: bounding_boxes.encode_box_to_deltas([[1.0]], [[1.0]], "xyxy", "xyxy", "xyxy"),
         ValueError, "unknown encoding"),
    ],
)  # fmt: skip
def test_unusable_input_is_explained(use, error, problem):
    with pytest.raises(error, match=problem):
        use(visualization)


# ---- galleries ----


def shown(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


@pytest.mark.parametrize(
    ("count", "size", "cells"),
    [(1, {}, (1, 1)), (5, {}, (3, 2)), (6, {"cols": 3}, (2, 3)), (4, {"rows": 1}, (1, 4))],
)
def test_gallery_shows_every_image(tmp_path, count, size, cells):
    images = np.zeros((count, 10, 10, 3), "float32")
    images[..., 0] = (np.arange(count) + 1)[:, None, None] / 10
    visualization.plot_image_gallery(images, path=tmp_path / "g.png", value_range=(0, 1), **size)
    found = shown(tmp_path / "g.png")
    assert found.shape[:2] == (120 * cells[0], 120 * cells[1])
    reds = {tuple(p) for p in found.reshape(-1, 4).tolist()}
    assert {(int(255 * (i + 1) / 10 + 1e-4), 0, 0, 255) for i in range(count)} <= reds


def test_gallery_names_labels_and_keeps_the_ground(tmp_path):
    images, names = np.zeros((2, 8, 8, 1)), {0: "cat", 1: "dog"}
    visualization.plot_image_gallery(
        images, [0, 1], np.array([0, 5]), names, path=tmp_path / "g.png", transparent=False
    )
    found = shown(tmp_path / "g.png")
    assert (found[0, 0] == 255).all()
    assert found.shape[0] > 120  # titles have room of their own


def test_galleries_of_boxes_and_masks(tmp_path):
    images = np.full((2, 3, 20, 20), -1.0)
    boxes = {"boxes": np.tile([[[4, 4, 15, 15]]], (2, 1, 1)), "labels": [[0], [0]]}
    visualization.plot_bounding_box_gallery(
        images, "xyxy", boxes, boxes, value_range=(-1, 1), legend=True, cols=2,
        path=tmp_path / "b.png", data_format="channels_first", pred_color=(0, 255, 0),
    )  # fmt: skip
    assert (shown(tmp_path / "b.png") == (0, 255, 0, 255)).all(-1).any()
    masks = np.ones((2, 1, 20, 20))
    visualization.plot_segmentation_mask_gallery(
        images, 2, (-1, 1), masks, masks, {0: (0, 0, 0), 1: (0, 0, 255)}, alpha=1.0,
        path=tmp_path / "m.png", data_format="channels_first",
    )  # fmt: skip
    found = shown(tmp_path / "m.png")
    assert found.shape[:2] == (240, 360)  # two images, each with two masks
    for column, color in ((60, (0, 0, 0, 255)), (180, (0, 0, 255, 255)), (300, (0, 0, 255, 255))):
        assert (found[[60, 180], column] == color).all()


def test_gallery_is_shown_where_there_is_no_path(monkeypatch):
    pyplot = optional.pyplot("the test")
    calls = []
    monkeypatch.setattr(pyplot, "show", lambda: calls.append(len(pyplot.get_fignums())))
    before = len(pyplot.get_fignums())
    visualization.plot_image_gallery(np.zeros((1, 4, 4, 3)))
    assert calls == [before + 1]
    assert len(pyplot.get_fignums()) == before
