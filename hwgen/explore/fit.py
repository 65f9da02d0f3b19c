"""The fastest design of a candidate within a budget, buffers included.

The search for the stages is exact; buffers follow from the intervals it chose, so it is done again with room for them
until all of it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hwgen.estimate.sizing import Problem, Sizing, fastest, quickest, share_of, smallest
from hwgen.explore.designs import Candidate
from hwgen.fixedpoint import FloatArray

TRIES = 4
"""Times that room for buffers is made before a design is given up."""


@dataclass(frozen=True)
class Fitted:
    """A sized design with its buffers.

    Args:
        sizing: of everything but the buffers.
        buffers: their area, float64 (4,).
    """

    sizing: Sizing
    buffers: FloatArray

    @property
    def area(self) -> FloatArray:
        """All of it, float64 (4,)."""
        return self.sizing.area + self.buffers


def _tried(problem: Problem, budget: FloatArray, *, spend: bool) -> Iterator[Sizing]:
    sizing = fastest(problem, budget)
    if sizing is None:
        return
    if spend:
        quick = quickest(problem, sizing.cycles, budget)
        if quick is not None:
            yield quick
    yield sizing


def fit(candidate: Candidate, problem: Problem, budget: FloatArray, *, spend: bool = False) -> Fitted | None:
    """The fewest cycles per sample within a budget.

    Args:
        candidate: what is sized.
        problem: the candidate's.
        budget: float64 (4,).
        spend: what is left of the budget shortens stages that do not set the pace.
    Returns:
        None if nothing fits.
    """
    room = np.zeros_like(budget)
    for _ in range(TRIES):
        needed = room
        for sizing in _tried(problem.beside(room), budget, spend=spend):
            buffers = candidate.buffers(sizing)
            alone = replace(sizing, area=sizing.area - room)
            if share_of(alone.area + buffers, budget) <= 1:
                return Fitted(alone, buffers)
            needed = np.maximum(needed, buffers)
        if not (needed > room).any():
            return None
        room = needed
    return None


def least(candidate: Candidate, problem: Problem, cycles: float, budget: FloatArray) -> Fitted | None:
    """The design of a number of cycles per sample that takes the smallest share of a budget; None if there is none.

    Args:
        candidate, problem: as in `fit`.
        cycles: per sample, at most.
        budget: float64 (4,); only its proportions matter.
    """
    sizing = smallest(problem, cycles, budget)
    return None if sizing is None else Fitted(sizing, candidate.buffers(sizing))
