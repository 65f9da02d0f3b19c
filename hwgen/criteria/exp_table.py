"""The integer exponential table that gates, C++ and RTL share.

With u = one LSB of the logits, T = temperature and Q = 16,

    E[i] = ceil(2^Q * exp(-i * 2^s * u / T)),   i = min(d >> s, N - 1),   d = z_max - z_j >= 0

E is rounded up, and `d >> s` takes the upper edge of each bin, so E[i] >= 2^Q * exp(-d*u/T) for every
d: sums of E are never too small. E[0] = 2^Q (so Q + 1 bits) and the last entry is >= 1. The table
ends at its first 1: all further entries are 1 as well, so the index clamp loses nothing. s is the
smallest shift with N <= 1024; 1024 entries of 17 bits fill one 18-kbit block RAM (1024 x 18).
The temperature changes this table and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Any

import numpy as np

from hwgen.criteria.base import Criterion, Gate, levels_of
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FixedPoint, IntArray

FRACTION = 16
"""Q: fraction bits of an entry."""
MAX_ENTRIES = 1024
"""Largest N."""
_DIGITS = 60
"""Decimal digits of the computation; entries are irrational, so 60 always tell which integer is next."""


@dataclass(frozen=True)
class ExpTable:
    """One table.

    Args:
        shift: s, low bits of a difference that the index drops.
        values: int64 (N,), non-increasing, values[0] = 2**FRACTION, values[-1] >= 1.
    """

    shift: int
    values: IntArray

    @property
    def entries(self) -> int:
        """N."""
        return len(self.values)

    def look_up(self, differences: IntArray) -> IntArray:
        """E for each raw difference (>= 0); same shape, int64."""
        return self.values[np.minimum(differences >> self.shift, self.entries - 1)]


def exp_table(logits: FixedPoint, temperature: float) -> ExpTable:
    """Builds the table; decimal arithmetic makes it the same on every machine.

    Args:
        logits: format of the logits; one LSB is 2**-fraction.
        temperature: T > 0.
    """
    span = logits.max_raw - logits.min_raw
    with localcontext() as context:
        context.prec = _DIGITS
        step = Decimal(2) ** -logits.fraction / Decimal(temperature)
        # From this difference on, every entry is 1.
        first_one = int((FRACTION * Decimal(2).ln() / step).to_integral_value(ROUND_CEILING))
        shift = 0
        while (last := min(-(-first_one >> shift), span >> shift)) >= MAX_ENTRIES:
            shift += 1
        exact = (2**FRACTION * (-(i << shift) * step).exp() for i in range(last + 1))
        # No power of e is 0, but one beyond the exponents of Decimal reads 0.
        values = [max(1, int(value.to_integral_value(ROUND_CEILING))) for value in exact]
    return ExpTable(shift, np.array(values, dtype=np.int64))


class ExpGate(Gate):
    """A gate that reads the exponentials: holds the table and S = sum of E over the classes.

    S lies in 2^Q .. classes * 2^Q and has `sum_bits` bits.
    """

    def __init__(self, criterion: Criterion, shape: ExitShape, threshold_bits: int | None = None) -> None:
        self.sum_bits = (shape.classes << FRACTION).bit_length()
        super().__init__(criterion, shape, threshold_bits or self.sum_bits)
        self._table = exp_table(shape.logits, self.temperature)

    def tables(self) -> dict[str, Table]:
        return {"exp_table": Table(self._table.values, FRACTION + 1)}

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "table_shift": self._table.shift,
            "table_entries": self._table.entries,
            "table_fraction": FRACTION,
            "sum_bits": self.sum_bits,
        }

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "Q": FRACTION,
            "N": self._table.entries,
            "s": self._table.shift,
            "sum_bits": self.sum_bits,
        }

    def cost(self) -> Cost:
        """Arg-max tree, one table read per class at once, adder tree, one comparison."""
        levels = levels_of(self.classes)
        return Cost(
            comparators=2 * (self.classes - 1) + 1,
            adders=2 * self.classes - 1,
            table_bits=-(-self.classes // 2) * self._table.entries * (FRACTION + 1),
            levels=(levels + 1, levels + 2),
        )

    def exponentials(self, seen: Seen) -> IntArray:
        """E[d_j] of every class, int64 (n, K)."""
        return self._exponentials(self._differences(seen.logits))

    def _exponentials(self, differences: IntArray) -> IntArray:
        return self._table.look_up(differences)
