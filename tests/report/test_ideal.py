"""The perfect ranking against a search over all shares of wrong samples that leave."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.report.ideal import fewest_macs, ideal_section, truncated

Case = tuple[list[np.ndarray], list[int]]


@st.composite
def cases(draw: st.DrawFn, most_exits: int = 3) -> Case:
    exits, samples = draw(st.integers(1, most_exits)), draw(st.integers(1, 12))
    flags = st.lists(st.booleans(), min_size=samples, max_size=samples)
    right = [np.array(draw(flags)) for _ in range(exits)]
    macs = np.cumsum([draw(st.integers(1, 50)) for _ in range(exits)]).tolist()
    return right, macs


def expected(right: list[np.ndarray], macs: list[int], shares: tuple[float, ...]) -> tuple[float, float]:
    """(accuracy, MACs) if at exit k all right ones leave and a share of the wrong ones, one sample after another."""
    accuracy = cost = 0.0
    for sample in range(len(right[0])):
        here = 1.0  # probability that this sample arrives
        for index in range(len(right)):
            share = 1.0 if right[index][sample] or index == len(right) - 1 else shares[index]
            accuracy += here * share * bool(right[index][sample])
            cost += here * share * macs[index]
            here *= 1 - share
    return accuracy / len(right[0]), cost / len(right[0])


@settings(max_examples=60, deadline=None)
@given(cases(), st.floats(0, 1))
def test_no_share_of_the_wrong_ones_is_cheaper(case: Case, part: float) -> None:
    right, macs = case
    oracle = float(np.any(right, axis=0).mean())
    accuracy = part * oracle
    found = fewest_macs(right, macs, accuracy)
    grid = np.linspace(0, 1, 21)
    costs = [
        cost
        for shares in itertools.product(grid, repeat=len(right) - 1)
        for reached, cost in [expected(right, macs, shares)]
        if reached >= accuracy - 1e-12
    ]
    assert found <= min(costs) + 1e-9
    # A grid of shares comes close to the best of all.
    assert found >= min(costs) - 0.06 * macs[-1] - 1e-9


@given(cases(4))
def test_everybody_leaves_at_the_last_exit_at_the_latest(case: Case) -> None:
    right, macs = case
    points = truncated(right, macs)
    assert points[0] == pytest.approx((right[0].mean(), macs[0]))
    assert points[-1] == pytest.approx(expected(right, macs, (0.0,) * len(right)))
    assert points == sorted(points)


@given(cases(4))
def test_more_accuracy_never_costs_less(case: Case) -> None:
    right, macs = case
    oracle = float(np.any(right, axis=0).mean())
    costs = [fewest_macs(right, macs, value) for value in np.linspace(0, oracle, 9)]
    assert costs == pytest.approx(sorted(costs))
    assert macs[0] <= costs[0]
    assert costs[-1] <= macs[-1]


def test_by_hand() -> None:
    """Ten samples: six right at once, two later, two never; eight right ones cost four passes of the second stage."""
    right = [np.array([True] * 6 + [False] * 4), np.array([True] * 8 + [False] * 2)]
    assert truncated(right, [10, 30]) == [(0.6, 10), (0.8, 18.0)]
    assert fewest_macs(right, [10, 30], 0.8) == pytest.approx(18)
    assert fewest_macs(right, [10, 30], 0.7) == pytest.approx(14), "half of the wrong ones leave"
    assert fewest_macs(right, [10, 30], 0.2) == 10
    found = ideal_section(right, [10, 30], 25, 0.7, 20.0)
    assert found == pytest.approx(
        {
            "accuracy": 0.7,
            "macs_mean": 14.0,
            "mac_reduction": 1 - 14 / 25,
            "macs_distance": 6.0,
            "reduction_distance_points": 24.0,
        }
    )
