"""One temperature per exit: the one with the smallest negative log likelihood (Guo et al., arXiv 1706.04599).

It divides the logits before the softmax. In hardware it is folded into the exponential table and costs
nothing; the class does not change.
"""

from __future__ import annotations

import math

import numpy as np

from hwgen.criteria.base import TEMPERATURES
from hwgen.fixedpoint import FloatArray, IntArray

_ROUNDS = 60
"""Golden-section steps: far below the four digits kept."""
_GOLDEN = (math.sqrt(5) - 1) / 2


def negative_log_likelihood(logits: FloatArray, labels: IntArray, temperature: float) -> float:
    """Mean over the samples, in nats.

    Args:
        logits: float64 (n, K), real values.
        labels: int64 (n,).
        temperature: divides the logits.
    """
    scaled = logits / temperature
    top = scaled.max(axis=1)
    total = np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
    return float((total - scaled[np.arange(len(labels)), labels]).mean())


def fit_temperature(logits: FloatArray, labels: IntArray) -> float:
    """The best temperature, to four digits, within `TEMPERATURES`; 1 if the logits say nothing.

    The likelihood has one maximum in 1/T, so a golden-section search finds it. At a bound (all answers
    right and the logits small, or answers no better than chance) the bound is returned.

    Args:
        logits: float64 (n, K), real values.
        labels: int64 (n,).
    """
    if not len(labels) or np.ptp(logits, axis=1).max() == 0:
        return 1.0
    low, high = math.log(TEMPERATURES[0]), math.log(TEMPERATURES[1])

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(logits, labels, math.exp(log_temperature))

    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    values = [loss(point) for point in inner]
    for _ in range(_ROUNDS):
        if values[0] <= values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - _GOLDEN * (high - low)
            values[0] = loss(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + _GOLDEN * (high - low)
            values[1] = loss(inner[1])
    found = float(f"{math.exp((low + high) / 2):.4g}")
    return min(max(found, TEMPERATURES[0]), TEMPERATURES[1])
