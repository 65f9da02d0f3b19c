"""`report_power` of Vivado: watts by kind and by instance, and what the activity was taken from."""

from __future__ import annotations

from typing import Any

from hwgen.vendor.reports.text import (
    broken,
    check_contents,
    plain,
    real,
    tables,
    titled,
    vivado_version,
)
from hwgen.vendor.reports.utilisation import state_of

KIND = "report_power of Vivado"
_FIGURES = {
    "total_w": "Total On-Chip Power (W)",
    "dynamic_w": "Dynamic (W)",
    "static_w": "Device Static (W)",
    "junction_c": "Junction Temperature (C)",
}
_ROUNDING, _SHARE = 0.0021, 0.005
"""Watts, and share of the total: the three numbers are rounded each for itself, large ones to fewer digits."""


def _watts(where: str, name: str, text: str) -> dict[str, Any]:
    """`<0.001` is an upper bound."""
    bound = text.strip().startswith("<")
    return {"name": name.strip(), "w": real(where, name, text.strip().lstrip("<")), "at_most": bound}


def parse_power(text: str, where: str = "power.rpt") -> dict[str, Any]:
    """What a design burns.

    Returns:
        `kind` power, `version`, `design`, `part`, `state`, `total_w`, `dynamic_w`, `static_w`, `junction_c`,
        `confidence` (Low, Medium, High), `activity`: name of the SAIF file it was computed with, None for the
        tool's default toggle rates; `nets_matched`: as the tool writes it; `components` and `instances`: `name`,
        `w`, `at_most` if that is an upper bound, instances also `depth`.
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    text = plain(text)
    found = titled(where, text, "Power Report", KIND)
    version = vivado_version(where, found)
    check_contents(where, text)
    every = tables(where, text)
    summary: dict[str, str] = {}
    for table in every:
        if table.section == "Summary":
            summary |= {row[0].strip(): row[1].strip() for row in table.rows if len(row) == 2}
            if len(table.header) == 2:
                summary[table.header[0]] = table.header[1]
    figures = {name: real(where, label, summary.get(label)) for name, label in _FIGURES.items()}
    total, dynamic, static = (figures[name] for name in ("total_w", "dynamic_w", "static_w"))
    if total is None or dynamic is None or static is None:
        raise broken(where, "no total, dynamic or static power")
    if abs(total - dynamic - static) > max(_ROUNDING, _SHARE * total):
        raise broken(where, f"dynamic {dynamic} W and static {static} W do not make {total} W")
    components, instances = [], []
    for table in every:
        if table.header[:2] == ("On-Chip", "Power (W)"):
            components = [_watts(where, row["On-Chip"], row["Power (W)"]) for row in table.records(where)]
        if table.header == ("Name", "Power (W)"):
            for row in table.records(where):
                depth = (len(row["Name"]) - len(row["Name"].lstrip())) // 2
                instances.append(_watts(where, row["Name"], row["Power (W)"]) | {"depth": depth})
    if not components or not any(table.section == "By Hierarchy" for table in every):
        raise broken(where, "no power by component, or none by instance")
    activity = summary.get("Simulation Activity File", "---")
    return {
        "kind": "power",
        "version": version,
        "design": found.get("Design") or None,
        "part": found.get("Device") or None,
        "state": state_of(found),
        **figures,
        "confidence": summary.get("Confidence Level") or None,
        "activity": None if activity == "---" else activity,
        "nets_matched": None
        if summary.get("Design Nets Matched", "NA") == "NA"
        else summary["Design Nets Matched"],
        "components": components,
        "instances": instances,
    }
