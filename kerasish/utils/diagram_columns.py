"""Places across for the items of a diagram: columns that keep together, near what they belong to.

Brandes and Koepf, "Fast and simple horizontal coordinate assignment", 2001, is the origin of the
columns; their places are found by least squares instead, one column after the other.
"""

import math
from dataclasses import dataclass, field

GAP = 22.0  # points between boxes
_ROUNDS = 60


@dataclass(eq=False)
class _Column:
    """Items of consecutive ranks that share their middle."""

    items: list
    x: float = 0.0
    left: list = field(default_factory=list)  # pairs (column, least distance)
    right: list = field(default_factory=list)
    near: list = field(default_factory=list)  # pairs (column, weight)


def place_across(ranks):
    """Set `x` of every item, in order and apart from each other.

    Args:
        ranks: list of lists of Item, in order.
    """
    columns = _columns(ranks)
    _pack(columns, "left", 1)
    leftmost = [c.x for c in columns]
    _pack(columns, "right", -1)
    shift = max(leftmost, default=0.0) - min((c.x for c in columns), default=0.0)
    for column, x in zip(columns, leftmost, strict=True):
        column.x = (x + column.x + shift) / 2  # both keep the distances, so the mean does
    for turn in range(_ROUNDS):
        order = sorted(columns, key=lambda c: c.x, reverse=turn % 2 == 1)
        for column in order:
            _settle(column)
    for column in columns:
        for item in column.items:
            item.x = column.x


def _columns(ranks):
    """Columns with their neighbors on both sides and what they are connected with."""
    place = {id(item): n for rank in ranks for n, item in enumerate(rank)}
    above = {}  # id of an item -> the item of the rank before that it keeps together with
    for rank in ranks[:-1]:
        pairs = []
        for wanted in (_both_bend, _only_each_other):  # long arrows come first
            for a in rank:
                for b in a.after:
                    is_free = id(b) not in above and all(a is not p for p, _ in pairs)
                    is_crossed = any(
                        (place[id(a)] < place[id(p)]) != (place[id(b)] < place[id(q)])
                        for p, q in pairs
                    )
                    if wanted(a, b) and is_free and not is_crossed:
                        pairs.append((a, b))
                        above[id(b)] = a
    column_of, columns = {}, []
    for rank in ranks:
        for item in rank:
            column = column_of.get(id(above.get(id(item))))
            if column is None:
                column = _Column([])
                columns.append(column)
            column.items.append(item)
            column_of[id(item)] = column
    for rank in ranks:
        for a, b in zip(rank, rank[1:], strict=False):
            distance = (a.across + b.across) / 2 + GAP
            column_of[id(a)].right.append((column_of[id(b)], distance))
            column_of[id(b)].left.append((column_of[id(a)], distance))
        for a in rank:
            for b in a.after:
                first, second = column_of[id(a)], column_of[id(b)]
                if first is not second:
                    first.near.append((second, _weight(a, b)))
                    second.near.append((first, _weight(a, b)))
    return columns


def _both_bend(a, b):
    return a.content is None and b.content is None


def _only_each_other(a, b):
    return len(a.after) == len(b.before) == 1


def _weight(a, b):
    return 1.0 + (a.content is None) + (b.content is None)


def _pack(columns, side, sign):
    """Every column as far to one side as the distances allow."""
    waiting = {id(c): len(getattr(c, side)) for c in columns}
    ready = [c for c in columns if waiting[id(c)] == 0]
    for column in columns:
        column.x = 0.0
    while ready:
        column = ready.pop()
        for other, distance in column.right if side == "left" else column.left:
            place = column.x + sign * distance
            other.x = max(other.x, place) if sign > 0 else min(other.x, place)
            waiting[id(other)] -= 1
            if waiting[id(other)] == 0:
                ready.append(other)


def _settle(column):
    """Move a column to the mean of what it is connected with, as far as its neighbors let it."""
    if not column.near:
        return
    total = sum(weight for _, weight in column.near)
    wanted = sum(other.x * weight for other, weight in column.near) / total
    low = max((other.x + distance for other, distance in column.left), default=-math.inf)
    high = min((other.x - distance for other, distance in column.right), default=math.inf)
    column.x = max(low, min(wanted, high))
