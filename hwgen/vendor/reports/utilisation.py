"""`report_utilization` of Vivado: by kind of site, or by instance (`-hierarchical`).

Block RAM tiles hold 36 kbit; half of one is a block of 18 kbit, which is what is counted here.
"""

from __future__ import annotations

import re
from typing import Any

from hwgen.errors import ReportError
from hwgen.vendor.reports.text import (
    broken,
    check_contents,
    plain,
    real,
    tables,
    titled,
    vivado_version,
    whole,
)

KIND = "report_utilization of Vivado"
_SITES = {
    "lut": ("Slice LUTs", "CLB LUTs"),
    "lutram": ("LUT as Memory",),
    "ff": ("Slice Registers", "CLB Registers", "Registers"),
    "dsp": ("DSPs", "DSP Slices"),
    "tiles": ("Block RAM Tile",),
    "uram": ("URAM",),
}
"""Our column -> names of 7 series, UltraScale(+) and Versal."""
_ROUNDING = 0.00501
"""Per cent, with the error of the division."""
_COLUMNS = {
    "lut": ("Total LUTs",),
    "lutram": ("LUTRAMs", "SRLs"),
    "ff": ("FFs",),
    "dsp": ("DSP Blocks", "DSP48 Blocks", "DSP Slices"),
    "ramb36": ("RAMB36",),
    "ramb18": ("RAMB18",),
    "uram": ("URAM",),
}

_SPLIT = ("Logic LUTs", "LUTRAMs", "SRLs")
"""What the column of all LUTs is the sum of."""


def state_of(found: dict[str, str]) -> str:
    """`synthesised`, `optimised`, `placed` or `routed`; empty where the head does not say it."""
    said = found.get("Design State", "").lower()
    for word, state in (
        ("rout", "routed"),
        ("plac", "placed"),
        ("synth", "synthesised"),
        ("opt", "optimised"),
    ):
        if word in said:
            return state
    return ""


def _check_share(where: str, name: str, used: float | None, available: float | None, said: str) -> None:
    """The last column says the first ones again, rounded to two places: a damaged figure does not fit it."""
    share = real(where, f"share of {name}", said.strip().removeprefix("<"))
    if not used or not available or share is None:
        return
    found = 100 * used / available
    if found >= share if "<" in said else abs(found - share) > _ROUNDING:
        raise broken(where, f"{name}: {used:g} of {available:g} is not {said.strip()} %")


def _by_site(where: str, text: str) -> dict[str, Any]:
    used: dict[str, int | float | None] = dict.fromkeys(_SITES)
    available = dict(used)
    for table in tables(where, text):
        if not table.header or table.header[0] != "Site Type" or "Used" not in table.header:
            continue
        for row in table.records(where):
            name = row["Site Type"].strip().rstrip("*")
            for column, names in _SITES.items():
                # Tables of each die repeat the names below; the first is of the whole part.
                if name in names and used[column] is None:
                    used[column] = real(where, name, row["Used"])
                    available[column] = real(where, name, row.get("Available"))
                    _check_share(where, name, used[column], available[column], row.get("Util%", ""))
    if used["lut"] is None or used["ff"] is None:
        raise ReportError(
            where, "holds no LUTs or no registers", "write report_utilization of the whole design"
        )

    def columns(found: dict[str, Any]) -> dict[str, int | None]:
        counts = {column: found[column] for column in ("lut", "lutram", "ff", "dsp", "uram")}
        counts["bram_18k"] = None if found["tiles"] is None else 2 * found["tiles"]
        for column, count in counts.items():
            if count is not None and count != int(count):
                raise broken(where, f"{column} is {count}, not whole")
        return {column: None if count is None else int(count) for column, count in counts.items()}

    return {"resources": columns(used), "available": columns(available), "instances": []}


def _instances(where: str, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for table in tables(where, text):
        if table.header[:2] != ("Instance", "Module"):
            continue
        for row in table.records(where):
            counts: dict[str, int | None] = {}
            for column, names in _COLUMNS.items():
                there = [whole(where, name, row[name].split("(")[0]) for name in names if name in row]
                counts[column] = None if not there or None in there else sum(there)  # type: ignore[arg-type]
            split = [whole(where, name, row.get(name, "").split("(")[0]) for name in _SPLIT]
            if None not in split and sum(split) != counts["lut"]:  # type: ignore[arg-type]
                raise broken(where, f"the LUTs of {row['Instance'].strip()} do not add up")
            large, small = counts.pop("ramb36"), counts.pop("ramb18")
            counts["bram_18k"] = None if large is None or small is None else 2 * large + small
            name = row["Instance"]
            found.append(
                {
                    "instance": name.strip(),
                    "depth": (len(name) - len(name.lstrip())) // 2,
                    "module": row["Module"].strip(),
                    "resources": counts,
                }
            )
    if not found:
        raise broken(where, "no instance in its table")
    return found


def parse_utilisation(text: str, where: str = "utilization.rpt") -> dict[str, Any]:
    """What a design takes of the part.

    Returns:
        `kind` utilisation, `version`, `design`, `part`, `state` (synthesised, optimised, placed, routed), `resources`
        (lut with those used as memory, lutram those alone, ff, dsp, bram_18k, uram), `available` (the same; None by
        instance), `instances` (each with `instance`, `depth`, `module`, `resources`; empty unless the report is by
        instance; the logic of a module itself stands in brackets below it).
    Raises:
        ReportError: it is no such file, cut short, damaged, or too old.
    """
    text = plain(text)
    found = titled(where, text, "Utilization Design Information", KIND)
    version = vivado_version(where, found)
    check_contents(where, text)
    if re.search(r" -(cells|pblocks|slr)\b", found.get("Command", "")):
        raise ReportError(where, "is of a part of the design", "write report_utilization of the whole design")
    state = state_of(found)
    if not state:
        raise ReportError(
            where, "does not say in which state the design was", "write it after synthesis or after routing"
        )
    about: dict[str, Any] = {
        "kind": "utilisation",
        "version": version,
        "design": found.get("Design") or None,
        "part": found.get("Device") or None,
        "state": state,
    }
    if "Utilization by Hierarchy" in text:
        instances = _instances(where, text)
        return about | {"resources": instances[0]["resources"], "available": None, "instances": instances}
    return about | _by_site(where, text)
