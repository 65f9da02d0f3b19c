"""Accuracy against MACs over all thresholds: what a search finds on one split, measured on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen.calibration.calibrate import build_gates, calibration_problem, search
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.problem import DISABLED, Ranks, strictness
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import classify
from hwgen.reference.network import IntegerNetwork

BUDGETS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Budgets of the joint front, in percentage points."""
_FAMILY_POINTS = 64
"""Longest epsilon curve; a longer family is thinned evenly."""


@dataclass(frozen=True)
class Curve:
    """Points of one family of policies; all arrays float64 of one length.

    Args:
        search: `joint` or `epsilon`.
        parameter: the budget in percentage points, or epsilon as a fraction.
        mac_reduction: 1 - mean MACs / static MACs; below 0 if nothing leaves, as all heads run.
        accuracy: fraction.
    """

    search: str
    parameter: FloatArray
    mac_reduction: FloatArray
    accuracy: FloatArray


def threshold_curve(
    network: IntegerNetwork,
    exits: Exits,
    logits: Sequence[IntArray],
    labels: IntArray,
    test_logits: Sequence[IntArray],
    test_labels: IntArray,
    budgets: Sequence[float] = BUDGETS,
) -> list[Curve]:
    """The joint front and the epsilon family, fitted on one split and measured on another.

    Args:
        network: the integer network.
        exits: section of the recipe; its criteria and minimum support count, its budgets do not.
        logits: per exit, raw int64 (n, classes), of the calibration split.
        labels: int64 (n,).
        test_logits: per exit, raw int64 (m, classes), to measure on.
        test_labels: int64 (m,).
        budgets: percentage points of the joint front.
    Returns:
        [joint, epsilon]; the family is empty if no exit has the minimum support.
    """
    gates = build_gates(network, exits)
    problem = calibration_problem(network, gates, logits, labels, exits)
    keys = [
        strictness(gate, gate.critical_raw(values))
        for gate, values in zip(gates[:-1], test_logits[:-1], strict=True) if gate is not None
    ]  # fmt: skip
    correct = np.stack([classify(values) == test_labels for values in test_logits])
    macs = np.array(network.exit_macs(), dtype=np.float64)

    def measure(name: str, points: Sequence[tuple[float, Ranks]]) -> Curve:
        reductions, accuracies = [], []
        for _, ranks in points:
            taken = np.full(len(test_labels), len(ranks), dtype=np.int64)
            for index in reversed(range(len(ranks))):
                gate = gates[index]
                if ranks[index] != DISABLED and gate is not None:
                    threshold = strictness(gate, problem.raws[index])[ranks[index]]
                    taken[keys[index] >= threshold] = index
            reductions.append(1 - macs[taken].mean() / network.static_macs)
            accuracies.append(correct[taken, np.arange(len(taken))].mean())
        parameters = [parameter for parameter, _ in points]
        return Curve(name, np.array(parameters), np.array(reductions), np.array(accuracies))

    front = search(problem, budgets, "joint")
    family = epsilon_family(problem)
    kept = np.unique(np.linspace(0, len(family) - 1, min(len(family), _FAMILY_POINTS)).astype(np.int64))
    return [
        measure("joint", [(points, found.ranks) for points, found in zip(budgets, front, strict=True)]),
        measure("epsilon", [(family[i][0], family[i][1].ranks) for i in kept]),
    ]
