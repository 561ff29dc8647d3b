"""Compiled programs equal eager runs, for random programs: see random_programs.py."""

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings

from tests.core.random_programs import SIZES, check, check_slopes, codes

KINDS = {
    "known sizes": ({}, (4, 4, 4)),
    "gradients": ({"steps": "gradients"}, (4, 4, 4)),
    "unknown sizes": ({"unknown": True}, (*SIZES, 1, 0, 4)),
    "unknown sizes and gradients": ({"unknown": True, "steps": "gradients"}, (*SIZES, 1, 0, 4)),
}
SETTINGS = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)
every_kind = pytest.mark.parametrize("options,sizes", KINDS.values(), ids=KINDS.keys())


@every_kind
def test_a_few_random_programs(options, sizes):
    @settings(SETTINGS, max_examples=100, derandomize=True)
    @given(codes(longest=16, **options))
    def compiled_is_eager(code):
        check(code, sizes)

    compiled_is_eager()


@pytest.mark.slow
@every_kind
def test_many_random_programs(options, sizes):
    @hypothesis.seed(1)
    @settings(SETTINGS, max_examples=1250)
    @given(codes(longest=30, **options))
    def compiled_is_eager(code):
        check(code, sizes)

    compiled_is_eager()


@pytest.mark.parametrize("count", [50, pytest.param(2000, marks=pytest.mark.slow)])
def test_gradients_are_the_slopes(count):
    @settings(SETTINGS, max_examples=count, derandomize=True)
    @given(codes(longest=12, steps="smooth"))
    def tape_is_difference(code):
        check_slopes(code)

    tape_is_difference()
