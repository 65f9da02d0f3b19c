"""One criterion is one Python file, one C++ header and one row."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from hwgen.calibration import gate_from_manifest
from hwgen.criteria import ExitShape, Seen, get_criterion, names
from hwgen.errors import RecipeError
from hwgen.fixedpoint import FixedPoint
from hwgen.material import material
from tests.gates import example_gate, example_seen


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
    gate = example_gate(name, FixedPoint(12, 5), 10, 0.7)
    manifest = json.loads(json.dumps(gate.manifest()))
    again = gate_from_manifest(manifest)
    assert again.manifest() == gate.manifest()
    assert again.cpp_params() == gate.cpp_params()
    assert again.macs == gate.macs
    for table, value in gate.tables().items():
        assert np.array_equal(again.tables()[table].values, value.values)
    seen = example_seen(gate, np.random.default_rng(0).integers(-2048, 2048, (50, 10)))
    assert np.array_equal(again.critical_raw(seen), gate.critical_raw(seen))


@pytest.mark.parametrize("name", names())
def test_constants_fit_what_holds_them(name: str) -> None:
    gate = example_gate(name, FixedPoint(12, 5), 10)
    assert all(-(2**63) <= value < 2**63 for value in gate.cpp_params().values())
    assert 1 <= gate.threshold_bits <= 63
    for table in gate.tables().values():
        low, high = (
            (-(1 << table.bits - 1), (1 << table.bits - 1) - 1)
            if table.signed
            else (0, (1 << table.bits) - 1)
        )
        assert low <= table.values.min()
        assert table.values.max() <= high
    cost = gate.cost()
    assert cost.comparators >= 9
    assert (gate.macs > 0) <= (cost.serial_cycles > 0 or bool(cost.multipliers))


def test_float_definitions() -> None:
    fmt = FixedPoint(8, 4)
    seen = Seen(np.array([[32, 0, 0], [16, 16, -48]]))  # 2, 0, 0 and 1, 1, -3
    weights = np.exp(fmt.to_real(seen.logits))
    p = weights / weights.sum(axis=1, keepdims=True)

    def confidence(name: str, temperature: float = 1.0) -> np.ndarray:
        return get_criterion(name).gate(ExitShape(fmt, 3, temperature)).confidence(seen)

    assert np.allclose(confidence("score"), p[:, 0])
    assert np.allclose(confidence("margin"), [p[0, 0] - p[0, 1], 0])
    assert np.allclose(confidence("logit_margin"), [2, 0])
    assert np.allclose(confidence("score", 2.0)[0], np.exp(1) / (np.exp(1) + 2))
