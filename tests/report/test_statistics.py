"""Intervals and measures against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.report.statistics import auroc, mcnemar, paired_drop, wilson

BOOLS = st.lists(st.booleans(), min_size=1, max_size=60).map(lambda values: np.array(values, dtype=bool))
PAIRS = st.integers(1, 60).flatmap(
    lambda n: st.tuples(*[st.lists(st.booleans(), min_size=n, max_size=n).map(np.array)] * 2)
)


def test_wilson_agrees_with_a_textbook_value() -> None:
    low, high = wilson(81, 263)  # Newcombe 1998, table I, method 3
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 20)[0] == 0
    assert wilson(0, 0) is None


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@given(PAIRS)
def test_drop_is_the_difference_of_the_accuracies_and_lies_in_its_interval(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    before, after = pair
    drop, (low, high) = paired_drop(before, after)
    assert drop == pytest.approx(100 * (before.mean() - after.mean()))
    assert low <= drop <= high
    assert high > low


@given(PAIRS)
def test_mcnemar_is_the_exact_binomial_test(pair: tuple[np.ndarray, np.ndarray]) -> None:
    before, after = pair
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    tail = sum(math.comb(lost + won, k) for k in range(min(lost, won) + 1)) / 2 ** (lost + won)
    assert mcnemar(before, after) == pytest.approx(min(1.0, 2 * tail))


def test_mcnemar_of_very_many_samples_does_not_overflow() -> None:
    before = np.ones(100_000, dtype=bool)
    assert mcnemar(before, ~before) == 0
    half = np.arange(100_000) % 2 == 0
    assert mcnemar(half, ~half) == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_auroc_counts_pairs(samples: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in samples], dtype=np.float64)
    right = np.array([flag for _, flag in samples])
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[right] for b in scores[~right]]
    found = auroc(scores, right)
    assert found is None if not pairs else found == pytest.approx(np.mean(pairs))
