"""ln(S / 2^Q) in integers: the top bits of S choose a chord of the logarithm.

S = 2^(Q + e) * (1 + m) with 0 <= m < 1. The first 7 bits of m are the index i, the rest are r of b bits:

    L(S) = e * LN[128] + LN[i] + ((LN[i + 1] - LN[i]) * r >> b),   LN[i] = round(2^Q * ln(1 + i / 128)).

A chord of that length lies less than 2^-17 below the logarithm, so L is at most (e + 4) / 2 steps of 2^-Q off.
L(2^Q) = 0, and L never falls as S grows.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import cache

import numpy as np

from hwgen.fixedpoint import IntArray

SEGMENT_BITS = 7
_DIGITS = 40
"""Decimal digits of the table's computation, which is then the same on every machine."""


@cache
def log_table(fraction: int) -> IntArray:
    """LN, int64 (129,)."""
    segments = 1 << SEGMENT_BITS
    with localcontext() as context:
        context.prec = _DIGITS
        exact = [2**fraction * (1 + Decimal(i) / segments).ln() for i in range(segments + 1)]
        return np.array([int(value.to_integral_value(ROUND_HALF_EVEN)) for value in exact], dtype=np.int64)


def natural_log(sums: IntArray, bits: int, fraction: int) -> IntArray:
    """L of each sum, int64 of the same shape.

    Args:
        sums: int64, each in 2^fraction .. 2^bits - 1.
        bits: width of a sum, at most 52.
        fraction: Q, at most bits - 8.
    """
    table = log_table(fraction)
    # frexp counts the bits of an exact float64.
    above = np.int64(bits) - np.frexp(sums.astype(np.float64))[1].astype(np.int64)
    mantissa = (sums << above) - (np.int64(1) << np.int64(bits - 1))
    rest_bits = bits - 1 - SEGMENT_BITS
    index = mantissa >> rest_bits
    rest = mantissa - (index << rest_bits)
    exponent = np.int64(bits - 1 - fraction) - above
    chord = (table[index + 1] - table[index]) * rest >> rest_bits
    found: IntArray = exponent * table[-1] + table[index] + chord
    return found
