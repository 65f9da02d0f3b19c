"""The fastest design within an area: for every layer one of its choices, exactly, under the estimator's model.

A design takes a sample every max over stages of visits * interval cycles, and a stage's interval is that of its
slowest layer. For a given number of cycles each layer may be anything fast enough, and the smallest design is a
choice per layer whose areas add up: an integer program of four sums. The fewest cycles follow by bisection over the
finitely many that any choice can give, since whatever fits at some cycles fits at more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from hwgen.estimate.choices import Choice
from hwgen.fixedpoint import FloatArray

TIE = 1e-6
"""Weight of the other blocks beside the scarcest one: among equally small designs the one that takes less of them."""
GAP = 1e-3
"""How near to the least work the second search has to come."""


@dataclass(frozen=True)
class StageChoices:
    """One stage that is to be sized.

    Args:
        name: of the stage.
        visits: share of the samples that enter it.
        layers: name and choices of each layer.
        least: cycles between samples that it takes whatever its layers do.
        more: cycles that it takes beyond its slowest layer.
    """

    name: str
    visits: float
    layers: tuple[tuple[str, tuple[Choice, ...]], ...]
    least: int = 1
    more: int = 0

    def interval(self, slowest: int) -> int:
        """Cycles between samples, from those of its slowest layer."""
        return max(slowest + self.more, self.least)


@dataclass(frozen=True)
class Problem:
    """What is to be sized.

    Args:
        stages: in order; at least one is visited.
        fixed: area of everything without a choice, float64 (4,).
    """

    stages: tuple[StageChoices, ...]
    fixed: FloatArray

    def beside(self, area: FloatArray) -> Problem:
        """The same with more that has no choice."""
        return replace(self, fixed=self.fixed + area)


@dataclass(frozen=True)
class Sizing:
    """A sized design.

    Args:
        chosen: per stage and layer.
        intervals: of each stage, cycles.
        cycles: per sample, at the visits.
        area: float64 (4,).
    """

    chosen: tuple[tuple[Choice, ...], ...]
    intervals: tuple[int, ...]
    cycles: float
    area: FloatArray


def shares_of(area: FloatArray, budget: FloatArray) -> FloatArray:
    """Shares of a budget that a design takes, float64 (4,); infinite for a block that is not there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(area > 0, area / budget, 0.0)


def share_of(area: FloatArray, budget: FloatArray) -> float:
    """The largest of `shares_of`."""
    return float(shares_of(area, budget).max())


def targets(problem: Problem) -> list[float]:
    """All numbers of cycles per sample that a choice of any layer can set, in order."""
    return sorted(
        {
            stage.visits * stage.interval(choice.interval)
            for stage in problem.stages
            for _, choices in stage.layers
            for choice in choices
        }
    )


def sized(problem: Problem, chosen: Sequence[Sequence[Choice]]) -> Sizing:
    """What follows from the choices."""
    pairs = list(zip(problem.stages, chosen, strict=True))
    intervals = tuple(
        stage.interval(max((choice.interval for choice in choices), default=1)) for stage, choices in pairs
    )
    cycles = max(stage.visits * each for stage, each in zip(problem.stages, intervals, strict=True))
    area = problem.fixed + np.sum([choice.area for choices in chosen for choice in choices], axis=0)
    return Sizing(tuple(map(tuple, chosen)), intervals, cycles, area)


def _fast_enough(problem: Problem, cycles: float) -> list[tuple[float, tuple[Choice, ...]]] | None:
    """Visits and remaining choices of every layer; None if a layer has none."""
    found = []
    for stage in problem.stages:
        for _, choices in stage.layers:
            kept = tuple(
                choice for choice in choices if stage.visits * stage.interval(choice.interval) <= cycles
            )
            if not kept:
                return None
            found.append((stage.visits, kept))
    return found


def _solve(problem: Problem, cycles: float, budget: FloatArray, *, work: bool) -> Sizing | None:
    """The design of the smallest share of the budget, or with `work` of the least work within it."""
    layers = _fast_enough(problem, cycles)
    if layers is None:
        return None
    flat = [(visits, choice) for visits, choices in layers for choice in choices]
    areas = np.array([choice.area for _, choice in flat]).T
    scale = np.maximum(budget, 1.0)
    # The first variable is the share of the budget; the others say whether a choice is taken.
    sums = np.column_stack([-budget / scale, areas / scale[:, None]])
    one_each = np.zeros((len(layers), 1 + len(flat)))
    start = 1
    for row, (_, choices) in enumerate(layers):
        one_each[row, start : start + len(choices)] = 1
        start += len(choices)
    if work:
        effort = np.array([visits * choice.interval for visits, choice in flat])
        cost = np.concatenate([[0.0], effort / max(effort.max(), 1.0)])
    else:
        cost = np.concatenate([[1.0], TIE * (areas / scale[:, None]).sum(axis=0)])
    answer = milp(
        cost,
        integrality=np.concatenate([[0], np.ones(len(flat))]),
        bounds=Bounds(0, np.concatenate([[1.0 if work else np.inf], np.ones(len(flat))])),
        constraints=[
            LinearConstraint(sums, -np.inf, -problem.fixed / scale),
            LinearConstraint(one_each, 1, 1),
        ],
        options={"mip_rel_gap": GAP if work else 0.0},
    )
    if answer.x is None:
        return None
    picked, start = [], 1
    for _, choices in layers:
        picked.append(choices[int(np.argmax(answer.x[start : start + len(choices)]))])
        start += len(choices)
    rest = iter(picked)
    return sized(problem, [[next(rest) for _ in stage.layers] for stage in problem.stages])


def smallest(problem: Problem, cycles: float, budget: FloatArray) -> Sizing | None:
    """The design that takes the smallest share of a budget.

    Args:
        problem: what is sized.
        cycles: per sample, at most.
        budget: float64 (4,); only its proportions matter.
    Returns:
        None if no design is fast enough, or a block that it needs is not there at all.
    """
    return _solve(problem, cycles, budget, work=False)


def fastest(problem: Problem, budget: FloatArray) -> Sizing | None:
    """The design with the fewest cycles per sample within a budget, and of these the smallest.

    Args:
        problem: what is sized.
        budget: float64 (4,).
    Returns:
        None if not even the slowest design fits.
    """
    possible, best = targets(problem), None
    low, high = 0, len(possible)
    while low < high:
        middle = (low + high) // 2
        found = smallest(problem, possible[middle], budget)
        if found is not None and share_of(found.area, budget) <= 1:
            best, high = found, middle
        else:
            low = middle + 1
    return best


def quickest(problem: Problem, cycles: float, budget: FloatArray) -> Sizing | None:
    """The design within a budget whose layers work the fewest cycles on a sample, on average.

    What is left of the budget shortens stages that do not set the pace: samples wait less, and more of them may
    come than calibration has seen.

    Args:
        problem: what is sized.
        cycles: per sample, at most.
        budget: float64 (4,).
    Returns:
        None if no design fits.
    """
    found = _solve(problem, cycles, budget, work=True)
    return found if found is not None and share_of(found.area, budget) <= 1 else None
