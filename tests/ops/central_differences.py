"""Derivatives by central differences, and the detector that rejects points at or near a kink."""

import numpy as np

from kerasish import GradientTape, ops

STEP = 1e-4
KINK = 2e-2  # one-sided slopes that differ by more than this part of their size mark a kink


def float_positions(arrays):
    """Which inputs are float arrays, and so have a derivative."""
    return [i for i, a in enumerate(arrays) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]


def moved(arrays, directions, step):
    """Inputs moved along directions (None stays)."""
    return [
        a if d is None else np.asarray(a + step * d)
        for a, d in zip(arrays, directions, strict=True)
    ]


def directions_for(arrays, positions, rng):
    """A random direction for each input at the given positions, None for the others."""
    return [
        np.asarray(rng.uniform(-1, 1, a.shape)) if i in positions else None
        for i, a in enumerate(arrays)
    ]


def slope(function, arrays, directions):
    """Derivative of a scalar function along directions, or None where it has a kink there."""
    here = function(arrays)
    steps = [STEP, STEP / 2]
    ahead = [function(moved(arrays, directions, h)) for h in steps]
    behind = [function(moved(arrays, directions, -h)) for h in steps]
    central = [(a - b) / (2 * h) for a, b, h in zip(ahead, behind, steps, strict=True)]
    right, left = (ahead[1] - here) / steps[1], (here - behind[1]) / steps[1]
    scale = 1e-3 + abs(right) + abs(left)
    if not np.isfinite([here, *ahead, *behind]).all() or abs(right - left) > KINK * scale:
        return None
    return (4 * central[1] - central[0]) / 3  # Richardson: the error falls with the fourth power


def weighted_sum(tensors, weights):
    """One number from all outputs: the sum of products with fixed weights."""
    parts = [ops.sum(t * w) for t, w in zip(tensors, weights, strict=True)]
    return sum(parts[1:], parts[0])


class Derivatives:
    """A function of arrays with its gradient, and the derivative of that along directions.

    Args:
        run: callable of a list of tensors that returns the differentiable outputs (a list).
        arrays: list of arrays or numbers, at which everything is evaluated.
        positions: which of them are differentiated.
        rng: generator of the weights.
    """

    def __init__(self, run, arrays, positions, rng):
        self.run, self.positions = run, positions
        outputs = run([self.tensor(a) for a in arrays])
        self.weights = [rng.uniform(0.5, 1.5, t.shape) for t in outputs]

    @staticmethod
    def tensor(a):
        return ops.convert_to_tensor(a) if isinstance(a, np.ndarray) else a

    def value(self, arrays):
        """The weighted sum of the outputs, as a float."""
        outputs = self.run([self.tensor(a) for a in arrays])
        return float(sum(np.sum(t.numpy() * w) for t, w in zip(outputs, self.weights, strict=True)))

    def gradient_tensors(self, tensors):
        """Gradients by the differentiated inputs; zeros where there is none."""
        sources = [tensors[i] for i in self.positions]
        with GradientTape() as tape:
            tape.watch(sources)
            total = weighted_sum(self.run(tensors), self.weights)
        return tape.gradient(total, sources, unconnected_gradients="zero")

    def gradient(self, arrays):
        """`gradient_tensors` for arrays, as arrays."""
        found = self.gradient_tensors([self.tensor(a) for a in arrays])
        return [g.numpy() for g in found]

    def along(self, arrays, directions):
        """Derivative along directions, by the gradient."""
        found = self.gradient(arrays)
        return float(
            sum(np.sum(g * directions[i]) for g, i in zip(found, self.positions, strict=True))
        )

    def second(self, arrays, directions):
        """Gradient of `along`: the second derivative applied to directions."""
        tensors = [self.tensor(a) for a in arrays]
        sources = [tensors[i] for i in self.positions]
        with GradientTape() as tape:
            tape.watch(sources)
            first = self.gradient_tensors(tensors)
            total = weighted_sum(first, [directions[i] for i in self.positions])
        found = tape.gradient(total, sources, unconnected_gradients="zero")
        return [g.numpy() for g in found]
