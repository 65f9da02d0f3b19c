"""A case to report on: a small random network, data, calibration and simulation results, nothing trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import Calibration, calibrate, embedding_exits
from hwgen.criteria import observe
from hwgen.data import DataSet, Split
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate
from hwgen.reference.executor import classify, execute
from hwgen.reference.network import IntegerNetwork
from hwgen.report.build import build_report
from hwgen.report.evaluate import evaluate
from hwgen.report.write import report_files
from tests import networks

KEYS = ("features", "logits", "class", "exit", "abstain")
VERSIONS = {"hwgen": "1.2.3", "numpy": "2.0"}


@dataclass(frozen=True)
class Case:
    """Everything a report is made of."""

    loaded: LoadedRecipe
    data: DataSet
    network: IntegerNetwork
    calibration: Calibration
    simulation: dict[str, Any]

    @cached_property
    def files(self) -> dict[str, str]:
        return report_files(
            self.loaded, self.data, self.network, self.calibration, self.simulation, VERSIONS
        )[1]

    @cached_property
    def report(self) -> dict[str, Any]:
        temperature = self.loaded.recipe.exits.temperature
        evaluation = evaluate(self.network, self.calibration, self.data, temperature)
        return build_report(self.loaded, self.data, evaluation, self.simulation, VERSIONS)

    def changed(self, simulation: dict[str, Any] | None = None, **checks: float) -> Case:
        """The same case with other simulation results or other checks in the recipe."""
        recipe = self.loaded.recipe
        document = recipe.model_dump(mode="json", exclude_none=True) | {"checks": checks or {}}
        for stage in document["network"]["stages"]:
            stage["exit"] = [entry or {"flatten": None} for entry in stage["exit"]]
        loaded = LoadedRecipe(validate(document), self.loaded.folder)
        return replace(self, loaded=loaded, simulation=self.simulation | (simulation or {}))


def split(network: IntegerNetwork, count: int, seed: int, noise: float) -> Split:
    """Random samples; labels follow the last exit, except for a share `noise` of them."""
    raw = networks.samples(network, count, seed)
    labels = classify(execute(network, raw)[-1].logits)
    rng = np.random.default_rng(seed)
    other = rng.random(count) < noise
    labels[other] = rng.integers(0, network.classes, int(other.sum()))
    labels[: network.classes] = np.arange(network.classes)
    return Split(raw, labels)


def build(
    network: IntegerNetwork,
    *,
    tests: int = 300,
    names: list[str] | None = None,
    ood: bool = False,
    noise: float = 0.1,
    **sections: Any,
) -> Case:
    fmt = network.source.format
    data = DataSet(
        source="npz", classes=network.classes, class_names=names, shape=network.source.shape, format=fmt,
        train=split(network, 40, 1, noise), calibration=split(network, 250, 2, noise),
        test=split(network, tests, 3, noise), ood=networks.samples(network, 50, 4) if ood else None,
        clipped={"train": 0.01, "calibration": 0.0, "test": 0.02}, warnings=[], sha256="0" * 64,
    )  # fmt: skip
    stage = {"layers": [{"dense": 5}], "exit": [{"dense": "classes"}]}
    document = {
        "name": "made_up",
        "data": {"source": "npz", "path": "made_up.npz"},
        "network": {"stages": [stage] * len(network.stages)},
        "exits": {"budget": 1.0, "policies": [0, 2, 50]} | sections.pop("exits", {}),
        **sections,
    }
    loaded = LoadedRecipe(validate(document), Path())
    reading = embedding_exits(loaded.recipe.exits, len(network.stages))
    values = execute(network, data.calibration.raw, embeddings=reading)
    calibration = calibrate(network, values, data.calibration.labels, loaded.recipe.exits)
    test = execute(network, data.test.raw, embeddings=reading)
    taken = calibration.decide(observe(calibration.gates, test)).exit
    return Case(loaded, data, network, calibration, simulation_results(network, taken))


def simulation_results(network: IntegerNetwork, taken: np.ndarray, **changes: Any) -> dict[str, Any]:
    zero = dict.fromkeys(KEYS, 0)
    blocks = [*(stage.name for stage in network.stages), "kernel"]
    return {
        "types": "reference", "compiler": "g++ 12", "samples": len(taken), "mismatches": zero,
        "by_block": [{"block": name, "against": "reference", "mismatches": zero} for name in blocks],
        "qkeras": {"samples": len(taken), "mismatches": zero},
        "stage_runs": [int((taken >= k).sum()) for k in range(len(network.stages))],
        "seconds": 1.5, "compile_seconds": 2.5, "edited_files": [], **changes,
    }  # fmt: skip


LETTERS = [f"letter <{chr(ord('a') + k)}> & a long name" for k in range(26)]

CASES: dict[str, Callable[[], Case]] = {
    "three stages": lambda: build(networks.tabular()),
    "images, abstention": lambda: build(
        networks.images(), ood=True, exits={"abstain": {"rate": 0.1}, "criterion": "margin"}
    ),
    "images, corrupted": lambda: build(
        networks.images(), exits={"abstain": {"rate": 0.1}}, evaluation={"corruptions": "all", "samples": 40}
    ),
    "risk control": lambda: build(
        networks.tabular(),
        ood=True,
        noise=0.02,
        exits={"calibration": "risk_control", "budget": 10, "abstain": {"risk": 0.001}},
    ),
    "fitted criteria": lambda: build(
        networks.tabular(), noise=0.3, exits={"criterion": ["distribution", "learned"], "budget": 50}
    ),
    "one stage": lambda: build(networks.tabular(stages=1)),
    "one stage, abstention": lambda: build(networks.tabular(stages=1), exits={"abstain": {"rate": 0.1}}),
    "five stages, 26 classes": lambda: build(
        networks.tabular(stages=5, width=8, classes=26), names=LETTERS, exits={"criterion": "logit_margin"}
    ),
    "two classes, all right": lambda: build(networks.tabular(stages=2, classes=2), noise=0.0),
    "stubborn": lambda: build(networks.tabular(), exits={"min_support": 10_000}),
}
_made: dict[str, Case] = {}


def made(name: str) -> Case:
    """A case of `CASES`, built once."""
    if name not in _made:
        _made[name] = CASES[name]()
    return _made[name]
