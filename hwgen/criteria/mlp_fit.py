"""Trains a network of one hidden layer in NumPy to tell right from wrong, and rounds its weights.

Full-batch Adam (Kingma and Ba, ICLR 2015, arXiv 1412.6980) on the log likelihood with a quadratic penalty;
the seed fixes the first weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwgen.criteria.base import BoolArray
from hwgen.criteria.logistic import PENALTY, sigmoid
from hwgen.fixedpoint import FloatArray, IntArray

MAX_SAMPLES = 10_000
"""Most samples trained on; taken evenly."""
_STEPS = 800
_RATE = 0.03
_MOMENTS = (0.9, 0.99)
_LEAST = 2.0**-40
"""A neuron whose largest weight is smaller is cut."""


@dataclass(frozen=True)
class Mlp:
    """log odds = max(0, x . hidden + hidden_bias) . output + bias.

    Args:
        hidden: float64 (F, H).
        hidden_bias: float64 (H,).
        output: float64 (H,).
        bias: of the output.
    """

    hidden: FloatArray
    hidden_bias: FloatArray
    output: FloatArray
    bias: float


def train_mlp(features: FloatArray, right: BoolArray, hidden: int, seed: int) -> Mlp:
    """Fits on at most `MAX_SAMPLES` samples.

    Args:
        features: float64 (n, F), shares of a whole.
        right: bool (n,).
        hidden: neurons, H.
        seed: of the first weights.
    """
    step = -(-len(features) // MAX_SAMPLES)
    x, target = features[::step], right[::step].astype(np.float64)
    count, size = x.shape
    rng = np.random.default_rng(seed)
    values = [
        2 * rng.standard_normal((size, hidden)),
        0.5 * rng.standard_normal(hidden),
        0.5 * rng.standard_normal(hidden),
        np.zeros(1),
    ]
    first = [np.zeros_like(value) for value in values]
    second = [np.zeros_like(value) for value in values]
    for round_ in range(1, _STEPS + 1):
        sums = x @ values[0] + values[1]
        active = np.maximum(sums, 0.0)
        error = (sigmoid(active @ values[2] + values[3][0]) - target) / count
        back = np.outer(error, values[2]) * (sums > 0)
        slopes = [
            x.T @ back + PENALTY / count * values[0],
            back.sum(axis=0),
            active.T @ error + PENALTY / count * values[2],
            error.sum(keepdims=True),
        ]
        # The rate falls to zero along a cosine.
        rate = _RATE * 0.5 * (1 + math.cos(math.pi * round_ / _STEPS))
        for index, slope in enumerate(slopes):
            first[index] = _MOMENTS[0] * first[index] + (1 - _MOMENTS[0]) * slope
            second[index] = _MOMENTS[1] * second[index] + (1 - _MOMENTS[1]) * slope**2
            mean = first[index] / (1 - _MOMENTS[0] ** round_)
            spread = np.sqrt(second[index] / (1 - _MOMENTS[1] ** round_))
            values[index] = values[index] - rate * mean / (spread + 1e-12)
    return Mlp(values[0], values[1], values[2], float(values[3][0]))


def power_of_two(largest: float, limit: int) -> int:
    """The largest k with largest * 2^k <= limit, for largest > 0."""
    k = math.floor(math.log2(limit / largest))
    # The quotient of floats may have been rounded up to a power of two.
    return k if math.ldexp(largest, k) <= limit else k - 1


@dataclass(frozen=True)
class RoundedMlp:
    """The same in integers; see `hwgen.criteria.distribution_mlp`.

    Args:
        hidden: int64 (F, H).
        hidden_bias: int64 (H,).
        output: int64 (H,).
        scale: log odds are the integer output times 2^-scale, and the bias.
        bias: of the output, in log odds.
    """

    hidden: IntArray
    hidden_bias: IntArray
    output: IntArray
    scale: int
    bias: float


def round_mlp(mlp: Mlp, limit: int, fraction: int, dropped: int, bias_limit: int) -> RoundedMlp | None:
    """Rounds every neuron with a power of two of its own; the output layer takes these back.

    Args:
        mlp: as trained.
        limit: largest absolute weight.
        fraction: fraction bits of the inputs.
        dropped: low bits that leave a neuron's sum.
        bias_limit: largest absolute bias; a neuron with a larger one is always off, or always on, and then what
            is cut goes into the output's bias.
    Returns:
        None if every neuron is cut.
    """
    largest = np.abs(mlp.hidden).max(axis=0)
    kept = (largest > _LEAST) & (np.abs(mlp.output) > _LEAST)
    if not kept.any():
        return None
    up = np.array(
        [power_of_two(float(value), limit) if keep else 0 for value, keep in zip(largest, kept, strict=True)]
    )
    hidden = np.rint(np.where(kept, mlp.hidden * 2.0**up, 0.0)).astype(np.int64)
    bias = np.where(kept, mlp.hidden_bias * 2.0 ** (up + fraction), 0.0)
    hidden_bias = np.rint(np.clip(bias, -bias_limit, bias_limit)).astype(np.int64)
    cut = np.maximum(bias - bias_limit, 0.0) * 2.0 ** (-up - fraction)
    # A neuron's integer value times 2^(dropped - fraction - up) is its real one.
    output = np.where(kept, mlp.output * 2.0 ** (dropped - fraction - up), 0.0)
    scale = power_of_two(float(np.abs(output).max()), limit)
    whole = np.rint(output * 2.0**scale).astype(np.int64)
    return RoundedMlp(hidden, hidden_bias, whole, scale, mlp.bias + float(cut @ mlp.output))
