"""Telling samples of no class apart: measures against plain loops and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.report.outliers import false_positives, float_measures, separation

SCORES = st.lists(st.integers(0, 8), min_size=1, max_size=40).map(
    lambda values: np.array(values, dtype=np.float64)
)


@given(SCORES, SCORES)
def test_false_positives_at_the_strictest_threshold_that_95_percent_of_the_test_samples_reach(
    inside: np.ndarray, outside: np.ndarray
) -> None:
    reached = [value for value in inside if np.mean(inside >= value) >= 0.95]
    assert false_positives(inside, outside) == np.mean(outside >= max(reached))


@given(SCORES, SCORES)
def test_auroc_counts_pairs_of_test_and_foreign_samples(inside: np.ndarray, outside: np.ndarray) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in inside for b in outside]
    assert separation(inside, outside)["auroc"] == pytest.approx(np.mean(pairs))


def test_known_cases() -> None:
    inside = np.arange(100.0)
    assert separation(inside, inside - 200) == {"auroc": 1.0, "fpr95": 0.0}
    assert separation(inside, inside + 200) == {"auroc": 0.0, "fpr95": 1.0}
    assert separation(inside, inside) == {"auroc": 0.5, "fpr95": 0.95}
    assert separation(np.ones(3), np.ones(4)) == {"auroc": 0.5, "fpr95": 1.0}


@given(
    st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=5),
    st.floats(0.05, 20),
)
def test_float_measures_are_their_formulas(rows: list[list[float]], temperature: float) -> None:
    found = float_measures(np.array(rows), temperature)
    for index, row in enumerate(rows):
        top = max(row)
        weights = [math.exp((value - top) / temperature) for value in row]
        first, second, _ = sorted((weight / sum(weights) for weight in weights), reverse=True)
        assert found["score"][index] == pytest.approx(first)
        assert found["margin"][index] == pytest.approx(first - second, abs=1e-12)
        energy = top + temperature * math.log(sum(weights))
        assert found["energy"][index] == pytest.approx(energy, abs=1e-9)


def test_logits_that_are_all_equal_say_nothing() -> None:
    found = float_measures(np.zeros((4, 10)), 1.0)
    assert found["score"] == pytest.approx(np.full(4, 0.1))
    assert (found["margin"] == 0).all()
    assert found["energy"] == pytest.approx(np.full(4, math.log(10)))
