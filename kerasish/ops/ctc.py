"""Connectionist temporal classification: its loss, and decoding by the best path or by beams."""

import math

import numpy

from kerasish.arrays import dtypes
from kerasish.core.primitive import as_float_input, as_input, primitive
from kerasish.core.spec import TensorSpec
from kerasish.core.structural import cast
from kerasish.errors import ShapeError, explain
from kerasish.ops.elementwise import equal, less, logaddexp, logical_and, not_equal, where
from kerasish.ops.nn import log_softmax
from kerasish.ops.ranges import arange
from kerasish.ops.reduction import sum as reduce_sum
from kerasish.ops.regrouping import merge_axes
from kerasish.ops.scanning import scan
from kerasish.ops.shape import expand_dims, pad, stack, transpose
from kerasish.ops.warping import gather_rows

__all__ = ["ctc_decode", "ctc_loss"]

_NEVER = -1e30  # logarithm of a probability of 0 that stays finite when numbers are added


def _shifted(x, by, value):
    """`x` (batch, places) moved to the right by some places, filled with `value`."""
    return pad(x, ((0, 0), (by, 0)), constant_values=value)[:, :-by]


def ctc_loss(target, output, target_length, output_length, mask_index=0):
    """Minus the logarithm of the probability of all alignments of labels to an output sequence.

    Args:
        target: int tensor (batch, labels).
        output: float tensor (batch, time, classes) of logits.
        target_length: int tensor (batch,). How many labels count.
        output_length: int tensor (batch,). How many time steps count.
        mask_index: int. The class that stands for no label.

    Returns:
        float tensor (batch,).

    Raises:
        ShapeError: ranks do not fit.

    Example:
        >>> from kerasish import ops
        >>> round(ctc_loss([[1]], ops.zeros((1, 2, 2)), [1], [2]).item(), 4)
        0.2877

    Source: Graves et al., 2006, equations 5 to 8; Keras 3 names and defaults.
    """
    target, output = cast(as_input(target), "int32"), as_float_input(output)
    target_length = cast(as_input(target_length), "int32")
    output_length = cast(as_input(output_length), "int32")
    if output.dtype in ("float16", "bfloat16"):
        output = cast(output, "float32")
    if len(target.shape) != 2 or len(output.shape) != 3:
        raise ShapeError(
            explain(
                "ctc_loss",
                "needs target (batch, labels) and output (batch, time, classes)",
                received=(target.shape, output.shape),
            )
        )
    logs = log_softmax(output, axis=-1)
    blank = target * 0 + mask_index
    # Labels with a blank before each and one at the end: blank, l0, blank, l1, ..., blank.
    labels = merge_axes(stack([blank, target], axis=2), axis=1)
    labels = pad(labels, ((0, 0), (0, 1)), constant_values=mask_index)
    emitted = transpose(gather_rows(transpose(logs, (0, 2, 1)), labels), (2, 0, 1))
    may_skip = logical_and(
        not_equal(labels, mask_index), not_equal(labels, _shifted(labels, 2, -1))
    )
    place = expand_dims(arange(_width(labels), dtype="int32"), 0)
    start = where(less(place, 2), emitted[0], _NEVER)
    lengths = expand_dims(output_length, 1)

    def step(carry, emission):
        scores, time = carry
        stay = logaddexp(scores, _shifted(scores, 1, _NEVER))
        skip = where(may_skip, _shifted(scores, 2, _NEVER), _NEVER)
        new = logaddexp(stay, skip) + emission
        return (where(less(time, lengths), new, scores), time + 1), None

    scores = start
    if emitted.shape[0] != 1:  # else there is no step to take
        first = cast(output_length[0] * 0 + 1, "int32")
        (scores, _), _ = scan(step, (start, first), emitted[1:])
    end = expand_dims(2 * target_length, 1)
    last = reduce_sum(where(equal(place, end), scores, 0.0), axis=1)
    before = reduce_sum(where(equal(place, end - 1), scores, 0.0), axis=1)
    before = where(target_length > 0, before, _NEVER)
    return -logaddexp(last, before)


def _width(labels):
    if labels.shape[1] is None:
        raise ShapeError(explain("ctc_loss", "the number of labels must be known", received=labels))
    return labels.shape[1]


# ---- decoding, on the host -------------------------------------------------------------------


def _best_path(logits, lengths, merge_repeated, mask_index):
    batch, time, _ = logits.shape
    decoded = numpy.full((1, batch, time), -1, numpy.int32)
    scores = numpy.zeros((batch, 1), logits.dtype)
    for n in range(batch):
        rows = logits[n, : lengths[n]]
        best = rows.argmax(axis=-1)
        scores[n] = -rows.max(axis=-1).sum()
        keep = best != mask_index
        if merge_repeated and len(best):
            keep[1:] &= best[1:] != best[:-1]
        found = best[keep]
        decoded[0, n, : len(found)] = found
    return decoded, scores


def _log_sum(a, b):
    high, low = max(a, b), min(a, b)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def _beams(logs, beam_width, mask_index):
    """Prefixes with the logarithms of their probabilities of ending in a blank and in a label."""
    beams = {(): (0.0, -math.inf)}
    for row in logs:
        new = {}

        def gain(prefix, blank, label, new=new):
            old = new.get(prefix, (-math.inf, -math.inf))
            new[prefix] = _log_sum(old[0], blank), _log_sum(old[1], label)

        for prefix, (blank, label) in beams.items():
            total = _log_sum(blank, label)
            for k, p in enumerate(row):
                if k == mask_index:
                    gain(prefix, total + p, -math.inf)
                elif prefix and prefix[-1] == k:
                    gain(prefix, -math.inf, label + p)
                    gain((*prefix, k), -math.inf, blank + p)
                else:
                    gain((*prefix, k), -math.inf, total + p)
        ranked = sorted(new.items(), key=lambda item: -_log_sum(*item[1]))
        beams = dict(ranked[:beam_width])
    return [(prefix, _log_sum(*scores)) for prefix, scores in beams.items()]


def _beam_search(logits, lengths, beam_width, top_paths, mask_index):
    batch, time, _ = logits.shape
    decoded = numpy.full((top_paths, batch, time), -1, numpy.int32)
    scores = numpy.full((batch, top_paths), -numpy.inf, logits.dtype)
    for n in range(batch):
        rows = logits[n, : lengths[n]].astype(numpy.float64)
        shifted = rows - rows.max(axis=-1, keepdims=True)
        logs = shifted - numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True))
        found = _beams(logs.tolist(), max(beam_width, top_paths), mask_index)[:top_paths]
        for path, (prefix, score) in enumerate(found):
            decoded[path, n, : len(prefix)] = prefix
            scores[n, path] = score
    return decoded, scores


def _decode_spec(inputs, lengths, strategy, beam_width, top_paths, merge_repeated, mask_index):
    paths = 1 if strategy == "greedy" else top_paths
    return (
        TensorSpec((paths, *inputs.shape[:2]), "int32"),
        TensorSpec((inputs.shape[0], paths), inputs.dtype),
    )


@primitive(spec=_decode_spec, name="ctc_decode")
def _decode(
    xp,
    inputs,
    lengths,
    /,
    strategy="greedy",
    beam_width=100,
    top_paths=1,
    merge_repeated=True,
    mask_index=0,
):
    logits, counts = xp.asnumpy(inputs), xp.asnumpy(lengths)
    if dtypes.name_of(logits.dtype) in ("float16", "bfloat16"):
        logits = logits.astype(numpy.float32)
    if strategy == "greedy":
        decoded, scores = _best_path(logits, counts, merge_repeated, mask_index)
    else:
        decoded, scores = _beam_search(logits, counts, beam_width, top_paths, mask_index)
    return xp.asarray(decoded), xp.asarray(scores.astype(inputs.dtype))


def ctc_decode(
    inputs,
    sequence_lengths,
    strategy="greedy",
    beam_width=100,
    top_paths=1,
    merge_repeated=True,
    mask_index=0,
):
    """The most likely labels for the output of a CTC model.

    Args:
        inputs: float tensor (batch, time, classes) of logits.
        sequence_lengths: int tensor (batch,). How many time steps count.
        strategy: "greedy" (the best class of each step) or "beam_search".
        beam_width: int. How many prefixes a beam search keeps.
        top_paths: int. How many sequences a beam search returns.
        merge_repeated: bool. In the greedy strategy, equal classes in a row are one label.
        mask_index: int. The class that stands for no label.

    Returns:
        tuple: int32 tensor (paths, batch, time) of labels, filled up with -1; float tensor (batch,
        paths): minus the sum of the largest logits (greedy), or log probabilities (beam search).

    Raises:
        ValueError: an unknown strategy.

    Example:
        >>> labels, scores = ctc_decode([[[0.0, 9.0], [0.0, 9.0], [9.0, 0.0]]], [3])
        >>> labels.tolist()
        [[[1, -1, -1]]]

    Source: Graves et al., 2006; Keras 3 names and defaults.
    """
    if strategy not in ("greedy", "beam_search"):
        raise ValueError(
            explain(
                "ctc_decode",
                "unknown strategy",
                received=strategy,
                expected='"greedy" or "beam_search"',
            )
        )
    return _decode(
        as_float_input(inputs),
        cast(as_input(sequence_lengths), "int32"),
        strategy=strategy,
        beam_width=int(beam_width),
        top_paths=int(top_paths),
        merge_repeated=bool(merge_repeated),
        mask_index=int(mask_index),
    )
