"""Accuracy against MACs: all thresholds, the policies, the static network, each exit alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from hwgen.calibration import Curve
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.report.evaluate import Evaluation
from hwgen.report.figures.canvas import TOKENS, Picture, drawing, finish

GRID_POINTS = 600
"""Combinations of thresholds in the cloud, about."""
SAMPLES = 4000
"""Test samples the cloud is measured on, at most; all other points use all of them."""
CAPTION = (
    "Up and to the left is better. Grey: a grid over the thresholds of all exits. Line and crosses: what the two "
    "searches find on the calibration split, measured on the test split. Squares: static networks that end at one "
    "exit, without the heads before it."
)
STYLES = {"joint": "-", "epsilon": "+"}
"""How each family of policies is drawn: a front as a line, a family that is none as points."""


def _keys(evaluation: Evaluation, part: slice) -> list[IntArray]:
    """Per early exit, larger for samples that leave at stricter thresholds."""
    keys = []
    for gate, seen in zip(evaluation.calibration.gates[:-1], evaluation.seen[:-1], strict=True):
        assert gate is not None
        critical = gate.critical_raw(seen.take(part))
        keys.append(critical if gate.stricter_up else -critical)
    return keys


def cloud(evaluation: Evaluation) -> tuple[FloatArray, FloatArray]:
    """Mean MACs and accuracy over a grid of thresholds at all early exits, never leaving included."""
    step = -(-evaluation.samples // SAMPLES)
    part = slice(None, None, step)
    keys = _keys(evaluation, part)
    right = np.stack(evaluation.right)[:, part]
    macs = np.array(evaluation.exit_macs, dtype=np.float64)
    per_exit = max(3, round(GRID_POINTS ** (1 / max(len(keys), 1)))) if keys else 1
    settings = []
    for key in keys:
        # Closer together where most samples leave: that is where policies lie.
        quantiles = np.quantile(key, np.linspace(0, 1, per_exit - 1) ** 2, method="nearest")
        settings.append([*np.unique(quantiles).tolist(), np.iinfo(np.int64).max])
    points = set()
    for chosen in itertools.islice(itertools.product(*settings), 4 * GRID_POINTS):
        taken = np.full(right.shape[1], len(keys))
        for index in reversed(range(len(keys))):
            taken[keys[index] >= chosen[index]] = index
        points.add((float(macs[taken].mean()), float(right[taken, np.arange(len(taken))].mean())))
    ordered = np.array(sorted(points))
    return ordered[:, 0], ordered[:, 1]


def alone_macs(evaluation: Evaluation) -> list[int]:
    """MACs of a static network that ends at each exit: its backbone and its own head."""
    totals, spent = [], 0
    for stage in evaluation.network.stages:
        spent += stage.macs
        totals.append(spent + stage.head_macs)
    return totals


def _number(value: float, _: object = None) -> str:
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


def _policies(axes: Axes, report: dict[str, Any], labels: bool) -> None:
    static = report["macs"]["static"]
    groups: dict[tuple[float, float], list[int]] = {}
    for index, policy in enumerate(report["budget"]["policies"]):
        point = (static * (1 - policy["mac_reduction"]), policy["dynamic_accuracy"])
        groups.setdefault(point, []).append(index)
    active = report["budget"]["active"]
    for point, members in groups.items():
        chosen = active in members
        axes.plot(
            *point,
            "o",
            color=TOKENS["accent"],
            markersize=9 if chosen else 6,
            zorder=5,
            markeredgecolor=TOKENS["ink"] if chosen else TOKENS["accent"],
            markeredgewidth=1.5 if chosen else 0,
        )
        if labels:
            names = ", ".join(f"{report['budget']['policies'][index]['points']:g}" for index in members)
            axes.annotate(
                names,
                point,
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                fontweight="bold" if chosen else "normal",
            )
    axes.plot([], [], "o", color=TOKENS["accent"], markersize=6, label="policies (budget in points)")


def _frame(axes: Axes) -> None:
    axes.set_xlabel("MACs per sample, mean")
    axes.set_ylabel("accuracy")
    low, high = axes.get_xlim()
    if low > 0 and high / low > 6:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))


def draw_tradeoff(report: dict[str, Any], evaluation: Evaluation, curves: Sequence[Curve]) -> list[Picture]:
    """The whole range, and the neighbourhood of the policies."""
    static = (report["macs"]["static"], report["accuracy"]["static"])
    pictures = []
    with drawing(4.7, 4.1, "tradeoff") as figure:
        axes = figure.subplots()
        if evaluation.exits > 1:
            axes.plot(
                *cloud(evaluation),
                ".",
                color=TOKENS["muted"],
                alpha=0.35,
                markersize=3,
                label="a grid of thresholds",
                zorder=1,
            )
            for curve in curves:
                if len(curve.accuracy):
                    axes.plot(
                        static[0] * (1 - curve.mac_reduction),
                        curve.accuracy,
                        STYLES.get(curve.search, "--"),
                        color=TOKENS["accent"],
                        linewidth=1.3,
                        markersize=5,
                        label=f"search: {curve.search}",
                        zorder=2,
                    )
            _policies(axes, report, labels=False)
        axes.plot(
            alone_macs(evaluation),
            report["accuracy"]["exits"],
            "s",
            color="none",
            markersize=8,
            zorder=4,
            markeredgecolor=TOKENS["ink"],
            markeredgewidth=1.3,
            label="each exit alone",
        )
        axes.plot(*static, "*", color=TOKENS["ink"], markersize=12, label="static network", zorder=6)
        axes.margins(0.06)
        _frame(axes)
        axes.set_title("All thresholds")
        figure.legend(loc="outside lower left", ncols=2)
        pictures.append(
            finish(
                figure,
                "tradeoff",
                f"Accuracy against MACs per sample. The static network reaches {static[1]:.1%} with "
                f"{_number(static[0])} MACs, the active policy {report['accuracy']['dynamic']:.1%} with "
                f"{_number(report['macs']['dynamic_mean'])}.",
                CAPTION if evaluation.exits > 1 else "One exit: there is nothing to trade.",
            )
        )
    if evaluation.exits > 1:
        pictures.append(_near(report, static))
    return pictures


def _near(report: dict[str, Any], static: tuple[float, float]) -> Picture:
    with drawing(4.7, 4.1, "policies") as figure:
        axes = figure.subplots()
        budgets = [policy["points"] for policy in report["budget"]["policies"]]
        axes.axhline(static[1], color=TOKENS["ink"], linewidth=1, label="static network")
        active = budgets[report["budget"]["active"]]
        axes.axhline(
            static[1] - active / 100,
            color=TOKENS["wrong"],
            linewidth=1,
            linestyle="--",
            label=f"its budget, {active:g} points below",
        )
        _policies(axes, report, labels=True)
        axes.margins(0.15, 0.18)
        axes.set_title("The policies")
        _frame(axes)
        figure.legend(loc="outside lower left", ncols=2)
        return finish(
            figure,
            "policies",
            "Accuracy against MACs of each policy: "
            + "; ".join(
                f"budget {policy['points']:g} points: {policy['dynamic_accuracy']:.1%}, "
                f"{policy['mac_reduction']:.1%} fewer MACs"
                for policy in report["budget"]["policies"]
            )
            + ".",
            "Numbers are budgets in percentage points, kept on the calibration split; heights are test accuracies. "
            "The active policy has a rim.",
        )
