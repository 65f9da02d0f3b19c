"""Abstention by risk, proven: how few samples may be left unanswered.

The policy that will be taken is itself chosen with the certify half, so a threshold of the last exit has to
hold for every policy that may be chosen: its p-value is the largest of theirs. Each test counts the wrong
answers among the answered samples, so it has as many samples as there are answers. The thresholds are fixed
beforehand, quantiles of the search half. The first one tested is the one that looks safest there, as the very
strictest leave too few answers to prove anything; from it on ever fewer samples abstain, until a test fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hwgen.calibration.answered import Answered, BoolArray, silent_raw
from hwgen.calibration.problem import strictness
from hwgen.calibration.risk.bounds import p_value
from hwgen.calibration.risk.sequence import fixed_sequence
from hwgen.criteria import Gate
from hwgen.fixedpoint import IntArray

_STEPS = 64
"""Thresholds that are tried."""


def certify_abstention(
    gate: Gate,
    critical: IntArray,
    policies: Sequence[tuple[BoolArray, BoolArray]],
    halves: tuple[IntArray, IntArray],
    risk: float,
    delta: float,
) -> Answered:
    """The loosest threshold of the last exit that is proven for every policy.

    Args:
        gate: gate of the last exit.
        critical: its critical raw of every sample, int64 (n,).
        policies: per policy that may be chosen, (reaching, wrong): whether each sample reaches the last exit,
            and whether the policy's class is wrong; bool (n,).
        halves: (search, certify), indices.
        risk: largest share of wrong answers among all answers.
        delta: probability of a wrong proof.
    """
    search_half, certify_half = halves
    keys = strictness(gate, critical)
    strict_first = np.sort(keys[search_half])[::-1]
    places = np.linspace(0, len(strict_first) - 1, min(_STEPS, len(strict_first))).astype(np.int64)
    thresholds = np.unique(strict_first[places])[::-1]
    raws = [silent_raw(gate), *(int(raw) for raw in strictness(gate, thresholds))]

    def p_values(half: IntArray, first: int) -> Iterator[float]:
        """Of the thresholds from `first` on; number 0 answers nobody at the last exit."""
        for number in range(first, len(raws)):
            confident = keys[half] >= thresholds[number - 1] if number else np.zeros(len(half), dtype=bool)
            yield max(
                _p_value(confident | ~reaching[half], wrong[half], risk) for reaching, wrong in policies
            )

    first = int(np.argmin(list(p_values(search_half, 0))))
    proven = fixed_sequence(p_values(certify_half, first), delta)
    if not proven:
        return Answered(raws[0], False)
    last = first + proven - 1
    return Answered(raws[last], True, next(p_values(certify_half, last)))


def _p_value(answered: BoolArray, wrong: BoolArray, risk: float) -> float:
    return p_value(int(wrong[answered].sum()), int(answered.sum()), risk)
