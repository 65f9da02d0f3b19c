"""The family of static networks: prefixes of the backbone, scaled, one exit each."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from hwgen.recipe import LoadedRecipe
from hwgen.reference.network import Tensor
from hwgen.training import build_network
from tests.training.conftest import CONV, make_data


@pytest.fixture
def static_family(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "static_family.py"
    spec = importlib.util.spec_from_file_location("static_family", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "static_family", module)
    spec.loader.exec_module(module)
    return module


def test_members(static_family: ModuleType, recipe: Callable[..., LoadedRecipe]) -> None:
    loaded = recipe(CONV, training={"loss_weights": [0.5, 1]})
    members = {name: found for name, _, _, found in static_family.family(loaded)}
    assert list(members)[:2] == ["depth2_width1", "depth2_width0.75"]
    assert len(members) == 8
    (stage,) = members["depth2_width0.5"].recipe.network.stages
    assert [getattr(layer, "conv", None) or getattr(layer, "separable", None) for layer in stage.layers] == [
        2, None, None, 2, None,
    ]  # fmt: skip
    assert [getattr(layer, "dense", None) for layer in stage.exit] == [None, 3, "classes"]
    data = make_data((6, 6, 2), 3)
    source = Tensor(data.shape, data.format)
    full = build_network(loaded, source, 3).export()
    alone = build_network(members["depth2_width1"], source, 3).export()
    assert alone.static_macs == full.static_macs
