"""One criterion is one Python file, one C++ header and one row."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hwgen.criteria import get_criterion, names
from hwgen.errors import RecipeError
from hwgen.fixedpoint import FixedPoint
from hwgen.material import material


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(
        RecipeError, match=r"^exits.criterion: unknown criterion 'scroe'; did you mean 'score'\?$"
    ):
        get_criterion("scroe")
    with pytest.raises(
        RecipeError, match=r"^exits.abstain.criterion: unknown criterion 'xyz'; one of score, margin"
    ):
        get_criterion("xyz", "exits.abstain.criterion")


@pytest.mark.parametrize("name", names())
def test_header_list_is_what_the_headers_include(name: str) -> None:
    root = (material("firmware_templates") / "hls").resolve()
    criterion = get_criterion(name)
    found, waiting = [], [criterion.header]
    while waiting:
        header = waiting.pop()
        found.append(header)
        for included in re.findall(r'#include "([^"]+)"', (root / header).read_text()):
            path = ((root / header).parent / included).resolve()
            if path.is_file():
                waiting.append(path.relative_to(root).as_posix())
    assert set(found) == set(criterion.headers)
    assert f"struct {name} " in (root / criterion.header).read_text()


@pytest.mark.parametrize("name", names())
def test_the_manifest_is_enough_to_build_the_gate_again(name: str) -> None:
    gate = get_criterion(name).gate(FixedPoint(12, 5), 10, 0.7)
    manifest = gate.manifest()
    again = get_criterion(manifest["criterion"]).gate(
        FixedPoint(**manifest["logits"]), manifest["classes"], manifest["T"]
    )
    assert again.manifest() == manifest
    assert again.cpp_params() == gate.cpp_params()
    assert np.array_equal(again.table(), gate.table()) if gate.table() is not None else again.table() is None


def test_float_definitions() -> None:
    logits = np.array([[2.0, 0.0, 0.0], [1.0, 1.0, -3.0]])
    weights = np.exp(logits)
    p = weights / weights.sum(axis=1, keepdims=True)
    assert np.allclose(get_criterion("score").confidence(logits), p[:, 0])
    assert np.allclose(get_criterion("margin").confidence(logits), [p[0, 0] - p[0, 1], 0])
    assert np.allclose(get_criterion("logit_margin").confidence(logits), [2, 0])
    assert np.allclose(get_criterion("score").confidence(2 * logits, 2.0), p[:, 0])
