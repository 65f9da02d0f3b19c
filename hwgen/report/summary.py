"""The last lines of `hwgen run`: what came out, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hwgen.report.formats import count, percent, points

if TYPE_CHECKING:
    from rich.console import RenderableType


def summary(report: Mapping[str, Any], where: str = "report.html") -> RenderableType:
    """A short table of a report for a terminal.

    Args:
        report: content of report.json.
        where: where the page lies, as the reader may type it.
    """
    from rich.table import Table
    from rich.text import Text

    accuracy, budget, latency = report["accuracy"], report["budget"], report["latency"]
    csim = report["verification"]["csim"]
    wrong = sum(csim["mismatches"].values())
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()

    def row(name: str, text: str, style: str = "") -> None:
        table.add_row(name, Text(text, style=style))

    row("accuracy", f"{percent(accuracy['dynamic'])} dynamic, {percent(accuracy['static'])} static")
    row(
        "drop",
        f"{points(budget['measured_drop_points'])} points measured, budget {budget['points']:g}",
        "" if budget["within_budget"] else "yellow",
    )
    row(
        "MACs saved",
        f"{percent(report['macs']['reduction'])} ({count(report['macs']['dynamic_mean'])} a sample)",
    )
    if report["abstention"]:
        row("abstains", f"{percent(report['abstention']['rate'])} of all samples")
    row("mismatches", f"{count(wrong)} on {count(csim['samples'])} samples", "red" if wrong else "green")
    row(
        "latency",
        f"{count(latency['mean'])} cycles mean, {count(latency['worst'])} worst ({latency['source']})",
    )
    for check in report["checks"]:
        if not check["passed"]:
            row("failed", check["message"], "red")
    if report["warnings"]:
        row("warnings", f"{len(report['warnings'])}, see the report", "yellow")
    row("report", where)
    return table
