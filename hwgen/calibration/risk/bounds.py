"""P-values and corrected means: what few samples say about the risk of all that are to come.

The risk of a policy is the mean of a loss in [0, 1] over all future samples. From n independent losses
with the sum s, two bounds of its upper tail are joined (Bates, Angelopoulos, Lei, Malik and Jordan,
"Distribution-free, risk-controlling prediction sets", 2021, arXiv 2101.02703; Angelopoulos, Bates, Candes,
Jordan and Lei, "Learn then test", 2021, arXiv 2110.01052):

    p = min( exp(-n KL(min(s / n, a) || a)),  e * P(Binomial(n, a) <= ceil(s)) )

The first is Hoeffding's, the second Bentkus's. If the risk exceeds a, p <= delta happens with probability
at most delta. For the mean over calibrations there is the corrected mean of conformal risk control
(Angelopoulos, Bates, Fisch, Lei and Schuster, 2022, arXiv 2208.02814).
"""

from __future__ import annotations

import math

import numpy as np


def binomial_cdf(successes: int, trials: int, probability: float) -> float:
    """P(Binomial(trials, probability) <= successes), by log-factorials.

    Args:
        successes: any integer.
        trials: >= 0.
        probability: 0..1.
    """
    if successes < 0:
        return 0.0
    if successes >= trials or probability <= 0:
        return 1.0
    if probability >= 1:
        return 0.0
    count = np.arange(successes + 1, dtype=np.float64)
    # log of trials! / (count! (trials - count)!): the logarithms of the ratios of neighbours, summed up.
    ways = np.concatenate([[0.0], np.log((trials - count[:-1]) / (count[:-1] + 1)).cumsum()])
    logs = ways + count * math.log(probability) + (trials - count) * math.log1p(-probability)
    top = float(logs.max())
    return min(1.0, math.exp(top + math.log(float(np.exp(logs - top).sum()))))


def bernoulli_kl(mean: float, other: float) -> float:
    """KL(Bernoulli(mean) || Bernoulli(other)) in nats, for 0 <= mean <= 1 and 0 < other < 1."""
    kept = mean * math.log(mean / other) if mean > 0 else 0.0
    gone = (1 - mean) * (math.log1p(-mean) - math.log1p(-other)) if mean < 1 else 0.0
    return kept + gone


def p_value(lost: float, samples: int, budget: float) -> float:
    """Hoeffding-Bentkus p-value of "the risk exceeds the budget".

    Args:
        lost: sum of the losses, 0..samples; each of them in [0, 1].
        samples: number of losses, independent of each other and of the policy.
        budget: the largest risk allowed, a fraction. 0 and less is never certain, 1 and more always.
    Returns:
        p in 0..1; the budget is certified where p <= delta.
    """
    if budget >= 1:
        return 0.0
    if samples == 0 or budget <= 0:
        return 1.0
    hoeffding = math.exp(-samples * bernoulli_kl(min(lost / samples, budget), budget))
    bentkus = math.e * binomial_cdf(math.ceil(lost), samples, budget)
    return min(1.0, hoeffding, bentkus)


def corrected_mean(lost: float, samples: int) -> float:
    """What conformal risk control compares with the budget: the mean with one more sample, wholly lost.

    n/(n+1) * s/n + 1/(n+1) = (s + 1) / (n + 1), for losses of at most 1 that are monotone along the path.

    Args:
        lost: sum of the losses, 0..samples.
        samples: their number; 0 gives 1, the largest loss.
    """
    return (lost + 1) / (samples + 1)


def needed_samples(budget: float, delta: float) -> int | None:
    """Fewest samples that certify a budget with probability 1 - delta if none of them is lost.

    Args:
        budget: the largest risk allowed, a fraction.
        delta: 0 < delta < 1.
    Returns:
        n, the smallest with p_value(0, n, budget) <= delta: about ln(1/delta) / budget; None for budget 0.
    """
    if budget <= 0:
        return None
    if budget >= 1:
        return 0
    needed = max(0, math.ceil(math.log(delta) / math.log1p(-budget)))
    # The quotient may be a rounding error away from an integer; the test itself decides.
    while needed > 0 and p_value(0, needed - 1, budget) <= delta:
        needed -= 1
    while p_value(0, needed, budget) > delta:
        needed += 1
    return needed


def needed_for_mean(budget: float) -> int | None:
    """Fewest samples with which conformal risk control can keep a budget: 1 / (n + 1) <= budget.

    Args:
        budget: the largest mean risk allowed, a fraction.
    Returns:
        n, or None for budget 0.
    """
    if budget <= 0:
        return None
    needed = max(0, math.ceil(1 / budget) - 2)
    while corrected_mean(0, needed) > budget:
        needed += 1
    return needed
