"""The handwritten digits that ship with scikit-learn: 1,797 images of 8x8 pixels, 0..16."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from hwgen.data.dataset import Arrays
from hwgen.errors import ToolMissing
from hwgen.fixedpoint import FloatArray
from hwgen.recipe import LoadedRecipe

_FILE = Path("datasets", "data", "digits.csv.gz")


def read_digits(_: LoadedRecipe) -> Arrays:
    """All samples, real values pixel/16; the test set is split off later.

    Raises:
        ToolMissing: scikit-learn is not installed.
    """
    where = "data.source digits"
    table = _table(where)
    return Arrays(where, table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(np.int64), scale=1 / 16)


def digit_images(where: str) -> FloatArray:
    """All images, float64 (1797, 8, 8), pixels 0..16.

    Args:
        where: the key of the recipe that asks for them, for the message.
    Raises:
        ToolMissing: scikit-learn is not installed.
    """
    return _table(where)[:, :-1].reshape(-1, 8, 8)


def _table(where: str) -> FloatArray:
    # The file itself, not load_digits(): importing scikit-learn takes longer than a resumed run.
    found = importlib.util.find_spec("sklearn")
    path = Path(found.origin).parent / _FILE if found is not None and found.origin else None
    if path is None or not path.is_file():
        raise ToolMissing(where, "scikit-learn's digits are not there", "pip install scikit-learn")
    return np.loadtxt(path, delimiter=",", dtype=np.float64)
