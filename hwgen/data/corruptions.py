"""Five seeded corruptions of images at five severities, on the grid of the input format.

After the pattern of Hendrycks and Dietterich (2019, arXiv 1903.12261), with formulas and severities of its
own that suit small images. An image is first brought to x = (value - low) / (high - low), where low and high
are the smallest and largest training value of its channel. The result is clipped to 0..1, brought back, rounded
half to even onto the grid and saturated. h, w: rows and columns of the image; p: the severity's parameter.

- `gaussian_noise`: x + p * g, g standard normal, the same g at all severities.
- `blur`: Gaussian filter of deviation 1/4 + p * min(h, w) pixels, cut at 3 deviations, the border repeated outside.
- `contrast`: m + p * (x - m), m the mean of the image's channel.
- `brightness`: x + p.
- `pixelate`: means over round(p * h) x round(p * w) cells; a pixel takes the mean of the cell its centre lies in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwgen.fixedpoint import FixedPoint, FloatArray, IntArray, quantise_real
from hwgen.recipe.schema import CORRUPTIONS, Corruption

SALT_CORRUPTION = 4
SEVERITIES = 5


def gaussian_noise(images: FloatArray, strength: float, seed: int) -> FloatArray:
    """Adds strength * g; g depends on the seed and the number of samples only."""
    drawn = np.random.default_rng([seed, SALT_CORRUPTION]).standard_normal(images.shape)
    return images + strength * drawn


def blur(images: FloatArray, strength: float, _: int) -> FloatArray:
    """Gaussian filter of deviation 1/4 + strength * min(h, w) pixels, along columns, then along rows."""
    deviation = 0.25 + strength * min(images.shape[1:3])
    reach = max(1, math.ceil(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pads = [(reach, reach) if other == axis else (0, 0) for other in range(4)]
        padded = np.pad(images, pads, mode="edge")
        images = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis=axis) @ weights
    return images


def contrast(images: FloatArray, strength: float, _: int) -> FloatArray:
    """Distances from the mean of each image and channel, times strength."""
    mean = images.mean(axis=(1, 2), keepdims=True)
    return np.asarray(mean + strength * (images - mean))


def brightness(images: FloatArray, strength: float, _: int) -> FloatArray:
    """Adds strength."""
    return images + strength


def pixelate(images: FloatArray, strength: float, _: int) -> FloatArray:
    """Means over a coarser grid; a pixel that cells share counts by the share of it in each."""
    rows, columns = (_coarse(size, strength) for size in images.shape[1:3])
    return np.asarray(np.einsum("ri,nijc,sj->nrsc", rows, images, columns, optimize=True))


def _coarse(size: int, strength: float) -> FloatArray:
    """float64 (size, size): weights of the pixels in the cell that each pixel's centre lies in."""
    cells = max(1, round(strength * size))
    edges = np.arange(cells + 1) * size / cells
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    means = np.maximum(overlap, 0) * cells / size
    return np.asarray(means[(2 * pixels + 1) * cells // (2 * size)])


@dataclass(frozen=True)
class Kind:
    """A corruption of images 0..1, and its parameter at each severity."""

    apply: Callable[[FloatArray, float, int], FloatArray]
    strengths: tuple[float, float, float, float, float]


KINDS: dict[Corruption, Kind] = {
    "gaussian_noise": Kind(gaussian_noise, (0.05, 0.1, 0.15, 0.2, 0.3)),
    "blur": Kind(blur, (0.01, 0.02, 0.03, 0.045, 0.06)),
    "contrast": Kind(contrast, (0.8, 0.6, 0.45, 0.3, 0.2)),
    "brightness": Kind(brightness, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "pixelate": Kind(pixelate, (0.8, 0.65, 0.5, 0.4, 0.3)),
}
"""By name, in the order of `CORRUPTIONS`."""


def corrupt(
    raw: IntArray,
    target: FixedPoint,
    low: IntArray,
    high: IntArray,
    name: Corruption,
    severity: int,
    seed: int,
) -> IntArray:
    """Corrupted copies of images.

    Args:
        raw: int64 (n, h, w, channels), raw values of `target`.
        target: the input format.
        low, high: int64 (channels,), smallest and largest raw value of each channel in training; a channel that
            is constant there stays as it is.
        name: one of `CORRUPTIONS`.
        severity: 1 to `SEVERITIES`.
        seed: the recipe's seed; only noise depends on it.
    Returns:
        int64 of the same shape, raw values of `target`.
    """
    kind = KINDS[name]
    origin, span = target.to_real(low), target.to_real(high - low)
    unit = (target.to_real(raw) - origin) / np.where(span > 0, span, 1.0)
    changed = np.clip(kind.apply(unit, kind.strengths[severity - 1], seed), 0.0, 1.0)
    result, _ = quantise_real(origin + changed * span, target)
    return np.where(span > 0, result, raw)


__all__ = ["CORRUPTIONS", "SEVERITIES", "corrupt"]
