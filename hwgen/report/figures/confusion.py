"""Confusion matrices of the static and the dynamic network."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish
from hwgen.report.figures.leaving import class_labels

MOST_CLASSES = 40
"""Larger matrices are not drawn."""
_NUMBERED = 15
"""Up to this many classes, every cell holds its count."""


def draw_confusion(report: dict[str, Any]) -> list[Picture]:
    """Static and dynamic, or nothing for very many classes."""
    if report["data"]["classes"] > MOST_CLASSES:
        return []
    return [
        _matrix(report, kind, f"{title} network")
        for kind, title in (("static", "Static"), ("dynamic", "Dynamic"))
    ]


def _matrix(report: dict[str, Any], kind: str, title: str) -> Picture:
    counts = np.array(report["confusion"][kind])
    classes = len(counts)
    labels = class_labels(report)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(max(3.4, 0.42 * classes), 5.6) if classes <= _NUMBERED else 5.6
    key = f"confusion-{kind}"
    with drawing(side + 0.5, side + 0.3, key) as figure:
        axes = figure.subplots()
        axes.grid(visible=False)
        for row in range(classes):
            for column in range(classes):
                if not counts[row, column]:
                    continue
                colour = TOKENS["right"] if row == column else TOKENS["wrong"]
                # A square root keeps single mistakes visible beside the diagonal.
                shade = float(np.sqrt(shares[row, column]))
                axes.fill(
                    [column - 0.5, column + 0.5, column + 0.5, column - 0.5],
                    [row - 0.5, row - 0.5, row + 0.5, row + 0.5],
                    color=colour,
                    alpha=0.12 + 0.55 * shade,
                    linewidth=0,
                )
                if classes <= _NUMBERED:
                    axes.text(column, row, f"{counts[row, column]}", ha="center", va="center", fontsize=9)
        place = range(classes)
        axes.set_xticks(place, labels, rotation=90 if max(map(len, labels)) > 2 else 0, fontsize=8)
        axes.set_yticks(place, labels, fontsize=8)
        axes.set_xlim(-0.5, classes - 0.5)
        axes.set_ylim(classes - 0.5, -0.5)
        axes.set_aspect("equal")
        axes.set_xlabel("answer")
        axes.set_ylabel("true class")
        axes.set_title(title)
        wrong = counts - np.diag(np.diag(counts))
        worst = np.unravel_index(int(wrong.argmax()), wrong.shape)
        most = (
            f"most often, class {labels[worst[0]]} is taken for {labels[worst[1]]} ({wrong[worst]} times)"
            if wrong.any()
            else "no answer is wrong"
        )
        return finish(
            figure,
            key,
            f"Confusion matrix of the {kind} network: {int(wrong.sum())} of {int(counts.sum())} answers "
            f"are wrong; {most}.",
            f"{int(wrong.sum())} wrong; {most}.",
        )
