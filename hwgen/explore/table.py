"""The exploration as tables on a terminal, and the settings to paste into the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from hwgen.estimate.figures import AREA
from hwgen.estimate.table import figure_text, latency_cells, number_text
from hwgen.explore.designs import busy_cycles

if TYPE_CHECKING:
    from rich.console import RenderableType

_UNKNOWN = "—"
_RUNS = (("test_set", "back to back"), ("equal_load", "at 90 % of the static rate"))


def _designs(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    area = ", ".join(f"{number_text(document['area'][name])} {name}" for name in AREA)
    table = Table(
        title=f"{document['part']}, io_{document['io']}, {document['clock_ns']:g} ns; budget {area}; "
        f"in brackets the {document['interval']:.0%} interval",
        box=None,
        title_justify="left",
    )
    for number, name in enumerate(
        ("", "of the budget", "LUT", "FF", "DSP", "BRAM 18k", "cycles a sample", "samples/s")
    ):
        table.add_column(name, justify="left" if number == 0 else "right")
    for name, design in document["designs"].items():
        visits, intervals = zip(
            *((stage["visits"], stage["interval"]) for stage in design["stages"]), strict=True
        )
        cycles = max(busy_cycles(visits, intervals))
        table.add_row(
            name,
            f"{design['share']:.0%} ({design['scarcest']})",
            *(figure_text(design["area"][block]) for block in AREA),
            number_text(round(cycles)),
            number_text(design["samples_per_second"]),
        )
    return table


def _layers(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title="the design with early exits", box=None, title_justify="left")
    for number, name in enumerate(
        ("stage", "visits", "interval", "load", "layers: strategy and reuse factor")
    ):
        table.add_column(name, justify="right" if 0 < number < 4 else "left")
    for stage in document["designs"]["dynamic"]["stages"]:
        layers = ", ".join(
            f"{layer['name']} {layer['strategy']} {layer['reuse_factor']}" for layer in stage["layers"]
        )
        row = (f"{stage['visits']:.1%}", number_text(stage["interval"]), f"{stage['load']:.0%}", layers)
        table.add_row(stage["name"], *row)
    return table


def _runs(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title="cycle model; latency in cycles", box=None, title_justify="left")
    for number, name in enumerate(("", "samples", "samples/s", "mean", "p50", "p99", "worst")):
        table.add_column(name, justify="left" if number == 0 else "right")
    rows = []
    for name, design in document["designs"].items():
        runs = design["runs"]
        rows += [(f"{name}, {told}", runs[key]) for key, told in _RUNS]
        rows += [(f"{name}, {points} points continue", run) for points, run in runs.get("shares", {}).items()]
        if "nobody_leaves" in runs:
            rows.append((f"{name}, nobody leaves early", runs["nobody_leaves"]))
    for told, run in rows:
        latency = latency_cells(run)
        table.add_row(told, number_text(run["samples"]), number_text(run["samples_per_second"]), *latency)
    return table


def _curve(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title="samples per second by area", box=None, title_justify="left")
    for name in ("of the budget", "static", "dynamic", "ratio"):
        table.add_column(name, justify="right")
    for row in document["curve"]:
        cells = [
            _UNKNOWN if row[name] is None else number_text(round(row[name])) for name in ("static", "dynamic")
        ]
        table.add_row(f"{row['share']:.0%}", *cells, _times(row["ratio"]))
    return table


def _times(ratio: float | None) -> str:
    return _UNKNOWN if ratio is None else f"{ratio:.2f}x"


def _lines(document: Mapping[str, Any]) -> list[str]:
    ratio, same = document["ratio"], document["equal_throughput"]
    lines = [
        f"throughput in the same area: {_times(ratio['cycle_model'])} in the cycle model, "
        f"{_times(ratio['averages'])} from averages; {_times(ratio['if_areas_low'])} and "
        f"{_times(ratio['if_areas_high'])} if both areas are at the low or the high end of their intervals (estimate)"
    ]
    lines += [
        f"{block['block']}: not counted: {block['note']}"
        for block in document["designs"]["dynamic"]["blocks"]
        if block["source"] is None
    ]
    if same["dynamic"] is not None and same["static"]:
        lines.append(
            f"area at the static throughput: {same['dynamic'] / same['static']:.0%} of the static network's (estimate)"
        )
    return lines


def hls_text(document: Mapping[str, Any]) -> str:
    """The recipe's `hls` section for the sized design, as YAML."""
    return str(yaml.safe_dump({"hls": document["hls"]}, sort_keys=False, default_flow_style=None, width=100))


def terminal_table(document: Mapping[str, Any]) -> RenderableType:
    """Both designs, the layers of the dynamic one, the runs, the curve, and the ratios.

    Args:
        document: the content of `explore.json`.
    """
    from rich.console import Group

    tables = [_designs(document), "", _layers(document), "", _runs(document), "", _curve(document), ""]
    return Group(*tables, *_lines(document))
