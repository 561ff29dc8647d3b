"""Medians, minima and ratios of races."""

import pytest
from common import rounded
from spread import compare, summarize
from workloads.keras_runs import call_times, epoch_milliseconds


def test_summary_is_of_the_rounds_medians_and_of_all_minima():
    summary = summarize([[3.0, 1.0, 2.0], [9.0, 4.0], [5.0]])
    assert summary == {"median": 5.0, "minimum": 1.0, "rounds": [2.0, 6.5, 5.0]}


def test_ratio_is_taken_within_each_round_against_the_rival_with_the_least_median():
    ours = summarize([[1.0], [2.0], [4.0]])
    rivals = {"slow": summarize([[9.0], [9.0], [1.0]]), "best": summarize([[3.0], [4.0], [6.0]])}
    assert compare(ours, rivals) == {
        "best": "best",
        "ratio": 2.0,
        "low": 1.5,
        "high": 3.0,
        "ratio_of_minima": 1.0,
    }


def test_the_first_epoch_does_not_count():
    assert epoch_milliseconds([10.0, 10.5, 12.5], steps=500) == [1.0, 4.0]


def test_call_times_are_per_call():
    calls = []
    times = call_times(lambda: calls.append(1), seconds=0.01, runs=3)
    assert len(times) == 3
    assert sum(times) / 3 * len(calls) < 1000


@pytest.mark.parametrize(
    "value, expected",
    [
        (1.23456, 1.235),
        ({"a": [123456.0, 7]}, {"a": [123500.0, 7]}),
        ((True, "x", None), [True, "x", None]),
    ],
)
def test_results_are_kept_with_four_digits(value, expected):
    assert rounded(value) == expected
