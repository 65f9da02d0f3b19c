"""The exponential table keeps every promise that the gates build on."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, get_criterion
from hwgen.criteria.exp_table import FRACTION, MAX_ENTRIES, exp_table
from hwgen.fixedpoint import FixedPoint

formats = st.builds(FixedPoint, st.integers(1, 52), st.integers(-8, 60), st.booleans())
temperatures = st.floats(0.05, 20)


def exact(fmt: FixedPoint, temperature: float, difference: int) -> Decimal:
    """2^Q * exp(-d*u/T) to 50 digits."""
    with localcontext() as context:
        context.prec = 50
        return 2**FRACTION * (-difference * Decimal(2) ** -fmt.fraction / Decimal(temperature)).exp()


@settings(max_examples=60, deadline=None)
@given(fmt=formats, temperature=temperatures, data=st.data())
def test_entries_are_the_next_integer_at_the_upper_edge_of_their_bin(
    fmt: FixedPoint, temperature: float, data: st.DataObject
) -> None:
    table = exp_table(fmt, temperature)
    i = data.draw(st.integers(0, table.entries - 1))
    value = exact(fmt, temperature, i << table.shift)
    entry = int(table.values[i])
    assert entry - 1 <= value <= entry


@settings(max_examples=60, deadline=None)
@given(fmt=formats, temperature=temperatures, data=st.data())
def test_no_difference_gets_an_entry_too_small(
    fmt: FixedPoint, temperature: float, data: st.DataObject
) -> None:
    table = exp_table(fmt, temperature)
    difference = data.draw(st.integers(0, fmt.max_raw - fmt.min_raw))
    assert int(table.look_up(np.array([difference]))[0]) >= exact(fmt, temperature, difference)


@settings(max_examples=60, deadline=None)
@given(fmt=formats, temperature=temperatures, data=st.data())
def test_rounded_down_no_difference_gets_an_entry_too_large(
    fmt: FixedPoint, temperature: float, data: st.DataObject
) -> None:
    table = exp_table(fmt, temperature, "down")
    difference = data.draw(st.integers(0, fmt.max_raw - fmt.min_raw))
    entry = int(table.look_up(np.array([difference]))[0])
    first, last = table.edges(fmt)[int(table.index(np.array([difference]))[0])]
    assert first <= difference <= last
    assert entry <= exact(fmt, temperature, difference)
    assert entry + 1 > exact(fmt, temperature, last), "the floor at the bin's last difference"
    assert (table.values[0] == 2**FRACTION) == (table.shift == 0)
    assert len(table.values) <= MAX_ENTRIES


@settings(max_examples=60, deadline=None)
@given(fmt=formats, temperature=temperatures)
def test_shape(fmt: FixedPoint, temperature: float) -> None:
    table = exp_table(fmt, temperature)
    assert table.values[0] == 2**FRACTION
    assert table.values[-1] >= 1
    assert (np.diff(table.values) <= 0).all()
    assert (table.values[:-1] > 1).all(), "the table ends at its first 1"
    assert 1 < table.entries <= MAX_ENTRIES
    span = fmt.max_raw - fmt.min_raw
    reaches_the_end = table.values[-1] == 1 or (table.entries - 1) == span >> table.shift
    assert reaches_the_end


@settings(max_examples=60, deadline=None)
@given(fmt=formats, temperature=temperatures)
def test_shift_is_the_smallest_that_fits(fmt: FixedPoint, temperature: float) -> None:
    table = exp_table(fmt, temperature)
    if table.shift:
        # With one bit less entry MAX_ENTRIES would exist and lie before the first 1.
        beyond = MAX_ENTRIES << (table.shift - 1)
        assert beyond <= fmt.max_raw - fmt.min_raw
        assert exact(fmt, temperature, beyond - (1 << (table.shift - 1))) > 1


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_temperature_changes_the_table_only(temperature: float) -> None:
    fmt = FixedPoint(12, 5)
    plain, warm = (get_criterion("score").gate(ExitShape(fmt, 10, t)) for t in (1.0, temperature))
    assert warm.to_raw(0.9) == plain.to_raw(0.9)
    assert warm.threshold_bits == plain.threshold_bits
    assert warm.manifest()["T"] == temperature
    # Halving the LSB and the temperature is the same decision.
    assert np.array_equal(
        exp_table(fmt, temperature).values, exp_table(FixedPoint(12, 4), temperature / 2).values
    )
