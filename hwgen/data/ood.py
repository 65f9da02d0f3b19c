"""Built-in sets of samples that belong to no class of the data, brought to its shape and range."""

from __future__ import annotations

import numpy as np

from hwgen.data.dataset import AnyArray
from hwgen.data.digits import digit_images
from hwgen.data.fashion_mnist import fashion_images
from hwgen.errors import DataError
from hwgen.fixedpoint import FloatArray

SALT_OOD = 3
MOST_SAMPLES = 10_000
"""Noise has as many samples as the test split, but no more than this."""
_DIGITS, _FASHION = (8, 8), (28, 28)


def built_in_ood(name: str, train: AnyArray, samples: int, seed: int) -> FloatArray:
    """Samples of a built-in set in the units of the data.

    The smallest value of the set becomes the smallest training value of each feature (tables) or channel
    (images), its largest the largest. Grey images serve colour data with equal channels.

    Args:
        name: `digits` (all 1,797 images), `fashion_mnist` (its 10,000 test images), or `noise`, uniform and
            independent in every value.
        train: (n, features) or (n, height, width, channels), the training samples as they are stored.
        samples: how many samples of noise.
        seed: the recipe's seed; for noise.
    Returns:
        float64 (m, *shape of a training sample).
    Raises:
        DataError: the images cannot be brought to the shape of the data.
        ToolMissing: the set is not on this machine.
    """
    shape = train.shape[1:]
    if name == "noise":
        unit: FloatArray = np.random.default_rng([seed, SALT_OOD]).random(
            (min(samples, MOST_SAMPLES), *shape)
        )
    else:
        unit = _images(name, shape)
    axes = tuple(range(train.ndim - 1))
    low, high = train.min(axis=axes).astype(np.float64), train.max(axis=axes).astype(np.float64)
    return low + unit * (high - low)


def _images(name: str, shape: tuple[int, ...]) -> FloatArray:
    """Images of values 0..1, float64 (n, *shape)."""
    own = _DIGITS if name == "digits" else _FASHION
    if len(shape) != 3 or shape[:2] not in (_DIGITS, _FASHION):
        raise DataError(
            f"data.ood {name}",
            f"its images have shape {own}, the samples of the data {shape}, and only 8x8 and 28x28 are brought "
            "to each other",
            "use data.ood: noise, or source: npz with an array x_ood of the same shape",
        )
    where = f"data.ood {name}"
    images = digit_images(where) / 16 if name == "digits" else fashion_images(where).astype(np.float64) / 255
    if shape[:2] != own:
        images = enlarge(images) if own == _DIGITS else shrink(images)
    return np.repeat(images[..., np.newaxis], shape[2], axis=3)


def enlarge(images: FloatArray) -> FloatArray:
    """(n, 8, 8) to (n, 28, 28): every pixel three times in both directions, and a border of 2 pixels of 0."""
    return np.pad(images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))


def shrink(images: FloatArray) -> FloatArray:
    """(n, 28, 28) to (n, 8, 8): the inner 24x24 pixels, averaged over 3x3."""
    inner = images[:, 2:-2, 2:-2]
    return np.asarray(inner.reshape(len(inner), 8, 3, 8, 3).mean(axis=(2, 4)))
