"""P-values and corrected means: against SciPy, against their definitions, and valid by counting out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from hwgen.calibration.risk import corrected_mean, needed_for_mean, needed_samples, p_value
from hwgen.calibration.risk.bounds import bernoulli_kl, binomial_cdf
from hwgen.calibration.risk.sequence import fixed_sequence, monotone_losses

PValue = Callable[[float, int, float], float]
Corrected = Callable[[float, int], float]


def certified_in_mean(lost: np.ndarray, budget: float, corrected: Corrected = corrected_mean) -> int:
    """How many policies of a path conformal risk control certifies; `lost` is bool (policies, samples)."""
    values = [corrected(int(count), lost.shape[1]) for count in monotone_losses(lost)]
    return fixed_sequence(values, budget)


@settings(max_examples=300, deadline=None)
@given(trials=st.integers(0, 20_000), data=st.data(), probability=st.floats(0, 1))
def test_the_binomial_tail_is_scipys(trials: int, data: st.DataObject, probability: float) -> None:
    successes = data.draw(st.integers(-1, trials + 1))
    wanted = float(binom.cdf(successes, trials, probability))
    assert binomial_cdf(successes, trials, probability) == pytest.approx(wanted, rel=1e-8, abs=1e-250)


@pytest.mark.parametrize("trials", range(7))
@pytest.mark.parametrize("chance", [Fraction(1, 10), Fraction(1, 2), Fraction(6, 7)])
def test_the_binomial_tail_by_counting_out(trials: int, chance: Fraction) -> None:
    for successes in range(trials + 1):
        exact = sum(
            math.prod(chance if hit else 1 - chance for hit in hits)
            for hits in itertools.product([0, 1], repeat=trials) if sum(hits) <= successes
        )  # fmt: skip
        assert binomial_cdf(successes, trials, float(chance)) == pytest.approx(float(exact), rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(samples=st.integers(1, 5000), share=st.floats(0, 1), budget=st.floats(0.0005, 0.9995))
def test_the_p_value_is_its_definition(samples: int, share: float, budget: float) -> None:
    lost = share * samples
    risk = lost / samples
    hoeffding = math.exp(-samples * bernoulli_kl(risk, budget)) if risk < budget else 1.0
    bentkus = math.e * float(binom.cdf(math.ceil(lost), samples, budget))
    assert p_value(lost, samples, budget) == pytest.approx(min(hoeffding, bentkus, 1.0), rel=1e-6, abs=1e-200)


def test_the_p_value_grows_with_losses_and_falls_with_budgets() -> None:
    for samples in (1, 10, 300):
        values = [[p_value(lost, samples, a / 100) for a in range(101)] for lost in range(samples + 1)]
        table = np.array(values)
        assert (np.diff(table, axis=0) >= -1e-12).all()
        assert (np.diff(table, axis=1) <= 1e-12).all()
        assert (table[:, 0] == 1).all(), "budget 0 is never certain"
        assert (table[:, -1] == 0).all(), "no loss exceeds 1"
        assert (table[samples, :-1] == 1).all(), "all lost"
    assert p_value(0, 0, 0.5) == 1, "no sample, no proof"


def check_validity(value: PValue) -> None:
    """With a risk just above the budget, p <= delta happens with probability at most delta; counted out."""
    for samples, budget in itertools.product(range(1, 60), [0.02, 0.1, 0.3, 0.5, 0.8]):
        chances = binom.pmf(np.arange(samples + 1), samples, budget)
        values = np.array([value(lost, samples, budget) for lost in range(samples + 1)])
        for delta in (0.01, 0.05, 0.1, 0.2, 0.5):
            assert chances[values <= delta].sum() <= delta * (1 + 1e-9), (samples, budget, delta)


def check_fractional_validity(value: PValue) -> None:
    """The same for losses 0, 1/2 and 1, of which Bentkus's bound needs the sum rounded up."""
    for samples, half, budget in itertools.product(range(1, 9), [0.1, 0.3, 0.6], [0.1, 0.3, 0.6]):
        whole = budget - half / 2
        if not 0 <= whole <= 1 - half:
            continue
        chance = {0: 1 - half - whole, 1: half, 2: whole}
        sums = np.zeros(2 * samples + 1)
        for draw in itertools.product(chance, repeat=samples):
            sums[sum(draw)] += math.prod(chance[one] for one in draw)
        values = np.array([value(twice / 2, samples, budget) for twice in range(len(sums))])
        for delta in (0.05, 0.1, 0.3, 0.5):
            assert sums[values <= delta].sum() <= delta * (1 + 1e-9)


def test_the_p_value_is_valid() -> None:
    check_validity(p_value)
    check_fractional_validity(p_value)


def _one_fewer(lost: float, samples: int, budget: float) -> float:
    return p_value(max(lost - 1, 0), samples, budget)


def _one_sample_more(lost: float, samples: int, budget: float) -> float:
    return p_value(lost, samples + 1, budget)


def _without_e(lost: float, samples: int, budget: float) -> float:
    """Bentkus's bound without its factor: the exact tail below, so too small if the sum is rounded down."""
    return binomial_cdf(math.floor(lost), samples, budget)


def _normal(lost: float, samples: int, budget: float) -> float:
    deviation = math.sqrt(budget * (1 - budget) * samples)
    return 0.5 * math.erfc((budget * samples - lost) / deviation / math.sqrt(2))


@pytest.mark.parametrize("wrong", [_one_fewer, _one_sample_more, _normal])
def test_wrong_p_values_are_found_out(wrong: PValue) -> None:
    with pytest.raises(AssertionError):
        check_validity(wrong)


def test_a_p_value_for_binary_losses_only_is_found_out() -> None:
    check_validity(_without_e)
    with pytest.raises(AssertionError):
        check_fractional_validity(_without_e)


def test_needed_samples() -> None:
    table = {
        0.1: (2302, 2995, 4603), 0.2: (1151, 1497, 2301), 0.5: (460, 598, 919), 1: (230, 299, 459),
        2: (114, 149, 228), 5: (45, 59, 90), 100: (0, 0, 0),
    }  # fmt: skip
    for points, wanted in table.items():
        assert tuple(needed_samples(points / 100, delta) for delta in (0.1, 0.05, 0.01)) == wanted
    assert needed_samples(0, 0.1) is None
    assert [needed_for_mean(points / 100) for points in (0, 0.1, 1, 5, 50, 100)] == [None, 999, 99, 19, 1, 0]


@given(budget=st.floats(0.001, 0.999), delta=st.floats(0.001, 0.999))
def test_one_sample_fewer_is_too_few(budget: float, delta: float) -> None:
    needed = needed_samples(budget, delta)
    assert needed is not None
    assert p_value(0, needed, budget) <= delta < p_value(0, needed - 1, budget)
    for_mean = needed_for_mean(budget)
    assert for_mean is not None
    assert corrected_mean(0, for_mean) <= budget
    assert for_mean == 0 or corrected_mean(0, for_mean - 1) > budget


def test_a_sequence_ends_at_the_first_failure_and_takes_what_equals_delta() -> None:
    assert fixed_sequence([0.01, 0.1, 0.2, 0.01], 0.1) == 2
    assert fixed_sequence([0.2, 0.01], 0.1) == 0
    assert fixed_sequence([], 0.1) == 0
    assert fixed_sequence([p_value(lost, 230, 0.01) for lost in (0, 1, 0)], 0.1) == 1
    assert fixed_sequence([p_value(lost, 230, 0.03) for lost in (0, 1, 0)], 0.1) == 3


def test_the_mean_counts_every_sample_lost_so_far() -> None:
    lost = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=bool)
    assert [certified_in_mean(lost, budget) for budget in (0.39, 0.4, 0.59, 0.6)] == [0, 1, 1, 3]
    assert certified_in_mean(np.zeros((1, 1), dtype=bool), 0.5) == 1, "exactly the budget is within it"
    assert certified_in_mean(np.zeros((1, 0), dtype=bool), 0.99) == 0


def held_out_loss(lost: np.ndarray, passed: Callable[[np.ndarray], int]) -> Fraction:
    """Mean loss of each sample under the policy that the others choose."""
    total = 0
    for sample in range(lost.shape[1]):
        chosen = passed(np.delete(lost, sample, axis=1))
        total += int(lost[:chosen, sample].max(initial=0))
    return Fraction(total, lost.shape[1])


matrices = st.tuples(st.integers(1, 8), st.integers(1, 12), st.integers(0, 2**32 - 1), st.floats(0, 0.5)).map(
    lambda given_: np.random.default_rng(given_[2]).random((given_[0], given_[1])) < given_[3]
)


@settings(max_examples=400, deadline=None)
@given(lost=matrices, budget=st.fractions(0, 1, max_denominator=40))
def test_the_mean_is_kept_exactly_by_exchanging_samples(lost: np.ndarray, budget: Fraction) -> None:
    """The theorem itself: whichever of n + 1 samples is the next one, on average its loss is in budget.

    The sample held out may be lost by the policy chosen or by any stricter one: still in budget.
    """
    assert held_out_loss(lost, lambda rest: certified_in_mean(rest, float(budget))) <= budget


@pytest.mark.parametrize(
    "wrong", [lambda lost, n: lost / n, lambda lost, n: (lost + 1) / (n + 2), lambda lost, n: lost / (n + 1)]
)
def test_a_wrong_correction_is_found_out(wrong: Corrected) -> None:
    # One policy loses one of five samples: the risk is 1/5, and the four others may not have lost any.
    lost = np.array([[True, False, False, False, False]])

    def kept(corrected: Corrected) -> bool:
        budgets = [Fraction(number, 30) for number in range(31)]
        return all(
            held_out_loss(lost, lambda rest, a=budget: certified_in_mean(rest, float(a), corrected)) <= budget
            for budget in budgets
        )

    assert kept(corrected_mean)
    assert not kept(wrong)


def test_losses_that_come_and_go_are_found_out() -> None:
    """Without the running maximum a looser policy may be certified by the luck of some samples."""
    rng = np.random.default_rng(0)
    budget = Fraction(1, 4)

    def last_within(rest: np.ndarray) -> int:
        within = [corrected_mean(int(count), rest.shape[1]) <= budget for count in rest.sum(axis=1)]
        return 1 + max((index for index, good in enumerate(within) if good), default=-1)

    def last_loss(lost: np.ndarray) -> float:
        total = 0
        for sample in range(lost.shape[1]):
            chosen = last_within(np.delete(lost, sample, axis=1))
            total += int(lost[chosen - 1, sample]) if chosen else 0
        return total / lost.shape[1]

    assert max(last_loss(rng.random((8, 8)) < 0.3) for _ in range(50)) > budget
