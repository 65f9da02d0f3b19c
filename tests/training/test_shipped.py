"""The trained networks that come with recipes are whole and do what QKeras does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen.material import material
from hwgen.recipe import load_recipe
from hwgen.reference.executor import execute
from hwgen.training import load_trained, qkeras_values

SHIPPED = sorted(path.parent for path in material("models").glob("*/network.json"))


def test_fashion_mnist_is_shipped() -> None:
    assert "fashion_mnist" in {folder.name for folder in SHIPPED}


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_float_weights_give_the_integers_and_qkeras_agrees(folder: Path) -> None:
    trained = load_trained(load_recipe(folder.with_suffix(".yaml")), folder)
    source = trained.network.source
    raw = np.random.default_rng(0).integers(0, source.format.max_raw + 1, (40, *source.shape))
    for ours, theirs in zip(execute(trained.network, raw), qkeras_values(trained.keras, raw), strict=True):
        assert np.array_equal(ours.features, theirs.features)
        assert np.array_equal(ours.logits, theirs.logits)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_provenance_is_written_down(folder: Path) -> None:
    text = (folder / "PROVENANCE.md").read_text()
    assert all(word in text for word in ("seed", "versions", f"hwgen train models/{folder.name}.yaml"))
