"""Index maps: which element of a tensor belongs to each place of a chain's iteration space.

A map is a tuple of (size, step), outermost axis first: place number p, written in digits of these
sizes, belongs to element sum(digit * step). Steps of 0 broadcast. Maps are kept merged, so that a
tensor with one element for each place in order has the map ((N, 1),).
"""

import functools
import math


def merged(axes):
    """The same map with as few axes as possible."""
    found = []
    for size, step in axes:
        if size == 1:
            continue
        if found and found[-1][1] == size * step:
            found[-1] = (found[-1][0] * size, step)
        else:
            found.append((size, step))
    return tuple(found)


@functools.cache
def identity(count):
    """Map of a tensor with one element for each of `count` places, in order."""
    return merged([(count, 1)])


def steps_over(layout, shape):
    """Map over a shape of a tensor (as a Layout) that broadcasts to it."""
    extra = len(shape) - len(layout.shape)
    steps = [0] * extra
    for size, step, wanted in zip(layout.shape, layout.strides, shape[extra:], strict=True):
        steps.append(0 if size == 1 and wanted != 1 else step)
    return merged(zip(shape, steps, strict=True))


def steps_keeping(shape, kept):
    """Map over a shape of a contiguous tensor that has only the axes in `kept`."""
    steps, step = [0] * len(shape), 1
    for axis in reversed(range(len(shape))):
        if axis in kept:
            steps[axis], step = step, step * shape[axis]
    return merged(zip(shape, steps, strict=True))


@functools.lru_cache(4096)
def composed(outer, inner):
    """Map over places of what `inner` maps over elements that `outer` maps over places.

    None if the axes of one divide those of the other unevenly.
    """
    remaining = list(inner)
    found = []  # innermost first
    for size, step in reversed(outer):
        if step == 0:
            found.append((size, 0))
            continue
        while size > 1:
            if not remaining:
                return None
            inner_size, inner_step = remaining.pop()
            taken = math.gcd(size, inner_size)
            if taken != min(size, inner_size):
                return None
            found.append((taken, inner_step))
            if inner_size > taken:
                remaining.append((inner_size // taken, inner_step * taken))
            size //= taken
    if remaining:
        return None
    return merged(reversed(found))


@functools.lru_cache(4096)
def split(axes, columns):
    """A map as (map over rows, step along a row) for rows of `columns` places; None if uneven."""
    left, step = columns, None
    outer = list(axes)
    while left > 1:
        if not outer:
            return None
        size, this = outer.pop()
        taken = math.gcd(size, left)
        if taken != min(size, left) or (step is not None and this != step * (columns // left)):
            return None
        step = this if step is None else step
        if size > taken:
            outer.append((size // taken, this * taken))
        left //= taken
    return merged(outer), step


def innermost(axes):
    """Places after which a map stops being one run of steps; 0 if it never does."""
    return axes[-1][0] if len(axes) > 1 else 0
