"""Exact scan of all thresholds of two exits at once, the other exits held.

Rows are thresholds of an earlier exit, columns those of a later one (column 0: disabled). Along a row,
every column lets more samples leave at the later exit, so MACs only fall: the best column is the last
one within the budget. The number of correct answers lost is not monotone, but its minimum over all
columns to the right is, and the last column where that minimum is within the budget is the last column
within the budget: one sorted look-up per row and budget. Planes are built by cumulated sums, in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hwgen.calibration.problem import DISABLED, Problem, Ranks
from hwgen.calibration.rows import Rows, prepare_rows
from hwgen.fixedpoint import IntArray

_BLOCK = 1 << 20
"""Cells of a plane that are held at a time."""
Counts = npt.NDArray[np.int32]


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
    table = prepare_rows(problem, held, row_exit, column_exit, rows)
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
        columns = _last_within(lost, allowed)
        for budget in range(len(allowed)):
            found = np.flatnonzero(columns[:, budget] >= 0)
            if not len(found):
                continue
            cells = (found, columns[found, budget])
            cost = row_macs[start + found].copy()
            for x, plane in zip(later_exits, leaving, strict=True):
                cost += plane[cells].astype(np.int64) * (macs[column_exit] - macs[x])
            first = int(np.lexsort((found, lost[cells], cost))[0])
            row, column = int(found[first]), int(cells[1][first])
            entry = (int(cost[first]), int(lost[row, column]), start + row, column)
            leader = best[budget]
            best[budget] = entry if leader is None else min(leader, entry)

    def policy(row: int, column: int) -> Ranks:
        ranks = list(held)
        if row_exit is not None:
            ranks[row_exit] = int(rows[row])
        ranks[column_exit] = column - 1
        return tuple(ranks)

    return [policy(*entry[2:]) if entry else None for entry in best]


def _blocks(
    problem: Problem, table: Rows, column_exit: int, later_exits: list[int]
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
        taken = leaving[0].copy()
        for plane in leaving[1:]:
            taken += plane
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
