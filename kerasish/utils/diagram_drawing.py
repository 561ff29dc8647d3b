"""A placed diagram drawn by matplotlib."""

import functools

from kerasish.optional import matplotlib_figure, matplotlib_patches, matplotlib_text
from kerasish.utils.diagram_layout import FRAME, Layout, layout_of

_TITLE, _TEXT = 11.0, 9.5  # sizes of letters in points
_PAD = 9.0  # points beside the letters
_ROW = 20.0  # points of a line of text
_MARGIN = 14.0
_MOST_PIXELS = 30000  # a side; matplotlib draws no pictures of more than 65536
_DARK, _LIGHT, _FRAME_COLOR = "#20242c", "#ffffff", "#8a93a3"
_TRAINABLE = {True: ("Trainable", "forestgreen"), False: ("Non-trainable", "firebrick")}
_STRAIGHT = ("line", "polyline", "false", "none", "")


def draw(diagram, rankdir, splines, dpi):
    """Figure of a diagram.

    Args:
        diagram: kerasish.utils.model_diagram.Diagram.
        rankdir: "TB", "BT", "LR" or "RL": the direction of the arrows.
        splines: "ortho" (right angles), "line" or "polyline" (straight), or "curved".
        dpi: int. Pixels an inch; less where the picture would become too large.

    Returns:
        matplotlib.figure.Figure.
    """
    is_across = rankdir in ("LR", "RL")
    layout = layout_of(diagram, lambda box: _size(box)[:: -1 if is_across else 1])
    width, height = (layout.across + 2 * _MARGIN, layout.along + 2 * _MARGIN)
    if is_across:
        width, height = height, width
    dpi = min(dpi, _MOST_PIXELS * 72 / max(width, height))
    figure = matplotlib_figure("plot_model")(figsize=(width / 72, height / 72), dpi=dpi)
    axes = figure.add_axes([0, 0, 1, 1])
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    _Pen(axes, rankdir, splines, width, height).layout(layout, _MARGIN, _MARGIN)
    return figure


def _size(box):
    """Width and height of a box in points."""
    widths = [_text_width(box.title, _TITLE, True)]
    widths += [_text_width(f"{name}: {value}", _TEXT, False) for name, value in box.lines]
    rows = 1 + len(box.lines) + (box.trainable is not None)
    return max(*widths, 60.0) + 2 * _PAD, rows * _ROW


@functools.lru_cache(maxsize=4096)
def _text_width(text, size, is_bold):
    font, _, text_path = matplotlib_text("plot_model")
    prop = font(weight="bold" if is_bold else "normal")
    path = text_path((0, 0), text.replace("$", r"\$") or " ", size=size, prop=prop)
    return path.get_extents().width


class _Pen:
    """Draws on axes measured in points, downward."""

    def __init__(self, axes, rankdir, splines, width, height):
        self.axes, self.rankdir = axes, rankdir
        self.splines = str(splines).lower()
        self.width, self.height = width, height
        self.patches = matplotlib_patches("plot_model")

    def point(self, across, along):
        """Place on the page of a place in the layout."""
        x, y = (along, across) if self.rankdir in ("LR", "RL") else (across, along)
        x = self.width - x if self.rankdir == "RL" else x
        return x, self.height - y if self.rankdir == "BT" else y

    def rectangle(self, across, along, size_across, size_along):
        """Left, top, width and height on the page."""
        (x1, y1), (x2, y2) = (
            self.point(across, along), self.point(across + size_across, along + size_along)
        )  # fmt: skip
        return min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2)

    def layout(self, layout, across, along):
        """Everything, from a place on."""
        for points in layout.arrows:
            self.arrow([self.point(across + x, along + y) for x, y in points])
        for item in layout.items:
            corner = across + item.x - item.across / 2, along + item.y
            place = self.rectangle(*corner, item.across, item.along)
            if isinstance(item.content, Layout):
                self.frame(item.content.name, *place)
                self.layout(item.content, corner[0] + FRAME, corner[1] + FRAME)
            else:
                self.box(item.content, *place)

    def box(self, box, x, y, width, height):
        """A title and lines of text."""
        rows = [(box.title, _DARK, _LIGHT, _TITLE, "bold")]
        rows += [(f"{n}: {v}", _LIGHT, _DARK, _TEXT, "normal") for n, v in box.lines]
        if box.trainable is not None:
            text, color = _TRAINABLE[box.trainable]
            rows.append((text, color, _LIGHT, _TEXT, "bold"))
        tall = height / len(rows)
        for i, (text, ground, color, size, weight) in enumerate(rows):
            self.axes.add_patch(
                self.patches.Rectangle((x, y + i * tall), width, tall, facecolor=ground,
                                       edgecolor=_DARK, linewidth=0.8, zorder=3)
            )  # fmt: skip
            self.axes.text(x + width / 2, y + (i + 0.5) * tall, text, size=size, color=color,
                           weight=weight, ha="center", va="center_baseline", parse_math=False,
                           zorder=4)  # fmt: skip

    def frame(self, name, x, y, width, height):
        """A dashed frame with the name of the model that is in it."""
        self.axes.add_patch(
            self.patches.Rectangle((x, y), width, height, facecolor="#f4f6f9",
                                   edgecolor=_FRAME_COLOR, linestyle="--", linewidth=1.0, zorder=0)
        )  # fmt: skip
        self.axes.text(x + 6, y + FRAME / 2, name, size=_TEXT, color="#5a6373", ha="left",
                       va="center_baseline", parse_math=False, zorder=4)  # fmt: skip

    def arrow(self, points):
        """A line with a tip."""
        _, path, _ = matplotlib_text("plot_model")
        if self.splines in _STRAIGHT:
            points = [points[0], *_middles(points[1:-1][::2], points[1:-1][1::2]), points[-1]]
        codes, corners = [path.MOVETO, *[path.LINETO] * (len(points) - 1)], points
        if self.splines not in (*_STRAIGHT, "ortho") and len(points) > 2:
            middles = _middles(points[1:-2], points[2:-1])
            codes, corners = [path.MOVETO], [points[0]]
            for corner, end in zip(points[1:-1], [*middles, points[-1]], strict=True):
                codes += [path.CURVE3, path.CURVE3]
                corners += [corner, end]
        self.axes.add_patch(
            self.patches.FancyArrowPatch(path=path(corners, codes), arrowstyle="-|>",
                                         mutation_scale=9, linewidth=1.1, color=_DARK,
                                         joinstyle="round", zorder=2)
        )  # fmt: skip


def _middles(first, second):
    return [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(first, second, strict=True)]
