"""Abstention: a gate at the last exit whose "continue" means "I don't know".

The rate counts all samples, not only those that reach the last exit: with a rate of 5 % at most 5 % of
the calibration samples are left unanswered, whatever the policy. The least confident of those that reach
the last exit abstain, as many as the rate allows; equal confidences stay together. The threshold is the
critical raw of the least confident sample that is still answered: the strictest that changes nothing on
the calibration samples, so it is rounded towards "abstain". If the rate covers everybody who reaches the
last exit, it lies one step beyond the most confident of them.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from hwgen.calibration.problem import strictness
from hwgen.criteria import Gate, Seen


def abstain_raw(gate: Gate, seen: Seen, samples: int, rate: float) -> int | None:
    """The raw threshold of the last exit.

    Args:
        gate: gate of the last exit.
        seen: the samples that reach the last exit.
        samples: number of all calibration samples.
        rate: share of them that may abstain.
    Returns:
        The raw threshold, or None (the last exit always answers) if no sample reaches the last exit.
    """
    if not len(seen):
        return None
    allowed = math.floor(Fraction(str(rate)) * samples)
    keys = np.sort(strictness(gate, gate.critical_raw(seen)))
    distinct, below = np.unique(keys, return_index=True)
    answered = distinct[below <= allowed][-1]
    threshold = answered + 1 if allowed >= len(keys) else answered
    return int(strictness(gate, threshold))
