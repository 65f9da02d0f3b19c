"""Measures of uncertainty against plain loops over their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.report.uncertainty import (
    aurc,
    brier,
    calibration_error,
    measure,
    negative_log_likelihood,
    reliability,
    risks,
)

Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    """Probabilities (n, K), answers and truth; equal confidences are likely."""
    samples, classes = draw(st.integers(1, 12)), draw(st.integers(2, 4))
    counts = st.lists(st.integers(0, 5), min_size=classes, max_size=classes).filter(any)
    weights = np.array([draw(counts) for _ in range(samples)], dtype=np.float64)
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    labels = np.array([draw(st.integers(0, classes - 1)) for _ in range(samples)])
    return probabilities, probabilities.argmax(axis=1), labels


@given(answers())
def test_calibration_error_is_the_weighted_gap_of_ten_bins(case: Answers) -> None:
    probabilities, given_class, labels = case
    total = 0.0
    for number in range(10):
        inside = []
        for row, answer, label in zip(probabilities, given_class, labels, strict=True):
            top = row[answer]
            if int(top * 10) == number or (number == 9 and top == 1.0):
                inside.append((top, answer == label))
        if inside:
            mean, hits = np.mean([top for top, _ in inside]), np.mean([hit for _, hit in inside])
            total += len(inside) / len(labels) * abs(mean - hits)
    assert calibration_error(probabilities.max(axis=1), given_class == labels) == pytest.approx(total)


@given(answers())
def test_bins_hold_every_sample_once_and_give_the_error(case: Answers) -> None:
    probabilities, given_class, labels = case
    top, right = probabilities.max(axis=1), given_class == labels
    rows = reliability(top, right)
    assert sum(row.samples for row in rows) == len(labels)
    gaps = [row.samples * abs(row.accuracy - row.confidence) for row in rows if row.samples]  # type: ignore[operator]
    assert calibration_error(top, right) == pytest.approx(sum(gaps) / len(labels))
    for number, row in enumerate(rows):
        assert (row.samples == 0) == (row.confidence is None) == (row.accuracy is None)
        assert row.confidence is None or number / 10 - 1e-12 <= row.confidence <= (number + 1) / 10 + 1e-12


@given(answers())
def test_likelihood_and_brier_sum_over_samples_and_classes(case: Answers) -> None:
    probabilities, _, labels = case
    likelihood = squares = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        likelihood -= math.log(max(row[label], 2.2250738585072014e-308))
        for number, value in enumerate(row):
            squares += (value - (1 if number == label else 0)) ** 2
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(likelihood / len(labels))
    assert brier(probabilities, labels) == pytest.approx(squares / len(labels))


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_risk_is_the_mean_over_all_orders_of_equally_confident_samples(case: list[tuple[int, bool]]) -> None:
    confidence = np.array([float(value) for value, _ in case])
    right = np.array([flag for _, flag in case])
    curves = []
    for order in itertools.permutations(range(len(case))):
        ranks = [confidence[index] for index in order]
        if ranks == sorted(ranks, reverse=True):
            wrong = np.cumsum([not right[index] for index in order])
            curves.append(wrong / np.arange(1, len(case) + 1))
    found = risks(confidence, right)
    assert found == pytest.approx(np.mean(curves, axis=0))
    assert aurc(confidence, right) == pytest.approx(np.mean(curves))


@given(answers())
def test_no_ranking_beats_the_ideal_one(case: Answers) -> None:
    found = measure(*case)
    assert found.aurc_ideal is not None
    assert found.aurc is not None
    assert found.aurc_ideal <= found.aurc + 1e-12
    assert found.accuracy == pytest.approx(np.mean(case[1] == case[2]))


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=20, unique=True), st.integers(0, 2**20 - 1))
def test_ranking_measures_read_the_order_only(values: list[float], flags: int) -> None:
    confidence = np.array(values)
    right = np.array([flags >> index & 1 for index in range(len(values))], dtype=bool)
    order = np.argsort(np.argsort(confidence)).astype(np.float64)
    assert risks(confidence, right) == pytest.approx(risks(order, right))


def test_a_known_case() -> None:
    """Four answers of confidence .9 .8 .7 .6, the third one wrong."""
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    found = measure(probabilities, np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1]))
    assert found.accuracy == 0.75
    assert found.auroc == pytest.approx(2 / 3)
    assert found.aurc == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert found.aurc_ideal == pytest.approx(1 / 16)
    assert found.ece == pytest.approx((0.1 + 0.2 + 0.7 + 0.4) / 4)
    assert found.nll == pytest.approx(-sum(map(math.log, (0.9, 0.8, 0.3, 0.6))) / 4)
    assert found.brier == pytest.approx(2 * (0.01 + 0.04 + 0.49 + 0.16) / 4)


@pytest.mark.parametrize("right", [True, False])
def test_all_right_or_all_wrong(right: bool) -> None:
    probabilities = np.full((5, 3), 1 / 3)
    labels = np.zeros(5, dtype=np.int64)
    found = measure(probabilities, labels if right else labels + 1, labels)
    assert found.auroc is None
    assert found.aurc == found.aurc_ideal == (0.0 if right else 1.0)
    assert found.ece == pytest.approx(2 / 3 if right else 1 / 3)


def test_calibration_error_of_a_truthful_and_a_boastful_score() -> None:
    assert calibration_error(np.array([0.5, 0.5]), np.array([True, False])) == 0
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == 0.5


def test_without_samples_nothing_is_measured() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = measure(np.zeros((0, 3)), none, none)
    assert set(vars(found).values()) == {None}
    assert len(risks(np.zeros(0), np.zeros(0, dtype=bool))) == 0


def test_a_certain_and_wrong_answer_costs_a_finite_amount() -> None:
    assert negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(708.4, abs=0.1)


def test_another_ranking_changes_the_ranking_measures_only() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])
    given_class, labels = np.array([0, 0]), np.array([0, 1])
    by_probability = measure(probabilities, given_class, labels)
    reversed_ = measure(probabilities, given_class, labels, np.array([0.0, 7.0]))
    assert (by_probability.auroc, reversed_.auroc) == (1.0, 0.0)
    assert (by_probability.ece, by_probability.nll) == (reversed_.ece, reversed_.nll)
