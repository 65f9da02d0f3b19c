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

from hwgen.calibration.risk.bounds import corrected_mean, p_value
from hwgen.fixedpoint import IntArray

Losses = npt.NDArray[np.bool_]
"""Per policy of the path and sample of the certify half, (policies, n)."""


def fixed_sequence(p_values: Iterable[float], delta: float) -> int:
    """How many of the first hypotheses are rejected: up to the first p-value above delta."""
    passed = 0
    for value in p_values:
        if value > delta:
            break
        passed += 1
    return passed


def certified_in_probability(lost: Losses, budget: float, delta: float) -> int:
    """Number of policies, from the start of the path, that keep the budget with probability 1 - delta.

    Args:
        lost: whether each policy loses each sample.
        budget: the largest risk allowed, a fraction.
        delta: probability of a wrong proof.
    """
    samples = lost.shape[1]
    return fixed_sequence((p_value(int(count), samples, budget) for count in lost.sum(axis=1)), delta)


def monotone_losses(lost: Losses) -> IntArray:
    """Per policy, the samples that it or a policy before it loses; int64 (policies,), ascending."""
    return np.logical_or.accumulate(lost, axis=0).sum(axis=1).astype(np.int64)


def certified_in_mean(lost: Losses, budget: float) -> int:
    """Number of policies, from the start of the path, that keep the budget on average over calibrations."""
    samples = lost.shape[1]
    within = [corrected_mean(int(count), samples) <= budget for count in monotone_losses(lost)]
    return within.index(False) if False in within else len(within)
