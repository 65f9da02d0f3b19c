"""Throughput against area of both designs, as a picture."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import FuncFormatter, PercentFormatter

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish

STYLES = {"static": ("ink", "s"), "dynamic": ("accent", "o")}


def draw_explore(document: dict[str, Any]) -> Picture:
    """Two curves over the share of the budget.

    Args:
        document: the content of `explore.json`.
    """
    told = []
    with drawing(5.4, 3.6, "explore") as figure:
        axes = figure.subplots()
        for name, (colour, marker) in STYLES.items():
            rows = [row for row in document["curve"] if row[name] is not None]
            shares, rates = [row["share"] for row in rows], [row[name] for row in rows]
            label = "static network" if name == "static" else "with early exits"
            axes.step(
                shares,
                rates,
                marker,
                where="post",
                linestyle="-",
                color=TOKENS[colour],
                markersize=4,
                label=label,
            )
            if rows:
                told.append(
                    f"{label} {rates[0]:,.0f} samples per second at {shares[0]:.0%}, "
                    f"{rates[-1]:,.0f} at {shares[-1]:.0%}"
                )
        axes.set_xlim(0, 1.02)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_xlabel("area: share of the scarcest block of the budget (estimate)")
        axes.set_ylabel("samples per second (estimate)")
        axes.set_title("Throughput in the same area")
        figure.legend(loc="outside lower left", ncols=2)
        return finish(
            figure,
            "explore",
            "Throughput against area: " + "; ".join(told) + ".",
            "Both sized for the fewest cycles per sample in each area.",
        )
