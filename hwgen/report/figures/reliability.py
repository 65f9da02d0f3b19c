"""Whether the probabilities an exit claims are those it keeps, and what refusing answers would win."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from hwgen.report.figures.canvas import TOKENS, Picture, drawing, exit_colour, finish


def draw_reliability(report: dict[str, Any]) -> list[Picture]:
    """One diagram per exit and one of the dynamic network."""
    found = report["uncertainty"]
    pictures = [
        _diagram(entry, f"reliability{number}", f"Exit {number}", exit_colour(number - 1))
        for number, entry in enumerate(found["exits"], 1)
    ]
    if len(found["exits"]) > 1:
        pictures.append(
            _diagram(found["overall"], "reliability-overall", "Dynamic network", TOKENS["accent"])
        )
    return pictures


def _diagram(entry: Mapping[str, Any], key: str, title: str, colour: str) -> Picture:
    rows = entry["reliability"]
    edges = np.linspace(0, 1, len(rows) + 1)
    samples = sum(row["samples"] for row in rows)
    with drawing(3.4, 3.7, key) as figure:
        axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
        axes.plot([0, 1], [0, 1], color=TOKENS["muted"], linestyle="--", linewidth=1.2, label="kept exactly")
        for number, row in enumerate(rows):
            if row["samples"]:
                axes.fill_between(
                    edges[number : number + 2], row["accuracy"], color=colour, alpha=0.4, linewidth=0
                )
        filled = [row for row in rows if row["samples"]]
        axes.plot(
            [row["confidence"] for row in filled],
            [row["accuracy"] for row in filled],
            "o-",
            color=colour,
            markersize=4,
            linewidth=1.2,
            label="share of right answers",
        )
        axes.set_ylim(0, 1.03)
        axes.set_ylabel("right")
        axes.set_title(title)
        figure.legend(loc="outside lower left", ncols=2, columnspacing=1.2, handlelength=1.4)
        counts.stairs([row["samples"] / samples for row in rows], edges, color=colour, fill=True, alpha=0.6)
        counts.set_ylim(0, 1)
        counts.set_ylabel("samples")
        counts.set_xlabel("probability claimed for the answer")
        for part in (axes, counts):
            part.set_xlim(0, 1)
            part.yaxis.set_major_formatter(PercentFormatter(1.0))
        return finish(
            figure,
            key,
            f"Reliability diagram of {title.lower()}: share of right answers against the probability claimed, in "
            f"{len(rows)} bins over {samples} samples; expected calibration error {entry['ece']:.3f}.",
            f"Calibration error {entry['ece']:.3f}; points under the dashed line claim too much.",
        )


def draw_risk(report: dict[str, Any]) -> list[Picture]:
    """Share of wrong answers among the most confident ones, per exit and for the dynamic network."""
    found = report["uncertainty"]
    overall = found["overall"]
    with drawing(5.2, 3.7, "risk-coverage") as figure:
        axes = figure.subplots()
        for index, entry in enumerate(found["exits"]):
            curve = entry["risk_coverage"]
            axes.plot(
                curve["coverage"],
                curve["risk"],
                color=exit_colour(index),
                linewidth=1.2,
                label=f"exit {index + 1} on all samples",
            )
        curve = overall["risk_coverage"]
        axes.plot(
            curve["coverage"], curve["risk"], color=TOKENS["ink"], linewidth=2.2, label="dynamic network"
        )
        right = overall["accuracy"]
        best = [max(0.0, 1 - right / coverage) for coverage in curve["coverage"]]
        axes.plot(
            curve["coverage"],
            best,
            color=TOKENS["muted"],
            linestyle=":",
            linewidth=1.6,
            label="dynamic, perfect ranking",
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
        axes.set_xlabel("share of answers kept, the most confident first")
        axes.set_ylabel("of these wrong")
        axes.set_title("Risk and coverage")
        figure.legend(loc="outside lower left", ncols=2)
        return [
            finish(
                figure,
                "risk-coverage",
                "Risk-coverage curves. Areas under them: "
                + "; ".join(
                    f"exit {number} {entry['aurc']:.4f}" for number, entry in enumerate(found["exits"], 1)
                )
                + f"; dynamic network {overall['aurc']:.4f}, with a perfect ranking {overall['aurc_ideal']:.4f}.",
                f"Refusing the least confident tenth of the dynamic answers leaves {curve['risk'][17]:.2%} wrong, "
                f"refusing none {curve['risk'][-1]:.2%}.",
            )
        ]
