"""The integer logarithm of a sum S of exponentials, as a polyline that lies on one side of the curve.

For 2^Q <= S <= K * 2^Q and a scale c,

    l(S) = V[i] + floor((V[i+1] - V[i]) * r / 2^m),   V[i] about c * ln(x_i),

x_i = 2^e * (1 + b / 2^B) are the knots: e is the octave of S / 2^Q, b the B bits below its leading one, i = e * 2^B
+ b, and r the m = bits(S) - 1 - B bits below those. The knots lie twice as far apart in each octave, as the curve
flattens twice: B = 7 keeps the polyline within c * 2^-17 of it everywhere. (B is smaller for more than 127 classes,
so that V stays within 1024 entries.)

- down: V is the floor. A chord of a concave curve lies below it, so l(S) <= c * ln(S / 2^Q).
- up: V is raised by the largest gap, c * 2^-(2B+3) (a chord over [x, x + h] is at most h^2 / (8 x^2) below ln, and
  h / x <= 2^-B), rounded up, plus 1 for the floor in l. So l(S) >= c * ln(S / 2^Q), and l(S) > 0.

l never falls as S grows. V is read at two neighbouring places, so one dual-port memory holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

import numpy as np

from hwgen.criteria.base import levels_of
from hwgen.criteria.exp_table import Rounding
from hwgen.criteria.parts import Cost, Table
from hwgen.criteria.rtl_block import product_cycles
from hwgen.fixedpoint import IntArray

INDEX_BITS = 7
"""Largest B."""
LOG_ENTRIES = 1024
"""Largest N."""
_DIGITS = 60


@dataclass(frozen=True)
class LogTable:
    """One table.

    Args:
        fraction: Q of the sums.
        octaves: number of values of e.
        index_bits: B.
        values: int64 (N,), V; non-decreasing, >= 0.
    """

    fraction: int
    octaves: int
    index_bits: int
    values: IntArray

    @property
    def rest_bits(self) -> int:
        """m: bits of a sum that lie between two knots."""
        return self.fraction + self.octaves - 1 - self.index_bits

    @property
    def bits(self) -> int:
        """Width of an entry, and of l."""
        return max(1, int(self.values[-1]).bit_length())

    @property
    def slope_bits(self) -> int:
        """Width of the difference of two neighbouring entries."""
        return max(1, int(np.diff(self.values).max()).bit_length())

    def look_up(self, sums: IntArray) -> IntArray:
        """The logarithm l of each sum; same shape, int64.

        Args:
            sums: int64, 2^Q .. K * 2^Q.
        """
        octave = np.zeros_like(sums)
        for e in range(1, self.octaves):
            octave += sums >> (self.fraction + e) != 0
        # The leading one moves to the top; below it lie B bits of the index, then the rest.
        aligned = sums << (self.octaves - 1 - octave)
        below = (aligned >> self.rest_bits) - (1 << self.index_bits)
        index = (octave << self.index_bits) + below
        rest = aligned & ((1 << self.rest_bits) - 1)
        low = self.values[index]
        found: IntArray = low + ((self.values[index + 1] - low) * rest >> self.rest_bits)
        return found

    @property
    def serial_cycles(self) -> int:
        """Of logarithm_serial.sv: two places of the table, the product, the sum."""
        return product_cycles(self.rest_bits) + 4

    def tables(self) -> dict[str, Table]:
        """For a gate's `tables()`."""
        return {"log_table": Table(self.values, self.bits)}

    def cpp_params(self) -> dict[str, int]:
        """For a gate's `cpp_params()`."""
        return {"log_octaves": self.octaves, "log_index_bits": self.index_bits, "log_bits": self.bits}

    def cost(self, plain: Cost) -> Cost:
        """`plain` and the logarithm: leading one, shift, table, one product, two additions."""
        return Cost(
            comparators=plain.comparators + self.octaves - 1,
            adders=plain.adders + 2,
            multipliers=(*plain.multipliers, (self.slope_bits, self.rest_bits)),
            table_bits=plain.table_bits + len(self.values) * self.bits,
            levels=(*plain.levels[:-1], plain.levels[-1] + 2 * levels_of(self.octaves), 4),
        )


def log_table(classes: int, fraction: int, scale: Decimal, rounding: Rounding) -> LogTable:
    """Builds the table; decimal arithmetic makes it the same on every machine.

    Args:
        classes: K; the sums reach K * 2**fraction.
        fraction: Q.
        scale: c, below 2**40, so that every product fits an int64.
        rounding: up: l is never too small; down: never too large.
    """
    octaves = classes.bit_length()
    index_bits = INDEX_BITS
    while octaves << index_bits >= LOG_ENTRIES:
        index_bits -= 1
    # The largest sum's knot, and the one after it.
    largest = classes << index_bits >> (octaves - 1)
    last = ((octaves - 1) << index_bits) + largest - (1 << index_bits) + 1
    with localcontext() as context:
        context.prec = _DIGITS
        values = []
        for i in range(last + 1):
            octave, below = divmod(i, 1 << index_bits)
            knot = scale * ((1 << octave) * (1 + Decimal(below) / (1 << index_bits))).ln()
            if rounding == "down":
                values.append(int(knot.to_integral_value(ROUND_FLOOR)))
            else:
                raised = knot + scale / (1 << 2 * index_bits + 3)
                values.append(int(raised.to_integral_value(ROUND_CEILING)) + 1)
    return LogTable(fraction, octaves, index_bits, np.array(values, dtype=np.int64))
