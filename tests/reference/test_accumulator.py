"""The format of sums: every partial sum in every order fits, and one bit less would not do."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.errors import NetworkError
from hwgen.fixedpoint import FixedPoint, format_for_range
from hwgen.reference.executor import run_layer
from hwgen.reference.layers import Conv2D, Dense, DepthwiseConv2D, Weighted
from tests.networks import Builder

WEIGHTS, BIAS = FixedPoint(3, 1), FixedPoint(4, 2)
SOURCES = [FixedPoint(2, 0, True), FixedPoint(2, 1, False), FixedPoint(1, 1, False), FixedPoint(3, 3, True)]


def dense(kernel: Any, bias: Any, weights: FixedPoint = WEIGHTS, bias_format: FixedPoint = BIAS) -> Dense:
    return Dense("dense", np.array(kernel).reshape(len(kernel), -1), weights, np.array(bias), bias_format)


def all_partial_sums(layer: Weighted, source: FixedPoint) -> set[int]:
    """Every sum of some of the terms of every output for every input, bias included: nothing else can occur."""
    up, bias_up = layer.shifts(source)
    matrix = layer.kernel_matrix().tolist()
    inputs = range(source.min_raw, source.max_raw + 1)
    sums = set()
    for output, bias in enumerate(layer.bias.tolist()):
        for values in itertools.product(inputs, repeat=len(matrix)):
            terms = [(row[output] * value) << up for row, value in zip(matrix, values, strict=True)]
            terms.append(bias << bias_up)
            for chosen in itertools.product((0, 1), repeat=len(terms)):
                sums.add(sum(term for term, taken in zip(terms, chosen, strict=True) if taken))
    return sums


@pytest.mark.parametrize("source", SOURCES)
@given(
    st.lists(st.lists(st.integers(-4, 3), min_size=2, max_size=2), min_size=1, max_size=2), st.integers(-8, 7)
)
@settings(max_examples=25, deadline=None)
def test_format_is_that_of_the_extreme_partial_sums(
    source: FixedPoint, kernel: list[list[int]], bias: int
) -> None:
    layer = dense(kernel, [bias, 0])
    sums = all_partial_sums(layer, source)
    fraction = layer.accumulator_fraction(source)
    assert layer.output_format(source) == format_for_range(min(sums), max(sums), fraction)


@pytest.mark.parametrize("bias_format", [FixedPoint(4, 6), FixedPoint(6, 1), FixedPoint(9, -2)])
def test_alignment_of_products_and_bias(bias_format: FixedPoint) -> None:
    """The point of the sums lies where the finer of the two has it."""
    source = FixedPoint(2, 0, True)
    layer = dense([[3], [-4]], [bias_format.min_raw], bias_format=bias_format)
    assert layer.output_format(source).fraction == max(
        source.fraction + WEIGHTS.fraction, bias_format.fraction
    )
    sums = all_partial_sums(layer, source)
    assert layer.output_format(source) == format_for_range(
        min(sums), max(sums), layer.output_format(source).fraction
    )


def extreme_input(layer: Dense, source: FixedPoint, highest: bool) -> Any:
    """The input that drives the first output as far as it goes."""
    positive = (layer.kernel[:, 0] > 0) == highest
    return np.where(positive, source.max_raw, source.min_raw)[np.newaxis]


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(1, 8), st.booleans())
@settings(deadline=None)
def test_one_bit_less_overflows(seed: int, bits: int, inputs: int, signed: bool) -> None:
    source = FixedPoint(8, 2, signed)
    layer = Builder(seed, weights=FixedPoint(bits, 1), bias=FixedPoint(bits, 1)).dense(inputs, 1)
    fmt = layer.output_format(source)
    _, bias_up = layer.shifts(source)
    bias = int(layer.bias[0]) << bias_up
    # A sum begins or ends with the bias: either way the larger of the two occurs.
    highest = int(run_layer(layer, extreme_input(layer, source, True), source)[0, 0]) + max(-bias, 0)
    lowest = int(run_layer(layer, extreme_input(layer, source, False), source)[0, 0]) - max(bias, 0)
    fmt.check([highest, lowest], "sum")
    narrower = FixedPoint(fmt.width - 1, fmt.integer - 1)
    assert highest > narrower.max_raw or lowest < narrower.min_raw or fmt.width == 2


@pytest.mark.parametrize("kind", [Conv2D, DepthwiseConv2D])
def test_windows_exhaustively(kind: type[Any]) -> None:
    """All binary images of 3x3 pixels under a 2x2 kernel."""
    layer = kind("window", np.array([[3, -4], [2, -1]]).reshape(2, 2, 1, 1), WEIGHTS, np.array([-7]), BIAS)
    source = FixedPoint(1, 0, False)
    raw = np.array(list(itertools.product((0, 1), repeat=9))).reshape(-1, 3, 3, 1)
    fmt = layer.output_format(source)
    fmt.check(run_layer(layer, raw, source), "window")
    sums = all_partial_sums(layer, source)
    assert fmt == format_for_range(min(sums), max(sums), fmt.fraction)


def test_depthwise_sums_one_channel_only() -> None:
    """Channels are outputs, not terms: the format does not grow with their number."""
    make = Builder(0)
    one = make.depthwise(1)
    many = DepthwiseConv2D(
        "many", np.repeat(one.kernel, 9, axis=2), one.kernel_format, np.repeat(one.bias, 9), one.bias_format
    )
    source = FixedPoint(6, 2, False)
    assert many.output_format(source) == one.output_format(source)


def test_sums_without_a_format_name_the_layer() -> None:
    layer = dense([[-(2**15)]], [1], weights=FixedPoint(16, 17), bias_format=FixedPoint(16, -15))
    with pytest.raises(NetworkError, match="layer dense: its sums need more than 62 bits; use fewer bits"):
        layer.output_format(FixedPoint(16, 17))
