"""QuantileSummary: a few weighted values that stand for all numbers seen, batch by batch."""

import numpy


class QuantileSummary:
    """Values and their weights (how many numbers each stands for), merged from batches.

    Args:
        epsilon: float. Share of the numbers that a value stands for, once there are many.

    Source: the summaries of weighted values of Keras's Discretization, whose results it repeats.
    """

    def __init__(self, epsilon):
        self.epsilon = epsilon
        self.values = self.weights = numpy.empty(0, numpy.float32)

    @property
    def is_empty(self):
        """Whether no number has been seen."""
        return self.values.size == 0

    def add(self, numbers):
        """See more numbers, an array of any shape."""
        numbers = numpy.sort(numbers.astype(numpy.float32), axis=None)
        step = max(numbers.size * self.epsilon, 1)
        values = numbers[int(step - 1) :: int(step)]
        values = numpy.concatenate([values, self.values])
        weights = numpy.concatenate(
            [numpy.full(len(values) - len(self.values), step), self.weights]
        )
        order = numpy.argsort(values)
        self.values, self.weights = _compressed(
            values[order], weights[order].astype(numpy.float32), self.epsilon
        )

    def boundaries(self, bins):
        """List of at most `bins - 1` numbers that part the numbers seen into equal shares."""
        values, _ = _compressed(self.values, self.weights, 1.0 / bins)
        return values[:-1].tolist()


def _compressed(values, weights, share):
    """Values at every `share` of the total weight, by interpolation, and the weight between."""
    if values.size * share < 1:
        return values, weights
    total = weights.cumsum()
    wanted = share + numpy.arange(0.0, 1.0, share)
    shares = total / total[-1]
    new_total = numpy.interp(wanted, shares, total)
    new_weights = numpy.diff(new_total, prepend=0)
    new_values = numpy.interp(wanted, shares, values)
    return new_values.astype(numpy.float32), new_weights.astype(numpy.float32)
