"""Small random data and recipes for training tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.data import DataSet, Split
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate

pytestmark = pytest.mark.tensorflow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.tensorflow)


def make_data(shape: tuple[int, ...], classes: int, count: int = 128, width: int = 8) -> DataSet:
    """Separable classes: each class has its own pattern, plus noise."""
    rng = np.random.default_rng(0)
    fmt = FixedPoint(width, 0, signed=False)
    labels = np.arange(count) % classes
    patterns = rng.integers(0, fmt.max_raw + 1, (classes, *shape))
    noise = rng.integers(0, fmt.max_raw // 4 + 1, (count, *shape))
    split = Split((3 * patterns[labels] // 4 + noise).astype(np.int64), labels.astype(np.int64))
    return DataSet("npz", classes, None, shape, fmt, split, split, split, None, {}, [], "0")


@pytest.fixture
def images() -> DataSet:
    return make_data((6, 6, 2), 3)


@pytest.fixture
def table() -> DataSet:
    return make_data((7,), 4)


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., LoadedRecipe]:
    """A recipe with the given stages (or network section) and training section."""

    def build(stages: list[dict[str, Any]] | None = None, **sections: Any) -> LoadedRecipe:
        network = {"weights": {"bits": 6, "integer": 1}, "activations": {"bits": 6, "integer": 2}}
        network |= sections.pop("network", {})
        if stages is not None:
            network["stages"] = stages
        training = {"epochs": 2, "batch": 16, "learning_rate": 0.01} | sections.pop("training", {})
        document = {"name": "small", "data": {"source": "digits"}, "network": network, "training": training}
        return LoadedRecipe(validate({**document, **sections}), tmp_path)

    return build


CONV = [
    {
        "layers": [{"conv": 4, "kernel": 3, "batch_norm": True}, {"pool": 2}],
        "exit": ["flatten", {"dense": "classes"}],
    },
    {
        "layers": [
            {"depthwise": 3, "batch_norm": True},
            {"separable": 5, "batch_norm": True},
            {"dropout": 0.1},
        ],
        "exit": ["flatten", {"dense": 6, "batch_norm": True}, {"dense": "classes"}],
    },
]
DENSE = [
    {"layers": [{"dense": 8}], "exit": [{"dense": "classes"}]},
    {"layers": [{"dense": 8, "batch_norm": True}, {"dense": 6}], "exit": [{"dense": "classes"}]},
]
