"""Draws learning curves, reads and writes PNG images."""

import io

import numpy as np

from kerasish.errors import explain
from kerasish.optional import matplotlib_figure, pillow
from kerasish.saving.atomic import atomic_write


def draw_curves(history, path, title):
    """Write a PNG of training and validation curves, one panel a metric.

    Args:
        history: dict from name to a list of numbers, one an epoch; "val_" marks validation.
        path: str or Path.
        title: str.

    Returns:
        bool: False where matplotlib is not installed and nothing was written.
    """
    try:
        figure_class = matplotlib_figure("drawing curves")
    except ImportError:
        return False
    names = [name for name in history if not name.startswith("val_") and name != "learning_rate"]
    figure = figure_class(figsize=(4.8 * len(names), 3.6), layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            if key in history:
                epochs = range(1, len(history[key]) + 1)
                panel.plot(
                    epochs, history[key], label=label, marker="." if len(epochs) < 30 else None
                )
        panel.set(xlabel="epoch", ylabel=name.replace("_", " "))
        panel.grid(alpha=0.3)
        panel.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
    return True


def read_image(path, shape, pixel_max, invert="auto"):
    """Read a picture as one raw input of an image data set.

    The picture is padded to a square with its border's brightness and resized. Grey data sets
    are bright on dark, so a grey picture on a light ground is inverted.

    Args:
        path: str or Path.
        shape: tuple (height, width, channels) of the data set; one channel means grey.
        pixel_max: int. Brightest value of the data set.
        invert: "auto", "yes" or "no".

    Returns:
        uint8 array (height, width, channels), and whether it was inverted.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: the file is no picture.
    """
    Image = pillow("reading a picture")
    height, width, channels = shape
    try:
        with Image.open(path) as opened:
            # A transparent ground reads as black; paper is what a person drew on.
            picture = Image.alpha_composite(
                Image.new("RGBA", opened.size, "white"), opened.convert("RGBA")
            ).convert("L" if channels == 1 else "RGB")
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for a damaged PNG
        raise ValueError(explain(str(path), f"this is no readable picture ({error})")) from error
    pixels = np.asarray(picture)
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(rim, axis=0)
    inverted = invert == "yes" or (invert == "auto" and channels == 1 and float(ground) > 127)
    side = max(picture.size)
    colour = int(ground) if channels == 1 else tuple(int(value) for value in ground)
    square = Image.new(picture.mode, (side, side), colour)
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    if square.size != (width, height):
        square = square.resize((width, height), Image.Resampling.LANCZOS)
    array = np.asarray(square, dtype=np.float64).reshape(shape)
    if inverted:
        array = 255 - array
    return np.rint(array * (pixel_max / 255)).astype(np.uint8), inverted


def write_image(array, path, pixel_max):
    """Write one raw input of an image data set as a PNG.

    Args:
        array: array (height, width) or (height, width, channels), from 0 to `pixel_max`.
        path: str or Path.
        pixel_max: int.

    Raises:
        ImportError: Pillow is not installed.
    """
    Image = pillow("writing a picture")
    pixels = np.rint(np.asarray(array, dtype=np.float64) * (255 / pixel_max)).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    with atomic_write(path) as file:
        Image.fromarray(pixels).save(file, format="PNG")
