"""What the cycle-by-cycle simulation of the pipeline says, for report.json; all of it null without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = ("latency", "throughput", "occupancy", "stages", "timeline", "activity", "pipeline", "source")


def rtl_verification(rtl: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The keys of `csim`, for the pipeline: differences added up over all runs."""
    if rtl is None:
        return None
    keys = ("samples", "mismatches", "stage_runs", "seconds", "compile_seconds", "runs", "compared")
    return {**{key: rtl[key] for key in keys}, "by_run": rtl["by_run"], "broken_rules": rtl["broken_rules"]}


def rtl_section(rtl: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Cycles, throughput, occupancy and activity of the pipeline, and what it is built of."""
    return None if rtl is None else {key: rtl[key] for key in _TOLD}


def rtl_activity(rtl: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Toggles per sample in a line: with early exits, and against the baseline.

    Returns:
        `unit`, `baseline`, per rate (`full_rate`, `spaced`) `per_sample` by run and `saved` against the
        baseline, `source`.
    """
    if rtl is None or rtl["activity"] is None:
        return None
    rates = {
        rate: {
            "per_sample": {name: run["per_sample"] for name, run in rtl["activity"][rate]["runs"].items()},
            "saved": rtl["activity"][rate]["saved"],
        }
        for rate in ("full_rate", "spaced")
    }
    baseline = rtl["activity"]["full_rate"]["baseline"]
    return {"unit": "toggles per sample", "baseline": baseline, **rates, "source": rtl["source"]}
