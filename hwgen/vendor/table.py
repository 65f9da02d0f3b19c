"""What the tools gave, as a table on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNKNOWN = "—"
_HEADS = ("block", "LUT", "FF", "DSP", "BRAM 18k", "cycles", "interval", "source")


def _shown(value: object) -> str:
    return _UNKNOWN if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)


def _span(row: Mapping[str, Any]) -> str:
    low, high = row["min"], row["max"]
    return _shown(high) if low in (None, high) else f"{low:g}-{high:g}"


def lines(document: Mapping[str, Any]) -> list[Sequence[str]]:
    """Rows of the table: resources and latency by block and source."""
    latency = {(row["block"], row["source"]): row for row in document["latency"]}
    rows: list[Sequence[str]] = []
    for row in document["resources"]:
        cycles = latency.pop((row["block"], row["source"]), None)
        counts = [_shown(row[column]) for column in ("lut", "ff", "dsp", "bram_18k")]
        timing = [_UNKNOWN, _UNKNOWN] if cycles is None else [_span(cycles), _shown(cycles["interval"])]
        rows.append((row["block"], *counts, *timing, row["source"]))
    for (block, source), row in latency.items():
        rows.append((block, *[_UNKNOWN] * 4, _span(row), _shown(row["interval"]), source))
    return rows


def remarks(document: Mapping[str, Any]) -> list[str]:
    """What does not fit the table: steps that are not done, co-simulation, timing, power."""
    told = [
        f"{run['block']} {run['step']}: {run['state']}{', ' + run['message'] if run['message'] else ''}"
        for run in document["runs"]
        if run["state"] != "done"
    ]
    told += [
        f"{row['block']}: co-simulation {'passed' if row['passed'] else 'FAILED'}"
        for row in document["cosim"]
    ]
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
    from rich.table import Table

    table = Table(box=None)
    for number, name in enumerate(_HEADS):
        table.add_column(name, justify="left" if number in (0, len(_HEADS) - 1) else "right", no_wrap=True)
    for row in lines(document):
        table.add_row(*row)
    return table
