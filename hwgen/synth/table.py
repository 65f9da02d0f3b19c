"""The counts as a table on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hwgen.synth.results import GROUPS

if TYPE_CHECKING:
    from rich.console import RenderableType

_SHOWN = ("lut", "lutram", "ff", "dsp", "bram_18k")
_HEADS = ("LUT", "LUT as memory", "FF", "DSP", "BRAM 18k")
_WORDS = {
    "stage": "stages",
    "gate": "gates",
    "controller": "controller",
    "registers": "control registers",
    "memory": "feature memories",
}
_UNKNOWN = "—"


def _numbers(counts: Mapping[str, Any] | None) -> list[str]:
    return [_UNKNOWN] * len(_SHOWN) if counts is None else [f"{counts[column]:g}" for column in _SHOWN]


def terminal_table(document: Mapping[str, Any]) -> RenderableType:
    """Blocks by group with their sums.

    Args:
        document: the content of `yosys.json`.
    """
    from rich.table import Table

    title = f"Yosys {document['yosys']}, synth_xilinx -family {document['family']}, every block alone"
    table = Table(title=title, box=None, title_justify="left")
    for number, name in enumerate(("block", *_HEADS, "s")):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
    sums = document["sums"]
    for group in GROUPS:
        entries = [entry for entry in document["blocks"] if entry["group"] == group]
        for entry in entries:
            seconds = _UNKNOWN if entry["seconds"] is None else f"{entry['seconds']:.0f}"
            table.add_row(entry["block"], *_numbers(entry["counts"]), seconds)
        if entries:
            table.add_row(f"= {_WORDS[group]}", *_numbers(sums[group]), "", style="bold")
    exits = sums["early_exits"]
    if exits["number"]:
        table.add_row("= controller per early exit", *_numbers(exits["mean"]), "", style="bold")
        for name, counts in exits["own"].items():
            table.add_row(f"  of it {name}'s own", *_numbers(counts), "")
    table.add_row("= all", *_numbers(sums["all"]), "", style="bold")
    return table
