"""The figures of docs/explore.md are those of benchmarks/results/equal_area.json."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "explore.md").read_text()
CASES: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / "equal_area.json").read_text())["cases"]
MAIN = CASES["1 point"]
ROWS = re.findall(r"^\| (\d+) % \| (.+?) \| (.+?) \| (.*?) ?\|$", PAGE, re.MULTILINE)


def shown(rate: float | None) -> str:
    return "does not fit" if rate is None else f"{round(rate):,}"


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_rows_of_the_curve(row: tuple[str, ...]) -> None:
    (found,) = [each for each in MAIN["curve"] if round(100 * each["share"]) == int(row[0])]
    ratio = "" if found["ratio"] is None else f"{found['ratio']:.1f}"
    assert row[1:] == (shown(found["static"]), shown(found["dynamic"]), ratio)


def test_the_aim() -> None:
    """Twice the throughput in the same area, by the cycle model on the whole test set; just missed in all of the part."""
    for name, ratio in (("60", 3.5), ("80", 2.4)):
        case = CASES[f"1 point, {name} % of the part"]
        assert case["designs"]["dynamic"]["runs"]["test_set"]["samples"] == 10_000
        assert case["ratio"]["cycle_model"] >= ratio and case["source"] == "estimate"
        assert all(design["share"] <= 1 for design in case["designs"].values())
    assert MAIN["designs"]["dynamic"]["runs"]["test_set"]["samples"] == 10_000
    assert len(ROWS) == 8


def test_figures_in_the_text() -> None:
    static, dynamic = (MAIN["designs"][name]["runs"] for name in ("static", "dynamic"))
    same = MAIN["equal_throughput"]
    load = [dynamic["equal_load"]["latency"], static["equal_load"]["latency"]]
    folded = CASES["1 point, 60 % of the part"]["designs"]
    slow = [folded[name]["runs"]["equal_load"]["latency"]["p99"] for name in ("dynamic", "static")]
    least, rate = dynamic["nobody_leaves"]["samples_per_second"], static["test_set"]["samples_per_second"]
    text = " ".join(PAGE.split())
    for told in (
        f"{100 * MAIN['policy']['test_shares'][0]:.1f} % of the test samples leave at the first exit, "
        f"{100 * MAIN['policy']['test_shares'][1]:.1f} % at the second",
        f"the ratio is {MAIN['ratio']['cycle_model']:.3f} in all of the part. At the {rate:,} samples/s",
        f"takes {same['dynamic']:.0%} of the part, the static one {same['static']:.0%}: "
        f"{same['dynamic'] / same['static']:.0%} of its area".replace("%", " %"),
        f"p50 {load[0]['p50']:,} against {load[1]['p50']:,}, mean {load[0]['mean']:,.0f} against "
        f"{load[1]['mean']:,.0f}, p99 {load[0]['p99']:,} against {load[1]['p99']:,}",
        f"In 60 % of the part p99 is {slow[0]:,} cycles against {slow[1]:,}",
        f"it is {least:,} samples/s in all of the part, {100 * least / rate:.0f} % of the static",
        f"At the low ends the ratio is {MAIN['ratio']['if_areas_low']:.1f} in all of it",
    ):
        assert told in text, told
    assert MAIN["ratio"]["if_areas_high"] is None and "does not fit this part" in text
    assert dynamic["shares"]["+10"]["samples_per_second"] == dynamic["test_set"]["samples_per_second"]
    large = {row["share"]: row["ratio"] for row in CASES["1 point, a part 14 times as large"]["curve"]}
    told = f"the ratio is {large[0.1]:.1f} in 10 % of it, {large[0.15]:.1f} in 15 % and {large[0.2]:.1f} from 20 % on"
    assert told in text
