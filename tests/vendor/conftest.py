"""A firmware tree, mock tools on PATH, and the command line around them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwgen.files import write_tree
from hwgen.vendor import tools
from tests.cli.conftest import Answer, Hwgen, hwgen
from tests.mock_commands.install import Mocks
from tests.networks import tabular
from tests.trees import make_tree

__all__ = ["hwgen"]
PART = "xczu3eg-sbva484-1-e"
RECIPE = f"""\
name: small
data: {{source: digits}}
network:
  stages:
    - {{layers: [{{dense: 4}}], exit: [{{dense: classes}}]}}
    - {{layers: [{{dense: 4}}], exit: [{{dense: classes}}]}}
firmware: {{part: {PART}}}
"""


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Backend -> a tree of two stages."""
    found = {}
    for backend in ("Vitis", "Vivado"):
        found[backend] = tmp_path_factory.mktemp(backend) / "firmware"
        files = make_tree(tabular(stages=2), "logit_margin", part=PART, backend=backend).files
        write_tree(found[backend], files)
    return found


@pytest.fixture
def mocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mocks:
    """Nothing but these and the system's own programs is on PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in (*tools.OVERRIDES.values(), *tools.INSTALLATIONS):
        monkeypatch.delenv(name, raising=False)
    tools._version_of.cache_clear()
    return Mocks(folder)


@dataclass(frozen=True)
class Desk:
    """An output folder with a tree, and `hwgen synth` on it."""

    hwgen: Hwgen
    recipe: Path
    out: Path
    mocks: Mocks

    @property
    def firmware(self) -> Path:
        return self.out / "firmware"

    @property
    def results(self) -> Path:
        return self.out / "synthesis" / "vendor.json"

    @property
    def work(self) -> Path:
        return self.out / "synthesis" / "vendor"

    def synth(self, tool: str, *options: object) -> Answer:
        return self.hwgen("synth", self.recipe, "--tool", tool, "--out", self.out, *options)

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.results.read_text())
        return found

    def ran(self) -> list[tuple[str, str]]:
        """(block, step) of every call since the last time, and forgets them."""
        found = []
        for call in self.mocks.calls():
            told = call["environment"]
            if "HWGEN_STEPS" in told:
                found.append((told.get("HWGEN_BLOCK", "pipeline"), told["HWGEN_STEPS"]))
            else:
                flags = {"--csim": "csim", "--cosim": "cosim", "--package": "export", "-c": "csynth"}
                step = next(step for flag, step in flags.items() if flag in call["arguments"])
                found.append((Path(call["arguments"][-1]).name, step))
        self.mocks.forget()
        return found


@pytest.fixture
def desk(tmp_path: Path, trees: dict[str, Path], mocks: Mocks, hwgen: Hwgen) -> Callable[[str], Desk]:
    def make(backend: str = "Vitis") -> Desk:
        recipe = tmp_path / "small.yaml"
        recipe.write_text(RECIPE.replace("part:", f"backend: {backend}, part:"))
        shutil.copytree(trees[backend], tmp_path / "out" / "firmware")
        return Desk(hwgen, recipe, tmp_path / "out", mocks)

    return make
