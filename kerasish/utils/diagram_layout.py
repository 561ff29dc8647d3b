"""Where the boxes and arrows of a diagram are drawn: layers from top to bottom, few crossings.

Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
1981: ranks by the longest path, order by barycenters, then the places across.
"""

from dataclasses import dataclass, field

from kerasish.utils.diagram_columns import place_across
from kerasish.utils.diagram_lines import TRACK, Line, set_ends, set_tracks

GAP_ALONG = 20.0  # points between ranks
FRAME = 18.0  # points between the frame of an inner model and what is in it
_SWEEPS = 12


@dataclass(eq=False)
class Item:
    """Something to be placed: a box, an inner diagram, or a bend of a long arrow.

    Attributes:
        key: of the box or diagram; None for a bend.
        across, along: size in points, along being the direction of the arrows.
        content: Box, or the Layout of an inner diagram; None for a bend.
        x, y: middle across and beginning along.
    """

    key: tuple | None
    across: float
    along: float
    content: object = None
    rank: int = 0
    x: float = 0.0
    y: float = 0.0
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)


@dataclass
class Layout:
    """Placed items, and arrows as lists of points (across, along); all from 0 to the sizes."""

    name: str
    items: list
    arrows: list
    across: float
    along: float


def layout_of(diagram, size_of):
    """Place everything of a diagram.

    Args:
        diagram: kerasish.utils.model_diagram.Diagram.
        size_of: f(Box) -> (across, along) in points.

    Returns:
        Layout.
    """
    items, owner = [], {}
    for content in diagram.items:
        if hasattr(content, "items"):
            inner = layout_of(content, size_of)
            item = Item(content.key, inner.across + 2 * FRAME, inner.along + 2 * FRAME, inner)
            owner.update({key: item for key in _keys(content)})
        else:
            item = Item(content.key, *size_of(content), content)
            owner[content.key] = item
        items.append(item)
    arrows = [(owner[a], owner[b], a, b) for a, b in diagram.arrows]
    _rank(items, arrows)
    lines = [Line(_chain(items, a, b), _inside(a, x), _inside(b, y)) for a, b, x, y in arrows]
    ranks = _ordered(items)
    place_across(ranks)
    left = min((i.x - i.across / 2 for i in items), default=0.0)
    for item in items:
        item.x -= left
    set_ends(lines)
    gaps = _place_along(ranks, set_tracks(lines))
    across = max((i.x + i.across / 2 for i in items), default=0.0)
    along = max((i.y + i.along for i in items), default=0.0)
    shown = [i for i in items if i.content is not None]
    return Layout(diagram.name, shown, [line.points(gaps) for line in lines], across, along)


def _keys(diagram):
    for content in diagram.items:
        if hasattr(content, "items"):
            yield from _keys(content)
        else:
            yield content.key


# ---- ranks and order -----------------------------------------------------------------------------


def _rank(items, arrows):
    """Every item after all that point to it; beginnings just before what they point to."""
    waiting = {id(i): 0 for i in items}
    targets = {id(i): [] for i in items}
    for a, b, *_ in arrows:
        waiting[id(b)] += 1
        targets[id(a)].append(b)
    ready = [i for i in items if waiting[id(i)] == 0]
    beginnings = list(ready)
    while ready:
        item = ready.pop()
        for b in targets[id(item)]:
            b.rank = max(b.rank, item.rank + 1)
            waiting[id(b)] -= 1
            if waiting[id(b)] == 0:
                ready.append(b)
    for item in beginnings:
        if targets[id(item)]:
            item.rank = min(b.rank for b in targets[id(item)]) - 1


def _chain(items, start, end):
    """An arrow as items from rank to rank, with bends added where it passes others."""
    chain = [start]
    for rank in range(start.rank + 1, end.rank):
        bend = Item(None, TRACK, 0.0, rank=rank)
        items.append(bend)
        chain.append(bend)
    chain.append(end)
    for a, b in zip(chain, chain[1:], strict=False):
        a.after.append(b)
        b.before.append(a)
    return chain


def _ordered(items):
    """Items of each rank in an order with few crossings."""
    ranks = [[] for _ in range(max((i.rank for i in items), default=-1) + 1)]
    for item in items:
        ranks[item.rank].append(item)
    best, fewest = [list(r) for r in ranks], None
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        for rank in ranks if is_down else reversed(ranks):
            _by_barycenter(rank, ranks, is_down)
        crossings = sum(_crossings(rank, ranks[n + 1]) for n, rank in enumerate(ranks[:-1]))
        if fewest is None or crossings < fewest:
            best, fewest = [list(r) for r in ranks], crossings
    return best


def _by_barycenter(rank, ranks, is_down):
    places = {id(i): n for other in ranks for n, i in enumerate(other)}

    def center(item):
        near = item.before if is_down else item.after
        return sum(places[id(i)] for i in near) / len(near) if near else places[id(item)]

    rank.sort(key=center)


def _crossings(upper, lower):
    places = {id(i): n for n, i in enumerate(lower)}
    ends = [sorted(places[id(b)] for b in a.after) for a in upper]
    flat = [place for end in ends for place in end]
    return sum(1 for n, a in enumerate(flat) for b in flat[n + 1 :] if a > b)


# ---- coordinates ---------------------------------------------------------------------------------


def _place_along(ranks, tracks):
    """Beginnings of the ranks, with room for the lines between them.

    Args:
        ranks: list of lists of Item.
        tracks: dict from rank to the number of lines that run across behind it.

    Returns:
        list: where the first line behind each rank runs.
    """
    place, gaps = 0.0, []
    for number, rank in enumerate(ranks):
        height = max(i.along for i in rank)
        for item in rank:
            item.y = place + (height - item.along) / 2
        place += height + GAP_ALONG / 2
        gaps.append(place + TRACK / 2)
        place += tracks.get(number, 0) * TRACK + GAP_ALONG / 2
    return gaps


def _inside(item, key):
    """Where a box of an inner diagram is in the item of that diagram.

    Returns:
        (distance of the middles across, from the beginning to the box's, from its end to the end).
    """
    across = begin = end = 0.0
    while isinstance(item.content, Layout):
        layout = item.content
        inner = next(i for i in layout.items if key[: len(i.key)] == i.key)
        across += inner.x - layout.across / 2
        begin += FRAME + inner.y
        end += FRAME + layout.along - inner.y - inner.along
        item = inner
    return across, begin, end
