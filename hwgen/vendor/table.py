"""What the tools gave, as a table on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hwgen.vendor.rows import COLUMNS, SECTIONS

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNKNOWN = "—"
_HEADS = ("block", "LUT", "FF", "DSP", "BRAM 18k", "cycles", "interval", "source")


def _shown(value: object) -> str:
    return _UNKNOWN if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _span(row: Mapping[str, Any]) -> str:
    low, high = row["min"], row["max"]
    return _shown(high) if low in (None, high) else f"{_shown(low)}-{_shown(high)}"


def lines(document: Mapping[str, Any]) -> list[Sequence[str]]:
    """Rows of the table: resources and latency by block and source."""
    latency = {(row["block"], row["source"]): row for row in document["latency"]}
    rows: list[Sequence[str]] = []
    for row in document["resources"]:
        cycles = latency.pop((row["block"], row["source"]), None)
        counts = [_shown(row[column]) for column in COLUMNS]
        timing = [_UNKNOWN, _UNKNOWN] if cycles is None else [_span(cycles), _shown(cycles["interval"])]
        rows.append((row["block"], *counts, *timing, row["source"]))
    for (block, source), row in latency.items():
        rows.append((block, *[_UNKNOWN] * len(COLUMNS), _span(row), _shown(row["interval"]), source))
    return rows


def remarks(document: Mapping[str, Any]) -> list[str]:
    """What does not fit the table: steps that are not done, co-simulation, timing, power."""
    told = [
        f"{run['block']} {run['step']}: {run['state']}{', ' + run['message'] if run['message'] else ''}"
        for run in document["runs"]
        if run["state"] != "done"
    ]
    outcomes = {True: "passed", False: "FAILED", None: "was not run"}
    told += [f"{row['block']}: co-simulation {outcomes[row['passed']]}" for row in document["cosim"]]
    for row in document["timing"]:
        state = {True: "met", False: "NOT met", None: "not constrained"}[row["met"]]
        told.append(
            f"{row['block']}: timing {state}, worst slack {_shown(row['wns_ns'])} ns ({row['source']})"
        )
    power = document["power"]
    if power is not None:
        basis = power["activity"] or "the tool's default toggle rates"
        watts = f"{power['dynamic_w']:g} W dynamic, {power['static_w']:g} W static"
        told.append(f"{power['block']}: {watts}, from {basis} ({power['source']})")
    return told


def terminal_table(document: Mapping[str, Any]) -> RenderableType:
    """Resources and latency.

    Args:
        document: the content of `vendor.json`.
    """
    return _table(_HEADS, lines(document))


def loose_table(document: Mapping[str, Any]) -> RenderableType:
    """Resources and latency by file.

    Args:
        document: of `read_loose`.
    """
    rows = [(file, *row) for file, part in _by_file(document) for row in lines(part)]
    return _table(("file", *_HEADS), rows)


def loose_remarks(document: Mapping[str, Any]) -> list[str]:
    """What does not fit that table, and that none of it was imported."""
    told = [f"{file}: {remark}" for file, part in _by_file(document) for remark in remarks(part)]
    told += [f"{file}: not a report that is known here" for file in document["unrecognised"]]
    told += [f"{entry['file']}: {entry['problem']}" for entry in document["refused"]]
    return [*told, "reports of unknown firmware: shown, not imported"]


def _by_file(document: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each file with what it says, in the form of `vendor.json`."""
    found = []
    for report in document["reports"]:
        part: dict[str, Any] = {
            section: [row for row in document[section] if row["file"] == report["file"]]
            for section in SECTIONS
        }
        part |= {"runs": [], "power": next(iter(part["power"]), None)}
        found.append((report["file"], part))
    return found


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None)
    for name in heads:
        words = name in ("file", "block", "source")
        table.add_column(name, justify="left" if words else "right", no_wrap=name != "file", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
