"""Ensembling over exits: each exit decides on the weighted mean of its own and all earlier probabilities.

With weights w_j and the probabilities p_j of exit j (Meronen et al., WACV 2024, arXiv 2302.06359),

    p_k^ens = sum_{j<=k} w_j p_j / sum_{j<=k} w_j,   w_j = MACs up to exit j / MACs of the last,

the class is the arg-max of the sums, and a sample leaves iff the largest p_k^ens reaches tau. In integers,
with d_j and S of the base criterion (`score` or `laplace`) and w_j an integer of 1..255:

    F_j = 2^Q if d_j = 0, else floor(2^Q * exp(-d*u/T)) of the largest d in the bin of d_j
    P_j = (F_j * floor(2^(2Q) / S)) >> Q,   A_j += w_k * P_j,   leave iff max_j A_j >= ceil(tau * 2^Q * sum w).

The lowest index among the largest sums is the class. K sums of Q + 1 + log2(sum w) bits travel with the sample.

Rounding: E is rounded up and S with it; F, which stands above the line, is a second table, rounded down. So no
P_j is above p_j, no sum above its exact value, and a gate that leaves implies that the mean probability of the class
reaches tau. There is one divider per gate.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.criteria.base import BoolArray, Gate
from hwgen.criteria.exp_table import FRACTION, ExpGate
from hwgen.criteria.parts import Cost, Table
from hwgen.criteria.rtl_block import Form, RtlBlock, division_cycles, leader_levels, sum_levels
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.reference.executor import classify

WEIGHT_BITS = 8
"""Weights of the exits are integers of 1..2^WEIGHT_BITS - 1, the last exit's the largest."""
_RTL_BASES = ("score", "laplace")
"""Bases with a block of their own in RTL."""


def integer_weights(exit_macs: list[int]) -> list[int]:
    """w_j of all exits from the MACs spent up to each."""
    top = (1 << WEIGHT_BITS) - 1
    return [max(1, round(top * macs / exit_macs[-1])) for macs in exit_macs]


class EnsembleGate(Gate):
    """A gate that decides on the sums of the probabilities of all exits so far.

    Args:
        base: gate of this exit alone; gives the exponentials.
        weights: w_1..w_k, the last one this exit's.
    """

    stricter_up = True
    carries = True

    def __init__(self, base: ExpGate, weights: list[int]) -> None:
        self.base = base
        self.weights = list(weights)
        self.before_bits = (sum(weights[:-1]) << FRACTION).bit_length()
        self.carried_bits = (sum(weights) << FRACTION).bit_length()
        self._lower = base.lower_table()
        super().__init__(base.owner, base.shape, self.carried_bits)
        self.block = "ensemble"
        self.headers = (*base.headers, "criteria/ensemble.h")

    @property
    def _one(self) -> int:
        """The sum that stands for probability 1."""
        return sum(self.weights) << FRACTION

    def _round(self, real: Fraction) -> int:
        return math.ceil(real * self._one)

    def to_real(self, raw: int) -> float:
        real = self._check_raw(raw) / self._one
        # A float just above the exact quotient would come back as raw + 1.
        return math.nextafter(real, 0.0) if Fraction(real) * self._one > raw else real

    def carry(self, seen: Seen) -> IntArray:
        reciprocal = (1 << 2 * FRACTION) // self.base.exponentials(seen).sum(axis=1, keepdims=True)
        leads = seen.logits == seen.logits.max(axis=1, keepdims=True)
        entries = np.where(leads, 1 << FRACTION, self._lower.look_up(self.base.distances(seen)))
        before = seen.carried if seen.carried is not None else np.zeros_like(entries)
        after: IntArray = before + self.weights[-1] * (entries * reciprocal >> FRACTION)
        return after

    def labels(self, seen: Seen) -> IntArray:
        return classify(self.carry(seen))

    def critical_raw(self, seen: Seen) -> IntArray:
        largest: IntArray = self.carry(seen).max(axis=1)
        return largest

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self.critical_raw(seen) >= self._check_raw(raw)

    def probabilities(self, seen: Seen) -> FloatArray:
        """Mean of this exit's float probabilities and of the sums carried to it."""
        own = self.weights[-1] * self.base.probabilities(seen)
        before = 0.0 if seen.carried is None else seen.carried / (1 << FRACTION)
        return (own + before) / sum(self.weights)

    def confidence(self, seen: Seen) -> FloatArray:
        """The largest mean probability."""
        largest: FloatArray = self.probabilities(seen).max(axis=1)
        return largest

    def undecided_raw(self) -> int:
        """Sums that are all equal: 1 / K of the whole."""
        return self._one // self.classes

    @property
    def macs(self) -> int:
        return self.base.macs

    def cost(self) -> Cost:
        """The base gate, the second table, one divider, two multipliers per class, and the sums."""
        plain = self.base.cost()
        per_class = ((FRACTION + 1, FRACTION + 1), (FRACTION + 1, WEIGHT_BITS))
        return replace(
            plain,
            adders=plain.adders + self.classes,
            comparators=plain.comparators + self.classes - 1,
            multipliers=plain.multipliers + self.classes * per_class,
            dividers=1,
            table_bits=plain.table_bits + -(-self.classes // 2) * self._lower.entries * (FRACTION + 1),
            levels=(*plain.levels, 2 * FRACTION + 1, 4 + self.classes),
        )

    def tables(self) -> dict[str, Table]:
        return self.base.tables() | {"lower_table": Table(self._lower.values, FRACTION + 1)}

    def cpp_params(self) -> dict[str, int]:
        return self.base.cpp_params() | {
            "threshold_bits": self.threshold_bits,
            "carried_bits": self.carried_bits,
            "ensemble_weight": self.weights[-1],
        }

    def rtl(self, form: Form) -> RtlBlock | None:
        if form == "serial" or self.base.block not in _RTL_BASES:
            return None
        levels, division, leader = (
            sum_levels(self.classes),
            division_cycles(FRACTION),
            leader_levels(self.classes),
        )
        cycles = levels + division + leader + 5
        return self.base.rtl_front().then(
            ("ring.sv", "reciprocal.sv", "ensemble_sums.sv", f"ensemble_{self.base.block}.sv"),
            cycles,
            {"exp_table": self.classes, "lower_table": self.classes},
            {
                "before_bits": max(self.before_bits, 1),
                "sum_levels": levels,
                "division": division,
                "leader_stages": leader,
                "sums_stages": cycles,
            },
        )

    def manifest(self) -> dict[str, Any]:
        return self.base.manifest() | {
            "threshold_bits": self.threshold_bits,
            "stricter": "larger",
            "carried_bits": self.carried_bits,
            "ensemble": {"weights": self.weights},
        }
