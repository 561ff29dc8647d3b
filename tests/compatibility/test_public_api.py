"""Keras's public names: those that exist have Keras's arguments, others have a reason."""

import fnmatch

import pytest

from docs import generate
from tests.support import shared_path


def symbols():
    return generate.read_symbols(shared_path(generate.SPEC))


def present():
    return [(s, kind, text) for s, kind, text in symbols() if generate.is_present(s)]


def test_signatures_are_those_of_keras():
    found = {}
    for symbol, _, wanted in present():
        if wanted:
            problem = generate.difference(generate.resolve(symbol), wanted)
            if problem:
                found[symbol] = problem
    unexpected = {s: p for s, p in found.items() if s not in generate.DEPARTURES}
    assert not unexpected
    assert set(generate.DEPARTURES) <= set(found), "a departure that is none any more"


def test_kinds_are_those_of_keras():
    """A class is a class: users derive from it and ask isinstance."""
    found = [s for s, kind, _ in present() if kind == "class"
             and not isinstance(generate.resolve(s), type)]  # fmt: skip
    assert found == []


def test_every_absent_name_has_a_reason():
    missing = [s for s, _, _ in symbols() if not generate.is_present(s)]
    assert [s for s in missing if generate.reason_for(s) is None] == []
    stale = [p for p in generate.ABSENT if not fnmatch.filter(missing, p)]
    assert stale == []


def test_page_is_up_to_date():
    text = generate.PAGE.read_text(encoding="utf-8")
    assert text == generate.page(symbols()), "run python docs/generate.py"


def g(a, b=(1, 2), *, c="x", **kwargs):
    """A function to compare."""


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("(a, b=(1, 2), *, c='x', **kwargs)", None),
        ("(a, b=(1, 2))", None),
        ("(/, *args, **kwargs)", None),
        ("(a: int, b: tuple = (1, 2)) -> None", None),
        ("(a, b=(1, 3))", "argument 1"),
        ("(b, a)", "argument 0"),
        ("(a=None)", "argument 0"),
        ("(a, b=(1, 2), c='x')", "argument 2"),
        ("(a, b=(1, 2), *, c='x', d=None)", "d is missing"),
    ],
)
def test_the_comparison_itself(wanted, problem):
    found = generate.difference(g, wanted)
    assert found is None if problem is None else found.startswith(problem)


def test_a_further_required_argument_is_a_difference():
    assert generate.difference(lambda a, b: None, "(a)") == "b is required"
