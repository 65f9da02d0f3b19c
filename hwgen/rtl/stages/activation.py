"""The activation in logic: rounds half to even, saturates, clamps at zero; no adder beside the one of the bias.

Half to even from half up: t = x + half, y = t >> s. Where the s bits shifted out of t are all zero, x lay
between two steps and half up may have gone to the odd one; it did if y is odd, and the even one is y - 1: its
last bit cleared. `half` falls together with the bias of the layer before.
"""

from __future__ import annotations

from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Activation
from hwgen.rtl.stages.symbols import Value, bounds, constant, is_constant


def _integer_bits(low: int, high: int, least: int) -> int:
    """Bits of low..high without the sign, at least `least`: da4ml calls a negative value with fewer zero."""
    return max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0, least)


def round_half_even(value: Value, shift: int) -> Value:
    """`value / 2**shift`, ties to even; a negative `shift` is exact."""
    if shift <= 0:
        return value * float(1 << -shift)
    low, high = bounds(value)
    half = 1 << (shift - 1)
    if -half <= low and high <= half:
        return constant(0)
    if is_constant(value):
        return constant((low + ((low >> shift) & 1) + half - 1) >> shift)
    up = value + float(half)
    low, high = bounds(up)
    floor = up.quantize(low < 0, _integer_bits(low, high, shift), -shift) * 2.0**-shift
    low, high = bounds(floor)
    if is_constant(floor):
        above, last = constant(low & ~1), constant(low & 1)
    else:
        above = floor.quantize(low < 0, _integer_bits(low, high, 1), -1)
        last = floor.quantize(0, 1, 0)
    if not (is_constant(last) and bounds(last) == (0, 0)):
        last = up.quantize(0, shift, 0).unary_bit_op("any").msb_mux(last, 0.0)
    return above + last


def _saturate_above(value: Value, bits: int) -> Value:
    """min(value, 2**bits - 1) for value >= 0: any bit above sets all of the others."""
    _, high = bounds(value)
    if high < 1 << bits:
        return value
    if not bits:
        return constant(0)
    over = value.quantize(0, high.bit_length(), -bits).unary_bit_op("any")
    top = float((1 << bits) - 1)
    return over.msb_mux(top, value.quantize(0, bits, 0), (0.0, top, 1.0))


def requantise(value: Value, source: FixedPoint, target: FixedPoint, clamp: bool = False) -> Value:
    """What `hwgen.fixedpoint.requantise` does to one value.

    Args:
        value: raw values of `source`.
        source: format before.
        target: format after.
        clamp: negatives become zero first.
    """
    rounded = round_half_even(value, source.fraction - target.fraction)
    low, high = bounds(rounded)
    if is_constant(rounded):
        fixed = max(low, 0) if clamp else low
        return constant(min(max(fixed, target.min_raw), target.max_raw))
    if (clamp or target.min_raw == 0) and low < 0:
        rounded = rounded.relu()
        low, high = bounds(rounded)
    if low >= 0:
        return _saturate_above(rounded, target.max_raw.bit_length())
    if low < target.min_raw:
        rounded = rounded.max_of(float(target.min_raw))
    return rounded.min_of(float(target.max_raw)) if high > target.max_raw else rounded


def activate(layer: Activation, value: Value, source: FixedPoint) -> Value:
    """Output of an activation for one raw value of `source`."""
    return requantise(value, source, layer.target, layer.function == "relu")
