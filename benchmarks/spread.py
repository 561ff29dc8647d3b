"""Statistics of a race: medians, minima, ratios and their spread."""

import statistics


def summarize(rounds):
    """Median and minimum of a competitor.

    Args:
        rounds: list of lists of milliseconds.

    Returns:
        dict: `median` of the rounds' medians, `minimum` of all, `rounds`: each one's median.
    """
    medians = [statistics.median(times) for times in rounds]
    return {
        "median": statistics.median(medians),
        "minimum": min(min(times) for times in rounds),
        "rounds": medians,
    }


def compare(ours, rivals):
    """How many times faster than the best rival we are.

    The best rival is the one with the least median; the ratio of each round has both figures
    from that round, so that noise which lasts longer than a round cancels.

    Args:
        ours: dict from `summarize`.
        rivals: dict of kind: dict from `summarize`; not empty.

    Returns:
        dict: `best`: kind; `ratio`: median over the rounds, `low` and `high`: its extremes,
        `ratio_of_minima`.
    """
    best = min(rivals, key=lambda kind: rivals[kind]["median"])
    ratios = [b / a for a, b in zip(ours["rounds"], rivals[best]["rounds"], strict=True)]
    return {
        "best": best,
        "ratio": statistics.median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "ratio_of_minima": min(r["minimum"] for r in rivals.values()) / ours["minimum"],
    }
