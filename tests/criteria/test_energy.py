"""Criterion `energy`: its integer rule in rational arithmetic, and its direction against exact energies."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint

SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)
REALS = [-5.0, -3.0, -0.3, 0.0, 0.1, 1.0, math.log(3), 2.5, 3.75, 4.5, 5.2]
ORDERED, WHICH = np.unique(np.sort(EVERY, axis=1), axis=0, return_inverse=True)


def energy_gate(fmt: FixedPoint, classes: int, temperature: float = 1.0) -> Gate:
    return get_criterion("energy").gate(ExitShape(fmt, classes, temperature))


def exact_energy(gate: Gate, logits: list[int]) -> Decimal:
    """T * logsumexp(z / T) to 40 digits."""
    with localcontext() as context:
        context.prec = 40
        unit, temperature = Decimal(2) ** -gate.logits.fraction, Decimal(gate.temperature)
        total = sum(((z - max(logits)) * unit / temperature).exp() for z in logits)
        return max(logits) * unit + temperature * Decimal(total).ln()


def unit(gate: Gate) -> Fraction:
    """g: one step of the threshold."""
    return Fraction(2) ** -(gate.logits.fraction + gate.manifest()["F"])


def integer_energy(gate: Gate, logits: list[int]) -> int:
    """The left side of the rule in rational arithmetic, straight from the tables."""
    manifest, tables = gate.manifest(), {name: t.values.tolist() for name, t in gate.tables().items()}
    one = 2 ** manifest["Q"]
    entries = [
        tables["exp_table"][min((max(logits) - z) >> manifest["s"], manifest["N"] - 1)] for z in logits
    ]
    total = sum(entries) - tables["exp_table"][0] + one
    octave = total.bit_length() - 1 - manifest["Q"]
    place = (Fraction(total, one << octave) - 1) * 2 ** manifest["log_index_bits"]
    knot = (octave << manifest["log_index_bits"]) + math.floor(place)
    low, high = tables["log_table"][knot : knot + 2]
    height = math.floor((max(logits) - gate.logits.min_raw) * Fraction(2) ** manifest["F"])
    return height + low + math.floor((high - low) * (place - math.floor(place)))


@pytest.mark.parametrize(("fmt", "temperature"), [(SMALL, 1.0), (SMALL, 0.3), (FixedPoint(5, 6), 2.0)])
def test_every_vector_of_three_classes_and_five_bits(fmt: FixedPoint, temperature: float) -> None:
    gate = energy_gate(fmt, 3, temperature)
    exact = [exact_energy(gate, ordered) for ordered in ORDERED.tolist()]
    whole = np.array([integer_energy(gate, ordered) for ordered in ORDERED.tolist()])
    for real in REALS:
        raw = gate.to_raw(real)
        leaves = gate.leaves(Seen(EVERY), raw)
        assert np.array_equal(leaves, (whole >= raw)[WHICH]), real
        for energy, leaving in zip(exact, (whole >= raw).tolist(), strict=True):
            assert not leaving or energy >= Decimal(real)
            # With one difference per bin only the last digits of tables and threshold are lost.
            assert leaving or energy < Decimal(real) + Decimal(temperature) * Decimal(2) ** -12


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    fmt = FixedPoint(draw(st.integers(1, 52)), draw(st.integers(-10, 70)), draw(st.booleans()))
    classes = draw(st.sampled_from([2, 3, 10, 26, 200]))
    return energy_gate(fmt, classes, draw(st.floats(0.05, 20)))


def vectors(gate: Gate, seed: int) -> np.ndarray:
    """Uniform, saturated, near ties, and logits a few temperatures apart, as real ones are."""
    rng = np.random.default_rng(seed)
    low, high = gate.logits.min_raw, gate.logits.max_raw
    logits = rng.integers(low, high + 1, (16, gate.classes))
    logits[:3] = rng.choice([low, high], (3, gate.classes))
    logits[3], logits[4] = high, low
    logits[5] = np.clip(rng.integers(-3, 4, gate.classes), low, high)
    spread = np.abs(rng.normal(0, 4, (8, gate.classes))) * gate.temperature / gate.logits.lsb
    logits[6:14] = high - np.minimum(spread, high - low).astype(np.int64)
    return logits


@settings(max_examples=40, deadline=None)
@given(gate=gates(), seed=st.integers(0, 2**32 - 1))
def test_the_integer_energy_is_exact_and_never_above_the_true_one(gate: Gate, seed: int) -> None:
    logits = vectors(gate, seed)
    critical = gate.critical_raw(Seen(logits)).tolist()
    assert max(critical) < gate.max_raw, "a threshold that nothing passes exists"
    for vector, raw in zip(logits.tolist(), critical, strict=True):
        assert raw == integer_energy(gate, vector)
        assert gate.leaves(Seen(np.array([vector])), raw)[0]
        assert not gate.leaves(Seen(np.array([vector])), raw + 1)[0]
        with localcontext() as context:
            context.prec = 40
            assert Decimal(gate.to_real(raw)) <= exact_energy(gate, vector)


@settings(max_examples=60, deadline=None)
@given(gate=gates(), data=st.data())
def test_thresholds_convert_exactly_even_in_the_widest_formats(gate: Gate, data: st.DataObject) -> None:
    raw = data.draw(st.integers(0, gate.max_raw))
    real = gate.to_real(raw)
    assert gate.to_raw(real) == raw
    assert gate.threshold_bits <= 53
    if raw < gate.max_raw:
        between = (Fraction(real) + unit(gate) / 2).limit_denominator(2**200)
        if Fraction(float(between)) == between:
            assert gate.to_raw(float(between)) == raw + 1, "rounded up"


@pytest.mark.parametrize("fmt", [SMALL, FixedPoint(19, 7), FixedPoint(9, 4, signed=False)])
def test_equal_logits_add_t_ln_k(fmt: FixedPoint) -> None:
    gate = energy_gate(fmt, 10, 0.7)
    for value in (fmt.min_raw, 0, fmt.max_raw):
        raw = int(gate.critical_raw(Seen(np.full((1, 10), value)))[0])
        wanted = value * fmt.lsb + 0.7 * math.log(10)
        # The nine others of a bin wider than one difference count as its last difference.
        bin_width = ((1 << gate.manifest()["s"]) - 1) * fmt.lsb
        assert wanted - bin_width - 2**-11 <= gate.to_real(raw) <= wanted


def test_the_winner_alone_counts_fully() -> None:
    """Saturated logits: the sum is 2^Q, and no table can take anything off it."""
    for fmt in (FixedPoint(19, 7), FixedPoint(30, 6)):
        gate = energy_gate(fmt, 10)
        logits = np.full((1, 10), fmt.min_raw)
        logits[0, 4] = fmt.max_raw
        assert gate.to_real(int(gate.critical_raw(Seen(logits))[0])) == fmt.max_raw * fmt.lsb


def test_thresholds_may_be_negative_and_the_ends_of_the_register() -> None:
    gate = energy_gate(FixedPoint(6, 3), 4)
    worst = Seen(np.full((1, 4), -32))
    best = Seen(np.full((1, 4), 31))
    assert gate.leaves(worst, gate.to_raw(-4.0))[0]
    assert not gate.leaves(worst, gate.to_raw(-2.5))[0]
    assert gate.to_raw(-1e9) == gate.to_raw(-math.inf) == 0
    assert gate.to_raw(1e9) == gate.to_raw(math.inf) == gate.never_raw == gate.max_raw
    assert not gate.leaves(best, gate.never_raw)[0]
    assert gate.leaves(best, 0)[0]
    with pytest.raises(RangeError, match=r"^threshold: received nan; must be 0 or more$"):
        gate.to_raw(math.nan)


def test_float_definition() -> None:
    gate = energy_gate(FixedPoint(12, 6), 3, 2.0)
    seen = Seen(np.array([[128, 0, 0], [64, 64, -192], [-2000, -2000, -2000]]))
    energy = 2.0 * np.log(np.exp(seen.logits * gate.logits.lsb / 2.0).sum(axis=1))
    assert np.allclose(gate.confidence(seen), energy)
    assert gate.reaches(seen, 2.2).tolist() == (energy >= 2.2).tolist()
