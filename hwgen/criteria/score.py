"""Criterion `score`: the largest softmax probability.

Leave iff S <= floor(2^Q / tau), with S = sum_j E[d_j].

Since E of the winner is exactly 2^Q, p_1 = 2^Q / S, and p_1 >= tau is S <= 2^Q / tau: no division.
Rounding: S is never too small (see `exp_table`), the threshold is rounded down: both towards
"continue". So a gate that leaves implies p_1 >= tau in exact arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hwgen.criteria.base import BoolArray, Criterion
from hwgen.criteria.exp_table import FRACTION, ExpGate
from hwgen.criteria.parts import ExitShape
from hwgen.criteria.rtl_block import SCAN_SERIAL, Form, RtlBlock, look_up, scan_cycles, serial
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict


class ScoreGate(ExpGate):
    """Leave iff S <= raw; the raw threshold has as many bits as S."""

    stricter_up = False

    def _round(self, real: Fraction) -> int:
        if real == 0:
            return self.max_raw
        return math.floor(2**FRACTION / real)

    def to_real(self, raw: int) -> float:
        if self._check_raw(raw) == 0:
            return math.inf
        real = 2**FRACTION / raw
        # A float just above the exact quotient would come back as raw - 1.
        return math.nextafter(real, 0.0) if Fraction(real) * raw > 2**FRACTION else real

    def critical_raw(self, seen: Seen) -> IntArray:
        return self._sums(seen)

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self._sums(seen) <= self._check_raw(raw)

    def confidence(self, seen: Seen) -> FloatArray:
        """p_1."""
        largest: FloatArray = self.probabilities(seen).max(axis=1)
        return largest

    def _sums(self, seen: Seen) -> IntArray:
        sums: IntArray = self.exponentials(seen).sum(axis=1)
        return sums

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            files = (*SCAN_SERIAL, "exp_sum_serial.sv", "score_serial.sv")
            return serial(files, scan_cycles(self.classes), {"exp_table": 1})
        return look_up(("score.sv",), self.classes, 1, {"exp_table": self.classes})


class Score(Criterion):
    """Largest softmax probability."""

    name = "score"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/score.h")
    summary = "largest softmax probability"
    ensembles = True

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> ScoreGate:
        return ScoreGate(self, shape)
