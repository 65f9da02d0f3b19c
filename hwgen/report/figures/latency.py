"""Latency of a sample that leaves at each exit, and what it is made of."""

from __future__ import annotations

import itertools
from typing import Any

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish


def draw_latency(report: dict[str, Any]) -> list[Picture]:
    """One bar per exit: load, then each stage with its gate; the share of samples at its end."""
    latency = report["latency"]
    per_exit, shares = latency["per_exit"], [entry["share"] for entry in report["exits"]]
    # What one more stage adds, its gate and its start included.
    adds = [per_exit[0] - latency["load"]]
    adds += [after - before for before, after in itertools.pairwise(per_exit)]
    with drawing(4.7, 0.42 * len(per_exit) + 1.35, "latency") as figure:
        axes = figure.subplots()
        for row, total in enumerate(per_exit):
            axes.barh(
                row, latency["load"], height=0.66, color=TOKENS["muted"], label="load" if row == 0 else None
            )
            left = latency["load"]
            for stage in range(row + 1):
                label = f"stage {stage + 1}" if stage == row else None
                axes.barh(row, adds[stage], left=left, height=0.66, color=exit_colour(stage), label=label)
                left += adds[stage]
            axes.annotate(
                f"{total:,} · {shares[row]:.0%}",
                (total, row),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                bbox={"facecolor": TOKENS["paper"], "edgecolor": "none", "pad": 1.5},
            )
        axes.axvline(latency["mean"], color=TOKENS["ink"], linewidth=1.4, linestyle="--", label="mean")
        axes.set_yticks(range(len(per_exit)), [f"exit {number}" for number in range(1, len(per_exit) + 1)])
        axes.set_ylim(len(per_exit) - 0.5, -0.5)
        axes.set_xlim(0, max(per_exit) * 1.3)
        axes.set_xlabel(f"clock cycles from the first beat of a sample ({latency['source']})")
        axes.grid(visible=False, axis="y")
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=4,
            borderaxespad=0.2,
            handlelength=1.4,
            columnspacing=1.0,
        )
        return [
            finish(
                figure,
                "latency",
                "Estimated latency in cycles: "
                + "; ".join(
                    f"exit {number}: {total} cycles, {share:.0%} of samples"
                    for number, (total, share) in enumerate(zip(per_exit, shares, strict=True), 1)
                )
                + f"; mean {latency['mean']:.0f}.",
                "Cycles, and the share of test samples that take that long under the active policy.",
            )
        ]
