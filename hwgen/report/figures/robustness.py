"""Accuracy, work and abstention on corrupted images, severity by severity."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import PercentFormatter

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish


def draw_corruptions(report: dict[str, Any]) -> list[Picture]:
    """One panel per corruption; nothing without them."""
    found = report["corruptions"]
    if found is None:
        return []
    names = list(dict.fromkeys(row["corruption"] for row in found["rows"]))
    lines = [
        ("static_accuracy", "static network, right", TOKENS["ink"], "-", "s"),
        ("dynamic_accuracy", "dynamic network, right", TOKENS["accent"], "-", "o"),
        ("mac_reduction", "MACs saved", TOKENS["right"], "--", ""),
    ]
    if found["clean"]["ignored"] or any(row["ignored"] for row in found["rows"]):
        lines.append(("ignored", "left unanswered", TOKENS["muted"], ":", ""))
    with drawing(1.75 * len(names) + 0.9, 2.7, "corruptions") as figure:
        panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, names, strict=True):
            rows = [found["clean"], *(row for row in found["rows"] if row["corruption"] == name)]
            for key, label, colour, style, marker in lines:
                axes.plot(
                    range(len(rows)), [row[key] for row in rows], style, marker=marker or None, markersize=3.5,
                    color=colour, linewidth=1.4, label=label,
                )  # fmt: skip
            axes.set_title(name.replace("_", " "))
            axes.set_xticks(range(len(rows)))
            axes.set_xlabel("severity")
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        values = [row[key] for row in [found["clean"], *found["rows"]] for key, *_ in lines]
        panels[0].set_ylim(min(0.0, *values) - 0.02, 1.02)
        panels[0].set_ylabel("of the images")
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2 if len(names) < 3 else 4
        )
        worst = min(found["rows"], key=lambda row: row["dynamic_accuracy"])
        return [
            finish(
                figure,
                "corruptions",
                f"Accuracy and MACs saved on {found['samples']} test images under {', '.join(names)}, at severities "
                f"0 (as they are) to 5; the lowest dynamic accuracy is {worst['dynamic_accuracy']:.1%}, under "
                f"{worst['corruption']} of severity {worst['severity']}.",
                f"Severity 0: the same {found['samples']} of {found['test']} test images as they are.",
                wide=True,
            )
        ]
