"""A recipe and a network small enough to be explored within a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwgen.criteria import ExitShape, get_criterion
from hwgen.explore import Request
from hwgen.fixedpoint import FixedPoint
from hwgen.recipe.load import load_recipe
from hwgen.reference.network import IntegerNetwork, Tensor
from tests.networks import Builder, assemble

RECIPE = """
name: example
data: {source: digits}
network:
  stages:
    - {layers: [{conv: 4}], exit: [{flatten}, {dense: classes}]}
    - {layers: [{conv: 8}], exit: [{flatten}, {dense: classes}]}
"""
BUDGET = np.array([60000.0, 100000.0, 150.0, 200.0])
SHARES = [0.8, 0.2]


def network() -> IntegerNetwork:
    """A small first stage and a large second one."""
    make = Builder(1, weights=FixedPoint(8, 1), activations=FixedPoint(8, 2, False))
    first = [make.conv(1, 4), make.relu(), make.pool()]
    second = [make.conv(4, 16), make.relu(), make.conv(16, 16), make.relu()]
    return assemble(
        Tensor((8, 8, 1), FixedPoint(8, 0, False)),
        [
            (first, [make.flatten(), make.dense(64, 4)]),
            (second, [make.flatten(), make.dense(256, 4)]),
        ],
    )


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Request]:
    """A request; keywords replace its fields, `overrides` values of the recipe."""
    path = tmp_path / "example.yaml"
    path.write_text(RECIPE)

    def request(*overrides: str, **changes: Any) -> Request:
        chosen = network()
        gates = [
            get_criterion("score").gate(ExitShape(stage.logits.format, chosen.classes))
            for stage in chosen.stages
        ]
        # Exactly these shares: whichever stage is the slowest, the averages are those of the sequence.
        exits = np.random.default_rng(0).permutation(
            np.repeat([0, 1], [round(400 * share) for share in SHARES])
        )
        loaded = load_recipe(path, overrides)
        found = Request(loaded, chosen, [*gates[:-1], None], 1.0, SHARES, exits, BUDGET, 0.0)
        return replace(found, **changes)

    return request
