"""The handwritten digits that ship with scikit-learn: 1,797 images of 8x8 pixels, 0..16."""

from __future__ import annotations

from hwgen.data.dataset import Arrays
from hwgen.recipe import LoadedRecipe


def read_digits(_: LoadedRecipe) -> Arrays:
    """All samples, real values pixel/16; the test set is split off later."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return Arrays("data.source digits", digits.images, digits.target, scale=1 / 16)
