"""The monitor of the whole output distribution: its rules, its fits, its fall-backs, its C++."""

from __future__ import annotations

import itertools
import math
import time
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hwgen.criteria import ExitShape, FitSample, Gate, Seen, get_criterion
from hwgen.criteria.logistic import fit_logistic
from hwgen.criteria.mlp_fit import Mlp, round_mlp, train_mlp
from hwgen.fixedpoint import FixedPoint
from tests.criteria.gate_program import Variant, compile_gates
from tests.criteria.test_gate_cpp import differences, every_vector, random_vectors, telling_thresholds
from tests.gates import fit_sample

SMALL = FixedPoint(5, 3)
EVERY = np.array(list(itertools.product(range(-16, 16), repeat=3)), dtype=np.int64)
KINDS: list[dict[str, Any]] = [
    {"by": by, "model": model} for by in ("rank", "class") for model in ("linear", "mlp")
]


def fitted(fmt: FixedPoint, classes: int, temperature: float = 1.0, **options: Any) -> Gate:
    criterion = get_criterion("distribution")
    shape = ExitShape(fmt, classes, temperature)
    chosen = criterion.Settings(**options)
    return criterion.gate(shape, chosen, criterion.fit(shape, fit_sample(shape), chosen))


def inputs_of(gate: Gate, vector: list[int]) -> tuple[list[int], int]:
    """X and S of one sample, in Python's integers."""
    manifest, table = gate.manifest(), gate.tables()["exp_table"].values.tolist()
    entries = [table[min((max(vector) - z) >> manifest["s"], manifest["N"] - 1)] for z in vector]
    if manifest["parameters"]["by"] == "class":
        return entries, sum(entries)
    count = gate.cpp_params()["monitor_inputs"]
    ordered = sorted(entries, reverse=True)
    return [*ordered[: count - 1], sum(ordered[count - 1 :])], sum(entries)


def linear_rule(gate: Gate, vector: list[int], real: float) -> bool:
    """sum of U_i X_i / S, to the threshold rounded up to a step of 2^-R of a weight."""
    parameters = gate.manifest()["parameters"]
    inputs, total = inputs_of(gate, vector)
    unit = Fraction(2) ** -(parameters["scale"] + 8)
    raw = math.ceil(Fraction(real) / unit) - parameters["bias"]
    raw = max(0, min(raw, 2**16 - 1))
    mean = Fraction(sum(u * x for u, x in zip(parameters["weights"], inputs, strict=True)), total)
    return mean >= Fraction(raw, 2**8)


def mlp_output(gate: Gate, vector: list[int]) -> int:
    """o of one sample; also that every value fits the width the definition states."""
    parameters = gate.manifest()["parameters"]
    inputs, total = inputs_of(gate, vector)
    reciprocal = 2**32 // total
    shares = [x * reciprocal >> 16 for x in inputs]
    assert sum(shares) <= 2**16
    output = 0
    for neuron, (bias, weight) in enumerate(
        zip(parameters["hidden_bias"], parameters["output"], strict=True)
    ):
        own = sum(row[neuron] * share for row, share in zip(parameters["hidden"], shares, strict=True)) + bias
        assert abs(own) < 2**24
        assert max(0, own) >> 8 < 2**16
        output += weight * (max(0, own) >> 8)
    assert abs(output) < 2 ** (gate.threshold_bits - 1)
    return output


def mlp_rule(gate: Gate, vector: list[int], real: float) -> bool:
    parameters = gate.manifest()["parameters"]
    half = 2 ** (gate.threshold_bits - 1)
    raw = math.ceil(Fraction(real) * Fraction(2) ** parameters["scale"]) - parameters["bias"] + half
    return mlp_output(gate, vector) + half >= max(0, min(raw, 2 * half - 1))


@pytest.mark.parametrize("options", KINDS)
def test_every_vector_of_three_classes_and_five_bits(options: dict[str, Any]) -> None:
    gate = fitted(SMALL, 3, **options)
    rule = linear_rule if options["model"] == "linear" else mlp_rule
    apart = EVERY.max(axis=1, keepdims=True) - EVERY
    distinct, which = np.unique(apart, axis=0, return_inverse=True)
    for real in (-3.0, -0.2, 0.0, 1 / 3, 0.8, 1.0, 2.1):
        wanted = np.array([rule(gate, (-row).tolist(), real) for row in distinct])
        assert np.array_equal(gate.leaves(Seen(EVERY), gate.to_raw(real)), wanted[which.ravel()]), real


@settings(max_examples=40, deadline=None)
@given(
    fmt=st.builds(FixedPoint, st.integers(1, 52), st.integers(-5, 20), st.booleans()),
    classes=st.sampled_from([2, 3, 10, 26, 1000]),
    ranks=st.integers(2, 40),
    options=st.sampled_from(KINDS),
    data=st.data(),
)
def test_nothing_wraps(
    fmt: FixedPoint, classes: int, ranks: int, options: dict[str, Any], data: st.DataObject
) -> None:
    """Weights at the ends of their ranges, drawn and not fitted."""
    count = min(ranks, classes) if options["by"] == "rank" else classes
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    parameters: dict[str, Any] = {**options, "scale": data.draw(st.integers(-3, 40)), "bias": -7}
    if options["model"] == "linear":
        parameters["weights"] = rng.choice([0, 1, 254, 255], count).tolist()
    else:
        parameters["hidden"] = rng.choice([-127, -126, 0, 127], (count, 9)).tolist()
        parameters["hidden_bias"] = rng.choice([-127 << 16, 0, 127 << 16], 9).tolist()
        parameters["output"] = rng.choice([-127, 127], 9).tolist()
    gate = get_criterion("distribution").gate(ExitShape(fmt, classes), None, parameters)
    logits = rng.integers(fmt.min_raw, fmt.max_raw + 1, (4, classes))
    logits[1] = fmt.max_raw
    logits[2], logits[2, 0] = fmt.min_raw, fmt.max_raw
    critical = gate.critical_raw(Seen(logits)).tolist()
    for vector, raw in zip(logits.tolist(), critical, strict=True):
        assert 0 <= raw < gate.max_raw
        if options["model"] == "linear":
            inputs, total = inputs_of(gate, vector)
            weighted = sum(u * x for u, x in zip(parameters["weights"], inputs, strict=True))
            assert raw == weighted * 2**8 // total
        else:
            assert raw == mlp_output(gate, vector) + gate.max_raw // 2 + 1


@pytest.mark.parametrize("options", KINDS)
def test_the_largest_raw_threshold_lets_nothing_leave_and_the_smallest_everything(
    options: dict[str, Any],
) -> None:
    gate = fitted(SMALL, 3, **options)
    assert not gate.leaves(Seen(EVERY), gate.never_raw).any()
    assert gate.leaves(Seen(EVERY), 0).all()
    assert gate.to_raw(math.inf) == gate.never_raw
    assert gate.to_raw(-math.inf) == 0


@pytest.mark.parametrize("options", KINDS)
def test_float_and_integers_decide_alike_but_for_the_steps_of_the_table(options: dict[str, Any]) -> None:
    """Fine logits, no index shift: what is left is the table's rounding."""
    gate = fitted(FixedPoint(10, 4), 10, **options)
    assert gate.manifest()["s"] == 0
    rng = np.random.default_rng(3)
    seen = Seen(rng.integers(-512, 512, (2000, 10)))
    real = np.array([gate.to_real(int(raw)) for raw in gate.critical_raw(seen)])
    assert np.abs(real - gate.confidence(seen)).max() < 0.02


def test_further_ranks_share_one_weight() -> None:
    gate = fitted(FixedPoint(6, 3), 10, ranks=4)
    assert gate.cpp_params()["monitor_inputs"] == 4
    assert len(gate.manifest()["parameters"]["weights"]) == 4
    logits = np.random.default_rng(0).integers(-32, 32, (50, 10))
    assert np.array_equal(gate.critical_raw(Seen(logits)), gate.critical_raw(Seen(np.sort(logits, axis=1))))


def test_impossible_options_are_refused() -> None:
    criterion = get_criterion("distribution")
    for options in ({"by": "colour"}, {"model": "tree"}, {"hidden": 0}, {"hidden": 65}, {"ranks": 1}):
        with pytest.raises(ValidationError):
            criterion.Settings(**options)


# Fits


def sample_of(logits: np.ndarray, right: np.ndarray, seed: int = 0) -> FitSample:
    """Labels such that the largest logit is right where `right` says so."""
    largest = logits.argmax(axis=1)
    return FitSample(Seen(logits), np.where(right, largest, (largest + 1) % logits.shape[1]), seed=seed)


def test_logistic_regression_finds_the_weights_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(20_000, 3))
    right = rng.random(20_000) < 1 / (1 + np.exp(-(features @ [1.5, -2.0, 0.3] + 0.7)))
    weights, bias = fit_logistic(features, right)
    assert np.allclose(weights, [1.5, -2.0, 0.3], atol=0.1)
    assert abs(bias - 0.7) < 0.1


def test_separable_data_keep_finite_weights() -> None:
    features = np.linspace(-1, 1, 100)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weights, bias = fit_logistic(features, features[:, 0] > 0)
    assert 1 < weights[0] < 100
    assert abs(bias) < 5


@pytest.mark.parametrize("by", ["rank", "class"])
def test_the_gate_finds_the_monitor_that_made_the_answers_right(by: str) -> None:
    """The odds depend on the second and third input; the fitted gate orders samples as they do."""
    rng = np.random.default_rng(2)
    fmt, shape = FixedPoint(12, 5), ExitShape(FixedPoint(12, 5), 5)
    logits = rng.integers(-300, 301, (6000, 5))
    p = np.exp(fmt.to_real(logits))
    p /= p.sum(axis=1, keepdims=True)
    x = -np.sort(-p, axis=1) if by == "rank" else p
    odds = 10 * x[:, 1] - 12 * x[:, 2] + 1
    criterion = get_criterion("distribution")
    chosen = criterion.Settings(by=by)
    sample = sample_of(logits, rng.random(6000) < 1 / (1 + np.exp(-odds)))
    gate = criterion.gate(shape, chosen, criterion.fit(shape, sample, chosen))
    assert np.corrcoef(gate.confidence(sample.seen), odds)[0, 1] > 0.98


def test_the_network_sees_what_no_weighted_sum_does() -> None:
    """Answers are right where p_1 lies in the middle of its range."""
    rng = np.random.default_rng(4)
    fmt, shape = FixedPoint(12, 5), ExitShape(FixedPoint(12, 5), 4)
    logits = rng.integers(-200, 201, (4000, 4))
    p = np.exp(fmt.to_real(logits))
    largest = (p / p.sum(axis=1, keepdims=True)).max(axis=1)
    right = np.abs(largest - np.median(largest)) < 0.15
    criterion = get_criterion("distribution")
    hits = {}
    for model in ("linear", "mlp"):
        chosen = criterion.Settings(model=model)
        gate = criterion.gate(shape, chosen, criterion.fit(shape, sample_of(logits, right), chosen))
        hits[model] = float(((gate.confidence(Seen(logits)) > 0) == right).mean())
    assert hits["mlp"] > 0.95
    assert hits["mlp"] > hits["linear"] + 0.05


@pytest.mark.parametrize("options", KINDS)
def test_the_same_samples_give_the_same_parameters(options: dict[str, Any]) -> None:
    first, again = (fitted(FixedPoint(12, 5), 10, **options).manifest() for _ in range(2))
    assert first == again


def test_rounding_a_network_keeps_its_output() -> None:
    rng = np.random.default_rng(5)
    mlp = Mlp(
        rng.normal(size=(6, 4)) * [1e-3, 1, 50, 1], np.array([1.0, -0.2, 3.0, 0.1]), rng.normal(size=4), 0.2
    )
    rounded = round_mlp(mlp, 127, 16, 8, 127 << 16)
    assert rounded is not None
    assert np.abs(rounded.hidden).max(axis=0).min() >= 64, "each neuron uses all bits"
    x = rng.dirichlet(np.ones(6), 500)
    real = np.maximum(x @ mlp.hidden + mlp.hidden_bias, 0) @ mlp.output + mlp.bias
    whole = np.maximum(x @ rounded.hidden * 2**16 + rounded.hidden_bias, 0) / 2**8 @ rounded.output
    assert rounded.bias != mlp.bias, "the first neuron is always on: its bias was cut"
    assert np.abs(np.ldexp(whole, -rounded.scale) + rounded.bias - real).max() < 0.02 * np.ptp(real)


def test_a_network_that_says_nothing_is_no_network() -> None:
    nothing = Mlp(np.zeros((3, 2)), np.zeros(2), np.ones(2), 0.0)
    assert round_mlp(nothing, 127, 16, 8, 127 << 16) is None


def test_training_takes_less_than_three_seconds() -> None:
    rng = np.random.default_rng(6)
    shares = rng.dirichlet(np.ones(10), 9000)
    started = time.process_time()
    train_mlp(shares, shares[:, 0] > 0.2, 8, 0)
    assert time.process_time() - started < 6  # a busy machine counts double


DEGENERATE = {
    "all answers are right": (np.eye(4, dtype=np.int64)[np.arange(40) % 4], np.ones(40, dtype=bool)),
    "all answers are wrong": (np.eye(4, dtype=np.int64)[np.arange(40) % 4], np.zeros(40, dtype=bool)),
    "fewer than 20 samples": (np.eye(4, dtype=np.int64), np.arange(4) > 1),
    "the outputs of all samples are alike": (np.zeros((40, 4), dtype=np.int64), np.arange(40) > 20),
}


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("reason", DEGENERATE)
def test_where_nothing_can_be_learned_the_gate_is_score(options: dict[str, Any], reason: str) -> None:
    criterion = get_criterion("distribution")
    shape = ExitShape(FixedPoint(10, 5), 4)
    logits, right = DEGENERATE[reason]
    chosen = criterion.Settings(**options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parameters = criterion.fit(shape, sample_of(logits, right), chosen)
    assert parameters["not_fitted"] == reason
    gate = criterion.gate(shape, chosen, parameters)
    seen = Seen(np.random.default_rng(0).integers(-512, 512, (200, 4)))
    score = get_criterion("score").gate(shape)
    assert np.allclose(gate.confidence(seen), score.confidence(seen))
    assert gate.to_real(gate.to_raw(0.5)) == 0.5


@pytest.mark.parametrize("options", KINDS)
def test_no_samples_and_a_class_that_never_occurs_are_no_trouble(options: dict[str, Any]) -> None:
    criterion = get_criterion("distribution")
    shape = ExitShape(FixedPoint(10, 5), 4)
    chosen = criterion.Settings(**options)
    rng = np.random.default_rng(0)
    logits = rng.integers(-200, 200, (300, 4))
    logits[:, 3] = -512
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empty = FitSample(Seen(logits[:0]), np.zeros(0, dtype=np.int64))
        assert "not_fitted" in criterion.fit(shape, empty, chosen)
        found = criterion.fit(shape, sample_of(logits, rng.random(300) < 0.7), chosen)
    assert criterion.gate(shape, chosen, found).critical_raw(Seen(logits)).min() >= 0


# C++


@pytest.mark.gxx
def test_cpp_of_every_kind_and_both_forms(tmp_path: Path) -> None:
    variants, seen = [], []
    for options in KINDS:
        for fmt, classes, serial in (
            (SMALL, 3, False),
            (FixedPoint(40, 9), 26, True),
        ):
            gate = fitted(fmt, classes, **options)
            variants.append(Variant(gate, serial=serial))
            every = classes == 3
            seen.append(Seen(every_vector(fmt, 3) if every else random_vectors(gate, 20_000, 0)))
    program = compile_gates(tmp_path, variants)
    assert program.warnings == []
    for index, (variant, some) in enumerate(zip(variants, seen, strict=True)):
        thresholds = telling_thresholds(variant.gate, some, 5)
        assert differences(program, index, variant.gate, some, thresholds) == 0, variant.gate.manifest()


# Equal logits weigh exactly 300 / 5 with these, and the last rank counts.
TELLING = {"by": "rank", "model": "linear", "weights": [200, 50, 0, 0, 50], "scale": 4, "bias": 0}
DAMAGE: list[tuple[dict[str, Any], str, str, str]] = [
    (TELLING, "criteria/distribution.h", "weighted >= needed", "weighted > needed"),
    (TELLING, "criteria/monitor.h", "rest -= s.largest[i];", ""),
    ({"by": "class"}, "criteria/monitor.h", "found[j] = s.entries[j]", "found[j] = s.entries[0]"),
    ({"by": "class"}, "criteria/distribution.h", "monitor_weights(i)", "monitor_weights(0)"),
    ({"model": "mlp"}, "criteria/distribution_mlp.h", "raised >= threshold", "raised > threshold"),
    ({"model": "mlp"}, "criteria/distribution_mlp.h", "if (sum > 0)", "if (true)"),
    ({"model": "mlp"}, "criteria/distribution_mlp.h", "neuron = sum >> 8", "neuron = (sum + 255) >> 8"),
    ({"model": "mlp"}, "criteria/distribution_mlp.h", "sum = CONFIG::hidden_biases(h)", "sum = 0"),
    ({"model": "mlp"}, "criteria/distribution_mlp.h", "h * CONFIG::monitor_inputs + i", "i"),
    (
        {"model": "mlp"},
        "criteria/distribution_mlp.h",
        "neuron * CONFIG::output_weights(h)",
        "neuron * CONFIG::output_weights(0)",
    ),
    (
        {"model": "mlp"},
        "criteria/distribution_mlp.h",
        "product >> CONFIG::table_fraction",
        "(product + 65535) >> CONFIG::table_fraction",
    ),
]


@pytest.mark.gxx
def test_every_damaged_header_is_found_out(tmp_path: Path) -> None:
    fmt = FixedPoint(3, 2)
    vectors = Seen(every_vector(fmt, 5))
    variants = []
    for options, file, old, new in DAMAGE:
        drawn = get_criterion("distribution").gate(ExitShape(fmt, 5), None, TELLING)
        gate = drawn if options is TELLING else fitted(fmt, 5, **options)
        variants.append(Variant(gate, {file: (old, new)}))
    program = compile_gates(tmp_path, variants)
    for index, variant in enumerate(variants):
        thresholds = telling_thresholds(variant.gate, vectors, 12)
        assert differences(program, index, variant.gate, vectors, thresholds) > 0, variant.edits
