"""Calibration `risk_control`: a path searched on one half of the samples, certified on the other.

The loss of a sample is 1 if the last exit is right and the policy is wrong, else 0. Its mean, the risk,
bounds the drop in accuracy from above: the drop also counts what leaving early wins. Each budget is
certified by itself. As the path is the same for all, a larger budget certifies at least the policies of a
smaller one; taken is the one with the fewest MACs, so a larger budget never costs more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from hwgen.calibration.problem import DISABLED, Outcome, Problem, Ranks
from hwgen.calibration.risk.bounds import corrected_mean, needed_for_mean, needed_samples, p_value
from hwgen.calibration.risk.certificate import Certificate, Control, ControlName
from hwgen.calibration.risk.path import nested, search_path
from hwgen.calibration.risk.sequence import Losses, fixed_sequence, monotone_losses
from hwgen.fixedpoint import IntArray


@dataclass(frozen=True)
class Trial:
    """A path as it does on all samples.

    Args:
        problem: the whole calibration split.
        never: the policy that never leaves early, on the whole split.
        outcomes: the policies of the path, on the whole split, net losses; thresholds as ranks of `problem`.
        searched: per policy, gross losses on the search half; int64 (policies,).
        lost: bool (policies, samples of the certify half): gross losses.
    """

    problem: Problem
    never: Outcome
    outcomes: list[Outcome]
    searched: IntArray
    lost: Losses


@dataclass(frozen=True)
class Trials:
    """One path for each control: the optima for `probability`, made monotone for `mean`.

    Args:
        halves: (search, certify), indices.
        probability, mean: what the paths do.
    """

    halves: tuple[IntArray, IntArray]
    probability: Trial
    mean: Trial

    def of(self, control: ControlName) -> Trial:
        """The trial of one control."""
        return self.probability if control == "probability" else self.mean


def try_paths(
    problem: Problem, halves: tuple[IntArray, IntArray], budget: float, method: str = "joint"
) -> Trials:
    """Searches the paths on the search half and follows them on the certify half.

    Args:
        problem: the whole calibration split, net losses.
        halves: (search, certify), indices, as `split_halves` gives them.
        budget: the largest of all budgets, a fraction.
        method: `joint`, or `epsilon` to stay within the one-parameter family.
    """
    part = replace(problem, gross=True).take(halves[0])
    path = search_path(part, budget, method)
    probability, mean = (_follow(problem, part, halves[1], tried) for tried in (path, nested(part, path)))
    return Trials(halves, probability, mean)


def _follow(problem: Problem, part: Problem, certify_half: IntArray, path: Sequence[Outcome]) -> Trial:
    gross = replace(problem, gross=True)
    policies = [_translated(part, problem, outcome.ranks) for outcome in path[1:]]
    lost = np.zeros((len(policies), len(certify_half)), dtype=bool)
    for index, ranks in enumerate(policies):
        lost[index] = gross.lost(ranks)[certify_half] > 0
    return Trial(
        problem,
        problem.outcome(problem.never),
        [problem.outcome(ranks) for ranks in policies],
        np.array([outcome.lost for outcome in path[1:]], dtype=np.int64),
        lost,
    )


def _translated(part: Problem, whole: Problem, ranks: Ranks) -> Ranks:
    """The same thresholds as ranks of the whole problem."""
    return tuple(
        DISABLED if rank == DISABLED else int(np.flatnonzero(whole.raws[index] == part.raws[index][rank])[0])
        for index, rank in enumerate(ranks)
    )


def certify(
    trials: Trials,
    points: float,
    delta: float,
    control: ControlName,
    static_macs: int,
    searched_only: bool = False,
) -> tuple[Outcome, Certificate]:
    """The policy of one budget, and its proof.

    Args:
        trials: the paths; searched for this budget or a larger one.
        points: the budget in percentage points.
        delta: probability of a wrong proof.
        control: which one sets the thresholds.
        static_macs: multiply-accumulates of the static network per sample.
        searched_only: take only policies within the budget on the search half too (`eligible`).
    Returns:
        The outcome on the whole calibration split, net losses, and the certificate.
    """
    budget, samples = points / 100, len(trials.halves[1])

    def certified(name: ControlName) -> tuple[Outcome, Control]:
        trial = trials.of(name)
        lost = trial.lost[: eligible(trials, points, delta, name)] if searched_only else trial.lost
        if name == "probability":
            counts = lost.sum(axis=1)
            values = [p_value(int(count), samples, budget) for count in counts]
            passed, needed = fixed_sequence(values, delta), needed_samples(budget, delta)
        else:
            counts = monotone_losses(lost)
            values = [corrected_mean(int(count), samples) for count in counts]
            passed, needed = fixed_sequence(values, budget), needed_for_mean(budget)
        index = _best(trial, passed)
        outcome = trial.never if index is None else trial.outcomes[index]
        return outcome, Control(
            passed=passed,
            lost=0 if index is None else int(lost[index].sum()),
            value=None if index is None else values[index],
            mac_reduction=1 - outcome.macs / (static_macs * trial.problem.samples),
            tried=len(lost),
            stopped_at=int(counts[passed]) if passed < len(counts) else None,
            needed=needed,
        )

    in_probability, in_mean = certified("probability"), certified("mean")
    outcome = in_probability[0] if control == "probability" else in_mean[0]
    certificate = Certificate(
        control=control,
        delta=delta,
        searched=len(trials.halves[0]),
        certified=samples,
        bound=0.0 if outcome == trials.probability.never else budget,
        probability=in_probability[1],
        mean=in_mean[1],
    )
    return outcome, certificate


def eligible(trials: Trials, points: float, delta: float, control: ControlName) -> int:
    """How many policies of a path come before the first one above the budget on the search half.

    None if the certify half is too small for any. The losses on the certify half play no part.
    """
    budget = points / 100
    needed = needed_samples(budget, delta) if control == "probability" else needed_for_mean(budget)
    if needed is None or len(trials.halves[1]) < needed:
        return 0
    searched = trials.of(control).searched
    above = searched > math.floor(Fraction(str(points)) * len(trials.halves[0]) / 100)
    return int(above.argmax()) if above.any() else len(above)


def _best(trial: Trial, passed: int) -> int | None:
    """Index of the certified policy with the fewest MACs on the whole split; None: never leave early."""
    candidates = [(outcome, index) for index, outcome in enumerate(trial.outcomes[:passed])]
    best = min(candidates, default=None)
    return best[1] if best is not None and best[0] < trial.never else None
