"""Criterion `energy`: T * logsumexp(z / T), in the logits' units (Liu et al., NeurIPS 2020, arXiv 2010.03759).

The sign is that of a confidence: the paper's energy is minus this. With S = sum_j E[d_j], E rounded down and the
winner counted as 2^Q exactly, it is z_max + T * ln(S / 2^Q). In units of g = u * 2^-F, with z_min the smallest value
of the format,

    leave iff ((z_max - z_min) << F) + l(S) >= raw,   raw = ceil(theta / g) - (z_min << F),

with l about (T / g) * ln(S / 2^Q) (see `log_table`, rounded down). No product of two variables but the one in l;
the threshold is unsigned although theta may be negative. Rounding: E, l and so the left side are never too large,
the threshold is rounded up: all towards "continue". So a gate that leaves implies T * logsumexp(z / T) >= theta.

F makes g fine enough for the logarithm: at least 2^14 of them in T. It is 0 where the logits are as fine, and
negative (`<<` then shifts right, and drops bits of the logits) only where T / u exceeds 2^40 or where F = 0 would
need a threshold of more than 53 bits, the widest that a float64 holds exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion
from hwgen.criteria.exp_table import ExpGate, ExpTable, exp_table
from hwgen.criteria.log_table import LogTable, log_table
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import (
    LOGARITHM_SERIAL,
    SCAN_SERIAL,
    Form,
    RtlBlock,
    look_up,
    scan_cycles,
    serial,
)
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict

ENERGY_STEPS = 14
"""At least 2^ENERGY_STEPS units g lie in T, if the widths allow."""
_MAX_SCALE = Decimal(2**40)
_MAX_THRESHOLD_BITS = 53


def _shifted(value: int, shift: int) -> int:
    """The product of value and 2^shift, rounded down."""
    return value << shift if shift >= 0 else value >> -shift


class EnergyGate(ExpGate):
    """Leave iff the integer energy is at least raw; the raw threshold is theta in units of g, from z_min on."""

    stricter_up = True
    signed_real = True

    def __init__(self, criterion: Criterion, shape: ExitShape) -> None:
        super().__init__(criterion, shape)
        self.energy_shift, self._log, largest = self._choose_unit()
        # One more than any sample has exists, so that a threshold nothing passes does.
        self.threshold_bits = (largest + 1).bit_length()
        self._lowest = _shifted(self.logits.min_raw, self.energy_shift)

    def _build_table(self) -> ExpTable:
        return exp_table(self.logits, self.temperature, "down", self.fraction)

    def _choose_unit(self) -> tuple[int, LogTable, int]:
        """F, the logarithm in units of g, and the largest energy of any sample."""
        ratio = Fraction(self.temperature) * Fraction(2) ** self.logits.fraction
        shift = max(0, ENERGY_STEPS - math.floor(math.log2(ratio)))
        span = self.logits.max_raw - self.logits.min_raw
        while True:
            scale = Decimal(self.temperature) * Decimal(2) ** (self.logits.fraction + shift)
            if scale < _MAX_SCALE:
                log = log_table(self.classes, self.fraction, scale, "down")
                largest = _shifted(span, shift) + int(log.values[-1])
                if (largest + 1).bit_length() <= _MAX_THRESHOLD_BITS:
                    return shift, log, largest
            shift -= 1

    @property
    def _unit(self) -> Fraction:
        """The unit g of the threshold, in the logits' units."""
        return Fraction(2) ** -(self.logits.fraction + self.energy_shift)

    def _round(self, real: Fraction) -> int:
        return math.ceil(real / self._unit) - self._lowest

    def to_real(self, raw: int) -> float:
        return float((self._check_raw(raw) + self._lowest) * self._unit)

    def critical_raw(self, seen: Seen) -> IntArray:
        self.logits.check(seen.logits, "logits")
        height = seen.logits.max(axis=1) - self.logits.min_raw
        height = height << self.energy_shift if self.energy_shift >= 0 else height >> -self.energy_shift
        energy: IntArray = height + self._log.look_up(self._sums(seen))
        return energy

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self.critical_raw(seen) >= self._check_raw(raw)

    def confidence(self, seen: Seen) -> FloatArray:
        """T * logsumexp(z / T)."""
        scaled = self._real(seen) / self.temperature
        top = scaled.max(axis=1)
        energy: FloatArray = self.temperature * (top + np.log(np.exp(scaled - top[:, None]).sum(axis=1)))
        return energy

    @property
    def _lead(self) -> int:
        """What the winner's entry lacks to 2^Q."""
        return (1 << self.fraction) - int(self._table.values[0])

    def _sums(self, seen: Seen) -> IntArray:
        sums: IntArray = self._lead + self.exponentials(seen).sum(axis=1)
        return sums

    def tables(self) -> dict[str, Table]:
        return super().tables() | self._log.tables()

    def cpp_params(self) -> dict[str, int]:
        return (
            super().cpp_params()
            | self._log.cpp_params()
            | {
                "sum_start": self._lead,
                "logit_offset": -self.logits.min_raw,
                "energy_up": max(self.energy_shift, 0),
                "energy_down": max(-self.energy_shift, 0),
            }
        )

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"F": self.energy_shift, "log_index_bits": self._log.index_bits}

    def cost(self) -> Cost:
        """As `score`, with the logarithm and one addition before the comparison."""
        whole = self._log.cost(super().cost())
        return Cost(
            comparators=whole.comparators,
            adders=whole.adders + 1,
            multipliers=whole.multipliers,
            table_bits=whole.table_bits,
            levels=(*whole.levels[:-1], whole.levels[-1] + 2),
        )

    def rtl(self, form: Form) -> RtlBlock | None:
        slope = {"log_slope_bits": self._log.slope_bits}
        if form == "serial":
            files = (*SCAN_SERIAL, "exp_sum_serial.sv", *LOGARITHM_SERIAL, "energy_serial.sv")
            cycles = scan_cycles(self.classes) + self._log.serial_cycles
            return serial(files, cycles, {"exp_table": 1, "log_table": 1}, slope)
        reads = {"exp_table": self.classes, "log_table": 2}
        return look_up(("logarithm.sv", "energy.sv"), self.classes, 5, reads, parameters=slope)


class Energy(Criterion):
    """Free energy of the logits."""

    name = "energy"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/logarithm.h", "criteria/energy.h")
    summary = "T * logsumexp of the logits, in their units"

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> EnergyGate:
        return EnergyGate(self, shape)
