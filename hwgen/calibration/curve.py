"""Accuracy against MACs over all thresholds: what a search finds on one split, measured on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwgen.calibration.calibrate import calibration_problem, search
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.gates import exit_macs
from hwgen.calibration.problem import DISABLED, Ranks, strictness
from hwgen.criteria import Gate, Seen, answers
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.schema import Exits
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
    gates: Sequence[Gate | None],
    exits: Exits,
    seen: Sequence[Seen],
    labels: IntArray,
    test_seen: Sequence[Seen],
    test_labels: IntArray,
    budgets: Sequence[float] = BUDGETS,
) -> list[Curve]:
    """The joint front and the epsilon family, fitted on one split and measured on another.

    Args:
        network: the integer network.
        gates: one per exit.
        exits: section of the recipe; its minimum support counts, its budgets do not.
        seen: what reaches each gate, of the calibration split.
        labels: int64 (n,).
        test_seen: what reaches each gate of m samples to measure on.
        test_labels: int64 (m,).
        budgets: percentage points of the joint front.
    Returns:
        [joint, epsilon]; the family is empty if no exit has the minimum support.
    """
    problem = calibration_problem(network, gates, seen, labels, exits)
    keys = [
        strictness(gate, gate.critical_raw(here))
        for gate, here in zip(gates[:-1], test_seen[:-1], strict=True) if gate is not None
    ]  # fmt: skip
    correct = np.stack([given == test_labels for given in answers(gates, test_seen)])
    macs = np.array(exit_macs(network, gates), dtype=np.float64)

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
