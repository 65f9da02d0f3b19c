"""Criterion `logit_margin`: largest minus second largest logit.

Leave iff d_(2) >= ceil(theta / u), u being one LSB. No table, no multiplier: the cheapest gate. The
difference is exact; only the threshold is rounded, up, towards "continue". The temperature plays no part.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, Gate, second_smallest
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray


class LogitMarginGate(Gate):
    """Leave iff d_(2) >= raw; one bit more than the logits, so that a threshold beyond them exists."""

    stricter_up = True

    def __init__(self, criterion: str, logits: FixedPoint, classes: int, temperature: float) -> None:
        super().__init__(criterion, logits, classes, temperature, logits.width + 1)

    def _round(self, real: Fraction) -> int:
        return math.ceil(real / Fraction(2) ** -self.logits.fraction)

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) * self.logits.lsb

    def critical_raw(self, logits: IntArray) -> IntArray:
        return second_smallest(self._differences(logits))

    def leaves(self, logits: IntArray, raw: int) -> BoolArray:
        return second_smallest(self._differences(logits)) >= self._check_raw(raw)


class LogitMargin(Criterion):
    """Largest minus second largest logit."""

    name = "logit_margin"
    headers = ("argmax.h", "criteria/logit_margin.h")
    summary = "largest minus second largest logit"

    def confidence(self, logits_real: FloatArray, temperature: float = 1.0) -> FloatArray:
        ordered = np.partition(logits_real, (-2, -1), axis=1)
        return ordered[:, -1] - ordered[:, -2]

    def gate(self, logits: FixedPoint, classes: int, temperature: float = 1.0) -> LogitMarginGate:
        return LogitMarginGate(self.name, logits, classes, temperature)
