"""Differences are counted completely and named with sample, layer and value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwgen.simulation.compare import Comparison, add_up
from hwgen.simulation.processes import shares


def test_a_difference_is_named() -> None:
    comparison = Comparison("stage2")
    comparison.compare("logits", [[1, 2], [3, 4]], [[1, 2], [3, 9]], "logits")
    assert comparison.named == [
        {
            "block": "stage2",
            "against": "reference",
            "what": "logits",
            "layer": "logits",
            "sample": 1,
            "index": [1],
            "got": 4,
            "expected": 9,
        }
    ]


def test_missing_and_surplus_rows_count_as_different() -> None:
    comparison = Comparison("kernel")
    assert comparison.compare("class", [1], [1, 2, 3], "class") == 2
    assert comparison.compare("class", [1, 2, 3], [1], "class") == 2


def test_the_list_is_cut_but_the_count_is_not() -> None:
    comparison = Comparison("stage1")
    comparison.compare("features", np.zeros((100, 10)), np.ones((100, 10)), "features")
    assert comparison.counts["features"] == 1000
    assert len(comparison.named) < 100


def test_add_up_has_all_keys() -> None:
    assert add_up([]) == {"features": 0, "logits": 0, "class": 0, "exit": 0, "abstain": 0}


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.randoms())
def test_count_equals_a_plain_loop(values: list[int], random: object) -> None:
    other = [value + random.choice([0, 0, 1]) for value in values]  # type: ignore[attr-defined]
    comparison = Comparison("x")
    assert comparison.compare("exit", values, other, "x") == sum(
        a != b for a, b in zip(values, other, strict=True)
    )


@given(st.integers(1, 500), st.integers(1, 16))
def test_shares_cover_every_sample_once(samples: int, jobs: int) -> None:
    parts = shares(samples, jobs)
    covered = [number for part in parts for number in range(part.first, part.first + part.count)]
    assert covered == list(range(samples))
    assert len(parts) <= jobs and all(part.count > 0 for part in parts)


@pytest.mark.parametrize("key", ["weights", "features2"])
def test_an_unknown_key_is_a_programming_error(key: str) -> None:
    with pytest.raises(KeyError):
        Comparison("x").compare(key, [1], [2], "x")
