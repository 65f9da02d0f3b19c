"""Abstention by risk: the fewest unanswered samples, and a proof that holds as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.calibration.answered import fewest_abstentions, silent_raw
from hwgen.calibration.halves import split_halves
from hwgen.calibration.risk.answers import certify_abstention
from hwgen.calibration.risk.bounds import p_value
from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.fixedpoint import FixedPoint, IntArray


def gate_of(name: str) -> Gate:
    return get_criterion(name).gate(ExitShape(FixedPoint(8, 4), 4))


def confidences(gate: Gate, samples: int, rng: np.random.Generator, steps: int = 40) -> IntArray:
    """Critical raws of logits whose first class leads by 0..steps - 1."""
    logits = np.zeros((samples, 4), dtype=np.int64)
    logits[:, 0] = rng.integers(0, steps, samples)
    return gate.critical_raw(Seen(logits))


def silent(gate: Gate, critical: IntArray, reaching: np.ndarray, raw: int) -> np.ndarray:
    confident = critical >= raw if gate.stricter_up else critical <= raw
    return reaching & ~confident


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["score", "margin", "logit_margin"]), samples=st.integers(1, 25),
    steps=st.integers(1, 40), seed=st.integers(0, 2**32 - 1), risk=st.sampled_from([0.05, 0.1, 0.25, 0.5]),
)  # fmt: skip
def test_no_threshold_leaves_fewer_unanswered(
    name: str, samples: int, steps: int, seed: int, risk: float
) -> None:
    rng, gate = np.random.default_rng(seed), gate_of(name)
    critical = confidences(gate, samples, rng, steps)
    reaching, wrong = rng.random(samples) < 0.7, rng.random(samples) < 0.3
    found = fewest_abstentions(gate, critical, reaching, wrong, risk)

    def within(raw: int) -> bool:
        answered = ~silent(gate, critical, reaching, raw)
        return bool(answered.any() and wrong[answered].sum() <= risk * answered.sum() + 1e-9)

    unanswered = int(silent(gate, critical, reaching, found.raw).sum())
    possible = [
        int(silent(gate, critical, reaching, raw).sum())
        for raw in [silent_raw(gate), *critical.tolist()] if within(raw)
    ]  # fmt: skip
    assert found.reached == bool(possible)
    assert unanswered == (min(possible) if possible else int(reaching.sum()))
    assert found.reached == within(found.raw)
    assert math.isfinite(gate.to_real(found.raw)) and gate.to_raw(gate.to_real(found.raw)) == found.raw


def test_what_left_early_wrong_cannot_be_taken_back() -> None:
    gate = gate_of("logit_margin")
    critical = np.array([5, 6, 7, 8])
    reaching = np.array([False, False, True, True])
    found = fewest_abstentions(gate, critical, reaching, np.array([True, False, False, False]), 0.2)
    assert (found.reached, silent(gate, critical, reaching, found.raw).sum()) == (False, 2)
    found = fewest_abstentions(gate, critical, reaching, np.array([True, False, False, True]), 0.25)
    assert not found.reached, "the most confident one is wrong too"
    found = fewest_abstentions(gate, critical, reaching, np.array([False, False, True, False]), 0.2)
    assert (found.reached, found.raw) == (True, 8)
    found = fewest_abstentions(gate, critical, reaching, np.array([False, False, True, False]), 0.25)
    assert (found.reached, found.raw) == (True, 7)


def test_abstaining_always_is_no_way_to_reach_a_risk() -> None:
    gate = gate_of("score")
    critical = confidences(gate, 6, np.random.default_rng(0))
    found = fewest_abstentions(gate, critical, np.ones(6, bool), np.ones(6, bool), 0.1)
    assert not found.reached
    assert silent(gate, critical, np.ones(6, bool), found.raw).all()


def population(seed: int, samples: int, gate: Gate) -> tuple[IntArray, np.ndarray, np.ndarray]:
    """(critical raws, reaching, wrong); the confident are wrong less often."""
    rng = np.random.default_rng([17, seed])
    critical = confidences(gate, samples, rng)
    order = critical if gate.stricter_up else -critical
    rank = np.argsort(np.argsort(order + rng.random(samples))) / samples
    reaching = rng.random(samples) < 0.5
    wrong = rng.random(samples) < np.where(reaching, 0.45 * (1 - rank) ** 2, 0.03)
    return critical, reaching, wrong


class TestProof:
    def test_the_threshold_is_proven_for_every_policy(self) -> None:
        gate = gate_of("score")
        critical, reaching, wrong = population(0, 4000, gate)
        halves = split_halves(np.zeros(4000, dtype=np.int64), 0)
        alone = certify_abstention(gate, critical, [(reaching, wrong)], halves, 0.06, 0.1)
        assert alone.reached and alone.p_value is not None
        answered = ~silent(gate, critical, reaching, alone.raw)[halves[1]]
        lost = int(wrong[halves[1]][answered].sum())
        assert alone.p_value == p_value(lost, int(answered.sum()), 0.06) <= 0.1
        worse = wrong | (np.random.default_rng(1).random(4000) < 0.02)
        both = certify_abstention(gate, critical, [(reaching, wrong), (reaching, worse)], halves, 0.06, 0.1)
        assert both.reached
        assert (
            silent(gate, critical, reaching, both.raw).sum()
            > silent(gate, critical, reaching, alone.raw).sum()
        )

    def test_out_of_reach(self) -> None:
        gate = gate_of("score")
        critical, reaching, wrong = population(0, 4000, gate)
        halves = split_halves(np.zeros(4000, dtype=np.int64), 0)
        found = certify_abstention(gate, critical, [(reaching, wrong)], halves, 0.02, 0.1)
        assert (found.reached, found.p_value) == (False, None)
        assert silent(gate, critical, reaching, found.raw).sum() == reaching.sum()

    @pytest.mark.parametrize("samples", [0, 1, 2, 20])
    def test_too_few_samples(self, samples: int) -> None:
        gate = gate_of("score")
        critical, reaching, _ = population(0, samples, gate)
        halves = split_halves(np.zeros(samples, dtype=np.int64), 0)
        wrong = np.zeros(samples, bool)
        assert not certify_abstention(gate, critical, [(reaching, wrong)], halves, 0.02, 0.1).reached

    def test_everybody_reaches_the_last_exit(self) -> None:
        """The strictest thresholds leave too few answers to prove anything; that must not end the search."""
        gate = gate_of("score")
        critical, _, _ = population(0, 4000, gate)
        halves = split_halves(np.zeros(4000, dtype=np.int64), 0)
        everybody, wrong = np.ones(4000, bool), np.random.default_rng(0).random(4000) < 0.01
        found = certify_abstention(gate, critical, [(everybody, wrong)], halves, 0.05, 0.1)
        assert found.reached
        assert silent(gate, critical, everybody, found.raw).sum() == 0

    def test_it_fails_no_more_often_than_delta(self) -> None:
        gate, delta, risk, splits = gate_of("score"), 0.2, 0.08, 300
        critical, reaching, wrong = population(1, 6000, gate)
        above, shares = 0, []
        for split in range(splits):
            order = np.random.default_rng([19, split]).permutation(6000)
            rows, rest = order[:1500], order[1500:]
            halves = split_halves(np.zeros(1500, dtype=np.int64), split)
            found = certify_abstention(
                gate, critical[rows], [(reaching[rows], wrong[rows])], halves, risk, delta
            )
            answered = ~silent(gate, critical, reaching, found.raw)[rest]
            above += wrong[rest][answered].mean() > risk
            shares.append(answered.mean())
        assert above <= splits * delta + 2 * math.sqrt(splits * delta * (1 - delta))
        assert np.mean(shares) > 0.55, "and still answers more than those that leave early"
