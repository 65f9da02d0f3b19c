"""Searches thresholds of all exits together: the fewest MACs whose end-to-end drop fits each budget.

Up to `_CELLS` combinations every one of them is tried, in planes of two exits (`best_in_plane`): exact.
That covers one early exit always, two up to about 20,000 distinct confidences each, and three or four on
small calibration splits. Beyond, a grid of quantiles (its last exit still exact) and the epsilon family
give starting points, which exact scans of every pair of exits improve until nothing moves. All budgets
share what is found, so a larger budget never costs more MACs, and never more than the epsilon rule.
"""

from __future__ import annotations

from itertools import combinations, product
from math import prod

import numpy as np

from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.plane import best_in_plane
from hwgen.calibration.problem import DISABLED, Outcome, Problem, Ranks
from hwgen.fixedpoint import IntArray

_CELLS = 400_000_000
"""Combinations up to which the search is exhaustive: a few seconds."""
_PLANE_OVERHEAD = 60_000
"""What setting up one plane costs, in cells."""
_GRID_ROWS = 4_000
"""Combinations of the coarse grid, not counting its last exit."""
_NEAR = 64
"""Neighbouring ranks that refinement tries on each side, and quantiles beside them."""
_ROUNDS = 4


class _Pool:
    """The best policy found so far for each budget; starts with never leaving early."""

    def __init__(self, problem: Problem, allowed: IntArray) -> None:
        self.problem = problem
        self.allowed = allowed
        self.best = [problem.outcome(problem.never)] * len(allowed)

    def offer(self, outcome: Outcome) -> None:
        """Takes a policy that keeps the minimum support wherever it fits and is better."""
        for index, limit in enumerate(self.allowed):
            if outcome.lost <= limit and outcome < self.best[index]:
                self.best[index] = outcome

    def scan(self, held: Ranks, row_exit: int | None, column_exit: int, rows: IntArray) -> None:
        """Offers the best of one plane."""
        found = best_in_plane(self.problem, held, row_exit, column_exit, rows, self.allowed)
        for ranks in {ranks for ranks in found if ranks is not None}:
            self.offer(self.problem.outcome(ranks))


def search_joint(problem: Problem, allowed: IntArray) -> list[Outcome]:
    """The best policy for each budget.

    Args:
        problem: the samples.
        allowed: int64 (budgets,), each >= 0: correct answers that may be lost.
    """
    pool = _Pool(problem, allowed)
    count = problem.early_exits
    if count == 0:
        return pool.best
    if count == 1:
        pool.scan(problem.never, None, 0, np.zeros(0, dtype=np.int64))
        return pool.best
    every = [np.arange(DISABLED, levels) for levels in problem.levels]
    planes = prod(len(ranks) for ranks in every[:-2])
    if planes * (len(every[-2]) * len(every[-1]) + _PLANE_OVERHEAD) <= _CELLS:
        _scan_all(pool, every)
        return pool.best
    for _, outcome in epsilon_family(problem):
        pool.offer(outcome)
    points = max(3, int(_GRID_ROWS ** (1 / (count - 1))))
    _scan_all(pool, [_quantiles(problem, index, points) for index in range(count)])
    _refine(pool, every)
    return pool.best


def _scan_all(pool: _Pool, ranks: list[IntArray]) -> None:
    """Every combination of the ranks listed; of the last exit all ranks."""
    count = pool.problem.early_exits
    for prefix in product(*(choices.tolist() for choices in ranks[:-2])):
        held = (*prefix, DISABLED, DISABLED)
        pool.scan(held, count - 2, count - 1, ranks[-2])


def _refine(pool: _Pool, every: list[IntArray]) -> None:
    """Exact scans of each pair of exits around the best policy of each budget, until none helps."""
    problem = pool.problem
    quantiles = [_quantiles(problem, index, 2 * _NEAR) for index in range(problem.early_exits)]
    for index in range(len(pool.best)):
        for _ in range(_ROUNDS):
            before = pool.best[index]
            for row_exit, column_exit in combinations(range(problem.early_exits), 2):
                held = pool.best[index].ranks
                near = every[row_exit]
                near = near[np.abs(near - held[row_exit]) <= _NEAR]
                rows = np.union1d(near, quantiles[row_exit])
                pool.scan(held, row_exit, column_exit, rows)
            if pool.best[index] == before:
                break


def _quantiles(problem: Problem, index: int, points: int) -> IntArray:
    """`DISABLED` and about `points` ranks that part the samples of one exit evenly."""
    ranks = np.sort(problem.ranks[index])
    ranks = ranks[ranks < problem.levels[index]]
    if not len(ranks):
        return np.array([DISABLED])
    chosen = ranks[np.linspace(0, len(ranks) - 1, points).astype(np.int64)]
    return np.union1d(chosen, [DISABLED])
