"""Calibration `cascade`: from the logits of the calibration split to thresholds for every budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from hwgen.calibration.abstention import abstain_raw
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.joint import search_joint
from hwgen.calibration.problem import DISABLED, Outcome, Problem, build_problem
from hwgen.calibration.result import AbstainThreshold, Calibration, Measured, Policy, Threshold
from hwgen.criteria import Gate, get_criterion
from hwgen.errors import DataError, RecipeError
from hwgen.fixedpoint import IntArray
from hwgen.recipe.schema import Exits
from hwgen.reference.network import IntegerNetwork


def check_exits(exits: Exits, early_exits: int) -> list[str]:
    """The criterion of each early exit, checked; call it before training to fail early.

    Args:
        exits: section of the recipe.
        early_exits: number of stages - 1.
    Raises:
        RecipeError: unknown criterion, wrong number of criteria, or a calibration method not available.
    """
    if exits.calibration != "cascade":
        raise RecipeError(
            "exits.calibration", f"{exits.calibration!r} is not available", "use calibration: cascade"
        )
    chosen = exits.criterion if isinstance(exits.criterion, list) else [exits.criterion] * early_exits
    if len(chosen) != early_exits:
        raise RecipeError(
            "exits.criterion",
            f"lists {len(chosen)} entries, but there are {early_exits} early exits",
            "write one per early exit, or one name for all",
        )
    for name in chosen if isinstance(exits.criterion, list) else [exits.criterion]:
        get_criterion(name)
    if exits.abstain is not None:
        get_criterion(exits.abstain.criterion, "exits.abstain.criterion")
    return list(chosen)


def build_gates(network: IntegerNetwork, exits: Exits) -> list[Gate | None]:
    """The gate of every exit; None at the last one without abstention.

    Raises:
        RecipeError: see `check_exits`; or logits that a gate cannot read, naming the stage.
    """
    chosen: list[str | None] = [*check_exits(exits, len(network.stages) - 1)]
    chosen.append(exits.abstain.criterion if exits.abstain else None)
    gates: list[Gate | None] = []
    for stage, name in zip(network.stages, chosen, strict=True):
        try:
            gates.append(get_criterion(name).gate(stage.logits.format, network.classes) if name else None)
        except RecipeError as error:
            raise RecipeError(f"{stage.name} exit: {error.where}", error.problem, error.remedy) from error
    return gates


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
    logits: Sequence[IntArray],
    labels: IntArray,
    exits: Exits,
) -> Problem:
    """The search problem of one network and calibration split.

    Raises:
        DataError: the split is empty.
    """
    if not len(labels):
        raise DataError("calibration split", "holds no samples", "raise data.calibration")
    early = [gate for gate in gates[:-1] if gate is not None]
    return build_problem(early, logits, labels, network.exit_macs(), exits.min_support)


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
    network: IntegerNetwork, logits: Sequence[IntArray], labels: IntArray, exits: Exits
) -> Calibration:
    """Finds thresholds for every policy of the recipe.

    Args:
        network: the integer network; its `exit_macs` count every head on the way.
        logits: per exit, raw int64 (n, classes), of the calibration split.
        labels: int64 (n,).
        exits: section of the recipe.
    Raises:
        RecipeError: see `check_exits`; or logits that a gate cannot read.
        DataError: the calibration split is empty.
    """
    gates = build_gates(network, exits)
    problem = calibration_problem(network, gates, logits, labels, exits)
    points = policy_points(exits)
    policies = [
        _policy(network, problem, gates, logits[-1], exits, budget, outcome)
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


def _policy(
    network: IntegerNetwork,
    problem: Problem,
    gates: Sequence[Gate | None],
    last_logits: IntArray,
    exits: Exits,
    points: float,
    outcome: Outcome,
) -> Policy:
    thresholds = []
    for index, rank in enumerate(outcome.ranks):
        gate = gates[index]
        if rank == DISABLED or gate is None:
            thresholds.append(Threshold(False, None, None, 0))
        else:
            raw = int(problem.raws[index][rank])
            thresholds.append(Threshold(True, gate.to_real(raw), raw, outcome.counts[index]))
    abstain = None
    final = gates[-1]
    if exits.abstain is not None and final is not None:
        reaching = last_logits[problem.exit_taken(outcome.ranks) == problem.early_exits]
        found = abstain_raw(final, reaching, problem.samples, exits.abstain.rate)
        if found is None:
            abstain = AbstainThreshold(False, None, None, 0.0)
        else:
            silent = int((~final.leaves(reaching, found)).sum())
            abstain = AbstainThreshold(True, final.to_real(found), found, silent / problem.samples)
    right = int(problem.correct[-1].sum()) - outcome.lost
    measured = Measured(
        accuracy=right / problem.samples,
        drop_points=100 * outcome.lost / problem.samples,
        mac_reduction=1 - outcome.macs / (network.static_macs * problem.samples),
        share=[count / problem.samples for count in outcome.counts],
    )
    return Policy(points, thresholds, abstain, measured)
