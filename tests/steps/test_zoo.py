"""The trained networks of the zoo belong to the recipes beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.material import material
from hwgen.reference.storage import load_network
from hwgen.steps import open_job
from hwgen.steps.train import holds, train_key

TRAINED = sorted(path.parent for path in material("models").glob("*/stamp.json"))


def test_there_is_one() -> None:
    assert [folder.name for folder in TRAINED] == ["fashion_mnist"]


@pytest.mark.fashion_mnist
@pytest.mark.parametrize("folder", TRAINED, ids=lambda folder: folder.name)
def test_a_run_uses_it_instead_of_training(folder: Path) -> None:
    job = open_job(folder.with_suffix(".yaml"), verb="train")
    assert holds(folder, train_key(job))
    network = load_network(folder)
    assert network.source.shape == job.data.shape
    assert network.source.format == job.data.format
    assert network.classes == job.data.classes
