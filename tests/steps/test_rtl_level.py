"""`simulate` with level rtl: what it leaves beside the results is of the same run, and a trace asked for later is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hwgen.simulation.rtl.simulate as rtl
from hwgen.simulation.rtl.toggling import SAIF
from tests.steps.conftest import Bench

LEVEL = "simulation.level=rtl"
TRACE = "simulation.trace=fst"


@pytest.fixture
def runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each run of the stand-in for the pipeline's simulation was asked to trace."""
    seen: list[str] = []

    def simulate_rtl(
        loaded: Any, network: Any, calibration: Any, data: Any, tree: Path, out: Path, *_: Any
    ) -> Any:
        trace = loaded.recipe.simulation.trace
        seen.append(trace)
        if trace == "fst":
            (out / rtl.TRACE).write_text("waves")
        if len(seen) == 1:
            (out / SAIF).write_text("toggles")
        return {"mismatches": dict.fromkeys(("class", "exit"), 0), "broken_rules": []}

    monkeypatch.setattr(rtl, "simulate_rtl", simulate_rtl)
    return seen


def test_a_trace_asked_for_later_is_made(bench: Bench, runs: list[str]) -> None:
    assert bench.run("simulate", LEVEL)["simulate"].done
    assert (bench.out / "simulation" / SAIF).is_file()
    assert not bench.run("simulate", LEVEL)["simulate"].done
    assert bench.run("simulate", LEVEL, TRACE)["simulate"].done
    assert (bench.out / "simulation" / rtl.TRACE).is_file()
    assert not (bench.out / "simulation" / SAIF).exists(), "of another run"
    assert not bench.run("simulate", LEVEL, TRACE)["simulate"].done
    assert runs == ["none", "fst"]


def test_broken_rules_do_not_pass(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"mismatches": {"class": 0}, "broken_rules": ["rtl, full rate: m_axis changed while it waited"]}
    monkeypatch.setattr(rtl, "simulate_rtl", lambda *_: told)
    result = bench.run("simulate", LEVEL)["simulate"]
    assert not result.passed and "m_axis changed while it waited" in result.problem
