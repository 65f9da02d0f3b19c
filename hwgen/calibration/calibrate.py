"""From the logits of the calibration split to thresholds for every budget, searched or proven."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.calibration.abstention import Proof, abstention
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.gates import TrainingValues, exit_macs, fit_gates
from hwgen.calibration.halves import split_halves
from hwgen.calibration.joint import search_joint
from hwgen.calibration.policies import describe
from hwgen.calibration.problem import Outcome, Problem, build_problem
from hwgen.calibration.result import Calibration, Policy
from hwgen.calibration.risk import certify, eligible, try_paths
from hwgen.criteria import Gate, Seen, observe
from hwgen.errors import DataError
from hwgen.fixedpoint import IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues
from hwgen.reference.network import IntegerNetwork


def policy_points(exits: Exits) -> list[float]:
    """Budgets of all policies, ascending, the active one among them."""
    return sorted({float(points) for points in (*exits.policies, exits.budget)})


def allowed_losses(points: Sequence[float], samples: int) -> IntArray:
    """Correct answers that each budget lets go, int64 (budgets,); exact for decimal budgets."""
    losses = [math.floor(Fraction(str(budget)) * samples / 100) for budget in points]
    return np.array(losses, dtype=np.int64)


def calibration_problem(
    network: IntegerNetwork,
    gates: Sequence[Gate | None],
    seen: Sequence[Seen],
    labels: IntArray,
    exits: Exits,
) -> Problem:
    """The search problem of one network and calibration split.

    Raises:
        DataError: the split is empty.
    """
    if not len(labels):
        raise DataError("calibration split", "holds no samples", "raise data.calibration")
    return build_problem(gates, seen, labels, exit_macs(network, gates), exits.min_support)


def search(problem: Problem, points: Sequence[float], method: str) -> list[Outcome]:
    """The policy with the fewest MACs within each budget.

    Args:
        problem: the samples.
        points: budgets in percentage points.
        method: `joint`, or `epsilon` to stay within the one-parameter family.
    """
    allowed = allowed_losses(points, problem.samples)
    if method == "joint":
        return search_joint(problem, allowed)
    family = [problem.outcome(problem.never), *(outcome for _, outcome in epsilon_family(problem))]
    return [min(outcome for outcome in family if outcome.lost <= limit) for limit in allowed]


def calibrate(
    network: IntegerNetwork,
    values: Sequence[StageValues],
    labels: IntArray,
    exits: Exits,
    seed: int = 0,
    training: TrainingValues | None = None,
    trained: Mapping[str, Any] | None = None,
) -> Calibration:
    """Fits the gates' parameters and finds thresholds for every policy of the recipe.

    Args:
        network: the integer network.
        values: what the reference says of the calibration split, one per stage, with the embeddings of
            `embedding_exits`.
        labels: int64 (n,).
        exits: section of the recipe.
        seed: of the recipe.
        training: values of training samples, where `needs_training` says so.
        trained: gates that training left, or None.
    Raises:
        RecipeError: see `check_exits`; or logits that a gate cannot read.
        DataError: the calibration split is empty.
    """
    if not len(labels):
        raise DataError("calibration split", "holds no samples", "raise data.calibration")
    gates = fit_gates(network, exits, values, labels, seed, training, trained)
    seen = observe(gates, values)
    problem = calibration_problem(network, gates, seen, labels, exits)
    points = policy_points(exits)
    if exits.calibration == "risk_control":
        policies = proven_policies(
            network, problem, gates, seen[-1], exits, points, split_halves(labels, seed)
        )
    else:
        policies = [
            describe(
                network, problem, gates, budget, outcome, abstention(problem, gates, seen[-1], exits, outcome)
            )
            for budget, outcome in zip(points, search(problem, points, exits.search), strict=True)
        ]
    return Calibration(
        method=exits.calibration,
        search=exits.search,
        samples=problem.samples,
        static_accuracy=float(problem.correct[-1].mean()),
        stages=[stage.name for stage in network.stages],
        gates=gates,
        policies=policies,
        active=points.index(float(exits.budget)),
    )


def proven_policies(
    network: IntegerNetwork,
    problem: Problem,
    gates: Sequence[Gate | None],
    last: Seen,
    exits: Exits,
    points: Sequence[float],
    halves: tuple[IntArray, IntArray],
) -> list[Policy]:
    """Policies by `risk_control`, each with its certificate; arguments as in `describe` and `certify`."""
    by_risk = exits.abstain is not None and exits.abstain.risk is not None
    delta, control = exits.risk.delta, exits.risk.control
    trials = try_paths(problem, halves, max(points) / 100, exits.search)
    policies = []
    for budget in points:
        outcome, certificate = certify(trials, budget, delta, control, network.static_macs, by_risk)
        possible = None
        if by_risk:
            trial = trials.of(control)
            possible = [trial.never, *trial.outcomes[: eligible(trials, budget, delta, control)]]
        proof = None if possible is None else Proof(halves, [found.ranks for found in possible], delta)
        silence = abstention(problem, gates, last, exits, outcome, proof)
        policies.append(describe(network, problem, gates, budget, outcome, silence, certificate))
    return policies
