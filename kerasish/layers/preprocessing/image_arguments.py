"""Checks of arguments that image layers share: strengths, ranges of pixels, sizes of windows."""

from kerasish.errors import explain


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _pair_of_numbers(value):
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    return is_pair and all(_is_number(v) for v in value)


def factor_range(factor, name, where, low=-1.0, high=1.0):
    """(lower, upper) from a number, taken to both sides, or a pair of numbers.

    Args:
        factor: number or pair of numbers.
        name: str. The argument's name.
        where: str. The layer's name.
        low, high: bounds. A single number spreads to both sides of 0 as far as they allow.

    Raises:
        ValueError: not a number or pair within the bounds.
    """
    pair = (factor,) if _is_number(factor) else factor if _pair_of_numbers(factor) else None
    if pair is None or not all(low <= f <= high for f in pair):
        raise ValueError(
            explain(
                where,
                f"{name} is not usable",
                received=factor,
                expected=f"a number, or a pair of numbers, from {low} to {high}",
            )
        )
    if len(pair) == 2:
        return tuple(sorted(pair))
    return (max(-abs(factor), low), abs(factor))


def pixel_range(value_range, where):
    """(lowest, highest) value of a pixel.

    Raises:
        ValueError: not a pair of two different numbers.
    """
    if not _pair_of_numbers(value_range) or value_range[0] == value_range[1]:
        raise ValueError(
            explain(
                where,
                "value_range is not usable",
                received=value_range,
                expected="the lowest and highest value of a pixel, such as (0, 255) or (0, 1)",
            )
        )
    return tuple(sorted(value_range))


def odd_sizes(value, name, where):
    """Pair of odd ints from one (for both sides) or a pair.

    Raises:
        ValueError: anything else.
    """
    pair = (value, value) if _is_number(value) else value
    if not _pair_of_numbers(pair) or not all(
        isinstance(n, int) and n > 0 and n % 2 == 1 for n in pair
    ):
        raise ValueError(
            explain(
                where,
                f"{name} is not usable",
                received=value,
                expected="an odd int, or a pair of odd ints",
            )
        )
    return tuple(pair)
