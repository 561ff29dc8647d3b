"""The page docs/performance.md follows from its template and the results."""

import json
import re

import pytest
import report
from tables import TABLES

TEMPLATE = report.TEMPLATE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date():
    assert report.PAGE.read_text(encoding="utf-8") == report.page(TEMPLATE), (
        "run python benchmarks/report.py"
    )


def test_the_template_uses_every_table_once():
    assert sorted(re.findall(r"\{\{ (\w+) \}\}", TEMPLATE)) == sorted(TABLES)


def test_a_table_of_ratios(tmp_path):
    times = {
        "kerasish": {"median": 1.0, "minimum": 0.9},
        "torch": {"median": 2.5, "minimum": 2.25},
    }
    against = {"best": "torch", "ratio": 2.5, "low": 2.4, "high": 2.6, "ratio_of_minima": 2.5}
    entry = {
        "workload": {"title": "MLP", "measure": "train", "goal": 2},
        "times": times,
        "against": against,
        "machine": "a machine",
        "date": "2026-01-01",
    }
    (tmp_path / "training.json").write_text(json.dumps({"mlp": entry}), encoding="utf-8")
    text = report.page("{{ ratios }}", tmp_path)
    assert "*a machine. Measured 2026-01-01.*" in text
    assert (
        "| MLP | 1 (0.9) | 2.5 (2.25) torch eager | **2.50** (2.40 to 2.60); 2.50 | 2.0 | yes |"
    ) in text


def test_what_was_not_measured_is_said(tmp_path):
    assert "growth.json` is missing" in report.page("{{ growth }}", tmp_path)


def test_an_unknown_table_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        report.page("{{ weather }}", tmp_path)
