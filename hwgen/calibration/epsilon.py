"""The one-parameter family of thresholds (Berestizshevsky and Even, arXiv 1805.10982).

Each exit k has an accuracy among the samples at least as confident as a threshold d,

    alpha_k(d) = #{correct and c >= d} / #{c >= d},

over all samples, whatever exits lie before it. One epsilon gives every threshold:

    d_k(epsilon) = the loosest d with alpha_k(d) >= max alpha_k - epsilon.

Only thresholds with `min_support` samples count, else one lucky sample makes the maximum 1. An exit
that fewer samples reach and leave, because earlier exits took them, is disabled. Epsilon promises
nothing about the whole cascade: the search keeps those whose measured end-to-end drop fits a budget.
"""

from __future__ import annotations

import numpy as np

from hwgen.calibration.problem import DISABLED, Outcome, Problem
from hwgen.fixedpoint import FloatArray, IntArray


def epsilon_family(problem: Problem) -> list[tuple[float, Outcome]]:
    """Every epsilon at which a threshold changes, ascending, with the policy it stands for."""
    steps = [_steps(problem, index) for index in range(problem.early_exits)]
    values = np.unique(np.concatenate([np.zeros(0), *(gaps for gaps, _ in steps)]))
    family = []
    for epsilon in values:
        policy = []
        for gaps, ranks in steps:
            position = int(np.searchsorted(gaps, epsilon, side="right")) - 1
            policy.append(int(ranks[position]) if position >= 0 else DISABLED)
        family.append((float(epsilon), problem.outcome(problem.supported(tuple(policy)))))
    return family


def _steps(problem: Problem, index: int) -> tuple[FloatArray, IntArray]:
    """(epsilons ascending, the loosest rank from each of them on) of one exit."""
    levels = problem.levels[index]
    ranks = problem.ranks[index]
    leaving = np.bincount(ranks, minlength=levels + 1)[:levels].cumsum()
    right = np.bincount(ranks, problem.correct[index], minlength=levels + 1)[:levels].cumsum()
    eligible = np.flatnonzero(leaving >= problem.min_support)
    if not len(eligible):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    alpha = right[eligible] / leaving[eligible]
    gaps = alpha.max() - alpha
    # A looser rank with a gap no larger makes a stricter one superfluous.
    ahead = np.minimum.accumulate(gaps[::-1])[::-1]
    first = np.append(ahead[1:] > ahead[:-1], True)
    return ahead[first], eligible[first]
