"""Warnings about probabilities, temperatures and gates beside their float definition."""

from __future__ import annotations

from typing import Any

import pytest

from hwgen.report.cautions import cautions
from tests import networks
from tests.report.cases import Case, build, made


def lines_of(case: Case, change: dict[str, Any], **exits: Any) -> str:
    """The warnings of a report whose second exit has other figures."""
    found = case.report["uncertainty"]
    changed = [dict(entry) for entry in found["exits"]]
    changed[1] |= change
    entries = [dict(entry) for entry in case.report["exits"]]
    entries[1] |= exits
    report = case.report | {"uncertainty": found | {"exits": changed}, "exits": entries}
    return "\n".join(cautions(report, case.data))


def test_a_large_calibration_error_asks_for_a_temperature(plain: Case) -> None:
    text = lines_of(plain, {"ece": 0.131})
    assert "exit 2 (0.13)" in text
    assert "exits.temperature: fit" in text
    assert "exit 2 (0" not in lines_of(plain, {"ece": 0.1})


def test_a_fitted_temperature_asks_for_more_data() -> None:
    case = build(networks.tabular(), exits={"temperature": "fit"})
    assert any(entry["ece"] > 0.1 for entry in case.report["uncertainty"]["exits"])
    (line,) = [line for line in case.report["warnings"] if "calibration error" in line]
    assert line.endswith("give more calibration data")


def test_risk_control_says_why_nothing_leaves_and_that_the_risk_of_answers_is_not_proven() -> None:
    lines = made("risk control").report["warnings"]
    assert "exits: risk control lets nothing leave early: " in lines[0]
    assert any(line.startswith("abstain: exits.abstain.risk is not proven") for line in lines)
    assert not any("no early exit is enabled" in line for line in lines)


@pytest.mark.parametrize(("temperature", "words"), [(0.05, "small"), (20.0, "large")])
def test_a_temperature_at_its_bound(plain: Case, temperature: float, words: str) -> None:
    text = lines_of(plain, {"temperature": temperature})
    assert f"temperature of exit 2 lies at its bound, {temperature:g}: its logits are too {words}" in text
    assert "at its bound" not in lines_of(plain, {"temperature": 19.99})


@pytest.mark.parametrize(
    ("samples", "near", "warned"), [(1, True, False), (2, True, True), (1, False, True), (0, True, False)]
)
def test_decisions_beside_the_float_definition(plain: Case, samples: int, near: bool, warned: bool) -> None:
    found = {"samples": samples, "share": samples / 300, "within_one_step": near}
    text = lines_of(plain, {}, float_disagreement=found)
    assert (f"the gate of exit 2 decides {samples} test samples" in text) == warned
    assert ("not at the threshold" in text) == (warned and not near)
