"""Criterion `margin`: largest minus second largest softmax probability.

Leave iff (2^Q - E_(2)) * 2^R >= ceil(tau * 2^R) * S, with R = 16, S = sum_j E[d_j] and E_(2) = E[d_(2)]
the runner-up's entry.

p_1 - p_2 = (2^Q - E_(2)) / S. Rounding: an E_(2) too large and an S too large both lower it, and neither
is ever too small (see `exp_table`); the threshold is rounded up: all towards "continue". So a gate that
leaves implies p_1 - p_2 >= tau in exact arithmetic. Widths: the left side has Q + 1 + R bits, the right
side R + 1 + sum_bits bits; for 1000 classes that is 33 and 43, far inside an int64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion, second_smallest
from hwgen.criteria.exp_table import FRACTION, ExpGate
from hwgen.criteria.parts import Cost, ExitShape
from hwgen.criteria.rtl_block import SCAN_SERIAL, Form, RtlBlock, compare_cycles, look_up, scan_cycles, serial
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict

MARGIN_FRACTION = 16
"""R: fraction bits of the threshold."""


class MarginGate(ExpGate):
    """Leave iff (2^Q - E_(2)) * 2^R >= raw * S; the raw threshold is tau in steps of 2^-R."""

    stricter_up = True

    def __init__(self, criterion: Criterion, shape: ExitShape) -> None:
        # One bit more than the fraction: 2^R stands for 1, which no sample reaches.
        super().__init__(criterion, shape, MARGIN_FRACTION + 1)

    def _round(self, real: Fraction) -> int:
        return math.ceil(real * 2**MARGIN_FRACTION)

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) / 2**MARGIN_FRACTION

    def critical_raw(self, seen: Seen) -> IntArray:
        distance, total = self._terms(seen)
        return distance // total

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        distance, total = self._terms(seen)
        return distance >= self._check_raw(raw) * total

    def confidence(self, seen: Seen) -> FloatArray:
        """p_1 - p_2."""
        ordered = np.partition(self.probabilities(seen), (-2, -1), axis=1)
        return ordered[:, -1] - ordered[:, -2]

    def _terms(self, seen: Seen) -> tuple[IntArray, IntArray]:
        """(2^Q - E_(2)) * 2^R and S, both int64 (n,)."""
        differences = self._differences(seen.logits)
        second = self._exponentials(second_smallest(differences))
        total: IntArray = self._exponentials(differences).sum(axis=1)
        return ((1 << FRACTION) - second) << np.int64(MARGIN_FRACTION), total

    def cost(self) -> Cost:
        """As `score`, and one more subtraction and a multiplier before the comparison."""
        plain = super().cost()
        return replace(
            plain,
            adders=plain.adders + 1,
            multipliers=((self.threshold_bits, self.sum_bits),),
            levels=(plain.levels[0], plain.levels[1] + 2),
        )

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {"margin_fraction": MARGIN_FRACTION}

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"R": MARGIN_FRACTION}

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial":
            files = (*SCAN_SERIAL, "runner_up_serial.sv", "compare_serial.sv", "margin_serial.sv")
            cycles = scan_cycles(self.classes) + compare_cycles(self.threshold_bits, MARGIN_FRACTION)
            return serial(files, cycles, {"exp_table": 1})
        return look_up(("margin.sv",), self.classes, 2, {"exp_table": self.classes + 1}, second=True)


class Margin(Criterion):
    """Largest minus second largest softmax probability."""

    name = "margin"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/margin.h")
    summary = "largest minus second largest softmax probability"

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> MarginGate:
        return MarginGate(self, shape)
