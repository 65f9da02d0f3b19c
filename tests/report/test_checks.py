"""The recipe's checks: passed, failed, and impossible to make."""

from __future__ import annotations

from typing import Any

import pytest

from hwgen.recipe.schema import Checks
from hwgen.report.checks import RULES, run_checks
from tests.report.cases import Case

REPORT: dict[str, Any] = {
    "budget": {"measured_drop_points": 0.5},
    "macs": {"reduction": 0.7},
    "accuracy": {"dynamic": 0.95},
    "latency": {"worst": 400.0, "source": "estimate"},
    "resources": None,
}
ROWS = [
    {"block": "stage1", "lut": 100, "ff": 200, "dsp": 3, "bram_18k": 1, "source": "csynth"},
    {"block": "stage2", "lut": 50, "ff": 20, "dsp": 0, "bram_18k": 0, "source": "csynth"},
]


def test_every_key_of_the_recipe_has_a_rule() -> None:
    assert set(RULES) == set(Checks.model_fields)


@pytest.mark.parametrize(
    ("checks", "passed"),
    [
        ({"max_drop": 0.5}, True), ({"max_drop": 0.49}, False),
        ({"min_mac_reduction": 0.7}, True), ({"min_mac_reduction": 0.71}, False),
        ({"min_accuracy": 0.95}, True), ({"min_accuracy": 0.96}, False),
        ({"max_latency_cycles": 400}, True), ({"max_latency_cycles": 399}, False),
    ],
)  # fmt: skip
def test_a_limit_holds_up_to_and_including_itself(checks: dict[str, float], passed: bool) -> None:
    (found,) = run_checks(Checks(**checks), REPORT)
    assert found["passed"] is passed
    assert found["name"] in found["message"]
    assert {"name", "limit", "value", "passed", "message"} <= found.keys()


@pytest.mark.parametrize("name", ["max_lut", "max_ff", "max_dsp", "max_bram_18k"])
def test_a_limit_on_a_figure_nobody_knows_fails_and_says_what_to_do(name: str) -> None:
    (found,) = run_checks(Checks(**{name: 10**9}), REPORT)
    assert found["passed"] is False
    assert found["value"] is None
    assert "remove the check" in found["message"]
    incomplete = [*ROWS, {"block": "gate1", "lut": None, "ff": None, "dsp": None, "bram_18k": None}]
    assert run_checks(Checks(**{name: 10**9}), REPORT | {"resources": incomplete})[0]["passed"] is False


def test_resources_are_added_up_over_blocks() -> None:
    results = run_checks(Checks(max_lut=150, max_ff=219), REPORT | {"resources": ROWS})
    found = {entry["name"]: entry for entry in results}
    assert found["max_lut"]["value"] == 150
    assert found["max_lut"]["passed"]
    assert not found["max_ff"]["passed"]


def test_no_checks_no_results() -> None:
    assert run_checks(Checks(), REPORT) == []


def test_the_estimate_says_that_it_is_one() -> None:
    assert "(estimate)" in run_checks(Checks(max_latency_cycles=1), REPORT)[0]["message"]


def test_failed_checks_decide_the_verdict(plain: Case) -> None:
    assert plain.report["verdict"]["passed"]
    failed = plain.changed(max_lut=5, min_accuracy=0.0).report
    assert failed["verdict"] == {"passed": False, "mismatches": 0, "failed_checks": ["max_lut"]}
