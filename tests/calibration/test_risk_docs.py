"""The tables of docs/decision.md about certified budgets are the numbers of the code and of the benchmark."""

from __future__ import annotations

import json
from pathlib import Path

from hwgen.calibration.risk import needed_for_mean, needed_samples, p_value

ROOT = Path(__file__).resolve().parents[2]


def rows(heading: str) -> list[list[str]]:
    """Cells of the first table below a heading, without its head."""
    page = (ROOT / "docs" / "decision.md").read_text(encoding="utf-8")
    text = page[page.index(heading) :]
    lines = text[text.index("\n|") :].lstrip().splitlines()
    table = [line for line in lines[: lines.index("")] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_needed_samples() -> None:
    table = rows("## Certified budgets")
    assert len(table) == 7
    for budget, *cells in table:
        share = float(budget.split()[0]) / 100
        needed = [needed_samples(share, delta) for delta in (0.1, 0.05, 0.01)] + [needed_for_mean(share)]
        assert cells == ["never" if count is None else str(count) for count in needed]


def test_the_example() -> None:
    assert p_value(32, 4500, 0.01) <= 0.1 < p_value(33, 4500, 0.01)


def test_the_benchmark() -> None:
    result = json.loads((ROOT / "benchmarks" / "results" / "risk_control.json").read_text())
    assert (result["splits"], result["budget_points"], result["delta"]) == (200, 1, 0.1)
    methods = list(result["methods"].values())
    for (_, *cells), found in zip(rows("### Measured"), methods, strict=True):
        measured = (
            100 * found["share_risk_exceeds_budget"], 100 * found["share_drop_exceeds_budget"],
            found["mean_risk_points"], found["mean_drop_points"], 100 * found["mean_mac_reduction"],
        )  # fmt: skip
        for cell, value in zip(cells, measured, strict=True):
            text = cell.split()[0]
            digits = len(text.partition(".")[2])
            assert round(value, digits) == float(text), (cell, value)
    proven = methods[0]
    assert proven["share_risk_exceeds_budget"] <= result["delta_plus_two_standard_errors"]
    assert proven["mean_mac_reduction"] >= 0.6
