"""`report_timing_summary` of Vivado: worst slacks, and whether anything was constrained at all."""

from __future__ import annotations

import re
from typing import Any

from hwgen.vendor.reports.text import broken, foreign, heads, plain, real, vivado_version, whole
from hwgen.vendor.reports.utilisation import state_of

KIND = "report_timing_summary of Vivado"
_FIGURES = (
    ("wns_ns", real),
    ("tns_ns", real),
    ("setup_failing", whole),
    ("setup_endpoints", whole),
    ("whs_ns", real),
    ("ths_ns", real),
    ("hold_failing", whole),
    ("hold_endpoints", whole),
    ("wpws_ns", real),
    ("tpws_ns", real),
    ("pulse_failing", whole),
    ("pulse_endpoints", whole),
)
_CLOCK = re.compile(r"^\s*(\S+)\s+\{([-\d. ]+)\}\s+([\d.]+)\s+([\d.]+)\s*$")
_NO_CLOCK = re.compile(r"There (?:are|is) (\d+) register/latch pins? with no clock")


def _section(text: str, title: str) -> list[str] | None:
    """Lines below `| title`, up to the next such heading; None if there is none."""
    found = re.search(
        rf"^\| {re.escape(title)}\n\| -+\n-+\n(.*?)(?=^-{{40,}}\n\| |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return None if found is None else found[1].splitlines()


def _summary(where: str, lines: list[str]) -> dict[str, Any]:
    for head, rule, row in zip(lines, lines[1:], lines[2:], strict=False):
        if head.split()[:1] == ["WNS(ns)"]:
            figures = row.split()
            if len(figures) != len(_FIGURES) or len(rule.split()) != len(_FIGURES):
                raise broken(where, "the row of the design's slacks")
            return {
                name: read(where, name, text) for (name, read), text in zip(_FIGURES, figures, strict=True)
            }
    raise broken(where, "no row of the design's slacks")


def parse_timing(text: str, where: str = "timing.rpt") -> dict[str, Any]:
    """Slacks of a design.

    Returns:
        `kind` timing, `version`, `design`, `part`, `state` (empty before 2021, where the head does not say it),
        `wns_ns`, `tns_ns`, `whs_ns`, `ths_ns`, `wpws_ns`, `tpws_ns`, and of each kind failing and all endpoints; `met`:
        whether all constraints are, None if there is no path under one; `clocks` (`name`, `period_ns`); `unclocked`:
        register pins that no clock reaches.
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    text = plain(text)
    found = heads(text)
    if "Timing Summary Report" not in text or "Tool Version" not in found:
        raise foreign(where, KIND)
    version = vivado_version(where, found)
    summary, clocks = _section(text, "Design Timing Summary"), _section(text, "Clock Summary")
    if summary is None or clocks is None or _section(text, "Timing Details") is None:
        raise broken(where, "sections are missing")
    slacks = _summary(where, summary)
    said = " ".join(summary)
    met = "All user specified timing constraints are met" in said
    if not met and "Timing constraints are not met" not in said:
        raise broken(where, "it does not say whether the constraints are met")
    failing = [slacks[f"{kind}_failing"] for kind in ("setup", "hold", "pulse")]
    if met and any(failing):
        raise broken(where, "it says that constraints are met, and counts endpoints that fail")
    unclocked = _NO_CLOCK.findall(text)
    return {
        "kind": "timing",
        "version": version,
        "design": found.get("Design") or None,
        "part": found.get("Device") or None,
        "state": state_of(found),
        **slacks,
        "met": None if slacks["wns_ns"] is None and slacks["whs_ns"] is None else met,
        "clocks": [
            {"name": row[1], "period_ns": real(where, "period", row[3])}
            for row in map(_CLOCK.match, clocks)
            if row is not None
        ],
        "unclocked": sum(map(int, unclocked)) if unclocked else None,
    }
