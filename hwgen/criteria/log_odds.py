"""Thresholds in log odds: the scale of gates whose weights were learned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

BIAS_LIMIT = 1 << 50
"""Largest absolute bias; one beyond it decides every sample alike."""


@dataclass(frozen=True)
class LogOdds:
    """real = (raw + bias) * 2^-places, exact as a float64.

    Args:
        places: binary places of the raw threshold; may be negative.
        bias: added to the raw threshold, at most `BIAS_LIMIT` either way.
    """

    places: int
    bias: int

    def round_up(self, real: Fraction) -> int:
        """The smallest raw threshold that is not below `real`."""
        return math.ceil(real * Fraction(2) ** self.places) - self.bias

    def to_real(self, raw: int) -> float:
        """The threshold a raw one stands for."""
        return math.ldexp(raw + self.bias, -self.places)


def whole_bias(bias: float, places: int) -> int:
    """A bias in steps of 2^-places, rounded and cut to `BIAS_LIMIT`."""
    return max(-BIAS_LIMIT, min(round(Fraction(bias) * Fraction(2) ** places), BIAS_LIMIT))
