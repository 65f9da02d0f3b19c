"""The searches against brute force over every combination of thresholds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.calibration import joint
from hwgen.calibration.calibrate import allowed_losses, search
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.joint import search_joint
from hwgen.calibration.problem import DISABLED, Outcome, Problem, Ranks


def random_problem(
    seed: int, samples: int, early_exits: int, levels: int, min_support: int, gross: bool = False
) -> Problem:
    """Samples of random ranks, later exits right more often."""
    rng = np.random.default_rng(seed)
    return Problem(
        ranks=[rng.integers(0, levels + 1, samples) for _ in range(early_exits)],
        raws=[np.arange(levels) for _ in range(early_exits)],
        correct=[rng.random(samples) < 0.5 + 0.1 * k for k in range(early_exits + 1)],
        exit_macs=np.cumsum(rng.integers(1, 20, early_exits + 1)).tolist(),
        min_support=min_support,
        gross=gross,
    )


def every_policy(problem: Problem) -> list[Ranks]:
    """All policies in which every enabled exit has its support."""
    policies = itertools.product(*(range(DISABLED, levels) for levels in problem.levels))
    return [policy for policy in policies if problem.supported(policy) == policy]


def brute_force(problem: Problem, allowed: np.ndarray) -> list[Outcome]:
    outcomes = [problem.outcome(policy) for policy in every_policy(problem)]
    return [min(o for o in outcomes if o.lost <= limit) for limit in allowed]


def follow(problem: Problem, policy: Ranks) -> tuple[int, int, list[int]]:
    """(macs, lost, samples per exit) by following each sample by itself."""
    macs, lost, counts = 0, 0, [0] * (problem.early_exits + 1)
    for i in range(problem.samples):
        taken = next((k for k, rank in enumerate(policy) if problem.ranks[k][i] <= rank), problem.early_exits)
        macs += problem.exit_macs[taken]
        here = int(problem.correct[-1][i]) - int(problem.correct[taken][i])
        lost += max(here, 0) if problem.gross else here
        counts[taken] += 1
    return macs, lost, counts


problems = st.builds(
    random_problem, seed=st.integers(0, 2**32 - 1), samples=st.integers(1, 14), early_exits=st.integers(0, 3),
    levels=st.integers(0, 5), min_support=st.integers(1, 5), gross=st.booleans(),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(problem=problems, data=st.data())
def test_an_outcome_is_what_following_each_sample_gives(problem: Problem, data: st.DataObject) -> None:
    policy = tuple(data.draw(st.integers(DISABLED, levels - 1)) for levels in problem.levels)
    outcome = problem.outcome(policy)
    assert (outcome.macs, outcome.lost, list(outcome.counts)) == follow(problem, policy)
    # Tightening changes no decision and leaves every threshold at a sample that leaves by it.
    assert np.array_equal(problem.exit_taken(outcome.ranks), problem.exit_taken(policy))
    assert all(tight <= given_ for tight, given_ in zip(outcome.ranks, policy, strict=True))


@settings(max_examples=150, deadline=None)
@given(problem=problems, data=st.data())
def test_the_joint_search_finds_the_best_of_all_policies(problem: Problem, data: st.DataObject) -> None:
    allowed = np.array(sorted(data.draw(st.lists(st.integers(0, problem.samples), min_size=1, max_size=4))))
    assert search_joint(problem, allowed) == brute_force(problem, allowed)


@pytest.mark.parametrize("early_exits", [2, 3, 4])
def test_too_large_to_enumerate(early_exits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_CELLS", 0)
    monkeypatch.setattr(joint, "_GRID_ROWS", 30)
    for seed in range(6):
        problem = random_problem(seed, 200, early_exits, 40, 5)
        points = [0, 0.5, 1, 2, 5, 100]
        found = search(problem, points, "joint")
        rule = search(problem, points, "epsilon")
        for best, by_rule, limit in zip(found, rule, allowed_losses(points, 200), strict=True):
            assert best.lost <= limit
            assert best <= by_rule
            assert problem.supported(best.ranks) == best.ranks
        assert all(a.macs >= b.macs for a, b in itertools.pairwise(found))


def test_refinement_reaches_the_optimum_of_small_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_CELLS", 0)
    allowed = np.array([0, 1, 3])
    for seed in range(10):
        problem = random_problem(seed, 40, 3, 8, 3)
        found = [outcome.macs for outcome in search_joint(problem, allowed)]
        assert found == [outcome.macs for outcome in brute_force(problem, allowed)]


@settings(max_examples=100, deadline=None)
@given(problem=problems, epsilon=st.floats(0, 1))
def test_the_epsilon_family_is_the_papers_rule(problem: Problem, epsilon: float) -> None:
    """For any epsilon, the family's policy at or below it is the rule written out."""
    policy = []
    for k in range(problem.early_exits):
        alpha = {}
        for rank in range(problem.levels[k]):
            leaving = problem.ranks[k] <= rank
            if leaving.sum() >= problem.min_support:
                alpha[rank] = problem.correct[k][leaving].sum() / leaving.sum()
        best = max(alpha.values(), default=0)
        policy.append(max((rank for rank, a in alpha.items() if best - a <= epsilon), default=DISABLED))
    wanted = problem.outcome(problem.supported(tuple(policy)))
    family = [outcome for value, outcome in epsilon_family(problem) if value <= epsilon]
    if family:
        assert family[-1] == wanted
    else:
        assert wanted.ranks == problem.never


@settings(max_examples=100, deadline=None)
@given(problem=problems, points=st.lists(st.floats(0, 100), min_size=1, max_size=5).map(sorted))
def test_what_holds_for_both_searches(problem: Problem, points: list[float]) -> None:
    allowed = allowed_losses(points, problem.samples)
    found = {method: search(problem, points, method) for method in ("joint", "epsilon")}
    for outcomes in found.values():
        for outcome, limit in zip(outcomes, allowed, strict=True):
            assert outcome.lost <= limit
            assert problem.supported(outcome.ranks) == outcome.ranks
        assert all(a.macs >= b.macs for a, b in itertools.pairwise(outcomes))
    assert all(a <= b for a, b in zip(found["joint"], found["epsilon"], strict=True))


def test_a_decimal_budget_allows_what_it_says() -> None:
    assert allowed_losses([0, 0.7, 1, 100], 1000).tolist() == [0, 7, 10, 1000]
    assert allowed_losses([0.1, 1.0], 287).tolist() == [0, 2]
