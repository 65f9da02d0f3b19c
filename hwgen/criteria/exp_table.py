"""The integer exponential table that gates, C++ and RTL share.

With u = one LSB of the logits, T = temperature and Q = 16,

    E[i] = ceil(2^Q * exp(-i * 2^s * u / T)),   i = min(d >> s, N - 1),   d = z_max - z_j >= 0

E is rounded up, and `d >> s` takes the upper edge of each bin, so E[i] >= 2^Q * exp(-d*u/T) for every
d: sums of E are never too small. E[0] = 2^Q (so Q + 1 bits) and the last entry is >= 1. The table
ends at its first 1: all further entries are 1 as well, so the index clamp loses nothing. s is the
smallest shift with N <= 2048; 2048 entries of 17 bits fill one 36-kbit block RAM (2048 x 18).
The temperature changes this table and nothing else.

A criterion for which a large sum means "leave" takes the table rounded down instead: each entry is the
floor at the last difference of its bin, so E[i] <= 2^Q * exp(-d*u/T); the last one is 0, and with s > 0
so E[0] < 2^Q.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any, ClassVar, Literal

import numpy as np

from hwgen.criteria.base import Criterion, Gate, levels_of
from hwgen.criteria.parts import Cost, ExitShape, Table
from hwgen.criteria.rtl_block import LOOK_UP, RtlBlock, leader_levels
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FixedPoint, IntArray

FRACTION = 16
"""Q: fraction bits of an entry."""
MAX_ENTRIES = 2048
"""Largest N."""
Rounding = Literal["up", "down"]
_DIGITS = 60
"""Decimal digits of the computation; entries are irrational, so 60 always tell which integer is next."""


@dataclass(frozen=True)
class ExpTable:
    """One table.

    Args:
        shift: s, low bits of a difference that the index drops.
        values: int64 (N,), non-increasing; rounded up: values[0] = 2**Q, values[-1] >= 1.
    """

    shift: int
    values: IntArray

    @property
    def entries(self) -> int:
        """N."""
        return len(self.values)

    def index(self, differences: IntArray) -> IntArray:
        """Index i of each raw difference (>= 0); same shape, int64."""
        found: IntArray = np.minimum(differences >> self.shift, self.entries - 1)
        return found

    def look_up(self, differences: IntArray) -> IntArray:
        """E for each raw difference (>= 0); same shape, int64."""
        return self.values[self.index(differences)]

    def edges(self, logits: FixedPoint) -> list[tuple[int, int]]:
        """First and last raw difference of each bin; the last bin takes all that is left."""
        span, last = logits.max_raw - logits.min_raw, self.entries - 1
        upper = [((i + 1) << self.shift) - 1 for i in range(last)]
        return [(i << self.shift, end) for i, end in enumerate([*upper, span])]


def exp_table(
    logits: FixedPoint,
    temperature: float,
    rounding: Rounding = "up",
    fraction: int = FRACTION,
    reach: Decimal | None = None,
) -> ExpTable:
    """Builds the table; decimal arithmetic makes it the same on every machine.

    Args:
        logits: format of the logits; one LSB is 2**-fraction of that format.
        temperature: T > 0.
        rounding: up: no entry too small; down: none too large.
        fraction: Q.
        reach: d*u/T from which all differences may share the last entry; default: where entries become 1
            (up) or 0 (down), Q * ln 2.
    """
    span = logits.max_raw - logits.min_raw
    with localcontext() as context:
        context.prec = _DIGITS
        step = Decimal(2) ** -logits.fraction / Decimal(temperature)
        end = fraction * Decimal(2).ln() if reach is None else reach
        first_last = int((end / step).to_integral_value(ROUND_CEILING))
        shift = 0
        while (last := min(-(-first_last >> shift), span >> shift)) >= MAX_ENTRIES:
            shift += 1
        if rounding == "up":
            exact = (2**fraction * (-(i << shift) * step).exp() for i in range(last + 1))
            # No power of e is 0, but one beyond the exponents of Decimal reads 0.
            values = [max(1, int(value.to_integral_value(ROUND_CEILING))) for value in exact]
        else:
            # The last bin holds the format's largest difference, or its entry is 0: none is too large.
            upper = (min(((i + 1) << shift) - 1, span) for i in range(last + 1))
            exact = (2**fraction * (-difference * step).exp() for difference in upper)
            values = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    return ExpTable(shift, np.array(values, dtype=np.int64))


def lower_table(table: ExpTable, logits: FixedPoint, temperature: float, slack: int) -> ExpTable:
    """Its counterpart that is rounded down: floor(2^Q * exp(-d*u/T)) of the largest d of each bin.

    Args:
        table: rounded up, gives the bins.
        logits: format of the logits.
        temperature: T > 0.
        slack: what the exact distance may lie above the one that is looked up, in LSBs.
    """
    span = logits.max_raw - logits.min_raw
    with localcontext() as context:
        context.prec = _DIGITS
        step = Decimal(2) ** -logits.fraction / Decimal(temperature)
        ends = [min(((i + 1) << table.shift) - 1 + slack, span) for i in range(table.entries - 1)]
        exact = (2**FRACTION * (-end * step).exp() for end in (*ends, span))
        values = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    return ExpTable(table.shift, np.array(values, dtype=np.int64))


class ExpGate(Gate):
    """A gate that reads the exponentials: holds the table and S = sum of E over the classes.

    S lies in 2^Q .. classes * 2^Q and has `sum_bits` bits.
    """

    distance_slack: ClassVar[int] = 0
    """By how many LSBs at most a distance that is looked up lies below the exact one."""

    fraction: ClassVar[int] = FRACTION
    """Q of this gate."""

    def __init__(self, criterion: Criterion, shape: ExitShape, threshold_bits: int | None = None) -> None:
        self.sum_bits = (shape.classes << self.fraction).bit_length()
        super().__init__(criterion, shape, threshold_bits or self.sum_bits)
        self._table = self._build_table()

    def _build_table(self) -> ExpTable:
        """The table; rounded up unless a gate says otherwise."""
        return exp_table(self.logits, self.temperature)

    def tables(self) -> dict[str, Table]:
        return {"exp_table": Table(self._table.values, self.fraction + 1)}

    def cpp_params(self) -> dict[str, int]:
        return super().cpp_params() | {
            "table_shift": self._table.shift,
            "table_entries": self._table.entries,
            "table_fraction": self.fraction,
            "sum_bits": self.sum_bits,
        }

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {
            "Q": self.fraction,
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
            table_bits=-(-self.classes // 2) * self._table.entries * (self.fraction + 1),
            levels=(levels + 1, levels + 2),
        )

    def rtl_front(self) -> RtlBlock:
        """The part of a parallel block that finds the distances which are looked up."""
        levels = leader_levels(self.classes)
        return RtlBlock(LOOK_UP, levels, parameters={"front_stages": levels})

    def distances(self, seen: Seen) -> IntArray:
        """d_j as it is looked up, int64 (n, K)."""
        return self._differences(seen.logits)

    def exponentials(self, seen: Seen) -> IntArray:
        """E[d_j] of every class, int64 (n, K)."""
        return self._exponentials(self.distances(seen))

    def lower_table(self) -> ExpTable:
        """The table whose entries are never too large."""
        return lower_table(self._table, self.logits, self.temperature, self.distance_slack)

    def _exponentials(self, differences: IntArray) -> IntArray:
        return self._table.look_up(differences)
