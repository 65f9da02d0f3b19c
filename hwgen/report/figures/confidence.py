"""Confidence of right and wrong answers, exit by exit, with the threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter

from hwgen.report.evaluate import Evaluation
from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish

BINS = 30


def draw_confidence(report: dict[str, Any], evaluation: Evaluation) -> list[Picture]:
    """One histogram per exit, of all test samples whether or not they reach it."""
    return [_histogram(report["exits"][index], evaluation, index) for index in range(evaluation.exits)]


def _histogram(entry: dict[str, Any], evaluation: Evaluation, index: int) -> Picture:
    name, confidence = evaluation.confidence(index)
    right = evaluation.right[index]
    low, high = float(confidence.min()), float(confidence.max())
    if name in ("score", "margin"):
        high = 1.0
        low = min(low, 1 / evaluation.network.classes) if name == "score" else 0.0
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    threshold = entry["threshold"]["real"]
    key = f"confidence{index + 1}"
    with drawing(4.2, 2.8, key) as figure:
        axes = figure.subplots()
        for values, colour, label in (
            (confidence[right], TOKENS["right"], "right"),
            (confidence[~right], TOKENS["wrong"], "wrong"),
        ):
            counts, _ = np.histogram(values, edges)
            axes.stairs(counts, edges, color=colour, fill=True, alpha=0.35)
            axes.stairs(counts, edges, color=colour, linewidth=1.3, label=f"{label} ({len(values)})")
        axes.set_yscale("symlog", linthresh=10)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        if threshold is not None and edges[0] <= threshold <= edges[-1]:
            axes.axvline(threshold, color=TOKENS["ink"], linewidth=1.6, linestyle="--", label="threshold")
        axes.set_xlabel(f"confidence: {name}")
        axes.set_ylabel("samples")
        axes.set_title(f"Exit {index + 1}")
        figure.legend(loc="outside lower left", ncols=3, columnspacing=1.2, handlelength=1.4)
        state = f"threshold {threshold:.4g}" if threshold is not None else "no threshold"
        quality = entry["confidence"]["auroc"]
        separation = (
            f"; a right answer is the more confident one in {quality:.1%} of all right-wrong pairs"
            if quality is not None
            else ""
        )
        return finish(
            figure,
            key,
            f"Histogram of the confidence ({name}) of exit {index + 1} over {len(right)} samples: {int(right.sum())} "
            f"right, {int((~right).sum())} wrong, {state}.",
            f"{state.capitalize()}{separation}.",
        )
