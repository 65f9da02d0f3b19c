"""Samples on their way through the stages, cycle by cycle, as the RTL simulation saw them."""

from __future__ import annotations

from typing import Any

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish

_MOST = 32
"""Rows beyond this are left out: they would be too thin to tell apart."""


def draw_timeline(report: dict[str, Any]) -> list[Picture]:
    """One row per sample in the order of entry: its stages as bars, its result as a mark.

    Args:
        report: `rtl.timeline` as hwgen.simulation.rtl.measures.timeline makes it; nothing is drawn without.
    """
    found = report.get("rtl", {}).get("timeline")
    samples = [sample for sample in (found or {}).get("samples", []) if sample["in"] is not None][:_MOST]
    if not samples:
        return []
    stages = max((span[0] for sample in samples for span in sample["stages"]), default=1)
    start = samples[0]["in"]
    with drawing(7.2, 0.17 * len(samples) + 1.35, "timeline") as figure:
        axes = figure.subplots()
        shown: set[str] = set()

        def label(text: str) -> str | None:
            """The text the first time, so that the legend names everything once."""
            new = text not in shown
            shown.add(text)
            return text if new else None

        for row, sample in enumerate(samples):
            end = sample["out"] if sample["out"] is not None else sample["in"]
            axes.plot(
                [sample["in"] - start, end - start + 1],
                [row, row],
                color=TOKENS["muted"],
                linewidth=1.2,
                label=label("waits for a stage or the output"),
                zorder=1,
            )
            for stage, first, last in sample["stages"]:
                if last is None:
                    continue
                axes.barh(
                    row,
                    last - first + 1,
                    left=first - start,
                    height=0.7,
                    color=exit_colour(stage - 1),
                    label=label(f"stage {stage}"),
                    zorder=2,
                )
            if sample["out"] is not None:
                axes.plot(
                    end - start + 1,
                    row,
                    marker="D",
                    markersize=4,
                    linestyle="none",
                    color=TOKENS["ink"],
                    label=label("result"),
                    zorder=3,
                )
        step = max(1, len(samples) // 8)
        rows = range(0, len(samples), step)
        axes.set_yticks(rows, [str(samples[row]["send"]) for row in rows])
        axes.set_ylim(len(samples) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_ylabel("sample")
        axes.set_xlabel(f"clock cycles ({found['source']})")
        axes.grid(visible=False, axis="y")
        handles, labels = axes.get_legend_handles_labels()
        order = sorted(range(len(labels)), key=lambda i: (not labels[i].startswith("stage"), labels[i]))
        figure.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="outside upper left",
            ncols=min(6, len(labels)),
            columnspacing=1.0,
            handlelength=1.4,
        )
        per_exit = [sum(sample["exit"] == number for sample in samples) for number in range(1, stages + 1)]
        leaving = ", ".join(f"{count} at exit {number}" for number, count in enumerate(per_exit, 1))
        return [
            finish(
                figure,
                "timeline",
                f"{len(samples)} successive samples and the cycles each spent in each of {stages} stages; {leaving}.",
                "A bar lasts from the cycle in which a stage takes a sample to the one in which its exit has decided. "
                "A sample that leaves early has no bar of a later stage.",
                wide=True,
            )
        ]
