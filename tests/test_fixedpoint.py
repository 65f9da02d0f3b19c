"""Rounding and saturation against exact rational arithmetic: round to nearest, ties to even, then clip."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.errors import RangeError
from hwgen.fixedpoint import (
    MAX_WIDTH,
    FixedPoint,
    fits_after_rounding,
    format_for_range,
    quantise_real,
    requantise,
    round_half_even_shift,
)


def exact_shift(raw: int, shift: int) -> int:
    """Python's `round` of a fraction rounds ties to even."""
    return round(Fraction(raw) / Fraction(2) ** shift)


def exact_requantise(raw: int, source: FixedPoint, target: FixedPoint) -> int:
    rounded = exact_shift(raw, source.fraction - target.fraction)
    return min(max(rounded, target.min_raw), target.max_raw)


@st.composite
def formats(draw: st.DrawFn, widest: int = MAX_WIDTH) -> FixedPoint:
    return FixedPoint(draw(st.integers(1, widest)), draw(st.integers(-20, 30)), draw(st.booleans()))


@st.composite
def values_of(draw: st.DrawFn, fmt: FixedPoint) -> int:
    return draw(st.sampled_from([fmt.min_raw, fmt.max_raw]) | st.integers(fmt.min_raw, fmt.max_raw))


def test_range_of_a_format() -> None:
    signed, unsigned = FixedPoint(6, 2, True), FixedPoint(6, 2, False)
    assert (signed.min_raw, signed.max_raw, signed.fraction, signed.lsb) == (-32, 31, 4, 1 / 16)
    assert (unsigned.min_raw, unsigned.max_raw) == (0, 63)
    assert (signed.min_real, signed.max_real, unsigned.max_real) == (-2.0, 31 / 16, 63 / 16)
    coarse = FixedPoint(4, 6, False)
    assert (coarse.fraction, coarse.lsb, coarse.max_real) == (-2, 4.0, 60.0)


def test_a_recipe_does_not_count_the_sign() -> None:
    assert FixedPoint.from_recipe(6, 1, signed=True) == FixedPoint(6, 2, True)
    assert FixedPoint.from_recipe(6, 2, signed=False) == FixedPoint(6, 2, False)


def test_cpp_type() -> None:
    assert FixedPoint(8, 3).cpp() == "ap_fixed<8, 3>"
    assert FixedPoint(8, 3, False).cpp("AP_RND_CONV", "AP_SAT") == "ap_ufixed<8, 3, AP_RND_CONV, AP_SAT>"


@pytest.mark.parametrize("width", [0, -1, MAX_WIDTH + 1])
def test_width_is_limited(width: int) -> None:
    with pytest.raises(RangeError, match=f"fixed-point width: {width} is outside 1..{MAX_WIDTH}"):
        FixedPoint(width, 1)


def test_rounding_exhaustively_at_small_widths() -> None:
    raw = np.arange(-600, 601)
    for shift in range(-5, 12):
        assert round_half_even_shift(raw, shift).tolist() == [exact_shift(int(value), shift) for value in raw]


@given(st.integers(-(2**61), 2**61), st.integers(0, 80))
def test_rounding_of_wide_values(raw: int, shift: int) -> None:
    assert round_half_even_shift(np.array([raw]), shift)[0] == exact_shift(raw, shift)


@pytest.mark.parametrize("signed_source", [False, True])
@pytest.mark.parametrize("signed_target", [False, True])
def test_requantisation_exhaustively_at_small_widths(signed_source: bool, signed_target: bool) -> None:
    for width in range(1, 7):
        for integer in (-2, 0, 3, 9):
            source = FixedPoint(width, integer, signed_source)
            raw = np.arange(source.min_raw, source.max_raw + 1)
            for target_width in range(1, 5):
                for target_integer in (-3, 0, 2):
                    target = FixedPoint(target_width, target_integer, signed_target)
                    wanted = [exact_requantise(int(value), source, target) for value in raw]
                    assert requantise(raw, source, target).tolist() == wanted


@given(st.data(), formats(), formats())
def test_requantisation_of_wide_values(data: st.DataObject, source: FixedPoint, target: FixedPoint) -> None:
    raw = data.draw(values_of(source))
    array = np.array([raw])
    assert requantise(array, source, target)[0] == exact_requantise(raw, source, target)
    rounded = exact_shift(raw, source.fraction - target.fraction)
    assert bool(fits_after_rounding(array, source, target)[0]) == (
        target.min_raw <= rounded <= target.max_raw
    )


@given(st.data(), formats())
def test_requantisation_to_the_same_format_changes_nothing(data: st.DataObject, fmt: FixedPoint) -> None:
    raw = np.array(data.draw(st.lists(values_of(fmt), max_size=5)), dtype=np.int64)
    assert np.array_equal(requantise(raw, fmt, fmt), raw)


@given(st.floats(allow_nan=False, allow_infinity=False), formats(widest=53))
def test_quantising_real_values(value: float, target: FixedPoint) -> None:
    exact = round(Fraction(value) * Fraction(2) ** target.fraction)
    wanted = min(max(exact, target.min_raw), target.max_raw)
    with np.errstate(over="ignore"):  # what overflows a float saturates like any large value
        raw, clipped = quantise_real([value], target)
    assert raw[0] == wanted
    assert clipped[0] == (wanted != exact)
    assert raw.dtype == clipped.dtype == np.int64


@given(st.data(), formats(widest=53))
def test_what_is_on_the_grid_stays(data: st.DataObject, fmt: FixedPoint) -> None:
    raw = data.draw(values_of(fmt))
    back, clipped = quantise_real(fmt.to_real([raw]), fmt)
    assert (back[0], clipped[0]) == (raw, 0)


@given(st.integers(-(2**50), 0), st.integers(0, 2**50), st.integers(-5, 40))
def test_format_for_range_is_sufficient_and_minimal(low: int, high: int, fraction: int) -> None:
    fmt = format_for_range(low, high, fraction)
    assert fmt.signed
    assert fmt.fraction == fraction
    assert fmt.min_raw <= low
    assert high <= fmt.max_raw
    if fmt.width > 2:  # ap_fixed needs a bit beside the sign
        narrower = FixedPoint(fmt.width - 1, fmt.width - 1 - fraction)
        assert low < narrower.min_raw or high > narrower.max_raw


def test_format_for_range_exhaustively() -> None:
    for low in range(-40, 1):
        for high in range(41):
            width = next(width for width in range(2, 9) if -(1 << width - 1) <= low and high < 1 << width - 1)
            assert format_for_range(low, high, 3) == FixedPoint(width, width - 3)


def test_check_names_index_and_value() -> None:
    FixedPoint(4, 4).check(np.array([[-8, 7]]), "stage1 input")
    with pytest.raises(RangeError) as caught:
        FixedPoint(4, 4).check(np.array([[0, 1], [2, 8]]), "stage1 input")
    assert str(caught.value) == "stage1 input[1, 1]: raw value 8 is outside -8..7 of ap_fixed<4, 4>"
    with pytest.raises(RangeError, match=r"kernel\[0\]: raw value -1 is outside 0..15 of ap_ufixed<4, 2>"):
        FixedPoint(4, 2, False).check([-1, 99], "kernel")
