"""A learned monitor is held against the margin on samples it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.criteria import ExitShape, FitSample, Seen, get_criterion
from hwgen.fixedpoint import FixedPoint
from hwgen.report.distribution import auroc_difference, beats_margin
from hwgen.report.statistics import auroc

FORMAT = FixedPoint(12, 5)


def samples(seed: int, margin_decides: bool) -> tuple[Seen, np.ndarray]:
    """Answers whose odds depend on the margin, or on how many others share the rest."""
    rng = np.random.default_rng(seed)
    logits = rng.integers(-300, 301, (3000, 6))
    p = np.exp(FORMAT.to_real(logits))
    p = -np.sort(-p / p.sum(axis=1, keepdims=True), axis=1)
    odds = 4 * (p[:, 0] - p[:, 1]) - 1 if margin_decides else 40 * p[:, 3] - 3
    right = rng.random(3000) < 1 / (1 + np.exp(-odds))
    largest = logits.argmax(axis=1)
    return Seen(logits), np.where(right, largest, (largest + 1) % 6)


@pytest.mark.parametrize("margin_decides", [False, True])
def test_only_a_monitor_that_sees_more_beats_the_margin(margin_decides: bool) -> None:
    criterion, shape = get_criterion("distribution"), ExitShape(FORMAT, 6)
    sample = FitSample(*samples(0, margin_decides))
    gate = criterion.gate(shape, None, criterion.fit(shape, sample, criterion.Settings()))
    found = beats_margin(gate, *samples(1, margin_decides))
    assert found["beats_margin"] is not margin_decides
    assert not found["worse_than_margin"]
    assert found["difference"] == pytest.approx(found["auroc"]["distribution"] - found["auroc"]["margin"])
    assert found["interval"][0] < found["difference"] < found["interval"][1]
    assert found["not_fitted"] is None


def test_a_monitor_of_no_samples_says_so() -> None:
    gate = get_criterion("distribution").gate(ExitShape(FORMAT, 6))
    found = beats_margin(gate, *samples(1, True))
    assert found["not_fitted"] == "not fitted"
    assert found["auroc"]["distribution"] == pytest.approx(found["auroc"]["score"], abs=0.002)


def test_without_a_wrong_answer_there_is_nothing_to_compare() -> None:
    seen = Seen(np.eye(6, dtype=np.int64) * 100)
    gate = get_criterion("learned").gate(ExitShape(FORMAT, 6))
    found = beats_margin(gate, seen, np.arange(6))
    assert found["auroc"] == {"learned": None, "margin": None, "score": None}
    assert found["difference"] is None
    assert found["interval"] is None
    assert found["beats_margin"] is False
    assert found["worse_than_margin"] is False


def test_the_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    """Two scores of known quality: with normal noise of equal spread the AUROCs are equal."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        right = rng.random(200) < 0.7
        common = right + rng.normal(size=200)
        a, b = common + rng.normal(size=200), common + rng.normal(size=200)
        found = auroc_difference(a, b, right)
        assert found is not None
        first, second = auroc(a, right), auroc(b, right)
        assert first is not None
        assert second is not None
        assert found[0] == pytest.approx(first - second)
        hits += found[1][0] <= 0 <= found[1][1]
    assert 180 <= hits <= 198
