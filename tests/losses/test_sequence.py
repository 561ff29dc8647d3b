"""CTC against the sum over all alignments, and circle loss against its definition."""

import itertools

import numpy as np
import pytest

from kerasish import losses


def ctc_by_enumeration(label, logits):
    """-log of the summed probability of all paths that collapse to the label (blank 0)."""
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    label = [int(c) for c in label if c]
    total = 0.0
    for path in itertools.product(range(logits.shape[1]), repeat=logits.shape[0]):
        collapsed = [c for c, _ in itertools.groupby(path) if c]
        if collapsed == label:
            total += np.prod([probabilities[t, c] for t, c in enumerate(path)])
    return -np.log(total)


@pytest.mark.parametrize("labels", [[[1, 2], [2, 0]], [[1, 1], [2, 1]]], ids=["padded", "repeated"])
def test_ctc_sums_over_alignments(labels, rng):
    logits = rng.normal(size=(2, 5, 3)).astype("float32")
    expected = [ctc_by_enumeration(y, x) for y, x in zip(labels, logits, strict=True)]
    np.testing.assert_allclose(losses.ctc(labels, logits), expected, rtol=1e-5)


def test_ctc_of_a_single_step(rng):
    logits = rng.normal(size=(2, 1, 3)).astype("float32")
    expected = [ctc_by_enumeration(y, x) for y, x in zip([[2], [0]], logits, strict=True)]
    np.testing.assert_allclose(losses.ctc([[2], [0]], logits), expected, rtol=1e-5)


def circle_by_definition(labels, embeddings, gamma=80.0, margin=0.4):
    values = []
    for i, anchor in enumerate(embeddings):
        distance = np.maximum(1 - embeddings @ anchor, 0)
        same = labels == labels[i]
        positive = [d for j, d in enumerate(distance) if same[j] and j != i]
        negative = distance[~same]
        near = sum(np.exp(-gamma * (margin + d) * (margin - d)) for d in positive)
        far = sum(np.exp(gamma * max(1 + margin - d, 0) * (1 - margin - d)) for d in negative)
        values.append(np.log1p(near * far))
    return values


def test_circle_is_its_definition(rng):
    x = rng.normal(size=(8, 3))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 3])
    expected = circle_by_definition(labels, x, gamma=8.0)
    result = losses.circle(labels, x.astype("float32"), gamma=8.0)
    np.testing.assert_allclose(result, expected, rtol=1e-4)


def test_circle_compares_with_references(rng):
    x = rng.normal(size=(5, 3))
    x = (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")
    labels = np.array([0, 0, 1, 1, 2])
    own = losses.circle(labels, x, remove_diagonal=False, gamma=4.0)
    given = losses.circle(
        labels, x, ref_labels=labels, ref_embeddings=x, remove_diagonal=False, gamma=4.0
    )
    np.testing.assert_allclose(own, given)
