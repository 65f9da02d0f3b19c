"""How sure a figure is that was measured on a limited number of samples."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import FloatArray

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""

Interval = tuple[float, float]
BoolArray = npt.NDArray[np.bool_]


def wilson(hits: int, samples: int) -> Interval | None:
    """95 % interval of a share (Wilson), as fractions; None without samples."""
    if samples == 0:
        return None
    share, z2 = hits / samples, Z95**2
    centre = (share + z2 / (2 * samples)) / (1 + z2 / samples)
    half = Z95 * math.sqrt(share * (1 - share) / samples + z2 / (4 * samples**2)) / (1 + z2 / samples)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def paired_drop(before: BoolArray, after: BoolArray) -> tuple[float, Interval]:
    """Loss of accuracy from `before` to `after` on the same samples, with its 95 % interval.

    The interval is that of Agresti and Min for paired shares: half a sample is added to each of the
    four cells, so that it does not vanish when the two never disagree.

    Args:
        before, after: bool (n,), n >= 1: whether each sample was right.
    Returns:
        (drop, (low, high)) in percentage points.
    """
    samples = len(before)
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    total, lost_half, won_half = samples + 2, lost + 0.5, won + 0.5
    centre = (lost_half - won_half) / total
    half = Z95 * math.sqrt(max(lost_half + won_half - (lost_half - won_half) ** 2 / total, 0.0)) / total
    drop = (lost - won) / samples
    return 100 * drop, (100 * min(drop, centre - half), 100 * max(drop, centre + half))


def mcnemar(before: BoolArray, after: BoolArray) -> float:
    """Exact two-sided McNemar test: how likely so unequal numbers of losses and gains are by chance."""
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    changed = lost + won
    if changed == 0:
        return 1.0
    # Sums of binomials overflow floats; logarithms do not.
    logs = [
        math.lgamma(changed + 1) - math.lgamma(k + 1) - math.lgamma(changed - k + 1) - changed * math.log(2)
        for k in range(min(lost, won) + 1)
    ]
    return min(1.0, 2 * math.fsum(math.exp(value) for value in logs))


def auroc(scores: FloatArray, right: BoolArray) -> float | None:
    """How well a confidence tells right from wrong: 1 always, 0.5 no better than chance.

    Args:
        scores: float64 (n,), larger means more confident.
        right: bool (n,).
    Returns:
        The share of (right, wrong) pairs in which the right one scores higher, ties counting half;
        None if all samples are right, or all wrong.
    """
    rights, wrongs = int(right.sum()), int((~right).sum())
    if not rights or not wrongs:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][right].sum() - rights * (rights + 1) / 2) / (rights * wrongs))
