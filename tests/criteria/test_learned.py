"""The learned gate: statistics and rule in exact arithmetic, trained and fitted weights, its C++."""

from __future__ import annotations

import itertools
import math
import warnings
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.criteria import ExitShape, FitSample, Gate, Seen, get_criterion
from hwgen.criteria.log_table import LogTable, log_table
from hwgen.criteria.statistics import Statistics
from hwgen.fixedpoint import FixedPoint
from tests.criteria.gate_program import Variant, compile_gates
from tests.criteria.test_gate_cpp import differences, random_vectors, telling_thresholds
from tests.gates import example_gate, fit_sample

SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)


def learned(
    fmt: FixedPoint, classes: int, weights: list[float], bias: float = 0.0, temperature: float = 1.0
) -> Gate:
    """The gate of a network that was trained with these weights."""
    criterion = get_criterion("learned")
    shape = ExitShape(fmt, classes, temperature)
    sample = FitSample(
        Seen(np.zeros((0, classes), dtype=np.int64)),
        np.zeros(0, dtype=np.int64),
        trained={"weights": weights, "bias": bias},
    )
    return criterion.gate(shape, None, criterion.fit(shape, sample, criterion.Settings()))


@cache
def logarithm_of(classes: int) -> LogTable:
    return log_table(classes, 16, Decimal(2**16), "down")


def statistics_of(gate: Gate, vector: list[int]) -> list[int]:
    """A of one sample, in Python's integers, each as wide as the definition says."""
    manifest, tables = gate.manifest(), gate.tables()
    exp, heat = tables["exp_table"].values.tolist(), tables["heat_table"].values.tolist()
    params = gate.cpp_params()
    log = logarithm_of(gate.classes)

    def index(distance: int) -> int:
        return min(distance >> manifest["s"], manifest["N"] - 1)

    def entropy(distances: list[int]) -> tuple[int, int]:
        total = sum(exp[index(d)] for d in distances)
        warm = sum(heat[index(d)] for d in distances)
        assert total < 2 ** manifest["sum_bits"]
        assert warm < 2 ** params["heat_bits"]
        reciprocal = 2**32 // total
        found = int(log.look_up(np.array([total]))[0]) + (warm * reciprocal >> 16)
        assert 0 <= found < 2 ** params["entropy_bits"]
        return found, reciprocal

    distances = [max(vector) - z for z in vector]
    plain, reciprocal = entropy(distances)
    squared, _ = entropy([2 * d for d in distances])
    second = exp[index(sorted(distances)[1])]
    return [reciprocal, plain, (2**16 - second) * reciprocal >> 16, squared]


def rule(gate: Gate, vector: list[int], real: float) -> bool:
    """sum of W_i A_i in log odds reaches the threshold, rounded up to a step; beyond the register, its end."""
    parameters = gate.manifest()["parameters"]
    total = sum(w * a for w, a in zip(parameters["weights"], statistics_of(gate, vector), strict=True))
    offset = gate.cpp_params()["learned_offset"]
    step = Fraction(2) ** -(parameters["scale"] + 16)
    raw = math.ceil(Fraction(real) / step) - parameters["bias"] + offset
    return total + offset >= max(0, min(raw, gate.max_raw))


@pytest.mark.parametrize("temperature", [0.4, 1.0])
def test_every_vector_of_three_classes_and_five_bits(temperature: float) -> None:
    gate = example_gate("learned", SMALL, 3, temperature)
    apart = EVERY.max(axis=1, keepdims=True) - EVERY
    distinct, which = np.unique(apart, axis=0, return_inverse=True)
    for real in (-2.0, 0.0, 1 / 3, 0.8, 1.5):
        wanted = np.array([rule(gate, (-row).tolist(), real) for row in distinct])
        assert np.array_equal(gate.leaves(Seen(EVERY), gate.to_raw(real)), wanted[which.ravel()]), real


@settings(max_examples=60, deadline=None)
@given(
    fmt=st.builds(FixedPoint, st.integers(1, 52), st.integers(-5, 20), st.booleans()),
    classes=st.sampled_from([2, 3, 10, 26, 1000]),
    temperature=st.floats(0.05, 20),
    weights=st.lists(st.sampled_from([-2047, -1, 0, 1, 2047]), min_size=4, max_size=4).filter(any),
    seed=st.integers(0, 2**32 - 1),
)
def test_nothing_wraps(
    fmt: FixedPoint, classes: int, temperature: float, weights: list[int], seed: int
) -> None:
    parameters = {"weights": weights, "scale": 3, "bias": 11}
    gate = get_criterion("learned").gate(ExitShape(fmt, classes, temperature), None, parameters)
    assert gate.threshold_bits <= 36
    rng = np.random.default_rng(seed)
    logits = rng.integers(fmt.min_raw, fmt.max_raw + 1, (4, classes))
    logits[1] = fmt.max_raw
    logits[2], logits[2, 0] = fmt.min_raw, fmt.max_raw
    critical = gate.critical_raw(Seen(logits)).tolist()
    for vector, raw in zip(logits.tolist(), critical, strict=True):
        own = sum(w * a for w, a in zip(weights, statistics_of(gate, vector), strict=True))
        assert raw == own + gate.cpp_params()["learned_offset"]
        assert 0 <= raw < gate.max_raw
    assert gate.to_raw(gate.to_real(critical[0])) == critical[0]


def test_statistics_are_those_of_the_softmax_and_of_its_squares() -> None:
    rng = np.random.default_rng(0)
    fmt = FixedPoint(10, 5)
    logits = rng.integers(-225, 226, (500, 10))
    logits[0] = 7
    p = np.exp(fmt.to_real(logits) / 1.5)
    p /= p.sum(axis=1, keepdims=True)
    squares = p**2 / (p**2).sum(axis=1, keepdims=True)
    ordered = -np.sort(-p, axis=1)
    wanted = np.column_stack(
        [
            ordered[:, 0],
            -(p * np.log(p)).sum(axis=1),
            ordered[:, 0] - ordered[:, 1],
            -(squares * np.log(squares)).sum(axis=1),
        ]
    )
    of = Statistics(fmt, 10, 1.5)
    assert np.allclose(of.real(fmt.to_real(logits)), wanted)
    assert of.shift == 0, "what is left is rounding"
    whole = of.of(logits.max(axis=1, keepdims=True) - logits) / 2**16
    assert np.abs(whole - wanted).max() < 0.002
    assert (whole <= np.array(of.largest) / 2**16).all()


def test_doubled_distances_beyond_the_format_have_entries_of_their_own() -> None:
    """Logits so close that no exponential is small: the squares still see twice the distance."""
    fmt = FixedPoint(4, 1)
    of = Statistics(fmt, 2, 1.0)
    assert len(of.exp) == 2 * 15 + 1
    whole = of.of(np.array([[0, 15]]))[0, 3] / 2**16
    assert abs(whole - of.real(np.array([[15 / 8, 0.0]]))[0, 3]) < 1e-4


def test_trained_weights_are_taken_and_zero_is_the_trained_decision() -> None:
    weights, bias = [3.25, -0.8, 1.5, 0.02], -2.25
    fmt = FixedPoint(10, 4)
    gate = learned(fmt, 10, weights, bias, temperature=2.0)
    seen = Seen(np.random.default_rng(0).integers(-512, 512, (3000, 10)))
    odds = Statistics(fmt, 10, 1.0).real(fmt.to_real(seen.logits)) @ weights + bias
    assert np.allclose(gate.confidence(seen), odds, atol=0.005), "T = 1, whatever the exit's temperature"
    clear = np.abs(odds) > 0.02
    assert 0.05 < (odds > 0).mean() < 0.95
    assert np.array_equal(gate.leaves(seen, gate.to_raw(0.0))[clear], odds[clear] >= 0)


@pytest.mark.parametrize("bias", [1e30, -1e30])
def test_a_bias_beyond_everything_decides_everything(bias: float) -> None:
    gate = learned(SMALL, 3, [1.0, 0.5, 0.0, 0.0], bias)
    assert gate.leaves(Seen(EVERY), gate.to_raw(0.0)).all() == (bias > 0)
    assert gate.to_raw(gate.to_real(5)) == 5


def test_fitted_weights_are_used_where_training_left_none() -> None:
    """The odds are made of the statistics; the fitted gate orders samples as they do."""
    rng = np.random.default_rng(2)
    fmt, shape = FixedPoint(12, 5), ExitShape(FixedPoint(12, 5), 5)
    logits = rng.integers(-300, 301, (8000, 5))
    odds = Statistics(fmt, 5, 1.0).real(fmt.to_real(logits)) @ [4.0, -1.0, 2.0, -3.0] + 1
    right = rng.random(8000) < 1 / (1 + np.exp(-odds))
    largest = logits.argmax(axis=1)
    sample = FitSample(Seen(logits), np.where(right, largest, (largest + 1) % 5))
    criterion = get_criterion("learned")
    gate = criterion.gate(shape, None, criterion.fit(shape, sample, criterion.Settings()))
    assert np.corrcoef(gate.confidence(sample.seen), odds)[0, 1] > 0.99
    assert abs(gate.confidence(sample.seen).mean() - odds.mean()) < 0.3


@pytest.mark.parametrize(
    ("logits", "labels", "reason"),
    [
        (np.eye(3, dtype=np.int64)[np.arange(40) % 3], np.arange(40) % 3, "all answers are right"),
        (np.eye(3, dtype=np.int64)[np.arange(40) % 3], (np.arange(40) + 1) % 3, "all answers are wrong"),
        (np.eye(3, dtype=np.int64), np.array([0, 1, 0]), "fewer than 20 samples"),
        (np.zeros((40, 3), dtype=np.int64), np.arange(40) % 3, "the outputs of all samples are alike"),
    ],
)
def test_where_nothing_can_be_learned_the_threshold_is_p_max(
    logits: np.ndarray, labels: np.ndarray, reason: str
) -> None:
    criterion, shape = get_criterion("learned"), ExitShape(SMALL, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parameters = criterion.fit(shape, FitSample(Seen(logits), labels), criterion.Settings())
    assert parameters["not_fitted"] == reason
    gate = criterion.gate(shape, None, parameters)
    assert np.allclose(
        gate.confidence(Seen(EVERY)), get_criterion("score").gate(shape).confidence(Seen(EVERY))
    )


def test_trained_weights_of_nothing_are_p_max() -> None:
    gate = learned(SMALL, 3, [0.0, 0.0, 0.0, 0.0], 1.0)
    assert gate.manifest()["parameters"]["not_fitted"] == "the trained weights say nothing"


def test_the_manifest_of_a_trained_gate_builds_it_again() -> None:
    gate = learned(FixedPoint(10, 4), 10, [1.0, -2.0, 3.0, -4.0], 0.5, temperature=3.0)
    again = get_criterion("learned").from_manifest(gate.manifest())
    assert again.manifest() == gate.manifest()
    seen = Seen(np.random.default_rng(0).integers(-512, 512, (500, 10)))
    assert np.array_equal(again.critical_raw(seen), gate.critical_raw(seen))


WEIGHTS: list[list[float]] = [
    [1.0, 0.0, 0.0, 0.0],
    [0.0, -1.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, -1.0],
    [-3.0, 2.0, 0.5, 1.0],
]


@pytest.mark.gxx
def test_cpp_of_odd_formats_and_both_forms(tmp_path: Path) -> None:
    gates = [learned(SMALL, 3, WEIGHTS[-1])] * 2
    wide = [
        learned(FixedPoint(40, 9), 26, WEIGHTS[-1]),
        learned(FixedPoint(8, 12), 7, WEIGHTS[-1]),
        learned(FixedPoint(8, -3), 2, WEIGHTS[-1]),
        learned(FixedPoint(9, 4, signed=False), 11, WEIGHTS[-1]),
    ]
    variants = [Variant(gate, serial=index % 2 == 1) for index, gate in enumerate([*gates, *wide])]
    program = compile_gates(tmp_path, variants)
    assert program.warnings == []
    for index, gate in enumerate([*gates, *wide]):
        seen = Seen(EVERY if gate.classes == 3 else random_vectors(gate, 4_000, 0))
        assert differences(program, index, gate, seen, telling_thresholds(gate, seen, 5)) == 0, index


LEARNED = "criteria/learned.h"
DAMAGE: list[tuple[list[float], str, str, str]] = [
    (WEIGHTS[4], LEARNED, "sum >= threshold", "sum > threshold"),
    (WEIGHTS[4], LEARNED, "plain << 1", "plain"),
    (WEIGHTS[4], LEARNED, "sum = CONFIG::learned_offset", "sum = CONFIG::learned_offset + 1"),
    (WEIGHTS[1], LEARNED, "bin < last ? bin.to_uint() : last", "bin < last ? bin.to_uint() + 1 : last"),
    (WEIGHTS[1], LEARNED, "s.heat += CONFIG::heat_table(index)", "s.heat = CONFIG::heat_table(index)"),
    (WEIGHTS[1], LEARNED, "heat >> CONFIG::table_fraction", "heat >> (CONFIG::table_fraction - 1)"),
    (WEIGHTS[2], LEARNED, "difference<CONFIG>(best.first, best.second)", "0"),
    (WEIGHTS[2], LEARNED, "scaled >> CONFIG::table_fraction", "apart"),
    (WEIGHTS[3], LEARNED, "reciprocal(s.squared))", "scale)"),
    (WEIGHTS[3], LEARNED, "entropy(s.squared,", "entropy(s.plain,"),
]


@pytest.mark.gxx
def test_every_damaged_header_is_found_out(tmp_path: Path) -> None:
    variants = [Variant(learned(SMALL, 3, weights), {file: (old, new)}) for weights, file, old, new in DAMAGE]
    program = compile_gates(tmp_path, variants)
    seen = Seen(EVERY)
    for index, variant in enumerate(variants):
        thresholds = telling_thresholds(variant.gate, seen, 10)
        assert differences(program, index, variant.gate, seen, thresholds) > 0, variant.edits


def test_fit_sample_of_the_shared_helper_is_fitted() -> None:
    """The other tests run over a fitted gate, not over the fall-back."""
    criterion, shape = get_criterion("learned"), ExitShape(SMALL, 3)
    parameters: dict[str, Any] = criterion.fit(shape, fit_sample(shape), criterion.Settings())
    assert "not_fitted" not in parameters
