"""Abstention by risk: the fewest unanswered samples with which few enough of the answers are wrong.

The risk is the share of wrong answers among all answered samples, whichever exit answers. Only the last
exit can abstain, so what leaves early wrong stays wrong: a risk below that is out of reach. Then everybody
who reaches the last exit abstains, and the result says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from hwgen.calibration.problem import strictness
from hwgen.criteria import Gate
from hwgen.fixedpoint import IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answered:
    """A threshold of the last exit.

    Args:
        raw: the raw threshold.
        reached: whether anything is answered and the risk kept (with `risk_control`: proven).
        p_value: of the threshold, with `risk_control`; None if there is none or nobody needs it.
    """

    raw: int
    reached: bool
    p_value: float | None = None


def silent_raw(gate: Gate) -> int:
    """A raw threshold that no sample passes, with a finite real one."""
    raw = gate.never_raw
    while math.isinf(gate.to_real(raw)):
        raw += -1 if gate.stricter_up else 1
    return raw


def fewest_abstentions(
    gate: Gate, critical: IntArray, reaching: BoolArray, wrong: BoolArray, risk: float
) -> Answered:
    """The loosest threshold of the last exit that keeps the risk on these samples.

    Args:
        gate: gate of the last exit.
        critical: its critical raw of every sample, int64 (n,).
        reaching: whether a sample reaches the last exit, bool (n,).
        wrong: whether the policy's class is wrong, bool (n,).
        risk: largest share of wrong answers among all answers.
    """
    keys = strictness(gate, critical)[reaching]
    order = np.argsort(keys, kind="stable")[::-1]
    left = ~reaching
    # Answered so far, and wrong so far, if the most confident 0, 1, 2, ... of the last exit answer.
    answers = int(left.sum()) + np.arange(len(keys) + 1)
    errors = int(wrong[left].sum()) + np.concatenate([[0], wrong[reaching][order].cumsum()]).astype(np.int64)
    limit = Fraction(str(risk))
    kept = errors * limit.denominator <= answers * limit.numerator
    keys = keys[order]
    # Equal confidences answer together.
    whole = np.append(keys[1:] != keys[:-1], True) if len(keys) else np.zeros(0, dtype=bool)
    possible = np.flatnonzero(kept[1:] & whole)
    if not len(possible):
        return Answered(silent_raw(gate), bool(answers[0] and kept[0]))
    return Answered(int(strictness(gate, keys[possible[-1]])), True)
