"""Pictures in and out: learning curves, samples as PNG, drawn digits."""

import builtins

import numpy as np
import pytest

from kerasish.cli import pictures

Image = pytest.importorskip("PIL.Image", reason="needs the extra 'pictures'")


def test_sample_written_and_read_back_is_the_same(tmp_path, rng):
    image = rng.integers(0, 17, (8, 8), dtype=np.uint8)
    image[[0, -1]] = image[:, [0, -1]] = 0
    pictures.write_image(image, tmp_path / "a.png", 16)
    back, inverted = pictures.read_image(tmp_path / "a.png", (8, 8, 1), 16)
    assert not inverted
    np.testing.assert_array_equal(back[..., 0], image)


def test_colour_sample_written_and_read_back_is_the_same(tmp_path, rng):
    image = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    pictures.write_image(image, tmp_path / "a.png", 255)
    back, inverted = pictures.read_image(tmp_path / "a.png", (32, 32, 3), 255)
    assert not inverted
    np.testing.assert_array_equal(back, image)


@pytest.mark.parametrize(
    ("ground", "choice", "inverted"),
    [
        (255, "auto", True),
        (0, "auto", False),
        (0, "yes", True),
        (255, "no", False),
    ],
)
def test_picture_is_inverted_where_its_ground_is_light(tmp_path, ground, choice, inverted):
    pixels = np.full((40, 40), ground, dtype=np.uint8)
    pixels[10:30, 18:22] = 255 - ground
    Image.fromarray(pixels).save(tmp_path / "a.png")
    array, was_inverted = pictures.read_image(tmp_path / "a.png", (8, 8, 1), 16, choice)
    assert was_inverted is inverted
    assert (array.shape, array.dtype) == ((8, 8, 1), np.uint8)
    if choice == "auto":
        assert array[0, 0, 0] == 0
        assert array[4, 4, 0] > 6


def test_wide_picture_keeps_its_proportions(tmp_path):
    pixels = np.zeros((20, 60), dtype=np.uint8)
    pixels[5:15, 25:35] = 255  # a square stays a square
    Image.fromarray(pixels).save(tmp_path / "a.png")
    array, _ = pictures.read_image(tmp_path / "a.png", (60, 60, 1), 255)
    rows, columns = np.nonzero(array[..., 0])
    assert (np.ptp(rows), np.ptp(columns)) == (9, 9)
    assert rows.min() == 25


def test_transparent_ground_counts_as_paper(tmp_path):
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    pixels[6:10, 6:10] = (0, 0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    array, inverted = pictures.read_image(tmp_path / "a.png", (16, 16, 1), 255)
    assert inverted
    assert array[0, 0, 0] == 0
    assert array[8, 8, 0] == 255


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_file_that_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.png: this is no readable picture"):
        pictures.read_image(tmp_path / "a.png", (8, 8, 1), 16)


def test_curves_are_drawn_for_every_metric(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra 'pictures'")
    history = {"accuracy": [0.1, 0.5], "loss": [2.0, 1.0], "val_loss": [2.1, 1.5]}
    assert pictures.draw_curves(history, tmp_path / "c.png", "a run")
    with Image.open(tmp_path / "c.png") as image:
        width, height = image.size
    assert width > 2 * height  # two panels side by side


def test_missing_packages_are_named_with_the_command_that_installs_them(monkeypatch, tmp_path):
    import_module = builtins.__import__

    def without_pictures(name, *arguments, **keywords):
        if name.split(".")[0] in ("PIL", "matplotlib"):
            raise ImportError(f"No module named {name!r}")
        return import_module(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without_pictures)
    assert not pictures.draw_curves({"loss": [1.0]}, tmp_path / "c.png", "a run")
    assert not (tmp_path / "c.png").exists()
    with pytest.raises(ImportError, match=r"needs Pillow.*pip install 'kerasish\[pictures\]'"):
        pictures.read_image(tmp_path / "a.png", (8, 8, 1), 16)
