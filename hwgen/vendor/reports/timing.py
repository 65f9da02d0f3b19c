"""`report_timing_summary` of Vivado: worst slacks, and whether anything was constrained at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hwgen.vendor.reports.text import broken, plain, real, titled, vivado_version, whole
from hwgen.vendor.reports.utilisation import state_of

KIND = "report_timing_summary of Vivado"
_MET = {
    "All user specified timing constraints are met": True,
    "Timing constraints are not met": False,
    "There are no user specified timing constraints": None,
}
"""Sentence below the slacks -> what it says."""
_KINDS = (("setup", "wns", "tns"), ("hold", "whs", "ths"), ("pulse", "wpws", "tpws"))
_FIGURES: dict[str, tuple[str, Callable[[str, str, str], float | int | None]]] = {
    column: figure
    for kind, worst, total in _KINDS
    for column, figure in (
        (f"{worst.upper()}(ns)", (f"{worst}_ns", real)),
        (f"{total.upper()}(ns)", (f"{total}_ns", real)),
        (f"{total.upper()} Failing Endpoints", (f"{kind}_failing", whole)),
        (f"{total.upper()} Total Endpoints", (f"{kind}_endpoints", whole)),
    )
}
"""Column -> (our name, how it is read); with `-delay_type max` or `min` one kind of slack is left out."""
_CLOCK = re.compile(r"^\s*(\S+)\s+\{([-\d. ]+)\}\s+([\d.]+)\s+([\d.]+)\s*$")
_PATH, _PATH_END = (re.compile(line, re.MULTILINE) for line in (r"^Slack \(", r"^ +slack +\S"))
"""First and last line of a path in the details; one without a constraint (`Slack:  inf`) has no such last line."""
_NO_CLOCK = re.compile(r"There (?:are|is) (\d+) register/latch pins? with no clock")


def _section(text: str, title: str) -> list[str] | None:
    """Lines below `| title`, up to the next such heading; None if there is none."""
    found = re.search(
        rf"^\| {re.escape(title)}\n\| -+\n-+\n(.*?)(?=^-{{40,}}\n\| |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return None if found is None else found[1].splitlines()


def _summary(where: str, lines: list[str]) -> dict[str, Any]:
    for head, rule, row in zip(lines, lines[1:], lines[2:], strict=False):
        columns = re.split(r"\s{2,}", head.strip())
        if columns[0] not in ("WNS(ns)", "WHS(ns)"):
            continue
        cells = row.split()
        if not set(columns) <= set(_FIGURES) or not len(cells) == len(rule.split()) == len(columns):
            raise broken(where, "the row of the design's slacks")
        found: dict[str, Any] = dict.fromkeys(name for name, _ in _FIGURES.values())
        for column, cell in zip(columns, cells, strict=True):
            name, read = _FIGURES[column]
            found[name] = read(where, name, cell)
        return found
    raise broken(where, "no row of the design's slacks")


def parse_timing(text: str, where: str = "timing.rpt") -> dict[str, Any]:
    """Slacks of a design.

    Returns:
        `kind` timing, `version`, `design`, `part`, `state` (empty before 2021, where the head does not say it),
        `wns_ns`, `tns_ns`, `whs_ns`, `ths_ns`, `wpws_ns`, `tpws_ns`, and of each kind failing and all endpoints; `met`:
        whether all constraints are, None if there is no path under one; `clocks` (`name`, `period_ns`); `unclocked`:
        register pins that no clock reaches. A slack is None where there is no path, or the report leaves its kind out.
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    text = plain(text)
    found = titled(where, text, "Timing Summary Report", KIND)
    version = vivado_version(where, found)
    summary, clocks = _section(text, "Design Timing Summary"), _section(text, "Clock Summary")
    last = "Other Path Groups Table" if "-no_detailed_paths" in found.get("Command", "") else "Timing Details"
    if summary is None or clocks is None or _section(text, last) is None:
        raise broken(where, "sections are missing")
    if len(_PATH.findall(text)) != len(_PATH_END.findall(text)):
        raise broken(where, "a path has no end")
    slacks = _summary(where, summary)
    for kind, worst, total in _KINDS:
        late = [slacks[f"{worst}_ns"], slacks[f"{total}_ns"], -(slacks[f"{kind}_failing"] or 0)]
        if None not in late and len({figure < 0 for figure in late}) > 1:
            raise broken(where, f"worst and total slack of {kind} and its count of failing endpoints differ")
    said = " ".join(summary)
    verdicts = [met for sentence, met in _MET.items() if sentence in said]
    if len(verdicts) != 1:
        raise broken(where, "it does not say whether the constraints are met")
    met = verdicts[0]
    failing = [slacks[f"{kind}_failing"] for kind, _, _ in _KINDS]
    if met is not False and any(failing):
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
