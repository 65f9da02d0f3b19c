"""The integer logarithm lies on its side of the curve, close to it, and never falls."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria.log_table import LOG_ENTRIES, LogTable, log_table

scales = st.floats(1e-3, 2**39).map(Decimal)
classes = st.sampled_from([2, 3, 7, 8, 10, 26, 127, 128, 1000, 65535])


def exact(table: LogTable, scale: Decimal, value: int) -> Decimal:
    """c * ln(S / 2^Q) to 50 digits."""
    with localcontext() as context:
        context.prec = 50
        return scale * (Decimal(value) / 2**table.fraction).ln()


def largest_gap(table: LogTable, scale: Decimal) -> Decimal:
    """A chord's distance from the curve, the roundings of a knot and of the result."""
    return scale / (1 << 2 * table.index_bits + 3) + 3


@settings(max_examples=60, deadline=None)
@given(count=classes, scale=scales, fraction=st.sampled_from([16, 18]), data=st.data())
def test_rounded_up_and_down_on_either_side_of_the_curve(
    count: int, scale: Decimal, fraction: int, data: st.DataObject
) -> None:
    value = data.draw(st.integers(1 << fraction, count << fraction))
    low = log_table(count, fraction, scale, "down")
    high = log_table(count, fraction, scale, "up")
    below, above = (int(table.look_up(np.array([value]))[0]) for table in (low, high))
    curve = exact(low, scale, value)
    assert below <= curve <= above
    assert curve - below <= largest_gap(low, scale)
    assert above - curve <= 2 * largest_gap(high, scale)


@settings(max_examples=30, deadline=None)
@given(count=classes, scale=scales, data=st.data())
def test_the_polyline_in_rational_arithmetic(count: int, scale: Decimal, data: st.DataObject) -> None:
    table = log_table(count, 16, scale, "down")
    value = data.draw(st.integers(1 << 16, count << 16))
    octave = value.bit_length() - 17
    place = (Fraction(value, 1 << (16 + octave)) - 1) * 2**table.index_bits
    index = (octave << table.index_bits) + int(place)
    low, high = table.values[index : index + 2].tolist()
    wanted = low + ((high - low) * (place - int(place))).__floor__()
    assert int(table.look_up(np.array([value]))[0]) == wanted
    assert wanted.bit_length() <= table.bits


@pytest.mark.parametrize("count", [2, 3, 8, 10])
@pytest.mark.parametrize("rounding", ["up", "down"])
def test_it_never_falls(count: int, rounding: str) -> None:
    table = log_table(count, 12, Decimal(2) ** 12, rounding)  # type: ignore[arg-type]
    every = np.arange(1 << 12, (count << 12) + 1)
    assert (np.diff(table.look_up(every)) >= 0).all()


@pytest.mark.parametrize("count", [2, 3, 10, 127, 128, 1000, 65535])
def test_it_fits_one_memory(count: int) -> None:
    table = log_table(count, 16, Decimal(2) ** 16, "down")
    assert len(table.values) <= LOG_ENTRIES
    assert table.values[0] == 0, "S = 2^Q: one class has it all"
    assert table.index_bits == 7 or count > 127


def test_whole_octaves_are_exact() -> None:
    table = log_table(8, 16, Decimal(2) ** 16, "down")
    found = table.look_up(np.array([1, 2, 4, 8]) << 16)
    assert found.tolist() == [int(2**16 * Fraction(str(np.log(2.0))) * e) for e in range(4)]
