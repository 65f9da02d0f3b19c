"""Criterion `entropy`: the entropy of the softmax, in nats; a small one is confident.

With S = sum_j E[d_j] and G = sum of G[d_j] over the classes with d_j > 0, both with Q = 18 fraction bits,

    leave iff X >= l(S)  and  (X - l(S)) * S >= G * 2^Q,   X = raw * 2^(Q-R),   raw = floor(h * 2^R),   R = 16,

that is l(S) / 2^Q + G / S <= h with l about 2^Q * ln(S / 2^Q) (see `log_table`, rounded up). It is
H = ln s + g / s with s = sum_j e_j, g = sum_j x_j e_j, e_j = exp(-x_j), x_j = d_j * u / T, multiplied out.

Rounding. E and l are rounded up. A larger S also makes g / s smaller, so G must make up for it:

    G[i] >= 2^Q * x e^-x + c * (E[i] - 2^Q * e^-x)   for every x of bin i,   c >= max(0, max(g / s) - 1).

Then the integer entropy is never below H: s ln s is convex, so with S and G in units of 2^Q

    S * l(S) + G >= s ln s + (1 + ln s)(S - s) + g + c (S - s) >= s H + (1 + ln s + H - ln s - 1)(S - s) = S * H.

The largest g / s of K classes is the v with v * e^v = (K - 1) / e: c is 0 up to 8 classes, 0.11 for 10. The right
side of the bound grows up to x = 1 + c and falls beyond, so G[i] is its ceiling at the x of the bin nearest to
1 + c. That holds for the last bin too, which takes all that lies beyond the table. A tie (d_j = 0) is exact: E = 2^Q
and no G, so equal logits have ln K but for the rounding of l. So a gate that leaves implies H <= h.

E and G share their index: at most 2048 entries, up to where x e^-x < 2^-Q. Q is 18 and not 16, because small
entropies are made of the roundings of K - 1 classes.
Widths: S has bits(K) + 18, X about bits(K) + 18, both products about 2 * bits(K) + 36: far inside an int64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Criterion
from hwgen.criteria.exp_table import ExpGate, ExpTable, exp_table
from hwgen.criteria.log_table import log_table
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import (
    LOGARITHM_SERIAL,
    SCAN_SERIAL,
    Form,
    RtlBlock,
    compare_cycles,
    look_up,
    scan_cycles,
    serial,
)
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray
from hwgen.recipe.layers import Strict

ENTROPY_FRACTION = 18
"""Q: fraction bits of E, G and l."""
ENTROPY_THRESHOLD_FRACTION = 16
"""R: fraction bits of the threshold, in nats."""
_DROPPED = ENTROPY_FRACTION - ENTROPY_THRESHOLD_FRACTION
_DIGITS = 60
_COMPENSATION_STEP = Decimal(1) / 64


def compensation(classes: int) -> Decimal:
    """c: the largest g / s of that many classes less 1, at least 0, rounded up to 1/64."""
    c = Decimal(0)
    with localcontext() as context:
        context.prec = _DIGITS
        while (1 + c) * (2 + c).exp() < classes - 1:
            c += _COMPENSATION_STEP
    return c


def _table_reach() -> Decimal:
    """An x beyond which x e^-x < 2^-Q."""
    x = Decimal(1)
    with localcontext() as context:
        context.prec = _DIGITS
        while x * (-x).exp() >= Decimal(2) ** -ENTROPY_FRACTION:
            x += Decimal(1) / 16
    return x


def _gains(table: ExpTable, logits: FixedPoint, temperature: float, c: Decimal) -> IntArray:
    """G of each bin, int64 (N,)."""
    gains = []
    with localcontext() as context:
        context.prec = _DIGITS
        step = Decimal(2) ** -logits.fraction / Decimal(temperature)
        for entry, (first, last) in zip(table.values.tolist(), table.edges(logits), strict=True):
            x = min(max(1 + c, first * step), last * step)
            weight = 2**ENTROPY_FRACTION * (-x).exp()
            gains.append(int((x * weight + c * (entry - weight)).to_integral_value(ROUND_CEILING)))
    return np.array(gains, dtype=np.int64)


class EntropyGate(ExpGate):
    """Leave iff the integer entropy is at most raw; the raw threshold is h in steps of 2^-R nats."""

    stricter_up = False
    fraction = ENTROPY_FRACTION

    def __init__(self, criterion: Criterion, shape: ExitShape) -> None:
        super().__init__(criterion, shape)
        self._compensation = compensation(self.classes)
        self._gains = _gains(self._table, self.logits, self.temperature, self._compensation)
        self._log = log_table(self.classes, self.fraction, Decimal(2**self.fraction), "up")
        self.threshold_bits = self._largest_entropy().bit_length()

    def _build_table(self) -> ExpTable:
        return exp_table(self.logits, self.temperature, "up", self.fraction, _table_reach())

    def _largest_entropy(self) -> int:
        """No sample's critical raw is larger: the largest l, and G / S with all classes in the worst bin."""
        others = self.classes - 1
        ratio = max(
            Fraction(others * gain, 2**self.fraction + others * entry)
            for gain, entry in zip(self._gains.tolist(), self._table.values.tolist(), strict=True)
        )
        largest = self._log.look_up(np.array([self.classes << self.fraction]))[0]
        return math.ceil((int(largest) + math.ceil(ratio * 2**self.fraction)) / 2**_DROPPED)

    def to_raw(self, real: float) -> int:
        """As of any gate, but the larger the real threshold, the more samples leave."""
        if real == math.inf:
            return self.max_raw
        return super().to_raw(real)

    def _round(self, real: Fraction) -> int:
        return math.floor(real * 2**ENTROPY_THRESHOLD_FRACTION)

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) / 2**ENTROPY_THRESHOLD_FRACTION

    def critical_raw(self, seen: Seen) -> IntArray:
        total, gain, log = self._terms(seen)
        entropy = log - (-(gain << self.fraction) // total)
        return -(-entropy >> _DROPPED)

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        total, gain, log = self._terms(seen)
        left = (self._check_raw(raw) << _DROPPED) - log
        return (left >= 0) & (left * total >= gain << self.fraction)

    def confidence(self, seen: Seen) -> FloatArray:
        """Minus the entropy, in nats."""
        scaled = self._real(seen) / self.temperature
        x = scaled.max(axis=1, keepdims=True) - scaled
        weights = np.exp(-x)
        total = weights.sum(axis=1)
        entropy: FloatArray = np.log(total) + (x * weights).sum(axis=1) / total
        return -entropy

    def reaches(self, seen: Seen, real: float) -> BoolArray:
        """Whether the entropy is at most h."""
        return -self.confidence(seen) <= real

    def _terms(self, seen: Seen) -> tuple[IntArray, IntArray, IntArray]:
        """S, G and l(S), each int64 (n,)."""
        differences = self._differences(seen.logits)
        index = self._table.index(differences)
        total: IntArray = self._table.values[index].sum(axis=1)
        gain: IntArray = np.where(differences > 0, self._gains[index], 0).sum(axis=1)
        return total, gain, self._log.look_up(total)

    @property
    def _gain_bits(self) -> int:
        """Width of an entry of G."""
        return int(self._gains.max()).bit_length()

    @property
    def _gain_sum_bits(self) -> int:
        return (self.classes * int(self._gains.max())).bit_length()

    def tables(self) -> dict[str, Table]:
        gains = Table(self._gains, self._gain_bits)
        return super().tables() | {"gain_table": gains} | self._log.tables()

    def cpp_params(self) -> dict[str, int]:
        return (
            super().cpp_params()
            | self._log.cpp_params()
            | {"gain_bits": self._gain_sum_bits, "threshold_shift": _DROPPED}
        )

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "R": ENTROPY_THRESHOLD_FRACTION,
            "c": float(self._compensation),
            "log_index_bits": self._log.index_bits,
        }

    def cost(self) -> Cost:
        """As `score` with a second table and adder tree, the logarithm, and one product to compare with."""
        plain = super().cost()
        second = replace(
            plain,
            adders=plain.adders + self.classes,
            table_bits=plain.table_bits + -(-self.classes // 2) * self._table.entries * self._gain_bits,
        )
        whole = self._log.cost(second)
        return replace(
            whole,
            adders=whole.adders + 1,
            multipliers=(*whole.multipliers, (self.threshold_bits + _DROPPED, self.sum_bits)),
            levels=(*whole.levels[:-1], whole.levels[-1] + 4),
        )

    def rtl(self, form: Form) -> RtlBlock | None:
        slope = {"log_slope_bits": self._log.slope_bits}
        if form == "serial":
            files = (*SCAN_SERIAL, *LOGARITHM_SERIAL, "compare_serial.sv", "entropy_serial.sv")
            compare = compare_cycles(self.threshold_bits + _DROPPED, self.fraction)
            cycles = scan_cycles(self.classes) + self._log.serial_cycles + compare
            return serial(files, cycles, {"exp_table": 1, "gain_table": 1, "log_table": 1}, slope)
        reads = {"exp_table": self.classes, "gain_table": self.classes, "log_table": 2}
        return look_up(("logarithm.sv", "entropy.sv"), self.classes, 7, reads, parameters=slope)


class Entropy(Criterion):
    """Entropy of the softmax."""

    name = "entropy"
    headers = ("argmax.h", "criteria/exp_sum.h", "criteria/logarithm.h", "criteria/entropy.h")
    summary = "entropy of the softmax, in nats; small is confident"

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> EntropyGate:
        return EntropyGate(self, shape)
