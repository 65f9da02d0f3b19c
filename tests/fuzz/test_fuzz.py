"""A handful of drawn networks, every seed that once failed, and damages that the comparison must see."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hwgen.criteria import names
from hwgen.simulation.types import TYPES, Types
from tests.fast_types.test_mutants import MUTANTS
from tests.fuzz import regressions
from tests.fuzz.draw import GENERATOR, draw
from tests.fuzz.fill import draw_samples
from tests.fuzz.recipe import document, python_network
from tests.fuzz.run import Check, Outcome

pytestmark = [pytest.mark.gxx, pytest.mark.tensorflow, pytest.mark.xdist_group("fuzz")]
FAST = Path(__file__).resolve().parents[2] / "sim" / "csim" / "fast_types"
DAMAGED = 26
"""The seed whose tree and headers are damaged: one stage, pool and convolution, its exit may abstain."""


def agreed(outcome: Outcome) -> None:
    assert outcome.verdict == "agreed", "\n".join(outcome.lines)
    assert outcome.qkeras


def test_equal_seeds_draw_equal_cases() -> None:
    for seed in range(200):
        first, second = draw(seed), draw(seed)
        assert document(first, {}) == document(second, {})
        assert python_network(first) == python_network(second)
        assert np.array_equal(draw_samples(first.source, 12, seed), draw_samples(second.source, 12, seed))


def test_what_is_drawn() -> None:
    """Every kind of layer, both io types, all criteria, signed and unsigned inputs occur."""
    cases = [draw(seed) for seed in range(300)]
    blocks = [block for case in cases for pair in case.stages for part in pair for block in part]
    kinds = {"conv", "depthwise", "separable", "dense", "pool", "flatten", "dropout"}
    assert {block.kind for block in blocks} == kinds
    assert {block.activation[0] for block in blocks if block.activation} == {"relu", "linear"}
    assert {block.padding for block in blocks} == {"same", "valid"}
    assert {len(case.stages) for case in cases} == {1, 2, 3}
    assert {name for case in cases for name in case.criteria} == set(names())
    assert len({(case.io, case.backend, case.python, case.signed) for case in cases}) == 16
    assert {case.classes for case in cases} == set(range(2, 13))


@pytest.mark.parametrize("seed", [63, 81])
def test_drawn_networks(seed: int, tmp_path: Path) -> None:
    """A layer list of two stages and a Python network, parallel and stream, Vivado and Vitis."""
    agreed(Check(draw(seed), tmp_path).run())


@pytest.mark.parametrize("row", regressions.read(), ids=lambda row: str(row.seed))
def test_regressions(row: regressions.Regression, tmp_path: Path) -> None:
    assert row.generator == GENERATOR, (
        f"seed {row.seed} was drawn by generator {row.generator}: write its network down as a test of its own"
    )
    outcome = Check(draw(row.seed), tmp_path).run()
    assert outcome.verdict in ("agreed", "refused"), "\n".join(outcome.lines)


def change_a_weight(tree: Path) -> None:
    """Negates the largest bias of the exit; weight texts and headers alike, so that only results can tell."""
    path = max((tree / "stage1/firmware/weights").glob("b*.txt"), key=lambda path: int(path.stem[1:]))
    text = path.read_text()
    largest = max(re.findall(r"-?\d+\.\d+", text), key=lambda word: abs(float(word)))
    for file in (path, path.with_suffix(".h")):
        file.write_text(file.read_text().replace(largest, str(-float(largest)), 1))


@dataclass(frozen=True)
class Elsewhere(Types):
    """Types from a folder of the test."""

    folder: str = ""

    def include(self, stage: str) -> str:
        return self.folder


def test_damages_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A weight of the tree, then a line of the fast types; the undamaged network agrees."""
    case = draw(DAMAGED)
    folders = [tmp_path / name for name in ("whole", "weight", "header")]
    for folder in folders:
        folder.mkdir()
    agreed(Check(case, folders[0], ("fast",)).run())

    shutil.copytree(folders[0] / "fast" / "objects", folders[1] / "fast" / "objects")
    outcome = Check(case, folders[1], ("fast",), edit=change_a_weight).run()
    assert outcome.verdict == "failed"
    assert any("fast types: stage1 logits: sample 0" in line for line in outcome.lines)
    assert any(re.match(r"stage1 exit1_\w+: sample 0, index", line) for line in outcome.lines)

    mutant = MUTANTS["saturates one below the end"]
    copy = tmp_path / "fast_types"
    shutil.copytree(FAST, copy)
    text = (copy / mutant.file).read_text()
    assert mutant.old in text
    (copy / mutant.file).write_text(text.replace(mutant.old, mutant.new))
    damaged = Elsewhere("fast", TYPES["fast"].flags, str(copy))
    monkeypatch.setitem(TYPES, "fast", damaged)
    outcome = Check(case, folders[2], ("fast",)).run()
    assert outcome.verdict == "failed"
    assert any("fast types" in line for line in outcome.lines)
