"""Risk control: the path, the proof, and that the proof holds as often as it says."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.calibration.calibrate import search
from hwgen.calibration.epsilon import epsilon_family
from hwgen.calibration.halves import split_halves
from hwgen.calibration.joint import search_joint
from hwgen.calibration.problem import Problem
from hwgen.calibration.risk import Certificate, Trials, certify, needed_samples, try_paths
from hwgen.calibration.risk.path import allowed_steps, nested, search_path, tightened


def population(samples: int, seed: int, early_exits: int = 2, difficulty: float = 0.06) -> Problem:
    """Confidences that tell more or less whether an exit is right; later exits are right more often."""
    rng = np.random.default_rng([7, seed])
    ease = rng.random(samples)
    ranks, correct = [], []
    for index in range(early_exits + 1):
        wrong = rng.random(samples) < difficulty * (early_exits + 1 - index) * 2 * (1 - ease)
        correct.append(~wrong)
        noise = rng.normal(0, 0.25, samples)
        ranks.append(np.floor(np.clip(1 - ease + noise, 0, 1) * 400).astype(np.int64))
    return Problem(
        ranks=ranks[:-1],
        raws=[np.arange(400) for _ in range(early_exits)],
        correct=correct,
        exit_macs=[10 * (index + 1) ** 2 for index in range(early_exits + 1)],
        min_support=5,
    )


def halves_of(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return split_halves(np.arange(samples) % 10, seed)


def small(samples: int, seed: int, early_exits: int, difficulty: float = 0.06) -> Problem:
    """The same, without thresholds that no sample needs."""
    return population(samples, seed, early_exits, difficulty).take(np.arange(samples))


problems = st.builds(
    small, samples=st.integers(2, 150), seed=st.integers(0, 2**32 - 1), early_exits=st.integers(0, 2),
    difficulty=st.floats(0, 0.3),
) | st.builds(small, samples=st.integers(2, 25), seed=st.integers(0, 2**32 - 1), early_exits=st.just(3))  # fmt: skip


class TestHalves:
    @given(labels=st.lists(st.integers(0, 4), max_size=60), seed=st.integers(0, 100))
    def test_every_class_is_parted_evenly(self, labels: list[int], seed: int) -> None:
        classes = np.array(labels, dtype=np.int64)
        search_half, certify_half = split_halves(classes, seed)
        assert sorted([*search_half, *certify_half]) == list(range(len(labels)))
        assert (np.diff(search_half) > 0).all() and (np.diff(certify_half) > 0).all()
        assert 0 <= len(search_half) - len(certify_half) <= 1
        for one in range(5):
            assert abs((classes[search_half] == one).sum() - (classes[certify_half] == one).sum()) <= 1

    def test_the_seed_decides(self) -> None:
        classes = np.arange(50) % 5
        again = [split_halves(classes, seed)[0].tolist() for seed in (3, 3, 4)]
        assert again[0] == again[1] != again[2]


class TestProblem:
    @settings(max_examples=50, deadline=None)
    @given(problem=problems, data=st.data())
    def test_some_of_the_samples_are_decided_as_among_all(
        self, problem: Problem, data: st.DataObject
    ) -> None:
        rows = np.array(data.draw(st.lists(st.integers(0, problem.samples - 1), min_size=1, unique=True)))
        part = problem.take(rows)
        policy = tuple(data.draw(st.integers(-1, levels - 1)) for levels in part.levels)
        whole = tuple(
            -1 if rank < 0 else problem.raws[index].tolist().index(part.raws[index][rank])
            for index, rank in enumerate(policy)
        )
        assert part.exit_taken(policy).tolist() == problem.exit_taken(whole)[rows].tolist()
        assert part.lost(policy).tolist() == problem.lost(whole)[rows].tolist()

    def test_gross_losses_are_not_made_up_for(self) -> None:
        last, first = np.array([True, True, False, False]), np.array([True, False, True, False])
        net = Problem([np.zeros(4, dtype=np.int64)], [np.array([5])], [first, last], [1, 2], 1)
        gross = replace(net, gross=True)
        assert net.lost((0,)).tolist() == [0, 1, -1, 0]
        assert gross.lost((0,)).tolist() == [0, 1, 0, 0]
        assert (net.outcome((0,)).lost, gross.outcome((0,)).lost) == (0, 1)


class TestPath:
    def test_losses_allowed_grow_one_by_one_and_then_by_a_few_per_cent(self) -> None:
        steps = allowed_steps(0.01, 4500)
        assert steps[:30].tolist() == list(range(30))
        assert steps[-1] == 98
        assert (np.diff(steps) >= 1).all()
        assert (steps[51:-1] / steps[50:-2]).max() <= 1.04
        assert allowed_steps(1, 10).tolist() == list(range(11))
        assert allowed_steps(0, 100).tolist() == list(range(9))

    @settings(max_examples=60, deadline=None)
    @given(problem=problems, budget=st.floats(0, 1))
    def test_it_begins_with_never_and_only_saves(self, problem: Problem, budget: float) -> None:
        gross = replace(problem, gross=True)
        path = search_path(gross, budget)
        assert path[0] == gross.outcome(gross.never)
        assert all(a.macs > b.macs for a, b in itertools.pairwise(path))
        assert all(gross.supported(step.ranks) == step.ranks for step in path)
        assert path[-1].lost <= allowed_steps(budget, problem.samples)[-1]

    @settings(max_examples=60, deadline=None)
    @given(problem=problems, budget=st.floats(0, 1), method=st.sampled_from(["joint", "epsilon"]))
    def test_for_the_mean_no_sample_leaves_later_again(
        self, problem: Problem, budget: float, method: str
    ) -> None:
        gross = replace(problem, gross=True, min_support=1)
        steps = nested(gross, search_path(gross, budget, method))
        assert steps[0].ranks == gross.never
        for stricter, looser in itertools.pairwise(steps):
            assert looser.macs < stricter.macs
            assert (gross.exit_taken(stricter.ranks) >= gross.exit_taken(looser.ranks)).all()

    def test_within_the_epsilon_family_on_request(self) -> None:
        gross = replace(population(800, 1), gross=True)
        family = {outcome.ranks for _, outcome in epsilon_family(gross)}
        path = search_path(gross, 0.05, "epsilon")
        assert len(path) > 5
        assert path[-1].ranks in family

    def test_beyond_the_stricter_ones_it_is_the_optimum_of_each_loss(self) -> None:
        gross = replace(population(800, 1), gross=True)
        steps = allowed_steps(0.02, 800)
        optima = [outcome.macs for outcome in search_joint(gross, steps)]
        assert {step.macs for step in search_path(gross, 0.02)} >= set(optima)

    def test_stricter_relatives_of_the_loss_free_optimum_come_first(self) -> None:
        gross = replace(population(800, 1, difficulty=0.01), gross=True)
        path = search_path(gross, 0.02)
        free = next(
            index
            for index, step in enumerate(path)
            if step.macs == search_joint(gross, np.array([0]))[0].macs
        )
        assert free >= 4
        for stricter, looser in itertools.pairwise(path[: free + 1]):
            assert (gross.exit_taken(stricter.ranks) >= gross.exit_taken(looser.ranks)).all()

    @settings(max_examples=60, deadline=None)
    @given(problem=problems, share=st.floats(0, 1), data=st.data())
    def test_a_tightened_policy_never_leaves_earlier(
        self, problem: Problem, share: float, data: st.DataObject
    ) -> None:
        policy = tuple(data.draw(st.integers(-1, levels - 1)) for levels in problem.levels)
        strict = tightened(problem, policy, share)
        assert all(a <= b for a, b in zip(strict, policy, strict=True))
        assert (problem.exit_taken(strict) >= problem.exit_taken(policy)).all()


def fitted(problem: Problem, points: list[float], seed: int = 0) -> Trials:
    return try_paths(problem, halves_of(problem.samples, seed), max(points) / 100)


class TestProof:
    @settings(max_examples=60, deadline=None)
    @given(problem=problems, seed=st.integers(0, 9), control=st.sampled_from(["probability", "mean"]))
    def test_budgets_hold_where_they_are_proven_and_larger_ones_never_cost_more(
        self, problem: Problem, seed: int, control: str
    ) -> None:
        points = [0, 1, 2, 5, 20, 100]
        trial = fitted(problem, points, seed)
        found = [certify(trial, budget, 0.1, control, 100) for budget in points]  # type: ignore[arg-type]
        certify_half = trial.halves[1]
        gross = replace(problem, gross=True)
        for budget, (outcome, proof) in zip(points, found, strict=True):
            assert outcome == problem.outcome(outcome.ranks), "net losses on all samples"
            lost = int(gross.lost(outcome.ranks)[certify_half].sum())
            assert proof.chosen.lost == lost
            assert lost <= budget / 100 * len(certify_half)
            assert proof.certified == len(certify_half)
            assert proof.searched + proof.certified == problem.samples
            assert proof.chosen.mac_reduction == 1 - outcome.macs / (100 * problem.samples)
            if outcome.ranks == problem.never:
                assert (proof.bound, proof.chosen.value) == (0, None)
            else:
                assert proof.bound == budget / 100
                assert proof.chosen.value is not None
                assert proof.chosen.value <= (0.1 if control == "probability" else budget / 100)
            assert Certificate.from_dict(json.loads(json.dumps(asdict(proof)))) == proof
        macs = [outcome.macs for outcome, _ in found]
        assert macs == sorted(macs, reverse=True)
        assert found[0][0].ranks == problem.never, "budget 0 is never certified"

    def test_a_usual_split_saves_and_the_other_control_stands_beside(self) -> None:
        trial = fitted(population(6000, 3), [2])
        outcome, proof = certify(trial, 2, 0.1, "probability", 90)
        other, beside = certify(trial, 2, 0.1, "mean", 90)
        assert proof.mean.mac_reduction > proof.probability.mac_reduction > 0.2, "a weaker promise"
        assert (proof.probability, proof.mean) == (beside.probability, beside.mean)
        assert (proof.chosen, beside.chosen) == (proof.probability, proof.mean)
        assert other.macs <= outcome.macs
        assert proof.probability.needed == needed_samples(0.02, 0.1) == 114

    def test_too_few_samples_never_leave_early_and_say_how_many_are_needed(self) -> None:
        problem = population(2 * 229 + 1, 0, difficulty=0)
        trial = fitted(problem, [1])
        outcome, proof = certify(trial, 1, 0.1, "probability", 100)
        assert outcome.ranks == problem.never
        assert proof.bound == 0
        assert proof.shortfall(1) == (
            "a budget of 1 points needs at least 230 loss-free samples to be certified, "
            "the certify half of the calibration split has 229"
        )
        enough = population(460, 0, difficulty=0)
        outcome, proof = certify(fitted(enough, [1]), 1, 0.1, "probability", 100)
        assert outcome.ranks != enough.never
        assert proof.shortfall(1) is None

    def test_other_reasons_to_never_leave_early(self) -> None:
        wrong, right = np.zeros(600, bool), np.ones(600, bool)
        hopeless = replace(population(600, 0), correct=[wrong, wrong, right], min_support=200)
        _, proof = certify(fitted(hopeless, [20]), 20, 0.1, "probability", 100)
        assert proof.shortfall(20) == "no policy within 20 points saves any multiply-accumulates"
        _, proof = certify(fitted(population(600, 0), [0, 1]), 0, 0.1, "probability", 100)
        assert proof.shortfall(0) == (
            "a budget of 0 points is never certified: losses cannot be ruled out by samples"
        )
        assert proof.chosen.needed is None
        problem = population(2000, 0)
        search_half, certify_half = halves_of(2000)
        correct = [right.copy() for right in problem.correct]
        correct[0][search_half] = correct[1][search_half] = correct[2][search_half] = True
        correct[0][certify_half] = correct[1][certify_half] = False
        correct[2][certify_half] = True
        _, proof = certify(fitted(replace(problem, correct=correct), [2]), 2, 0.1, "probability", 100)
        assert proof.shortfall(2) == (
            f"a budget of 2 points is not certified: the strictest policy tried loses "
            f"{proof.chosen.stopped_at} of 1000 samples"
        )

    def test_all_samples_at_one_exit_and_a_missing_class(self) -> None:
        problem = population(2000, 0, difficulty=0)
        same = replace(problem, ranks=[np.zeros(2000, dtype=np.int64)] * 2, raws=[np.array([1])] * 2)
        outcome, _ = certify(fitted(same, [1]), 1, 0.1, "probability", 100)
        assert outcome.counts == (2000, 0, 0)
        halves = split_halves(np.full(2000, 7), 0)
        outcome, _ = certify(try_paths(same, halves, 0.01), 1, 0.1, "probability", 100)
        assert outcome.counts == (2000, 0, 0)

    @pytest.mark.parametrize("samples", [1, 2, 3])
    def test_hardly_any_samples(self, samples: int) -> None:
        problem = replace(population(samples, 0, difficulty=0), min_support=1)
        outcome, _ = certify(fitted(problem, [5]), 5, 0.1, "probability", 100)
        assert outcome.ranks == problem.never


SPLITS = 300
POOL = 6000
CALIBRATION = 1200
POINTS, DELTA = 3.0, 0.2


@pytest.fixture(scope="module")
def measured() -> dict[str, np.ndarray]:
    """Per method and random split of a pool: (risk, drop, MACs per sample) on the part not calibrated on."""
    pool = population(POOL, 11)
    gross = replace(pool, gross=True)
    rows: dict[str, list[tuple[float, float, float]]] = {"probability": [], "mean": [], "naive": []}
    for split in range(SPLITS):
        order = np.random.default_rng([13, split]).permutation(POOL)
        rest = order[CALIBRATION:]
        part = pool.take(order[:CALIBRATION])
        trials = try_paths(part, halves_of(CALIBRATION, split), POINTS / 100)
        found = {
            "probability": certify(trials, POINTS, DELTA, "probability", 1)[0],
            "mean": certify(trials, POINTS, DELTA, "mean", 1)[0],
            "naive": search(part, [POINTS], "joint")[0],
        }
        for method, outcome in found.items():
            ranks = tuple(
                -1 if rank < 0 else int(part.raws[index][rank]) for index, rank in enumerate(outcome.ranks)
            )
            macs = np.array(pool.exit_macs)[pool.exit_taken(ranks)[rest]].mean()
            rows[method].append((gross.lost(ranks)[rest].mean(), pool.lost(ranks)[rest].mean(), macs))
    return {method: np.array(values) for method, values in rows.items()}


def test_a_proof_fails_no_more_often_than_delta_while_the_naive_rule_does(
    measured: dict[str, np.ndarray],
) -> None:
    risk, drop, macs = measured["probability"].T
    error = 2 * math.sqrt(DELTA * (1 - DELTA) / SPLITS)
    assert (risk > POINTS / 100).mean() <= DELTA + error
    assert (drop <= risk).all()
    _, naive_drop, naive_macs = measured["naive"].T
    assert (naive_drop > POINTS / 100).mean() > DELTA + error
    assert naive_macs.mean() < macs.mean() < 80, "leaves early, if less than the rule that promises too much"


def test_the_mean_is_within_the_budget_on_average(measured: dict[str, np.ndarray]) -> None:
    risk, _, macs = measured["mean"].T
    assert risk.mean() <= POINTS / 100
    assert (risk > POINTS / 100).mean() > 0.05, "which is a weaker promise"
    assert macs.mean() < measured["probability"][:, 2].mean()
