"""Confidence of test samples and of samples of no class."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from hwgen.fixedpoint import FloatArray
from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish
from hwgen.report.observed import SHOWN_CRITERION, Observed

BINS = 30


def draw_outliers(report: dict[str, Any], test: Observed, ood: Observed | None) -> list[Picture]:
    """One histogram per exit, on all samples, and one of the dynamic answers; nothing without such samples."""
    found = report["ood"]
    if found is None or ood is None:
        return []
    pictures = [
        _histogram(
            f"ood{k + 1}",
            f"Exit {k + 1}",
            entry["criterion"],
            entry["own"],
            test.confidence[k],
            ood.confidence[k],
        )
        for k, entry in enumerate(found["exits"])
    ]
    if len(pictures) > 1:
        overall = found["overall"]
        pictures.append(
            _histogram(
                "ood-overall",
                "Dynamic network",
                overall["criterion"] or SHOWN_CRITERION,
                overall["own"],
                test.ranking,
                ood.ranking,
            )
        )
    return pictures


def _histogram(
    key: str, title: str, criterion: str, quality: dict[str, Any], inside: FloatArray, outside: FloatArray
) -> Picture:
    low = min(float(inside.min()), float(outside.min()))
    high = max(float(inside.max()), float(outside.max()))
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    with drawing(3.8, 2.7, key) as figure:
        axes = figure.subplots()
        for values, colour, label in (
            (inside, TOKENS["right"], "test samples"),
            (outside, TOKENS["wrong"], "out of distribution"),
        ):
            shares = np.histogram(values, edges)[0] / len(values)
            axes.stairs(shares, edges, color=colour, fill=True, alpha=0.35)
            axes.stairs(shares, edges, color=colour, linewidth=1.3, label=label)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel(f"confidence: {criterion}")
        axes.set_ylabel("of its samples")
        axes.set_title(title)
        figure.legend(loc="outside lower left", ncols=2, columnspacing=1.2, handlelength=1.4)
        auroc = "unknown" if quality["auroc"] is None else f"{quality['auroc']:.3f}"
        return finish(
            figure,
            key,
            f"Out-of-distribution histogram, {title.lower()}, confidence {criterion}: {len(inside)} test samples "
            f"against {len(outside)} out-of-distribution samples; AUROC {auroc}.",
            f"AUROC {auroc}; {quality['fpr95']:.1%} of the foreign samples pass the threshold that 95 % of the test "
            "samples pass.",
        )
