"""Adding a criterion touches one Python file, one header and one row of the registry, nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hwgen.criteria import Cost, Criterion, ExitShape, Gate, Seen, get_criterion, registry
from hwgen.criteria.base import BoolArray
from hwgen.firmware import templates
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.material import material
from hwgen.recipe.layers import Strict
from hwgen.simulation.compare import add_up
from hwgen.simulation.simulate import Simulation
from tests.networks import images
from tests.trees import make_tree

pytestmark = pytest.mark.gxx


class SpreadGate(Gate):
    """Leave iff z_max - z_min >= raw, in LSBs."""

    stricter_up = True

    def __init__(self, criterion: Criterion, shape: ExitShape) -> None:
        super().__init__(criterion, shape, shape.logits.width)

    def _terms(self, seen: Seen) -> IntArray:
        return self._differences(seen.logits).max(axis=1)

    def _round(self, real: Fraction) -> int:
        return -int(-real // Fraction(self.logits.lsb))

    def to_real(self, raw: int) -> float:
        return self._check_raw(raw) * self.logits.lsb

    def critical_raw(self, seen: Seen) -> IntArray:
        return self._terms(seen)

    def leaves(self, seen: Seen, raw: int) -> BoolArray:
        return self._terms(seen) >= self._check_raw(raw)

    def confidence(self, seen: Seen) -> FloatArray:
        return self._terms(seen) * self.logits.lsb

    def cost(self) -> Cost:
        return Cost(comparators=2 * self.classes, adders=1)


class Spread(Criterion):
    name = "spread"
    headers = ("argmax.h", "criteria/spread.h")
    summary = "largest minus smallest logit"

    def gate(
        self, shape: ExitShape, settings: Strict | None = None, parameters: Mapping[str, Any] | None = None
    ) -> SpreadGate:
        return SpreadGate(self, shape)


HEADER = """
#ifndef HWGEN_SPREAD_H_
#define HWGEN_SPREAD_H_
#include "../argmax.h"
namespace hwgen {
template <class CONFIG> struct spread {
    struct state { ap_uint<CONFIG::logit_bits> farthest; };
    static void start(state &s) { s.farthest = 0; }
    static void add(state &s, unsigned, const typename CONFIG::logit_t &,
                    const ap_uint<CONFIG::logit_bits> &distance) {
        if (distance > s.farthest)
            s.farthest = distance;
    }
    static bool leaves(const state &s, const leader<typename CONFIG::logit_t> &,
                       typename CONFIG::threshold_t threshold) {
        return s.farthest >= threshold;
    }
};
}
#endif
"""


def test_one_file_one_header_and_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(material("firmware_templates"), tmp_path / "firmware_templates")
    (tmp_path / "firmware_templates" / "hls" / "criteria" / "spread.h").write_text(HEADER)
    monkeypatch.setattr(registry, "CRITERIA", (*registry.CRITERIA, Spread()))
    monkeypatch.setattr(templates, "material", lambda name: tmp_path / name)
    assert get_criterion("spread").name == "spread"
    for form in ("parallel", "serial"):
        tree = make_tree(images(), criterion="spread", abstain=True, gate=form)
        assert "include/hwgen/criteria/spread.h" in tree.files
        folder = tmp_path / form
        tree.write(folder / "firmware")
        raw = tree.data.test.raw
        simulation = Simulation(
            tree.network,
            tree.calibration,
            raw,
            folder / "firmware",
            folder / "build",
            lambda *_: None,
            "fast",
        )
        simulation.firmware.build()
        simulation.stages()
        simulation.gates()
        runs = simulation.kernel()
        assert not any(add_up(simulation.comparisons).values())
        assert 0 < runs[1] < runs[0], "the gate decides something"
