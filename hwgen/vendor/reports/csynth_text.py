"""`<module>_csynth.rpt` (one module) and `csynth.rpt` (the summary of all of them, from Vitis HLS 2020.2 on)."""

from __future__ import annotations

import re
from typing import Any

from hwgen.vendor.reports.csynth import RESOURCES
from hwgen.vendor.reports.text import (
    Table,
    broken,
    check_version,
    foreign,
    plain,
    real,
    span,
    tables,
    whole,
)

KIND = "csynth.rpt of Vivado HLS or Vitis HLS"
_TITLE = re.compile(
    r"^== (?:(Vivado HLS|Vitis HLS) Report for '(.+)'|Synthesis Summary Report of '(.+)')\s*$", re.MULTILINE
)
_LINE = re.compile(r"^\s*\* (Version|Target device|Product family):\s*(.*?)\s*$", re.MULTILINE)
_RULE = "=" * 64
_COLUMNS = {
    "& Loops": "name",
    "(cycles)": "latency",
    "Interval": "interval",
    "Pipelined": "pipelined",
    "BRAM": "BRAM_18K",
}
"""End of a head in the summary -> our name. From 2024.2 on its three rows differ in cells, and the last one is left."""


def _sections(text: str) -> dict[str, str]:
    """Title -> text of what stands below `== title` between two rules."""
    parts = re.split(rf"^{_RULE}\n== (.*)\n{_RULE}\n", text, flags=re.MULTILINE)
    return {title.strip(): body for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def _counts(where: str, row: dict[str, str]) -> dict[str, int | None]:
    """Our columns of a row; a share in brackets behind a count is left out."""
    return {
        column: next((whole(where, tag, row[tag].split("(")[0]) for tag in tags if tag in row), None)
        for column, tags in RESOURCES.items()
    }


def _named(found: list[Table], first: str, where: str) -> Table:
    for table in found:
        if table.header and table.header[0] == first:
            return table
    raise broken(where, f"no table of {first!r}")


def _performance(where: str, body: str) -> dict[str, Any]:
    found = tables(where, body)
    clock = next(_named(found, "Clock", where).records(where), None)
    shapes = {5: (0, 1, 2, 3), 7: (0, 1, 4, 5)}  # from 2019.2 on, with the latency in seconds between them
    summary = next(
        (table.rows[0] for table in found if len(table.rows) == 1 and table.header[-1:] == ("Type",)), ()
    )
    if clock is None or len(summary) not in shapes:
        raise broken(where, "no clock or no latency")
    row = [cell.strip() for cell in summary]
    cycles = [whole(where, "latency or interval", row[index]) for index in shapes[len(row)]]
    return {
        "clock": {
            "target_ns": real(where, "clock", clock.get("Target")),
            "uncertainty_ns": real(where, "uncertainty", clock.get("Uncertainty")),
            "estimated_ns": real(where, "estimated clock", clock.get("Estimated")),
        },
        "pipeline": row[-1] or None,
        "latency_cycles": {"best": cycles[0], "worst": cycles[1]},
        "interval_cycles": {"min": cycles[2], "max": cycles[3]},
    }


def _utilisation(where: str, body: str) -> dict[str, Any]:
    rows = {row["Name"].strip(): row for row in _named(tables(where, body), "Name", where).records(where)}
    if "Total" not in rows or "Available" not in rows:
        raise broken(where, "no total of the resources")
    total, available = (_counts(where, rows[name]) for name in ("Total", "Available"))
    shares = rows.get("Utilization (%)", {})
    for column, tags in RESOURCES.items():
        said = next((shares[tag].strip() for tag in tags if tag in shares), None)
        used, there = total[column], available[column]
        if used and there and said != (str(100 * used // there) if 100 * used >= there else "~0"):
            raise broken(where, f"{column}: {used} of {there} is not {said} %")
    return {"resources": total, "available": available}


def _column(head: str) -> str:
    return next((name for end, name in _COLUMNS.items() if head.endswith(end)), head)


def _summary(where: str, top: str, body: str) -> dict[str, Any]:
    """The top of the summary, whose one latency stands for both cases."""
    table = next((found for found in tables(where, body) if "name" in map(_column, found.header[:1])), None)
    if table is None:
        raise broken(where, "no table of modules and loops")
    names = [_column(name) for name in table.header]
    modules = []
    if not {"name", "latency", "interval", "pipelined", "LUT", "FF"} <= set(names):
        raise broken(where, "columns are missing")
    for cells in table.rows:
        if len(cells) != len(names):
            raise broken(where, "a row has more or fewer cells than the head")
        row = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        if row["name"].startswith("+"):
            latency = span(where, "latency", row["latency"])[1]
            interval = span(where, "interval", row["interval"])[1]
            counts = _counts(where, row)
            modules.append(
                {
                    "name": row["name"].lstrip("+ ").rstrip("*"),
                    "latency_cycles": {"best": None, "worst": latency},
                    "interval_cycles": {"min": None, "max": interval},
                    # A dash stands for none of it here, not for unknown.
                    "resources": {column: count or 0 for column, count in counts.items()},
                    "pipeline": row["pipelined"],
                }
            )
    if not modules or modules[0]["name"] != top:
        raise broken(where, f"no row of {top!r}")
    return {key: value for key, value in modules[0].items() if key != "name"} | {"modules": modules}


def parse_csynth_text(text: str, where: str = "csynth.rpt") -> dict[str, Any]:
    """What C synthesis estimates, as text.

    Returns:
        as `parse_csynth`, of which the text has: `tool`, `version`, `top`, `part`, `family`, `latency_cycles` (best,
        worst), `interval_cycles`, `pipeline`, `resources`; one module's file also `clock` and `available`, the
        summary `modules`. The summary has one latency and one interval: the larger ones.
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    text = plain(text)
    title = _TITLE.search(text)
    if title is None:
        raise foreign(where, KIND)
    head = dict(_LINE.findall(text))
    version = head.get("Version", "").split(" ")[0]
    if not version:
        raise broken(where, "no version in its head")
    check_version(where, version)
    sections = _sections(text)
    top = title[2] or title[3]
    found = {
        "kind": "csynth",
        "tool": title[1] or "Vitis HLS",
        "version": version,
        "top": top,
        "part": head.get("Target device") or None,
        "family": head.get("Product family") or None,
    }
    if title[3]:
        tables(where, text)  # all of them are closed; of a small design the first is the only one
        return found | _summary(where, top, next(iter(sections.values()), ""))
    for name in ("Performance Estimates", "Utilization Estimates", "Interface"):
        if name not in sections:
            raise broken(where, f"section {name!r} is missing")
    if not tables(where, sections["Interface"]):
        raise broken(where, "its last table is missing")
    return (
        found
        | _performance(where, sections["Performance Estimates"])
        | _utilisation(where, sections["Utilization Estimates"])
    )
