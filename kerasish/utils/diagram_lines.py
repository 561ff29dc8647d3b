"""The lines of a diagram: where arrows leave and enter boxes, and run side by side."""

from dataclasses import dataclass, field

TRACK = 9.0  # points between two lines
_PORT = 16.0  # points between two arrows that enter a box
_STRAIGHT = 0.5  # points that a line may be off to be drawn straight
_NEAR = 8.0  # points that an arrow may be off the middle of a box


@dataclass(eq=False)
class Line:
    """An arrow from rank to rank.

    Attributes:
        chain: list of the items that it passes: the first and last are boxes or diagrams.
        start, end: where the box is in them: (middle across, from the beginning, from the end).
        xs: places across at each item of the chain.
        tracks: number of the track between each item and the next; None where it goes straight.
    """

    chain: list
    start: tuple
    end: tuple
    xs: list = field(default_factory=list)
    tracks: list = field(default_factory=list)

    def points(self, gaps):
        """Corners, from the source to the target; `gaps` say where the tracks of a rank begin."""
        first, last = self.chain[0], self.chain[-1]
        found = [(self.xs[0], first.y + first.along - self.start[2])]
        for item, x, next_x, track in zip(
            self.chain, self.xs, self.xs[1:], self.tracks, strict=False
        ):
            if track is not None:
                y = gaps[item.rank] + track * TRACK
                found += [(x, y), (next_x, y)]
        found.append((self.xs[-1], last.y + self.end[1]))
        return found


def set_ends(lines):
    """Places across: arrows leave a box in its middle and enter it side by side."""
    entering = {}
    for line in lines:
        line.xs = [item.x for item in line.chain]
        line.xs[0] += line.start[0]
        line.xs[-1] += line.end[0]
        entering.setdefault((id(line.chain[-1]), line.end), []).append(line)
    for found in entering.values():
        found.sort(key=lambda line: line.xs[-2])
        width = min(found[0].chain[-1].across * 0.6, _PORT * (len(found) - 1))
        for place, line in enumerate(found):
            if len(found) > 1:
                line.xs[-1] += (place / (len(found) - 1) - 0.5) * width
        # Not quite straight looks like a mistake: better off the middle.
        if len(found) == 1 and abs(found[0].xs[-1] - found[0].xs[-2]) < _NEAR:
            found[0].xs[-1] = found[0].xs[-2]


def set_tracks(lines):
    """Tracks for the parts that run across: parts of different origin that overlap get two.

    Returns:
        dict from rank to its number of tracks.
    """
    runs = {}
    for line in lines:
        line.tracks = [None] * (len(line.chain) - 1)
        for i, (item, a, b) in enumerate(zip(line.chain, line.xs, line.xs[1:], strict=False)):
            if abs(a - b) >= _STRAIGHT:
                origin = runs.setdefault(item.rank, {}).setdefault((id(item), round(a, 1)), [])
                origin.append((line, i, min(a, b), max(a, b)))
    counts = {}
    for rank, origins in runs.items():
        ends = []  # of the last run on each track
        spans = [(min(p[2] for p in ps), max(p[3] for p in ps), ps) for ps in origins.values()]
        for low, high, parts in sorted(spans, key=lambda span: span[:2]):
            free = [n for n, end in enumerate(ends) if end + TRACK <= low]
            track = free[0] if free else len(ends)
            ends[track : track + 1] = [high]
            for line, i, _, _ in parts:
                line.tracks[i] = track
        counts[rank] = len(ends)
    return counts
