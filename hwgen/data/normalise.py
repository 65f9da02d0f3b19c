"""Off-chip normalisation, fitted on training samples only, and the step onto the integer grid.

Statistics are per feature for tables and per channel for images (over all pixels).
`none`: values as they are. `minmax`: the training range becomes [0, 1], or [0, largest value of
the format] where that is below 1, so that no training sample saturates. `standard`: mean 0,
deviation 1. A feature that is constant in training becomes 0. Afterwards values round half to
even and saturate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwgen.data.dataset import AnyArray
from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray, quantise_real

_CHUNK = 4096


@dataclass(frozen=True)
class Normaliser:
    """The map `(x * scale - offset) * gain`, broadcast over the last axis."""

    scale: float
    offset: FloatArray
    gain: FloatArray

    def to_raw(self, samples: AnyArray, target: FixedPoint) -> tuple[IntArray, float]:
        """Raw integers of `target` and the share of values that saturated."""
        raw = np.empty(samples.shape, dtype=np.int64)
        clipped = 0
        for start in range(0, len(samples), _CHUNK):
            part = slice(start, start + _CHUNK)
            real = samples[part].astype(np.float64) * self.scale
            with np.errstate(over="ignore"):  # what overflows a float saturates like any large value
                raw[part], lost = quantise_real((real - self.offset) * self.gain, target)
            clipped += int(lost.sum())
        return raw, clipped / samples.size


def fit_normaliser(kind: str, train: AnyArray, scale: float, target: FixedPoint) -> Normaliser:
    """Fits the map on the training samples.

    Args:
        kind: none, minmax or standard.
        train: (n, features) or (n, height, width, channels).
        scale: factor from stored to real values.
        target: the input format.
    """
    if kind == "none":
        return Normaliser(scale, np.zeros(1), np.ones(1))
    axes = tuple(range(train.ndim - 1))
    if kind == "minmax":
        low = train.min(axis=axes).astype(np.float64) * scale
        spread = train.max(axis=axes).astype(np.float64) * scale - low
        return Normaliser(scale, low, min(1.0, target.max_real) * _inverse(spread))
    mean = train.mean(axis=axes, dtype=np.float64) * scale
    deviation = train.std(axis=axes, dtype=np.float64) * scale
    return Normaliser(scale, mean, _inverse(deviation))


def _inverse(values: FloatArray) -> FloatArray:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)
