"""What a perfect ranking at every exit would cost, for the accuracy that the real gates reach.

At each exit, samples are ordered so that all right ones come before all wrong ones; among the wrong ones the
order is arbitrary. Thresholds then let all right ones of those who arrive leave at once, and after them a share
f of the wrong ones, whose later fate is that of an average wrong one. What arrives at exit k is a share s_k =
(1 - f_1) ... (1 - f_(k-1)) of the samples that all exits before were wrong about, so right answers and MACs are
both linear in s_1 = 1 >= s_2 >= ... >= 0, that is in the shares s_k - s_(k+1) of samples that may go no further than
exit k. The fewest MACs therefore lie on the lower convex hull of the points "everybody leaves at exit k at the
latest". Unlike the oracle, a ranking does not know which samples no exit gets right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]


def truncated(right: Sequence[BoolArray], macs: Sequence[int]) -> list[tuple[float, float]]:
    """(accuracy, mean MACs) per exit k, if samples leave at the first exit that is right, at k at the latest.

    Args:
        right: per exit bool (n,), n >= 1.
        macs: per exit, multiply-accumulates of a sample that leaves there.
    """
    samples = len(right[0])
    arriving = np.ones(samples, dtype=bool)
    spent, points = 0.0, []
    for index, here in enumerate(right):
        spent += int(arriving.sum()) * (macs[index] - (macs[index - 1] if index else 0))
        arriving = arriving & ~here
        points.append((1 - float(arriving.sum()) / samples, spent / samples))
    return points


def fewest_macs(right: Sequence[BoolArray], macs: Sequence[int], accuracy: float) -> float:
    """Mean MACs of perfect rankings whose expected accuracy is at least `accuracy`.

    Args:
        right, macs: see `truncated`; the accuracy is at most that of the oracle.
    """
    points = truncated(right, macs)
    reached = [cost for value, cost in points if value >= accuracy]
    mixed = [
        low_cost + (accuracy - low) / (high - low) * (high_cost - low_cost)
        for low, low_cost in points
        for high, high_cost in points
        if low < accuracy < high
    ]
    return min([*reached, *mixed], default=points[-1][1])


def ideal_section(
    right: Sequence[BoolArray], macs: Sequence[int], static_macs: int, accuracy: float, spent: float
) -> dict[str, Any]:
    """`ideal` of report.json.

    Args:
        right, macs: see `truncated`.
        static_macs: of the static network.
        accuracy: of the dynamic network.
        spent: its mean MACs.
    """
    mean = fewest_macs(right, macs, accuracy)
    return {
        "accuracy": accuracy,
        "macs_mean": mean,
        "mac_reduction": 1 - mean / static_macs,
        "macs_distance": spent - mean,
        "reduction_distance_points": 100 * (spent - mean) / static_macs,
    }
