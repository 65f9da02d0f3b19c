"""The estimate as tables on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLUMNS = ("latency", "interval", "lut", "ff", "dsp", "bram_18k")
_HEADS = ("latency", "interval", "LUT", "FF", "DSP", "BRAM 18k")
_UNKNOWN = "—"


def number_text(number: float) -> str:
    """Four digits and a unit at most: `0.6`, `903`, `4,096`, `436k`, `1.75M`."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= 10 * size or (unit == "M" and number >= size):
            return f"{number / size:.3g}{unit}"
    return f"{number:,.0f}" if number >= 100 else f"{number:g}"


def figure_text(figure: Mapping[str, float] | None) -> str:
    """`value (low-high)`; the value alone where it is exact."""
    if figure is None:
        return _UNKNOWN
    value, low, high = (number_text(figure[name]) for name in ("value", "low", "high"))
    return value if low == high else f"{value} ({low}-{high})"


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [figure_text(row.get(name)) for name in _COLUMNS]


def _area(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    part = f"{document['part']} ({document['family']})"
    told = f"{part}, {document['backend']}, io_{document['io']}, {document['clock_ns']:g} ns"
    brackets = f"in brackets the {document['interval']:.0%} interval of stages and layers"
    table = Table(
        title=f"{told}; {brackets}; weights: {document['weights']}",
        box=None,
        title_justify="left",
    )
    for number, name in enumerate(("block", "strategy", *_HEADS, "source")):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number != 0)
    for stage in document["stages"]:
        table.add_row(stage["name"], stage["style"], *_cells(stage), stage["source"], style="bold")
        for layer in stage["layers"]:
            how = _UNKNOWN if layer["strategy"] is None else f"{layer['strategy']} {layer['reuse_factor']}"
            table.add_row(f"  {layer['name']}", how, *_cells(layer), "")
    for block in document["blocks"]:
        table.add_row(block["block"], "", *_cells(block), block["source"] or _UNKNOWN)
    table.add_row("= all", "", *_cells(document["total"]), "", style="bold")
    return table


def _below_total(total: Mapping[str, Any]) -> list[str]:
    """What the last row adds up, and what it does not know."""
    parts = "; ".join(f"{name}: {told}" for name, told in total["of"].items())
    missing = [f"  without {', '.join(total['missing'])}: no figures"] if total["missing"] else []
    return [f"  = all adds {parts}", *missing]


def latency_cells(run: Mapping[str, Any]) -> list[str]:
    """Mean, p50, p99 and worst of a run of the cycle model."""
    found = (run["latency"][name] for name in ("mean", "p50", "p99", "worst"))
    return [_UNKNOWN if cycles is None else number_text(cycles) for cycles in found]


def _flow_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    kernel, flow = document["kernel"], document["pipeline"]
    rows: list[tuple[str, ...]] = [
        (
            "kernel, at the calibrated shares",
            *(figure_text(kernel[name]) for name in ("mean", "p50", "p99", "worst")),
            figure_text(kernel["samples_per_second"]),
        ),
        (
            "kernel, nobody leaves early",
            *[figure_text(kernel["worst"])] * 4,
            figure_text(kernel["samples_per_second_worst"]),
        ),
    ]
    for key, name in (("expected", "at the calibrated shares"), ("worst_case", "nobody leaves early")):
        run = flow.get(key)
        if run is not None:
            rate = number_text(run["samples_per_second"])
            rows.append((f"pipeline, {name}", *latency_cells(run), rate))
    return rows


def _flow(document: Mapping[str, Any]) -> RenderableType:
    from rich.table import Table

    table = Table(title="cycles of a sample, and samples per second", box=None, title_justify="left")
    for number, name in enumerate(("", "mean", "p50", "p99", "worst", "samples/s")):
        table.add_column(name, justify="left" if number == 0 else "right")
    for row in _flow_rows(document):
        table.add_row(*row)
    return table


def _lines(document: Mapping[str, Any]) -> list[str]:
    lines = []
    if "reason" in document["pipeline"]:
        lines.append(f"pipeline: {document['pipeline']['reason']}")
    energy = document["energy"]
    if energy["dynamic"] is None:
        lines.append(f"energy: {energy['dynamic_reason']}")
    else:
        mean, worst = (figure_text(energy["dynamic"][name]) for name in ("mean", "worst"))
        lines.append(f"dynamic energy of multiply-accumulates, nJ per sample: mean {mean}, worst {worst}")
        lines += [f"  {source}" for source in energy["dynamic"]["sources"]]
    lines.append(f"static energy: {energy['static_reason']}")
    for stage in document["stages"]:
        lines += [f"{stage['name']}: {note}" for note in stage["notes"]]
    lines += [
        f"{block['block']}: {block['note']}" for block in document["blocks"] if block["source"] != "yosys"
    ]
    return lines


def terminal_table(document: Mapping[str, Any]) -> RenderableType:
    """Area and cycles by block, cycles and rates by exit shares, energy, and notes.

    Args:
        document: the content of `estimate.json`.
    """
    from rich.console import Group

    return Group(
        _area(document), *_below_total(document["total"]), "", _flow(document), "", *_lines(document)
    )
