"""The integer rules: exact arithmetic of their formulas, thresholds, ties, saturation, widths."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion, names
from hwgen.errors import RangeError
from hwgen.fixedpoint import FixedPoint
from tests.gates import example_gate, example_seen

PLAIN = ("score", "margin", "logit_margin")
"""Criteria whose rules stand here in rational arithmetic; the others have files of their own."""
SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)
REALS = [0.0, 0.1, 1 / 3, 0.5, 0.75, 0.9, 0.996, 1.0, 1.5, 6.3]


# The rules see sorted differences to the largest logit; there are few distinct ones.
ORDERED, WHICH = np.unique(
    np.sort(EVERY.max(axis=1, keepdims=True) - EVERY, axis=1), axis=0, return_inverse=True
)


def rule(gate: Gate, ordered: list[int], real: float) -> bool:
    """The design's formula in rational arithmetic, straight from the table."""
    tau = Fraction(real)
    if gate.criterion == "logit_margin":
        return ordered[1] >= math.ceil(tau / (Fraction(1, 2) ** gate.logits.fraction))
    manifest, table = gate.manifest(), gate.tables()["exp_table"].values
    entry = [int(table[min(d >> manifest["s"], manifest["N"] - 1)]) for d in ordered]
    total, one = sum(entry), 2 ** manifest["Q"]
    if gate.criterion == "score":
        return tau == 0 or total <= math.floor(one / tau)
    scale = 2 ** manifest["R"]
    return (one - entry[1]) * scale >= math.ceil(tau * scale) * total


def plain_gate(name: str, fmt: FixedPoint, classes: int, temperature: float = 1.0) -> Gate:
    return get_criterion(name).gate(ExitShape(fmt, classes, temperature))


@pytest.mark.parametrize("name", PLAIN)
def test_every_vector_of_three_classes_and_five_bits(name: str) -> None:
    gate = plain_gate(name, SMALL, 3)
    for real in REALS:
        leaves = gate.leaves(Seen(EVERY), gate.to_raw(real))
        wanted = np.array([rule(gate, ordered, real) for ordered in ORDERED.tolist()])
        assert np.array_equal(leaves, wanted[WHICH]), real


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(("fmt", "temperature"), [(SMALL, 1.0), (SMALL, 0.3), (FixedPoint(5, 6), 2.0)])
def test_a_gate_leaves_only_where_the_float_confidence_reaches_the_threshold(
    name: str, fmt: FixedPoint, temperature: float
) -> None:
    gate = plain_gate(name, fmt, 3, temperature)
    confidence = gate.confidence(Seen(EVERY))
    for real in REALS:
        leaving = gate.leaves(Seen(EVERY), gate.to_raw(real))
        assert (confidence[leaving] >= real - 1e-12).all()


@st.composite
def gates(draw: st.DrawFn, among: tuple[str, ...] = PLAIN) -> Gate:
    name = draw(st.sampled_from(among))
    fmt = FixedPoint(draw(st.integers(1, 52)), draw(st.integers(-5, 20)), draw(st.booleans()))
    classes = draw(st.sampled_from([2, 3, 10, 26, 1000]))
    return plain_gate(name, fmt, classes, draw(st.floats(0.05, 20)))


@st.composite
def fitted_gates(draw: st.DrawFn) -> Gate:
    """Of all criteria; formats and sizes as heads have them, since every draw is fitted."""
    fmt = FixedPoint(draw(st.integers(3, 24)), draw(st.integers(1, 9)), draw(st.booleans()))
    classes = draw(st.sampled_from([2, 3, 10, 26]))
    return example_gate(draw(st.sampled_from(names())), fmt, classes, draw(st.sampled_from([0.3, 1.0, 2.5])))


def vectors(gate: Gate, seed: int, count: int = 24) -> np.ndarray:
    """Random logits: uniform, close together, saturated, all equal."""
    rng = np.random.default_rng(seed)
    low, high = gate.logits.min_raw, gate.logits.max_raw
    logits = rng.integers(low, high + 1, (count, gate.classes))
    logits[:8] = np.clip(rng.integers(-5, 6, (8, gate.classes)), low, high)
    logits[8:16] = rng.choice([low, high], (8, gate.classes))
    logits[16] = high
    logits[17], logits[17, 0] = low, high
    return logits


@settings(max_examples=80, deadline=None)
@given(gate=st.one_of(gates(), fitted_gates()), seed=st.integers(0, 2**32 - 1))
def test_critical_raw_is_the_strictest_threshold_that_still_lets_a_sample_leave(
    gate: Gate, seed: int
) -> None:
    seen = example_seen(gate, vectors(gate, seed), seed)
    critical = gate.critical_raw(seen)
    step = 1 if gate.stricter_up else -1
    for row, raw in enumerate(critical.tolist()):
        sample = seen.take(slice(row, row + 1))
        assert gate.leaves(sample, raw)[0]
        if 0 <= raw + step <= gate.max_raw:
            assert not gate.leaves(sample, raw + step)[0]
        if 0 <= raw - step <= gate.max_raw:
            assert gate.leaves(sample, raw - step)[0]


@settings(max_examples=40, deadline=None)
@given(gate=fitted_gates(), seed=st.integers(0, 2**32 - 1))
def test_a_sample_is_decided_by_itself(gate: Gate, seed: int) -> None:
    seen = example_seen(gate, vectors(gate, seed), seed)
    critical = gate.critical_raw(seen)
    order = np.random.default_rng(seed).permutation(len(seen))
    assert np.array_equal(gate.critical_raw(seen.take(order)), critical[order])
    assert np.isfinite(gate.confidence(seen)).all()
    assert np.allclose(gate.probabilities(seen).sum(axis=1), 1)


@settings(max_examples=40, deadline=None)
@given(gate=gates(), seed=st.integers(0, 2**32 - 1), share=st.floats(0, 1))
def test_nothing_wraps(gate: Gate, seed: int, share: float) -> None:
    logits = vectors(gate, seed)
    raw = int(share * gate.max_raw)
    wanted = []
    for vector in logits.tolist():
        ordered = sorted(max(vector) - value for value in vector)
        if gate.criterion == "logit_margin":
            wanted.append(ordered[1] >= raw)
            continue
        manifest, table = gate.manifest(), gate.tables()["exp_table"].values
        entry = [int(table[min(d >> manifest["s"], manifest["N"] - 1)]) for d in ordered]
        assert sum(entry) < 2 ** manifest["sum_bits"]
        if gate.criterion == "score":
            wanted.append(sum(entry) <= raw)
        else:
            wanted.append((2**16 - entry[1]) * 2 ** manifest["R"] >= raw * sum(entry))
    assert gate.leaves(Seen(logits), raw).tolist() == wanted


@settings(max_examples=200, deadline=None)
@given(gate=st.one_of(gates(), fitted_gates()), data=st.data())
def test_raw_to_real_and_back(gate: Gate, data: st.DataObject) -> None:
    raw = data.draw(st.integers(0, gate.max_raw))
    assert gate.to_raw(gate.to_real(raw)) == raw


@settings(max_examples=200, deadline=None)
@given(gate=gates(), real=st.floats(0, 1e6), other=st.floats(0, 1e6))
def test_thresholds_round_towards_continue_and_keep_their_order(
    gate: Gate, real: float, other: float
) -> None:
    raw = gate.to_raw(real)
    assert 0 <= raw <= gate.max_raw
    if raw not in (0, gate.max_raw):
        assert gate.to_real(raw) >= real * (1 - 1e-15)
    if real <= other:
        assert gate.to_raw(other) >= raw if gate.stricter_up else gate.to_raw(other) <= raw


@pytest.mark.parametrize("name", PLAIN)
def test_a_threshold_off_the_grid_is_rounded_one_step_at_most(name: str) -> None:
    gate = plain_gate(name, FixedPoint(8, 4), 10)
    for raw in (70000, 3, 200) if name == "score" else (3, 200):
        here, next_stricter = gate.to_real(raw), gate.to_real(raw + (1 if gate.stricter_up else -1))
        between = (here + next_stricter) / 2
        assert gate.to_raw(between) == gate.to_raw(next_stricter)


@pytest.mark.parametrize("name", PLAIN)
def test_ends_of_the_register(name: str) -> None:
    gate = plain_gate(name, FixedPoint(6, 3), 4)
    best, tied = Seen(np.array([[31, -32, -32, -32]])), Seen(np.zeros((1, 4), dtype=np.int64))
    assert not gate.leaves(best, gate.never_raw)[0]
    assert gate.to_raw(math.inf) == gate.never_raw
    assert gate.leaves(tied, gate.to_raw(0.0))[0]
    assert not gate.leaves(tied, gate.to_raw(0.3))[0]
    if name != "logit_margin":
        assert not gate.leaves(best, gate.to_raw(1.0))[0], "no sample is certain"


@pytest.mark.parametrize("name", PLAIN)
def test_ties_and_saturation_never_look_confident(name: str) -> None:
    gate = plain_gate(name, FixedPoint(6, 3), 3)
    both_saturated = Seen(np.array([[31, 31, -32]]))
    assert not gate.leaves(both_saturated, gate.to_raw(0.51))[0]


@pytest.mark.parametrize("real", [math.nan, -0.1, -math.inf])
@pytest.mark.parametrize("name", PLAIN)
def test_impossible_thresholds_are_refused(name: str, real: float) -> None:
    gate = plain_gate(name, SMALL, 3)
    with pytest.raises(RangeError, match=r"^threshold: received (nan|-0\.1|-inf); must be 0 or more$"):
        gate.to_raw(real)


def test_what_a_gate_cannot_be_built_for() -> None:
    with pytest.raises(RangeError, match=r"^logits: are 53 bits wide, a gate reads at most 52; narrow"):
        plain_gate("score", FixedPoint(53, 4), 10)
    with pytest.raises(RangeError, match=r"^classes: received 1; a gate compares at least 2$"):
        plain_gate("score", SMALL, 1)
    for temperature in (0.0, math.nan, 21.0):
        with pytest.raises(RangeError, match=r"^temperature: received"):
            plain_gate("score", SMALL, 3, temperature)


def test_logits_and_raw_thresholds_must_fit_their_formats() -> None:
    gate = plain_gate("margin", SMALL, 3)
    with pytest.raises(RangeError, match=r"^logits\[0, 1\]: raw value 16 is outside -16\.\.15"):
        gate.leaves(Seen(np.array([[0, 16, 0]])), 5)
    with pytest.raises(RangeError, match=r"^raw threshold: received 131072; must be in 0\.\.131071$"):
        gate.leaves(Seen(EVERY), 131072)
