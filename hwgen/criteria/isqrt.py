"""Square roots of integers, rounded up, digit by digit as the hardware finds them."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import IntArray

MAX_BITS = 60
"""Widest number whose root is taken in an int64."""


def ceil_sqrt(values: IntArray, bits: int) -> IntArray:
    """The smallest integer whose square is at least the value.

    The binary form of the school method: two bits of the value give one digit of the root, by one comparison
    and one subtraction. The root is one more if a remainder is left.

    Args:
        values: int64 of any shape, 0 <= value < 2^bits.
        bits: at most `MAX_BITS`.
    Returns:
        int64 of the same shape, at most 2^ceil(bits / 2).
    """
    root, remainder = np.zeros_like(values), np.zeros_like(values)
    for digit in reversed(range(-(-bits // 2))):
        remainder = remainder << 2 | values >> np.int64(2 * digit) & 3
        trial = root << 2 | 1
        fits = remainder >= trial
        remainder = np.where(fits, remainder - trial, remainder)
        root = root << 1 | fits
    return np.asarray(root + (remainder != 0))
