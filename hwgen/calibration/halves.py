"""The two halves of a calibration split: one to search on, one to prove on.

Whatever `risk_control` fits or searches (temperatures, weights of a gate, thresholds) sees the search half
only; the certify half is looked at once, when everything tried on it is fixed. Both halves hold the same
number of samples of every class, give or take one. So what is proven is proven for data with the class
shares of the calibration split: given those shares the losses on the certify half are independent of the
search half, and independent of each other, which is all that the p-values ask for.
"""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import IntArray

_STREAM = 0x5EA2C4
"""Keeps these random numbers apart from others drawn with the recipe's seed."""


def split_halves(labels: IntArray, seed: int) -> tuple[IntArray, IntArray]:
    """Parts the calibration samples at random, class by class.

    Args:
        labels: int64 (n,).
        seed: of the recipe; the same seed and labels give the same halves.
    Returns:
        (search, certify): ascending indices, int64, disjoint and complete. The search half is larger by one
        if n is odd. Every class is parted evenly, give or take one sample.
    """
    order = np.random.default_rng([_STREAM, seed]).permutation(len(labels))
    # Neighbours of one class are dealt out in turns; an odd class only shifts whose turn it is.
    order = order[np.argsort(labels[order], kind="stable")]
    return np.sort(order[0::2]).astype(np.int64), np.sort(order[1::2]).astype(np.int64)
