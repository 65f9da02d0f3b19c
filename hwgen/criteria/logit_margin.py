"""Criterion `logit_margin`: largest minus second largest logit.

Leave iff d_(2) >= ceil(theta / u), u being one LSB. No table, no multiplier: the cheapest gate. The
difference is exact; only the threshold is rounded, up, towards "continue". The temperature plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, Gate, levels_of, second_smallest
from hwgen.criteria.parts import Cost, ExitShape
from hwgen.criteria.rtl_block import TOP_TWO, Form, RtlBlock, leader_levels, serial
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict


class LogitMarginGate(Gate):
    """Leave iff d_(2) >= raw; one bit more than the logits, so that a threshold beyond them exists."""

    stricter_up = True

    def __init__(self, criterion: Criterion, shape: ExitShape) -> None:
        super().__init__(criterion, shape, shape.logits.width + 1)

    def _round(self, real: Fraction) -> int:
        return math.ceil(real / Fraction(2) ** -self.logits.fraction)

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) * self.logits.lsb

    def critical_raw(self, seen: Seen) -> IntArray:
        return second_smallest(self._differences(seen.logits))

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return second_smallest(self._differences(seen.logits)) >= self._check_raw(raw)

    def confidence(self, seen: Seen) -> FloatArray:
        """z_1 - z_2."""
        ordered = np.partition(self._real(seen), (-2, -1), axis=1)
        return ordered[:, -1] - ordered[:, -2]

    def cost(self) -> Cost:
        """Arg-max tree that keeps the runner-up, one subtraction, one comparison."""
        levels = (levels_of(self.classes) + 2,)
        return Cost(comparators=2 * (self.classes - 1) + 1, adders=1, levels=levels)

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            return serial(("serial_pick.sv", "logit_margin_serial.sv"), self.classes + 1, {})
        return RtlBlock((*TOP_TWO, "logit_margin.sv"), 2 * leader_levels(self.classes))


class LogitMargin(Criterion):
    """Largest minus second largest logit."""

    name = "logit_margin"
    headers = ("argmax.h", "criteria/logit_margin.h")
    summary = "largest minus second largest logit"

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> LogitMarginGate:
        return LogitMarginGate(self, shape)
