"""Where samples leave: per policy, and per class under the active policy."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from hwgen.report.evaluate import Evaluation
from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish

MOST_CLASSES = 40
"""With more classes than this, no bar per class is drawn."""
LEGEND_COLUMNS = 6
_LABELLED = 0.09
"""Shares below this are too narrow to be labelled."""


def class_labels(report: dict[str, Any], longest: int = 14) -> list[str]:
    """Names of the classes, or their numbers; long ones cut."""
    data = report["data"]
    names = data["class_names"] or [str(number) for number in range(data["classes"])]
    return [name if len(name) <= longest else name[: longest - 1] + "…" for name in names]


def _stack(axes: Axes, rows: list[str], shares: np.ndarray, abstained: np.ndarray, names: list[str]) -> None:
    """Horizontal bars, one per row; `shares` is (rows, exits), `abstained` (rows,) lies within the last exit."""
    place = np.arange(len(rows))
    left = np.zeros(len(rows))
    parts = [(names[k], exit_colour(k), shares[:, k]) for k in range(shares.shape[1])]
    if abstained.any():
        parts[-1] = (parts[-1][0], parts[-1][1], shares[:, -1] - abstained)
        parts.append(("abstains", TOKENS["muted"], abstained))
    for name, colour, widths in parts:
        axes.barh(place, widths, left=left, height=0.72, color=colour, label=name, edgecolor=TOKENS["paper"])
        for row, width in enumerate(widths):
            if width >= _LABELLED:
                axes.text(
                    left[row] + width / 2,
                    row,
                    f"{width:.0%}",
                    ha="center",
                    va="center",
                    fontsize=9,
                    color=TOKENS["paper"],
                )
        left = left + widths
    axes.set_yticks(place, rows)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(visible=False, axis="y")
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=min(len(parts), LEGEND_COLUMNS),
        borderaxespad=0.2,
        handlelength=1.0,
        columnspacing=1.0,
        handletextpad=0.4,
    )


def draw_leaving(report: dict[str, Any], evaluation: Evaluation) -> list[Picture]:
    """One bar per policy; one bar per class."""
    names = [f"exit {index}" for index in range(1, evaluation.exits + 1)]
    policies = report["budget"]["policies"]
    shares = np.array([policy["share"] for policy in policies])
    abstained = np.array([policy["abstained"] for policy in policies])
    rows = [f"{policy['points']:g}" for policy in policies]
    lines = -(-(len(names) + 1) // LEGEND_COLUMNS)
    pictures = []
    with drawing(4.7, 0.36 * len(rows) + 0.9 + 0.2 * lines, "leaving") as figure:
        axes = figure.subplots()
        _stack(axes, rows, shares, abstained, names)
        axes.set_ylabel("budget (points)")
        axes.set_xlabel("test samples")
        axes.get_yticklabels()[report["budget"]["active"]].set_fontweight("bold")
        pictures.append(
            finish(
                figure,
                "leaving",
                "Share of samples that leave at each exit: "
                + "; ".join(
                    f"budget {row} points: " + ", ".join(f"{value:.0%}" for value in shares[index])
                    for index, row in enumerate(rows)
                )
                + ".",
                "One bar per policy; the active one in bold.",
            )
        )
    classes = report["data"]["classes"]
    if evaluation.exits > 1 and classes <= MOST_CLASSES:
        pictures.append(_by_class(report, evaluation, names, lines))
    return pictures


def _by_class(report: dict[str, Any], evaluation: Evaluation, names: list[str], lines: int) -> Picture:
    classes = report["data"]["classes"]
    decisions = evaluation.active
    counts = np.zeros((classes, evaluation.exits))
    np.add.at(counts, (evaluation.labels, decisions.exit), 1)
    silent = np.bincount(evaluation.labels[decisions.abstain], minlength=classes)
    totals = np.maximum(counts.sum(axis=1), 1)
    with drawing(4.7, 0.25 * classes + 0.9 + 0.2 * lines, "byclass") as figure:
        axes = figure.subplots()
        _stack(axes, class_labels(report), counts / totals[:, None], silent / totals, names)
        axes.set_ylabel("true class")
        axes.set_xlabel("test samples of the class")
        first = counts[:, 0] / totals
        return finish(
            figure,
            "byclass",
            f"Share of samples of each class that leave at each exit; between {first.min():.0%} and "
            f"{first.max():.0%} of a class leave at the first.",
            "Active policy. Classes with short first bars are the hard ones.",
        )
