"""The four statistics of a learned gate in integers: p_max, H(p), p_1 - p_2, H(p^2 / sum p^2).

Source: Regol, Chataoui and Coates, "Jointly-learned exit and inference for a dynamic neural network: JEI-DNN",
ICLR 2024, arXiv 2310.09163. Entropies are in nats, all values in steps of 2^-Q, Q = 16.

With x_j = d_j * u / T, p_j = exp(-x_j) / s and s = sum_j exp(-x_j), an entropy is ln s + (sum_j x_j exp(-x_j)) / s,
and p^2 / sum p^2 is the same distribution with every x_j doubled. So two tables serve both entropies, read at d_j
and at 2 d_j:

    E[i] = ceil(2^Q * exp(-x)), G[i] = round(2^Q * x * exp(-x)),   x = i * 2^s * u / T,  i = min(d >> s, N - 1)

They end where E is 1 and G is 0, or at twice the widest difference; s is the smallest shift with N <= 2048. With
S, G_sum over d_j and S', G'_sum over 2 d_j, l about 2^Q * ln(S / 2^Q) of `log_table`, rounded down,
r = floor(2^(2Q) / S) and r' likewise:

    p_max          r                                    17 bits
    entropy        l(S) + (G_sum * r >> Q)              up to 21 bits at 1000 classes
    margin         (2^Q - E[d_(2)]) * r >> Q            17 bits
    power_entropy  l(S') + (G'_sum * r' >> Q)           as entropy

G_sum has Q - 1 + ceil(log2 K) bits, so its product with r has at most 42 at 1000 classes.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np

from hwgen.criteria.base import second_smallest
from hwgen.criteria.exp_table import FRACTION, MAX_ENTRIES
from hwgen.criteria.log_table import log_table
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray

NAMES = ("p_max", "entropy", "margin", "power_entropy")
_SILENT = Decimal("14.6")
"""From this x on 2^Q * x * exp(-x) rounds to 0, and E is 1."""
_DIGITS = 60


def _tables(logits: FixedPoint, temperature: float) -> tuple[int, IntArray, IntArray]:
    """s, E and G; decimal arithmetic makes them the same on every machine."""
    span = 2 * (logits.max_raw - logits.min_raw)
    with localcontext() as context:
        context.prec = _DIGITS
        step = Decimal(2) ** -logits.fraction / Decimal(temperature)
        needed = min(span, int((_SILENT / step).to_integral_value(ROUND_CEILING)))
        shift = 0
        while (last := min(-(-needed >> shift), span >> shift)) >= MAX_ENTRIES:
            shift += 1
        distances = [(i << shift) * step for i in range(last + 1)]
        weights = [2**FRACTION * (-x).exp() for x in distances]
        exp = [max(1, int(weight.to_integral_value(ROUND_CEILING))) for weight in weights]
        heat = [
            int((x * weight).to_integral_value(ROUND_HALF_EVEN))
            for x, weight in zip(distances, weights, strict=True)
        ]
    return shift, np.array(exp, dtype=np.int64), np.array(heat, dtype=np.int64)


class Statistics:
    """Tables and widths of one exit's statistics.

    Args:
        logits: format of the logits.
        classes: K.
        temperature: T.
    """

    def __init__(self, logits: FixedPoint, classes: int, temperature: float) -> None:
        self.logits = logits
        self.temperature = temperature
        self.sum_bits = (classes << FRACTION).bit_length()
        self.shift, self.exp, self.heat = _tables(logits, temperature)
        self.log = log_table(classes, FRACTION, Decimal(2**FRACTION), "down")
        self.heat_bits = (classes * int(self.heat.max())).bit_length() or 1
        # A mean of G / E is at most the largest of them.
        steepest = int(np.max(-(-(self.heat << FRACTION) // self.exp)))
        largest_log = int(self.log.look_up(np.array([classes << FRACTION]))[0])
        one = 1 << FRACTION
        self.largest: tuple[int, ...] = (one, largest_log + steepest, one, largest_log + steepest)
        """No statistic exceeds these; none is negative."""

    @property
    def entropy_bits(self) -> int:
        """Width of an entropy."""
        return self.largest[1].bit_length()

    def of(self, differences: IntArray) -> IntArray:
        """All four, int64 (n, 4), of the differences to the largest logit, int64 (n, K)."""
        entropy, reciprocal = self._entropy(differences)
        power_entropy, _ = self._entropy(2 * differences)
        apart = (1 << FRACTION) - self.exp[self._index(second_smallest(differences))]
        margin = apart * reciprocal >> FRACTION
        return np.column_stack([reciprocal, entropy, margin, power_entropy])

    def _index(self, differences: IntArray) -> IntArray:
        return np.minimum(differences >> self.shift, len(self.exp) - 1)

    def _entropy(self, differences: IntArray) -> tuple[IntArray, IntArray]:
        """Entropy and reciprocal of the sum, both int64 (n,)."""
        index = self._index(differences)
        total = self.exp[index].sum(axis=1)
        reciprocal = (1 << 2 * FRACTION) // total
        mean = self.heat[index].sum(axis=1) * reciprocal >> FRACTION
        return self.log.look_up(total) + mean, reciprocal

    def real(self, logits: FloatArray) -> FloatArray:
        """The float definition, float64 (n, 4), of real logits, float64 (n, K)."""
        x = (logits.max(axis=1, keepdims=True) - logits) / self.temperature
        weights = np.exp(-x)
        total = weights.sum(axis=1)
        second = np.partition(x, 1, axis=1)[:, 1]
        columns = [1 / total, _entropy(x), (1 - np.exp(-second)) / total, _entropy(2 * x)]
        return np.column_stack(columns)


def _entropy(x: FloatArray) -> FloatArray:
    weights = np.exp(-x)
    total = weights.sum(axis=1)
    entropy: FloatArray = np.log(total) + (x * weights).sum(axis=1) / total
    return entropy
