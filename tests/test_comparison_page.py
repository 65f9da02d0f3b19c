"""The page that compares criteria shows the results that are kept."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hwgen.compare.variants import variants
from hwgen.recipe.schema import Exits

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def comparison() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("comparison")


def test_the_page_shows_the_results(comparison: ModuleType) -> None:
    """If this fails: python benchmarks/comparison.py."""
    results = comparison.json.loads(comparison.RESULTS.read_text())
    page = comparison.PAGE.read_text()
    assert comparison.with_table(page, comparison.table(results)) == page
    assert [cell["variant"] for cell in results["cells"] if cell["method"] == "joint"] == [
        variant.label for variant in variants(Exits())
    ]


def test_the_most_saved_keeps_to_its_limit(comparison: ModuleType) -> None:
    policies = [
        {"mac_reduction": reduction, "dynamic_accuracy": accuracy}
        for reduction, accuracy in ((0.5, 0.92), (0.7, 0.918), (0.9, 0.91))
    ]
    found = [comparison.most_saved({"policies": policies}, 0.92, limit) for limit in (0.1, 0.2, 1.0)]
    assert found == [0.5, 0.7, 0.9]
    assert comparison.most_saved({"policies": policies}, 0.94, 0.5) is None
