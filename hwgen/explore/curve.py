"""Throughput of both designs against area, as shares of one budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hwgen.estimate.sizing import Problem, share_of, targets
from hwgen.explore.designs import Candidate, busy_cycles, visits_of
from hwgen.explore.fit import Fitted, fit, least
from hwgen.fixedpoint import FloatArray

SHARES = tuple(round(0.05 * step, 2) for step in range(1, 21))
"""Of the budget, at which both are sized."""


def slowest(candidate: Candidate, problem: Problem, budget: FloatArray) -> Fitted | None:
    """The smallest design there is; None if a block that it needs is not there at all."""
    return least(candidate, problem, targets(problem)[-1], budget)


def gain(before: float | None, after: float | None) -> float | None:
    """`after` over `before`; None if one of them is."""
    return None if before is None or after is None else round(after / before, 3)


def _rate(candidate: Candidate, problem: Problem, budget: FloatArray, bottom: float) -> float | None:
    if bottom > 1:
        return None
    found = fit(candidate, problem, budget)
    if found is None:
        return None
    cycles = max(busy_cycles(visits_of(candidate.shares), found.sizing.intervals))
    return 1e9 / float(candidate.firmware.clock_ns) / cycles


def curve(
    sides: Mapping[str, Candidate],
    problems: Mapping[str, Problem],
    budget: FloatArray,
    sized: Callable[[], None],
) -> list[dict[str, Any]]:
    """A row per share of the budget.

    Args:
        sides: `static` and `dynamic`.
        problems: of each.
        budget: float64 (4,).
        sized: called after each row.
    Returns:
        Rows of `share`, samples per second of `static` and `dynamic`, None where it does not fit, and their `ratio`.
    """
    bottoms = {}
    for name, candidate in sides.items():
        folded = slowest(candidate, problems[name], budget)
        bottoms[name] = float("inf") if folded is None else share_of(folded.area, budget)
    rows = []
    for share in SHARES:
        rates = {
            name: _rate(candidate, problems[name], budget * share, bottoms[name] / share)
            for name, candidate in sides.items()
        }
        rows.append(
            {
                "share": share,
                **{name: None if rate is None else round(rate, 1) for name, rate in rates.items()},
                "ratio": gain(rates["static"], rates["dynamic"]),
            }
        )
        sized()
    return rows
