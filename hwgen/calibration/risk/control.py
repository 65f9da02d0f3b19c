"""Calibration `risk_control`: a path searched on one half of the samples, certified on the other.

The loss of a sample is 1 if the last exit is right and the policy is wrong, else 0. Its mean, the risk,
bounds the drop in accuracy from above: the drop also counts what leaving early wins. Each budget is
certified by itself. As the path is the same for all, a larger budget certifies at least the policies of a
smaller one; taken is the one with the fewest MACs, so a larger budget never costs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwgen.calibration.problem import DISABLED, Outcome, Problem, Ranks
from hwgen.calibration.risk.bounds import (
    corrected_mean,
    needed_for_mean,
    needed_samples,
    p_value,
)
from hwgen.calibration.risk.certificate import Certificate, Control, ControlName
from hwgen.calibration.risk.path import search_path
from hwgen.calibration.risk.sequence import (
    Losses,
    certified_in_mean,
    certified_in_probability,
    monotone_losses,
)
from hwgen.fixedpoint import IntArray


@dataclass(frozen=True)
class Trial:
    """A path as it does on all samples.

    Args:
        problem: the whole calibration split.
        halves: (search, certify), indices.
        never: the policy that never leaves early, on the whole split.
        outcomes: the policies of the path, on the whole split, net losses; thresholds as ranks of `problem`.
        searched: int64 (policies,): gross losses on the search half.
        lost: bool (policies, samples of the certify half): gross losses.
    """

    problem: Problem
    halves: tuple[IntArray, IntArray]
    never: Outcome
    outcomes: list[Outcome]
    searched: IntArray
    lost: Losses


def try_path(problem: Problem, halves: tuple[IntArray, IntArray], budget: float) -> Trial:
    """Searches the path on the search half and follows it on the certify half.

    Args:
        problem: the whole calibration split, net losses.
        halves: (search, certify), indices, as `split_halves` gives them.
        budget: the largest of all budgets, a fraction.
    """
    search_half, certify_half = halves
    gross = replace(problem, gross=True)
    part = gross.take(search_half)
    path = search_path(part, budget)[1:]
    policies = [_translated(part, problem, outcome.ranks) for outcome in path]
    lost = np.zeros((len(path), len(certify_half)), dtype=bool)
    for index, ranks in enumerate(policies):
        lost[index] = gross.lost(ranks)[certify_half] > 0
    return Trial(
        problem,
        halves,
        problem.outcome(problem.never),
        [problem.outcome(ranks) for ranks in policies],
        np.array([outcome.lost for outcome in path], dtype=np.int64),
        lost,
    )


def _translated(part: Problem, whole: Problem, ranks: Ranks) -> Ranks:
    """The same thresholds as ranks of the whole problem."""
    return tuple(
        DISABLED if rank == DISABLED else int(np.flatnonzero(whole.raws[index] == part.raws[index][rank])[0])
        for index, rank in enumerate(ranks)
    )


def certify(
    trial: Trial,
    points: float,
    delta: float,
    control: ControlName,
    static_macs: int,
    eligible: int | None = None,
) -> tuple[Outcome, Certificate]:
    """The policy of one budget, and its proof.

    Args:
        trial: the path; searched for this budget or a larger one.
        points: the budget in percentage points.
        delta: probability of a wrong proof.
        control: which one sets the thresholds.
        static_macs: multiply-accumulates of the static network per sample.
        eligible: try only the first so many policies; default: all.
    Returns:
        The outcome on the whole calibration split, net losses, and the certificate.
    """
    budget = points / 100
    lost = trial.lost[:eligible]
    samples = lost.shape[1]
    in_probability = certified_in_probability(lost, budget, delta)
    in_mean = certified_in_mean(lost, budget)
    counts, monotone = lost.sum(axis=1), monotone_losses(lost)

    def described(passed: int, values: Sequence[float], tested: IntArray, needed: int | None) -> Control:
        index = _best(trial, passed)
        outcome = trial.never if index is None else trial.outcomes[index]
        return Control(
            passed=passed,
            lost=0 if index is None else int(counts[index]),
            value=None if index is None else values[index],
            mac_reduction=1 - outcome.macs / (static_macs * trial.problem.samples),
            stopped_at=int(tested[passed]) if passed < len(tested) else None,
            needed=needed,
        )

    p_values = [p_value(int(count), samples, budget) for count in counts]
    means = [corrected_mean(int(count), samples) for count in monotone]
    probability = described(in_probability, p_values, counts, needed_samples(budget, delta))
    mean = described(in_mean, means, monotone, needed_for_mean(budget))
    index = _best(trial, in_probability if control == "probability" else in_mean)
    certificate = Certificate(
        control=control,
        delta=delta,
        searched=len(trial.halves[0]),
        certified=samples,
        path=len(lost),
        bound=0.0 if index is None else budget,
        probability=probability,
        mean=mean,
    )
    return trial.never if index is None else trial.outcomes[index], certificate


def _best(trial: Trial, passed: int) -> int | None:
    """Index of the certified policy with the fewest MACs on the whole split; None: never leave early."""
    candidates = [(outcome, index) for index, outcome in enumerate(trial.outcomes[:passed])]
    best = min(candidates, default=None)
    return best[1] if best is not None and best[0] < trial.never else None
