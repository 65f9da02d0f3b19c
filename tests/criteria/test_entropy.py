"""Criterion `entropy`: its integer rule in rational arithmetic, and its direction against exact entropies."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.criteria.entropy import compensation
from hwgen.criteria.exp_table import MAX_ENTRIES
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint
from tests.criteria.gate_program import Variant, compile_gates

SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)
REALS = [0.0, 1e-4, 0.01, 0.1, 1 / 3, 0.5, math.log(2), 0.9, 1.0, math.log(3), 1.2]
ORDERED, WHICH = np.unique(
    np.sort(EVERY.max(axis=1, keepdims=True) - EVERY, axis=1), axis=0, return_inverse=True
)


def entropy_gate(fmt: FixedPoint, classes: int, temperature: float = 1.0) -> Gate:
    return get_criterion("entropy").gate(ExitShape(fmt, classes, temperature))


def exact_entropy(gate: Gate, differences: list[int]) -> Decimal:
    """H in nats to 40 digits."""
    with localcontext() as context:
        context.prec = 40
        step = Decimal(2) ** -gate.logits.fraction / Decimal(gate.temperature)
        weights = [(-d * step).exp() for d in differences]
        moment = sum((d * step * w for d, w in zip(differences, weights, strict=True)), Decimal(0))
        total = sum(weights, Decimal(0))
        return total.ln() + moment / total


def rule(gate: Gate, differences: list[int], raw: int) -> bool:
    """l(S) / 2^Q + G / S <= raw / 2^R, in rational arithmetic, straight from the tables."""
    manifest, tables = gate.manifest(), {name: t.values.tolist() for name, t in gate.tables().items()}
    index = [min(d >> manifest["s"], manifest["N"] - 1) for d in differences]
    total = sum(tables["exp_table"][i] for i in index)
    gain = sum(tables["gain_table"][i] for i, d in zip(index, differences, strict=True) if d > 0)
    octave = total.bit_length() - 1 - manifest["Q"]
    place = (Fraction(total, 1 << (manifest["Q"] + octave)) - 1) * 2 ** manifest["log_index_bits"]
    knot = (octave << manifest["log_index_bits"]) + math.floor(place)
    low, high = tables["log_table"][knot : knot + 2]
    log = low + math.floor((high - low) * (place - math.floor(place)))
    entropy = Fraction(log, 2 ** manifest["Q"]) + Fraction(gain, total)
    return entropy <= Fraction(raw, 2 ** manifest["R"])


@pytest.mark.parametrize(("fmt", "temperature"), [(SMALL, 1.0), (SMALL, 0.3), (FixedPoint(5, 6), 2.0)])
def test_every_vector_of_three_classes_and_five_bits(fmt: FixedPoint, temperature: float) -> None:
    gate = entropy_gate(fmt, 3, temperature)
    exact = [exact_entropy(gate, ordered) for ordered in ORDERED.tolist()]
    step = Decimal(2) ** -14
    for real in REALS:
        raw = gate.to_raw(real)
        leaves = gate.leaves(Seen(EVERY), raw)
        wanted = np.array([rule(gate, ordered, raw) for ordered in ORDERED.tolist()])
        assert np.array_equal(leaves, wanted[WHICH]), real
        for entropy, leaving in zip(exact, wanted.tolist(), strict=True):
            assert not leaving or entropy <= Decimal(real)
            # With one difference per bin only the last digits of tables and threshold are lost.
            assert leaving or entropy > Decimal(real) - step


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    fmt = FixedPoint(draw(st.integers(1, 52)), draw(st.integers(-5, 20)), draw(st.booleans()))
    classes = draw(st.sampled_from([2, 3, 8, 9, 10, 26, 200]))
    return entropy_gate(fmt, classes, draw(st.floats(0.05, 20)))


def vectors(gate: Gate, seed: int) -> np.ndarray:
    """Uniform, saturated, near ties, and logits a few temperatures apart, as real ones are."""
    rng = np.random.default_rng(seed)
    low, high = gate.logits.min_raw, gate.logits.max_raw
    logits = rng.integers(low, high + 1, (16, gate.classes))
    logits[:3] = rng.choice([low, high], (3, gate.classes))
    logits[3] = high
    logits[4:6] = np.clip(rng.integers(-3, 4, (2, gate.classes)), low, high)
    spread = np.abs(rng.normal(0, 4, (8, gate.classes))) * gate.temperature / gate.logits.lsb
    logits[6:14] = high - np.minimum(spread, high - low).astype(np.int64)
    return logits


@settings(max_examples=30, deadline=None)
@given(gate=gates(), seed=st.integers(0, 2**32 - 1))
def test_the_integer_entropy_is_exact_and_never_below_the_true_one(gate: Gate, seed: int) -> None:
    logits = vectors(gate, seed)
    critical = gate.critical_raw(Seen(logits)).tolist()
    assert min(critical) > 0
    assert max(critical) <= gate.max_raw
    for vector, raw in zip(logits.tolist(), critical, strict=True):
        differences = [max(vector) - value for value in vector]
        assert exact_entropy(gate, differences) <= Decimal(raw) / 2**16
        assert rule(gate, differences, raw)
        assert not rule(gate, differences, raw - 1)


@settings(max_examples=25, deadline=None)
@given(gate=gates(), seed=st.integers(0, 2**32 - 1))
def test_the_integer_entropy_is_close_to_the_true_one(gate: Gate, seed: int) -> None:
    """Within what one bin of E and of G holds, summed over the classes."""
    logits = vectors(gate, seed)
    width = (1 << gate.manifest()["s"]) * gate.logits.lsb / gate.temperature
    x = (logits.max(axis=1, keepdims=True) - logits) * gate.logits.lsb / gate.temperature
    weights = np.where(x > 0, np.exp(-np.maximum(x - width, 0)), 0)
    bound = (weights * (3 + compensation_of(gate) + x)).sum(axis=1) * width / np.exp(-x).sum(axis=1)
    lost = gate.critical_raw(Seen(logits)) / 2**16 + gate.confidence(Seen(logits))
    assert (lost <= bound * (1 + bound) + 2**-14 + gate.classes * 2**-15).all()


def compensation_of(gate: Gate) -> float:
    return float(gate.manifest()["c"])


@pytest.mark.parametrize("classes", [2, 3, 8, 9, 10, 100, 1000])
def test_compensation_covers_the_largest_mean_distance(classes: int) -> None:
    x = np.linspace(0, 20, 200_001)
    largest = ((classes - 1) * x * np.exp(-x) / (1 + (classes - 1) * np.exp(-x))).max()
    c = float(compensation(classes))
    assert c >= largest - 1
    assert c < max(largest - 1, 0) + 1 / 32
    assert (c == 0) == (classes <= 8)


@pytest.mark.parametrize(("fmt", "classes"), [(FixedPoint(16, 6), 10), (FixedPoint(14, 2), 100)])
def test_gains_make_up_for_sums_too_large_at_every_difference(fmt: FixedPoint, classes: int) -> None:
    gate = entropy_gate(fmt, classes)
    tables = {name: table.values for name, table in gate.tables().items()}
    d = np.arange(fmt.max_raw - fmt.min_raw + 1)
    index = np.minimum(d >> gate.manifest()["s"], gate.manifest()["N"] - 1)
    x = d * fmt.lsb
    weight = 2**18 * np.exp(-x)
    needed = x * weight + compensation_of(gate) * (tables["exp_table"][index] - weight)
    assert (tables["gain_table"][index] >= needed - 1e-6).all()
    assert len(tables["gain_table"]) == len(tables["exp_table"]) <= MAX_ENTRIES


@pytest.mark.parametrize("classes", [2, 3, 10, 26, 1000])
@pytest.mark.parametrize("fmt", [SMALL, FixedPoint(20, 4), FixedPoint(40, 9)])
def test_equal_logits_have_the_entropy_ln_k(fmt: FixedPoint, classes: int) -> None:
    gate = entropy_gate(fmt, classes)
    for value in (0, fmt.min_raw, fmt.max_raw):
        raw = int(gate.critical_raw(Seen(np.full((1, classes), value)))[0])
        assert math.log(classes) <= gate.to_real(raw) <= math.log(classes) + 2**-15 + 2 ** -(2 * 6 + 3)
    assert gate.undecided_raw() == raw
    assert gate.leaves(Seen(np.zeros((1, classes), dtype=np.int64)), gate.to_raw(math.inf))[0]


def test_ties_and_saturation_are_not_confident() -> None:
    gate = entropy_gate(FixedPoint(19, 7), 10)
    logits = np.full((1, 10), gate.logits.min_raw)
    logits[0, :2] = gate.logits.max_raw
    found = gate.to_real(int(gate.critical_raw(Seen(logits))[0]))
    assert math.log(2) <= found <= math.log(2) + 2e-4
    logits[0, 1] = gate.logits.min_raw
    assert gate.to_real(int(gate.critical_raw(Seen(logits))[0])) <= 2e-4


def test_a_smaller_threshold_is_stricter_and_zero_lets_nothing_leave() -> None:
    gate = entropy_gate(FixedPoint(6, 3), 4)
    best, tied = Seen(np.array([[31, -32, -32, -32]])), Seen(np.zeros((1, 4), dtype=np.int64))
    assert gate.never_raw == gate.to_raw(0.0) == 0
    assert gate.to_raw(math.inf) == gate.max_raw
    assert not gate.leaves(best, 0)[0]
    assert gate.leaves(best, gate.to_raw(0.05))[0]
    assert not gate.leaves(tied, gate.to_raw(1.38))[0]
    assert gate.to_raw(0.1) == math.floor(0.1 * 2**16)
    for real in (math.nan, -0.1, -math.inf):
        with pytest.raises(RangeError, match=r"^threshold: received .*; must be 0 or more$"):
            gate.to_raw(real)


def test_float_definition() -> None:
    gate = entropy_gate(FixedPoint(12, 6), 3, 2.0)
    seen = Seen(np.array([[128, 0, 0], [64, 64, -192], [5, 5, 5]]))
    z = seen.logits * gate.logits.lsb / 2.0
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    entropy = -(p * np.log(p)).sum(axis=1)
    assert np.allclose(gate.confidence(seen), -entropy)
    assert gate.reaches(seen, 0.7).tolist() == (entropy <= 0.7).tolist()
    assert np.allclose(gate.probabilities(seen), p)


def test_a_threshold_exactly_at_a_sample_one_step_below_and_above() -> None:
    gate = entropy_gate(FixedPoint(16, 6), 10)
    sample = Seen(np.random.default_rng(3).normal(0, 2000, (1, 10)).astype(np.int64))
    raw = int(gate.critical_raw(sample)[0])
    assert [bool(gate.leaves(sample, raw + step)[0]) for step in (-1, 0, 1)] == [False, True, True]
    assert gate.to_raw((gate.to_real(raw) + gate.to_real(raw - 1)) / 2) == raw - 1


@pytest.mark.gxx
def test_a_header_that_forgets_that_ties_are_exact_is_found_out(tmp_path: Path) -> None:
    """It shows only where a bin holds several differences."""
    gate = entropy_gate(FixedPoint(16, 6), 10)
    assert gate.manifest()["s"] > 0
    damage = {"criteria/entropy.h": ("if (distance != 0)", "if (true)")}
    program = compile_gates(tmp_path, [Variant(gate), Variant(gate, damage)])
    seen = Seen(np.zeros((1, 10), dtype=np.int64))
    raw = gate.undecided_raw()
    assert program.run(0, seen, [raw - 1, raw])[1].tolist() == [[False, True]]
    assert program.run(1, seen, [raw - 1, raw])[1].tolist() == [[False, False]]
