"""What the tool sees in weights: digits, zeros, products that are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hwgen.latency.products import (
    Products,
    assumed_limit,
    assumed_products,
    dsp_per_product,
    products_of,
    signed_digits,
    takes_dsp,
)
from hwgen.latency.rules import Timing, multiplier_limit


def naive_digits(value: int) -> int:
    """Non-adjacent form, digit by digit."""
    value, digits = abs(value), 0
    while value:
        if value & 1:
            value -= 2 - (value & 3)
            digits += 1
        value >>= 1
    return digits


def test_digits_of_every_sixteen_bit_weight() -> None:
    values = np.arange(-(2**15), 2**15)
    assert np.array_equal(signed_digits(values), [naive_digits(int(value)) for value in values])


def naive(matrix: np.ndarray, shared: bool) -> tuple[list[int], list[int], int]:
    digits, distinct, narrow = [0] * 4, [0] * 4, 0
    for row in matrix:
        for value, count in Counter(row.tolist()).items():
            kind = min(naive_digits(value), 3)
            digits[kind] += count
            distinct[kind] += 1 if shared else count
            narrow += (1 if shared else count) * (kind == 3 and 0 < value < 16)
    return digits, distinct[1:], narrow


@given(
    arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-40, 40)),
    st.booleans(),
)
def test_counts_are_those_of_a_plain_loop(matrix: np.ndarray, shared: bool) -> None:
    found = products_of(matrix, shared=shared)
    digits, distinct, narrow = naive(matrix, shared)
    assert [found.zeros, *found.digits] == digits
    assert (list(found.distinct), found.narrow) == (distinct, narrow)
    assert found.longest == max(np.count_nonzero(column) for column in matrix.T)
    assert found.nonzero + found.zeros == matrix.size


def test_only_eleven_and_thirteen_are_narrow_multiplications() -> None:
    found = products_of(np.arange(-31, 32).reshape(1, -1))
    assert found.narrow == 2
    assert products_of(np.array([[11, 13, -11, -13, 22, 26]])).narrow == 2


@pytest.mark.parametrize(
    ("factors", "dsp", "each"),
    [((16, 4), False, 1), ((16, 6), True, 1), ((6, 6), False, 1), ((8, 8), True, 1), ((32, 32), True, 4)],
)
def test_which_multiplications_take_dsps(factors: tuple[int, int], dsp: bool, each: int) -> None:
    assert takes_dsp(*factors) is dsp
    assert takes_dsp(*reversed(factors)) is dsp
    assert dsp_per_product(*factors) == each


@pytest.mark.parametrize(
    ("factors", "dsp"),
    [
        ((10, 10), False),
        ((10, 8), False),
        ((11, 7), True),
        ((12, 6), True),
        ((16, 5), True),
        ((16, 4), False),
    ],
)
def test_vitis_builds_narrow_products_of_luts_on_ultrascale(factors: tuple[int, int], dsp: bool) -> None:
    """Multipliers listed in reports of Alezander9/ML_FPGAonPixel (2023.1) and Lrozzy/hls4ml_OpenML (2024.1)."""
    timing = Timing("Vitis", 5.0, "xcu50-fsvh2104-2-e")
    assert takes_dsp(*factors, timing.logic_bits) is dsp
    for other in (replace(timing, backend="Vivado"), replace(timing, part="xc7z020-clg400-1")):
        assert other.logic_bits == 0


def test_depthwise_kernels_are_allowed_a_multiplier_for_every_pair_of_channels() -> None:
    """pominiq/DNNonSilicon: 9 x 3 products, reuse factor 16: 8 cycles a pixel, with 2 multipliers it would be 16."""
    alone = Products(9, 3, 0, (0, 1, 26), (0, 1, 26), 9)
    assert multiplier_limit(alone, 16) == 2
    assert multiplier_limit(replace(alone, planes=3), 16) == 6


@pytest.mark.parametrize("zeros", [0.0, 0.5])
@pytest.mark.parametrize(("bits", "fraction"), [(16, 10), (6, 5), (2, 1)])
def test_the_stand_in_is_like_weights_drawn_that_way(bits: int, fraction: int, zeros: float) -> None:
    generator = np.random.default_rng(5)
    terms, outputs = 64, 32
    limit = assumed_limit(terms + outputs) * 2**fraction
    top = 2 ** (bits - 1) - 1
    drawn = np.clip(np.rint(generator.uniform(-limit, limit, (terms, outputs))), -top, top).astype(np.int64)
    drawn[generator.random(drawn.shape) < zeros] = 0
    real, assumed = products_of(drawn), assumed_products(terms, outputs, bits, fraction, zeros)
    assert assumed.assumed and not real.assumed
    for name in ("nonzero", "longest"):
        assert getattr(assumed, name) == pytest.approx(getattr(real, name), rel=0.25)
    assert sum(assumed.distinct) == pytest.approx(sum(real.distinct), rel=0.25)


def test_nothing_multiplied_takes_no_dsp() -> None:
    none = Products(4, 4, 16, (0, 0, 0), (0, 0, 0), 0)
    assert none.multiplications(16, 16) == 0
