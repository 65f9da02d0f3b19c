"""A small job whose slow parts are stand-ins that count how often they are called.

Calibration and data are the real ones. Training gives a random network, the firmware is a few
files, and the simulation finds what the test asks for.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hwgen.firmware
import hwgen.report
import hwgen.rtl.tree
import hwgen.simulation
import hwgen.training
from hwgen.reference.storage import save_network
from hwgen.steps import Job, Listener, StepResult, open_job, run_verb
from tests.networks import tabular

RECIPE = """
name: example
data: {source: npz, path: my.npz, input: {bits: 8, integer: 2, signed: true}}
network:
  weights: {bits: 6, integer: 1}
  activations: {bits: 6, integer: 2}
  stages:
    - {layers: [{dense: 5}], exit: [{dense: classes}]}
    - {layers: [{dense: 5}], exit: [{dense: classes}]}
    - {layers: [{dense: 5}], exit: [{dense: classes}]}
"""


class Bench:
    """A recipe in a folder, and what happened to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe = folder / "example.yaml"
        self.recipe.write_text(RECIPE)
        self.out = folder / "out"
        self.calls: Counter[str] = Counter()
        self.lines: list[str] = []
        self.warnings: list[str] = []
        self.mismatches = 0
        self.failed_checks: list[str] = []
        generator = np.random.default_rng(3)
        arrays = {name: generator.normal(size=(n, 5)) for name, n in (("x_train", 150), ("x_test", 60))}
        labels = {name: np.arange(n) % 3 for name, n in (("y_train", 150), ("y_test", 60))}
        np.savez(folder / "my.npz", **arrays, **labels)

    def job(self, verb: str, *overrides: str, force: bool = False) -> Job:
        listener = Listener(self.lines.append, self.warnings.append)
        return open_job(
            self.recipe, verb=verb, overrides=overrides, out=self.out, force=force, listener=listener
        )

    def run(self, verb: str, *overrides: str, force: bool = False) -> dict[str, StepResult]:
        self.calls.clear()
        self.lines.clear()
        self.warnings.clear()
        results = run_verb(self.job(verb, *overrides, force=force), verb)
        return {result.step: result for result in results}

    def done(self, verb: str, *overrides: str, force: bool = False) -> list[str]:
        return [step for step, result in self.run(verb, *overrides, force=force).items() if result.done]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench(tmp_path)

    def train(loaded: Any, data: Any, folder: Path, progress: Callable[[str, int, int], None]) -> None:
        bench.calls["train"] += 1
        progress("training", 1, 1)
        save_network(tabular(loaded.recipe.seed), folder)
        (folder / "history.json").write_text("[]\n")

    def plan(loaded: Any, network: Any, calibration: Any, data: Any) -> tuple[dict[str, bytes], str]:
        bench.calls["generate"] += 1
        files = {"kernel/kernel.cpp": b"// kernel\n", "gate1/gate1.h": str(calibration.to_dict()).encode()}
        manifest = {
            "inputs_sha256": hwgen.firmware.firmware_key(loaded, network, calibration, data),
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        }
        return {**files, "manifest.json": json.dumps(manifest).encode()}, "no pipeline"

    def simulate(
        loaded: Any, network: Any, calibration: Any, data: Any, firmware: Path, out: Path, progress: Any
    ) -> Any:
        bench.calls["simulate"] += 1
        out.mkdir(exist_ok=True)
        found = {"features": 0, "logits": bench.mismatches, "class": 0, "exit": 0, "abstain": 0}
        if bench.mismatches:
            (out / "mismatches.json").write_text("[]")
        return {"mismatches": found, "by_block": [], "samples": len(data.test)}

    def report(*_: Any) -> list[str]:
        bench.calls["report"] += 1
        for name in ("report.json", "report.html", "junit.xml"):
            (bench.out / name).write_text("{}\n")
        return bench.failed_checks

    monkeypatch.setattr(hwgen.training, "train", train)
    monkeypatch.setattr(hwgen.rtl.tree, "plan_tree", plan)
    monkeypatch.setattr(hwgen.simulation, "simulate", simulate)
    monkeypatch.setattr(hwgen.report, "write_report", report)
    monkeypatch.setattr(hwgen.report, "summary", lambda _, where: f"report {where}")
    return bench
