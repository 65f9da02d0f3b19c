"""Estimates with their intervals, as multiples of what C synthesis reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish
from hwgen.vendor.rows import CSYNTH

LEAST = 0.05
"""Multiples below it are drawn there: a logarithmic axis has no zero."""


def _inside(row: Mapping[str, Any]) -> bool:
    return bool(row["low"] <= row["result"] <= row["high"])


def _colour(row: Mapping[str, Any]) -> str:
    if row["low"] == row["high"]:
        return TOKENS["muted"]
    return TOKENS["right" if _inside(row) else "wrong"]


def draw_comparison(rows: Sequence[Mapping[str, Any]]) -> list[Picture]:
    """One line per block and figure: the interval as a bar, the estimate as a dot, the result at 1.

    Args:
        rows: `vendor.comparison` of the report. Those of C synthesis with a result above 0 are drawn.
    """
    drawn = [row for row in rows if row["source"] == CSYNTH and row["result"]]
    if not drawn:
        return []
    spread = [row for row in drawn if row["low"] < row["high"]]
    held = sum(_inside(row) for row in spread)
    with drawing(5.4, 0.21 * len(drawn) + 0.9, "comparison") as figure:
        axes = figure.subplots()
        for place, row in enumerate(drawn):
            low, value, high = (max(row[end] / row["result"], LEAST) for end in ("low", "estimate", "high"))
            colour = _colour(row)
            axes.plot(
                [low, high], [place, place], color=colour, linewidth=5, alpha=0.45, solid_capstyle="butt"
            )
            axes.plot([value], [place], marker="o", markersize=4, color=colour, linestyle="none")
        axes.axvline(1, color=TOKENS["ink"], linewidth=1.2)
        axes.set_xscale("log")
        ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_yticks(range(len(drawn)), [f"{row['block']} {row['figure']}" for row in drawn])
        axes.set_ylim(len(drawn) - 0.5, -0.5)
        axes.set_xlabel("estimate / result of C synthesis")
        axes.grid(visible=False, axis="y")
        far = [row for row in drawn if not _inside(row)]
        told = f" {held} of {len(spread)} intervals hold the result." if spread else ""
        outside = "; ".join(
            f"{row['block']} {row['figure']}: {row['estimate']:,.0f} estimated, {row['result']:,.0f} reported"
            for row in far
        )
        return [
            finish(
                figure,
                "comparison",
                f"Estimates over results of C synthesis.{told} {outside}".rstrip(),
                f"Dot: estimate. Bar: its 80 % interval. Line: the result.{told} Grey: estimated as a single number.",
            )
        ]
