"""How far along a fixed path the budget holds.

`probability`: fixed-sequence testing (learn then test). The policies are tested in the order of the path, each
at the full delta; the first one that fails ends it. A policy that breaks the budget is certified only if the
first such policy on the path passes its own test, so with probability at most delta. All
certified policies hold together, so any of them may be taken, for whatever reason.

`mean`: conformal risk control. The loss of each sample is made monotone along the path by its running
maximum; the last policy whose corrected mean is within the budget keeps it on average over calibration
splits, and so does every policy before it.

The policy that never leaves early loses nothing by definition and needs no proof.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import IntArray

Losses = npt.NDArray[np.bool_]
"""Per policy of the path and sample of the certify half, (policies, n)."""


def fixed_sequence(values: Iterable[float], limit: float) -> int:
    """How many of the first policies are certified: all before the first value above the limit.

    Args:
        values: p-values, or corrected means of the monotone losses, in the order of the path.
        limit: delta, or the budget as a fraction.
    """
    passed = 0
    for value in values:
        if value > limit:
            break
        passed += 1
    return passed


def monotone_losses(lost: Losses) -> IntArray:
    """Per policy, the samples that it or a policy before it loses; int64 (policies,), ascending."""
    return np.logical_or.accumulate(lost, axis=0).sum(axis=1).astype(np.int64)
