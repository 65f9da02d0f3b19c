"""A policy as it goes into calibration.json: real and raw thresholds, and what they do on the split."""

from __future__ import annotations

from collections.abc import Sequence

from hwgen.calibration.problem import DISABLED, Outcome, Problem
from hwgen.calibration.result import AbstainThreshold, Measured, Policy, Threshold
from hwgen.calibration.risk import Certificate
from hwgen.criteria import Gate
from hwgen.reference.network import IntegerNetwork


def describe(
    network: IntegerNetwork,
    problem: Problem,
    gates: Sequence[Gate | None],
    points: float,
    outcome: Outcome,
    abstain: AbstainThreshold | None,
    certificate: Certificate | None = None,
) -> Policy:
    """The policy of one budget.

    Args:
        network: the integer network.
        problem: the calibration split, net losses.
        gates: one per exit.
        points: the budget in percentage points.
        outcome: the thresholds, as ranks of `problem`, and what they do on it.
        abstain: the setting of the last exit.
        certificate: its proof, with `risk_control`.
    """
    thresholds = []
    for index, rank in enumerate(outcome.ranks):
        gate = gates[index]
        if rank == DISABLED or gate is None:
            thresholds.append(Threshold(False, None, None, 0))
        else:
            raw = int(problem.raws[index][rank])
            thresholds.append(Threshold(True, gate.to_real(raw), raw, outcome.counts[index]))
    right = int(problem.correct[-1].sum()) - outcome.lost
    measured = Measured(
        accuracy=right / problem.samples,
        drop_points=100 * outcome.lost / problem.samples,
        mac_reduction=1 - outcome.macs / (network.static_macs * problem.samples),
        share=[count / problem.samples for count in outcome.counts],
    )
    return Policy(points, thresholds, abstain, measured, certificate)
