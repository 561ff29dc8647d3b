"""Images side by side."""

import io
import math
import os

from kerasish import ops
from kerasish.errors import explain
from kerasish.optional import matplotlib_figure, pyplot
from kerasish.saving.atomic import atomic_write
from kerasish.visualization.pixels import as_channels_last, as_pixels

_TITLE_ROOM = 0.15  # inches for one line of letters above an image


def plot_image_gallery(images, y_true=None, y_pred=None, label_map=None, rows=None, cols=None,
                       value_range=(0, 255), scale=2, path=None, show=None, transparent=True,
                       dpi=60, legend_handles=None, data_format=None):  # fmt: skip
    """Images in rows and columns, with their true and predicted labels above them.

    Args:
        images: array or tensor (batch, height, width, channels), or channels first.
        y_true, y_pred: labels (batch,), or None.
        label_map: dict from label to name; needed where there are labels.
        rows, cols: int; about as many rows as columns when None.
        value_range: pair of numbers: lowest and highest value of a pixel.
        scale: float. Inches an image.
        path: str or path-like: the file to write; None to show the picture.
        show: bool. Show the picture; when None, where there is no path.
        transparent: bool. No ground where there is no image.
        dpi: int. Pixels an inch, in files.
        legend_handles: list of matplotlib artists for a legend below.
        data_format: "channels_last", "channels_first" or None (the configured default).

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: a path and `show`, or labels without names.

    Example:
        >>> plot_image_gallery(ops.zeros((4, 8, 8, 3)), path="gallery.png")

    Source: Keras 3 names and defaults. (Where rows times columns are not as many as the images,
    Keras 3.15 leaves images out.)
    """
    where = "plot_image_gallery"
    if path is not None and show:
        raise ValueError(explain(where, "give either path or show"))
    labels = {"Label": y_true, "Pred": y_pred}
    labels = {k: ops.convert_to_numpy(v) for k, v in labels.items() if v is not None}
    if labels and label_map is None:
        raise ValueError(explain(where, "labels need names", fix="label_map={0: 'cat', ...}"))
    show = path is None if show is None else show
    images = as_pixels(as_channels_last(images, data_format, where), value_range)
    if rows is None:
        rows = math.ceil(len(images) / cols) if cols else math.ceil(math.sqrt(len(images)))
    cols = cols or math.ceil(len(images) / rows)
    height, width = images.shape[1:3]
    size = (cols * scale * min(width / height, 1), rows * scale * min(height / width, 1))
    size = (size[0], size[1] + rows * _TITLE_ROOM * len(labels))
    options = {"figsize": size, "frameon": not transparent, "layout": "constrained"}
    figure = pyplot(where).figure(**options) if show else matplotlib_figure(where)(**options)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    panels = figure.subplots(rows, cols, squeeze=False).reshape(-1)
    for i, panel in enumerate(panels):
        panel.axis("off")
        if i < len(images):
            is_gray = images.shape[-1] == 1
            panel.imshow(images[i, ..., 0] if is_gray else images[i], cmap="gray", vmin=0, vmax=255)
            lines = [f"{k}: {_name(label_map, v[i])}" for k, v in labels.items() if i < len(v)]
            panel.set_title("\n".join(lines), fontsize=8, pad=2)
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="outside lower center", ncols=2, fontsize=8)
    if path is not None:
        _save(figure, path, transparent, dpi)
    elif show:
        pyplot(where).show()
        pyplot(where).close(figure)


def _name(label_map, label):
    return label_map.get(label.item(), "Unknown")


def _save(figure, path, transparent, dpi):
    if not isinstance(path, (str, os.PathLike)):
        figure.savefig(path, transparent=transparent, dpi=dpi)
        return
    buffer = io.BytesIO()
    file_format = os.path.splitext(os.fspath(path))[1][1:] or "png"
    figure.savefig(buffer, format=file_format, transparent=transparent, dpi=dpi)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
