"""Fixed-point formats and the one rounding rule that Python, C++ and RTL share.

`FixedPoint(W, I)` means `ap_fixed<W, I>`: I counts the bits left of the point, the sign included.
In a recipe `integer` leaves the sign out, as QKeras does; `FixedPoint.from_recipe` is the only
place that converts between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwgen.errors import RangeError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

MAX_WIDTH = 62
"""Widest format whose values, sums of two and differences fit an int64."""


@dataclass(frozen=True)
class FixedPoint:
    """A fixed-point format; a value is `raw * 2**-fraction`.

    Args:
        width: number of bits, 1 to 62.
        integer: bits left of the point, sign included; may be negative or exceed `width`.
        signed: two's complement if true.
    """

    width: int
    integer: int
    signed: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.width <= MAX_WIDTH:
            raise RangeError("fixed-point width", f"{self.width} is outside 1..{MAX_WIDTH}")

    @classmethod
    def from_recipe(cls, bits: int, integer: int, signed: bool) -> FixedPoint:
        """Format of a recipe entry, whose `integer` does not count the sign."""
        return cls(bits, integer + int(signed), signed)

    @property
    def fraction(self) -> int:
        """Bits right of the point (negative if one LSB is larger than one)."""
        return self.width - self.integer

    @property
    def lsb(self) -> float:
        """Value of one step."""
        return 2.0**-self.fraction

    @property
    def min_raw(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max_raw(self) -> int:
        return (1 << (self.width - int(self.signed))) - 1

    @property
    def min_real(self) -> float:
        return self.min_raw * self.lsb

    @property
    def max_real(self) -> float:
        return self.max_raw * self.lsb

    def cpp(self, rounding: str = "AP_TRN", overflow: str = "AP_WRAP") -> str:
        """The C++ type, for example `ap_ufixed<6, 2, AP_RND_CONV, AP_SAT>`."""
        name = "ap_fixed" if self.signed else "ap_ufixed"
        if (rounding, overflow) == ("AP_TRN", "AP_WRAP"):
            return f"{name}<{self.width}, {self.integer}>"
        return f"{name}<{self.width}, {self.integer}, {rounding}, {overflow}>"

    def to_real(self, raw: npt.ArrayLike) -> FloatArray:
        """Raw integers to float64; exact below 53 bits."""
        return np.asarray(raw, dtype=np.float64) * self.lsb

    def check(self, raw: npt.ArrayLike, what: str) -> None:
        """Raises RangeError naming the first value of `raw` that does not fit."""
        values = np.asarray(raw)
        bad = np.argwhere((values < self.min_raw) | (values > self.max_raw))
        if len(bad):
            index = tuple(int(i) for i in bad[0])
            raise RangeError(
                f"{what}{list(index)}",
                f"raw value {int(values[index])} is outside {self.min_raw}..{self.max_raw} of {self.cpp()}",
            )

    def to_dict(self) -> dict[str, int | bool]:
        return {"width": self.width, "integer": self.integer, "signed": self.signed}


def round_half_even_shift(raw: IntArray, shift: int) -> IntArray:
    """`raw / 2**shift` rounded to the nearest integer, ties to even (AP_RND_CONV).

    Args:
        raw: int64 of any shape.
        shift: number of fraction bits to drop; negative shifts left (exact).
    """
    if shift <= 0:
        return raw << -shift
    if shift > MAX_WIDTH:
        return np.zeros_like(raw)
    # Adding just under one half rounds ties down; the floor's last bit more rounds them to even.
    even = (raw >> shift) & 1
    return (raw + even + ((1 << (shift - 1)) - 1)) >> shift


def _rounded(raw: IntArray, source: FixedPoint, target: FixedPoint) -> IntArray:
    """Raw values on the grid of `target`, not yet saturated: outside its range if and only if they do not fit."""
    shift = source.fraction - target.fraction
    if shift < 0:
        # What lies beyond the range could leave an int64 on the way left: it stays one step beyond instead.
        shift = max(shift, -MAX_WIDTH)
        raw = np.clip(raw, (target.min_raw >> -shift) - 1, (target.max_raw >> -shift) + 1)
    return round_half_even_shift(raw, shift)


def requantise(raw: IntArray, source: FixedPoint, target: FixedPoint) -> IntArray:
    """Converts raw values between formats: round half to even, then saturate."""
    return np.clip(_rounded(raw, source, target), target.min_raw, target.max_raw)


def fits_after_rounding(raw: IntArray, source: FixedPoint, target: FixedPoint) -> npt.NDArray[np.bool_]:
    """Whether `requantise` keeps each value: false where it saturates."""
    rounded = _rounded(raw, source, target)
    return np.asarray((rounded >= target.min_raw) & (rounded <= target.max_raw))


def quantise_real(values: npt.ArrayLike, target: FixedPoint) -> tuple[IntArray, IntArray]:
    """Real values to raw integers: round half to even, saturate.

    Args:
        values: finite floats of any shape.
        target: format of the result, at most 53 bits.
    Returns:
        (raw int64 of the same shape, int64 of the same shape that is 1 where a value was clipped).
    """
    scaled = np.rint(np.asarray(values, dtype=np.float64) * 2.0**target.fraction)
    clipped = np.clip(scaled, target.min_raw, target.max_raw)
    return clipped.astype(np.int64), (clipped != scaled).astype(np.int64)


def format_for_range(low: int, high: int, fraction: int) -> FixedPoint:
    """The narrowest signed format with `fraction` bits that holds all raw values low..high; at least 2 bits wide."""
    width = max(1, int(max(high, 0)).bit_length(), int(-low - 1).bit_length() if low < 0 else 0) + 1
    return FixedPoint(width, width - fraction, True)
