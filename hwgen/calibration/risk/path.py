"""The path: a fixed order of policies, from never leaving early to ever looser ones.

It is found on the search half alone and then fixed; only the order matters to the proof, not how it was
found. Up to the first policy that loses anything it is the loss-free optimum, tightened in steps; from there
on the optima of the joint search for ever more losses allowed. Every policy costs fewer MACs than the
one before it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.joint import search_joint
from hwgen.calibration.problem import DISABLED, Outcome, Problem, Ranks
from hwgen.fixedpoint import IntArray

_TIGHTENED = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)
"""Shares of the samples that leave by the loss-free optimum that its stricter relatives let go."""
_GROWTH = 1.04
"""Growth of the allowed losses from step to step; at least one more each time."""
_BEYOND = 2
"""How many times the largest budget the path reaches: losses on the search half flatter."""
_SPARE = 8
"""Losses it reaches beyond that, for budgets of a few samples."""
_FAMILY_STEPS = 200
"""Longest path within the epsilon family; a longer family is thinned evenly."""
_EXACT_EXITS = 2
"""Early exits up to which every step is searched; with more of them a search takes too long for that."""
_ANCHORS = 16
_BETWEEN = (0.25, 0.5, 0.75)
"""With more exits so many steps are searched, and between two neighbours thresholds lie at these shares."""


def allowed_steps(budget: float, samples: int) -> IntArray:
    """Losses allowed at each step of the path, int64, ascending from 0.

    Args:
        budget: the largest of all budgets, a fraction.
        samples: size of the search half.
    """
    limit = min(samples, math.ceil(_BEYOND * budget * samples) + _SPARE)
    steps = [0]
    while steps[-1] < limit:
        steps.append(min(limit, max(steps[-1] + 1, math.floor(steps[-1] * _GROWTH))))
    return np.array(steps, dtype=np.int64)


def search_path(problem: Problem, budget: float, method: str = "joint") -> list[Outcome]:
    """The policies to try, in order; the first one never leaves early.

    Args:
        problem: the search half, counting gross losses.
        budget: the largest of all budgets, a fraction.
        method: `joint`, or `epsilon`: the one-parameter family instead of the optima.
    Returns:
        Outcomes on the search half, their MACs strictly descending.
    """
    allowed = allowed_steps(budget, problem.samples)
    if method != "joint":
        family = [outcome for _, outcome in epsilon_family(problem) if outcome.lost <= allowed[-1]]
        found = [family[index] for index in _evenly(len(family), _FAMILY_STEPS)]
    elif problem.early_exits <= _EXACT_EXITS:
        found = search_joint(problem, allowed)
    else:
        found = _filled(problem, search_joint(problem, allowed[_evenly(len(allowed), _ANCHORS)]))
    path = [problem.outcome(problem.never)]
    stricter = [tightened(problem, found[0].ranks, share) for share in _TIGHTENED] if found else []
    for outcome in [*(problem.outcome(ranks) for ranks in stricter), *found]:
        if outcome.macs < path[-1].macs:
            path.append(outcome)
    return path


def _evenly(count: int, most: int) -> IntArray:
    """At most `most` of the numbers 0..count-1, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _filled(problem: Problem, anchors: Sequence[Outcome]) -> list[Outcome]:
    """The anchors with policies between each two of them."""
    found = [anchors[0]]
    for before, after in itertools.pairwise(anchors):
        for share in _BETWEEN:
            pairs = zip(before.ranks, after.ranks, strict=True)
            ranks = tuple(math.floor(a + share * (b - a)) for a, b in pairs)
            found.append(problem.outcome(problem.supported(ranks)))
        found.append(after)
    return found


def nested(problem: Problem, path: Sequence[Outcome]) -> list[Outcome]:
    """The path with every exit at its loosest threshold so far, so that no sample ever leaves later again.

    It costs a little: its policies are optima no more. In return the losses of a sample hardly come and go
    along the path, which is what a running maximum charges for.

    Args:
        problem: the search half, as in `search_path`.
        path: what `search_path` returned.
    """
    found = [path[0]]
    ranks = path[0].ranks
    for step in path[1:]:
        ranks = tuple(max(pair) for pair in zip(ranks, step.ranks, strict=True))
        outcome = problem.outcome(problem.supported(ranks))
        if outcome.macs < found[-1].macs:
            found.append(outcome)
    return found


def tightened(problem: Problem, ranks: Ranks, share: float) -> Ranks:
    """A stricter policy: at each exit about `share` of the samples confident enough stay confident enough.

    Exits that fewer samples leave than the minimum support are disabled.
    """
    strict = []
    for index, rank in enumerate(ranks):
        leaving = np.sort(problem.ranks[index][problem.ranks[index] <= rank])
        kept = math.floor(share * len(leaving))
        strict.append(int(leaving[kept - 1]) if kept else DISABLED)
    return problem.supported(tuple(strict))
