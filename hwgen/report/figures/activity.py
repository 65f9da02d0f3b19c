"""Toggles per sample and block, with and without early exit, as the RTL simulation counted them."""

from __future__ import annotations

import re
from typing import Any

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish

_SHADES = (1.0, 0.55, 0.3, 0.18)


ALL = "all"


def _colour(block: str) -> str:
    if block == ALL:
        return TOKENS["ink"]
    return exit_colour(int(block[5:]) - 1) if re.fullmatch(r"stage\d+", block) else TOKENS["muted"]


def draw_activity(report: dict[str, Any]) -> list[Picture]:
    """One group of bars per block, one bar per run: early exit against exits disabled and the static network.

    Runs of another pipeline, told by having one block only, stand in the group of sums alone.

    Args:
        report: `rtl.activity.full_rate` as hwgen.simulation.rtl.activity.against makes it; nothing is drawn without.
    """
    found = (report.get("rtl", {}).get("activity") or {}).get("full_rate")
    if not found or not found["runs"]:
        return []
    runs: dict[str, dict[str, Any]] = found["runs"]
    inside = {name: run["blocks"] if len(run["blocks"]) > 1 else {} for name, run in runs.items()}
    groups = {ALL: {name: run["per_sample"] for name, run in runs.items()}}
    for block in dict.fromkeys(block for blocks in inside.values() for block in blocks):
        groups[block] = {name: blocks[block]["total"] for name, blocks in inside.items() if block in blocks}
    shades = dict(zip(runs, _SHADES, strict=False))
    bars = sum(len(group) for group in groups.values())
    with drawing(5.4, 0.2 * bars + 0.1 * len(groups) + 1.5, "activity") as figure:
        axes = figure.subplots()
        row, ticks = 0.0, []
        for block, group in groups.items():
            ticks.append(row + (len(group) - 1) / 2)
            for name, toggles in group.items():
                axes.barh(
                    row, toggles, height=0.86, color=_colour(block), alpha=shades.get(name, _SHADES[-1])
                )
                axes.annotate(
                    f"{toggles:,.0f}",
                    (toggles, row),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                )
                row += 1
            row += 0.5
        for name in runs:
            axes.barh(0, 0, color=TOKENS["ink"], alpha=shades.get(name, _SHADES[-1]), label=name)
        axes.set_yticks(ticks, [re.sub(r"(?<=[a-z])(?=\d)", " ", block) for block in groups])
        axes.set_ylim(row - 0.9, -0.6)
        most = max(run["per_sample"] for run in runs.values())
        axes.set_xlim(0, most * 1.14)
        axes.set_xlabel(f"toggles per sample ({found['source']})")
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside upper left", ncols=len(runs), handlelength=1.4, columnspacing=1.0)
        saved = "; ".join(
            f"{name} {abs(share):.0%} {'below' if share >= 0 else 'above'} {found['baseline']}"
            for name, share in found["saved"].items()
        )
        return [
            finish(
                figure,
                "activity",
                "Toggles per sample: "
                + "; ".join(
                    f"{block}: " + ", ".join(f"{name} {toggles:,.0f}" for name, toggles in group.items())
                    for block, group in groups.items()
                )
                + ".",
                f"Bits of nets that change, without glitches: {saved}. Toggles are no energy: "
                "nets differ in what they load.",
            )
        ]
