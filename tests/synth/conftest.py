"""A small pipeline in RTL as it lies in a firmware tree, and what Yosys makes of it, once per session."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwgen.files import write_tree
from hwgen.synth import synthesise
from tests.networks import samples, tabular
from tests.trees import quantile_calibration, recipe_for

FIRMWARE = "ab" * 32
SLOTS = 16
POLICIES = 8
TAG_BITS = 16


def pipeline_files() -> dict[str, bytes]:
    """Two tiny stages, eight policies, a feature buffer of 16 slots."""
    from hwgen.rtl.pipeline import PipelinePlan
    from hwgen.rtl.tree import plan_rtl

    network = tabular(stages=2, width=3)
    quantiles = tuple((index + 1) / (POLICIES + 1) for index in range(POLICIES))
    calibration = quantile_calibration(network, samples(network, 200), "logit_margin", quantiles=quantiles)
    loaded = recipe_for(
        network, rtl="da4ml", tag_bits=TAG_BITS, gating="clock", part="xczu3eg-sbva484-1-e", parity=False
    )
    plan = plan_rtl(loaded, network, calibration, FIRMWARE, {})
    assert isinstance(plan, PipelinePlan)
    files = dict(plan.files)
    top = files["rtl/hwgen_pipeline.sv"].decode()
    top, wider = re.subn(
        r"logic \[\d+:0\] stage1_slots_used", f"logic [{SLOTS.bit_length() - 1}:0] stage1_slots_used", top
    )
    top, deeper = re.subn(r"\.SLOTS\(\d+\)", f".SLOTS({SLOTS})", top)
    assert wider == deeper == 1
    files["rtl/hwgen_pipeline.sv"] = top.encode()
    return files


@dataclass(frozen=True)
class Tree:
    """An output folder with a firmware tree."""

    out: Path

    @property
    def firmware(self) -> Path:
        return self.out / "firmware"

    @property
    def pipeline(self) -> Path:
        return self.firmware / "pipeline"

    @property
    def results(self) -> Path:
        return self.out / "synthesis" / "yosys.json"

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        path = self.pipeline / name
        text = path.read_text()
        changed = change(text)
        assert changed != text
        path.write_text(changed)

    def synthesise(self, *names: str, **options: Any) -> dict[str, Any]:
        return synthesise(self.pipeline, self.out, "xcup", names, **options)


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree(tmp_path_factory.mktemp("planned"))
    write_tree(tree.pipeline, pipeline_files())
    manifest = {"inputs_sha256": FIRMWARE, "recipe": {"name": "small", "sha256": "0" * 64}, "pipeline": {}}
    (tree.firmware / "manifest.json").write_text(json.dumps(manifest))
    return tree


@pytest.fixture(scope="session")
def _synthesised(planned: Tree) -> Tree:
    planned.synthesise()
    return planned


@pytest.fixture
def fresh(planned: Tree, tmp_path: Path) -> Tree:
    """The tree alone, to change at will."""
    shutil.copytree(planned.firmware, tmp_path / "out" / "firmware")
    return Tree(tmp_path / "out")


@pytest.fixture
def known(_synthesised: Tree, tmp_path: Path) -> Tree:
    """The tree with all its results, to change at will."""
    shutil.copytree(_synthesised.out, tmp_path / "out")
    return Tree(tmp_path / "out")
