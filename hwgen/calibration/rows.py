"""What each row of a plane does before any sample leaves at the column exit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.calibration.problem import DISABLED, Problem, Ranks
from hwgen.fixedpoint import IntArray


@dataclass(frozen=True)
class Rows:
    """A plane reduced to its rows and to the samples that can reach the column exit.

    Args:
        lost: int64 (rows,).
        counts: per exit, int64 (rows,): samples that leave there.
        usable: bool (rows,): support holds at the row exit and all exits before the column exit.
        position: int64 (m,): per sample that can reach the column exit, the first row that keeps it away.
        column: int64 (m,): first column at which it leaves there.
        later: int64 (m,): the exit it takes otherwise.
        gain: int64 (m,): correct answers lost by leaving at the column exit instead of `later`.
    """

    lost: IntArray
    counts: list[IntArray]
    usable: npt.NDArray[np.bool_]
    position: IntArray
    column: IntArray
    later: IntArray
    gain: IntArray


def prepare_rows(
    problem: Problem, held: Ranks, row_exit: int | None, column_exit: int, rows: IntArray
) -> Rows:
    """Follows every sample through the held exits; arguments as in `best_in_plane`, `rows` never empty."""
    last, count = problem.early_exits, len(rows)
    open_ = list(held)
    open_[column_exit] = DISABLED
    if row_exit is not None:
        open_[row_exit] = DISABLED
    # Where each sample goes if it leaves at neither scanned exit; `first` is where the scan begins.
    without = problem.exit_taken(tuple(open_))
    first = column_exit if row_exit is None else row_exit
    active = without > first
    position = np.full(problem.samples, count, dtype=np.int64)
    if row_exit is not None:
        position = np.searchsorted(rows, problem.ranks[row_exit]).astype(np.int64)
    position[~active] = count

    lost = np.zeros(count, dtype=np.int64)
    counts = [np.zeros(count, dtype=np.int64) for _ in range(last + 1)]
    for x in range(last + 1):
        # A sample stays on its way in every row before `position`.
        here = without == x
        staying = _from_the_right(position[here], count)
        counts[x] += staying if x > first else int(here.sum())
        deficit = problem.lost_at(x)[here]
        lost += _from_the_right(position[here], count, deficit) if x > first else int(deficit.sum())
    if row_exit is not None:
        gone = np.bincount(position, minlength=count + 1)[:count].cumsum()
        counts[row_exit] += gone
        deficit = problem.lost_at(row_exit).astype(np.float64)
        lost += np.bincount(position, deficit, minlength=count + 1)[:count].cumsum().astype(np.int64)

    usable = np.ones(count, dtype=bool)
    for x in range(column_exit):
        enabled = rows != DISABLED if x == row_exit else np.full(count, held[x] != DISABLED)
        usable &= ~enabled | (counts[x] >= problem.min_support)
    reach = active & (without > column_exit)
    reach &= problem.ranks[column_exit] < problem.levels[column_exit]
    later = without[reach]
    deficits = np.stack([problem.lost_at(x) for x in range(last + 1)])[:, reach]
    gain = deficits[column_exit] - deficits[later, np.arange(len(later))]
    return Rows(lost, counts, usable, position[reach], problem.ranks[column_exit][reach] + 1, later, gain)


def _from_the_right(position: IntArray, rows: int, weights: IntArray | None = None) -> IntArray:
    """Sum of the weights (default 1) of the samples with position > row, for each row."""
    full = np.bincount(position, weights, minlength=rows + 1)
    tail: IntArray = np.rint(full[::-1].cumsum()[::-1][1:]).astype(np.int64)
    return tail
