"""Exact scan of all thresholds of two exits at once, the other exits held.

Rows are thresholds of an earlier exit, columns those of a later one (column 0: disabled). Along a row,
every column lets more samples leave at the later exit, so MACs only fall: the best column is the last
one within the budget. The number of correct answers lost is not monotone, but its minimum over all
columns to the right is, and the last column where that minimum is within the budget is the last column
within the budget: one sorted look-up per row and budget. Planes are built by cumulated sums, in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.calibration.problem import DISABLED, Problem, Ranks
from hwgen.fixedpoint import IntArray

_BLOCK = 1 << 20
"""Cells of a plane that are held at a time."""
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Rows:
    """What is known of each row before any sample leaves at the column exit.

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


def best_in_plane(
    problem: Problem, held: Ranks, row_exit: int | None, column_exit: int, rows: IntArray, allowed: IntArray
) -> list[Ranks | None]:
    """The best policy of a plane for each budget.

    Args:
        problem: the samples.
        held: thresholds of all exits; those of the two scanned exits are ignored.
        row_exit: the earlier scanned exit, or None to scan the column exit alone.
        column_exit: the later scanned exit; all of its thresholds are tried.
        rows: ascending ranks of the row exit to try (`DISABLED` among them, if wanted).
        allowed: int64 (budgets,): correct answers that may be lost.
    Returns:
        Per budget the policy with the fewest MACs, then fewest lost, then strictest; None if none fits.
    """
    if row_exit is None:
        rows = np.array([DISABLED])
    table = _prepare(problem, held, row_exit, column_exit, rows)
    macs = np.array(problem.exit_macs, dtype=np.int64)
    later_exits = [
        x for x in range(column_exit + 1, problem.early_exits + 1)
        if x == problem.early_exits or held[x] != DISABLED
    ]  # fmt: skip
    row_macs = np.zeros(len(rows), dtype=np.int64)
    for x, count in enumerate(table.counts):
        row_macs += count * macs[x]
    best: list[tuple[int, int, int, int] | None] = [None] * len(allowed)
    for start, lost, leaving in _blocks(problem, table, column_exit, later_exits):
        column = _last_within(lost, allowed)
        for b in range(len(allowed)):
            found = np.flatnonzero(column[:, b] >= 0)
            if not len(found):
                continue
            at = column[found, b]
            cost = row_macs[start + found].copy()
            for x, plane in zip(later_exits, leaving, strict=True):
                cost += plane[found, at].astype(np.int64) * (macs[column_exit] - macs[x])
            choice = np.lexsort((found, lost[found, at], cost))[0]
            entry = (int(cost[choice]), int(lost[found[choice], at[choice]]),
                     start + int(found[choice]), int(at[choice]))  # fmt: skip
            if best[b] is None or entry < best[b]:  # type: ignore[operator]
                best[b] = entry
    answers: list[Ranks | None] = []
    for entry_or_none in best:
        if entry_or_none is None:
            answers.append(None)
            continue
        policy = list(held)
        if row_exit is not None:
            policy[row_exit] = int(rows[entry_or_none[2]])
        policy[column_exit] = entry_or_none[3] - 1
        answers.append(tuple(policy))
    return answers


def _prepare(
    problem: Problem, held: Ranks, row_exit: int | None, column_exit: int, rows: IntArray
) -> _Rows:
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
    return _Rows(
        lost, counts, usable, position[reach], problem.ranks[column_exit][reach] + 1, later, gain
    )


def _from_the_right(position: IntArray, rows: int, weights: IntArray | None = None) -> IntArray:
    """Sum of the weights (default 1) of the samples with position > row, for each row."""
    full = np.bincount(position, weights, minlength=rows + 1)
    tail: IntArray = np.rint(full[::-1].cumsum()[::-1][1:]).astype(np.int64)
    return tail


def _blocks(
    problem: Problem, table: _Rows, column_exit: int, later_exits: list[int]
) -> Iterator[tuple[int, Counts, list[Counts]]]:
    """Blocks of rows: (first row, lost, per later exit the samples taken from it); int32 (rows, columns).

    `lost` is out of any budget's reach where support is missing.
    """
    rows, columns = len(table.lost), problem.levels[column_exit] + 1
    beyond = 2 * problem.samples + 1
    height = max(1, min(_BLOCK // columns, (2**31 - 1) // (8 * beyond)))
    weights = [table.gain] + [(table.later == x).astype(np.int64) for x in later_exits]
    carried = [
        np.rint(np.bincount(table.column, weight, minlength=columns)).astype(np.int32) for weight in weights
    ]
    for start in range(0, rows, height):
        stop = min(start + height, rows)
        inside = (table.position >= start) & (table.position < stop)
        cell = (table.position[inside] - start, table.column[inside])
        planes = []
        for index, weight in enumerate(weights):
            plane = np.zeros((stop - start, columns), dtype=np.int32)
            np.add.at(plane, cell, weight[inside].astype(np.int32))
            np.cumsum(plane, axis=0, out=plane)
            np.subtract(carried[index], plane, out=plane)
            carried[index] = plane[-1].copy()
            np.cumsum(plane, axis=1, out=plane)
            planes.append(plane)
        lost, leaving = planes[0], planes[1:]
        lost += table.lost[start:stop, None].astype(np.int32)
        taken = leaving[0] if len(leaving) == 1 else np.sum(leaving, axis=0, dtype=np.int32)
        lost[:, 1:][taken[:, 1:] < problem.min_support] = beyond
        for x, plane in zip(later_exits, leaving, strict=True):
            if x < problem.early_exits:
                left = table.counts[x][start:stop, None] - plane
                lost[left < problem.min_support] = beyond
        lost[~table.usable[start:stop]] = beyond
        yield start, lost, leaving


def _last_within(lost: Counts, allowed: IntArray) -> IntArray:
    """Per row and budget the last column with lost <= allowed, or -1; int64 (rows, budgets)."""
    rows, columns = lost.shape
    low, high = int(lost.min()), int(lost.max())
    ahead = np.minimum.accumulate(lost[:, ::-1], axis=1)[:, ::-1]
    # One look-up for all rows: each row is lifted above the one before it.
    lift = np.arange(rows, dtype=np.int32)[:, None] * np.int32(high - low + 2)
    flat = (ahead - np.int32(low) + lift).ravel()
    wanted = np.clip(allowed, low - 1, high)[None, :] - low + lift
    ends = np.searchsorted(flat, wanted.astype(np.int32).ravel(), side="right").reshape(rows, len(allowed))
    result: IntArray = ends - np.arange(rows, dtype=np.int64)[:, None] * columns - 1
    return result
