"""Firmware trees of small random networks, with policies whose thresholds split the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import (
    AbstainThreshold,
    Calibration,
    Measured,
    Policy,
    Threshold,
    TrainingValues,
    embedding_exits,
    fit_gates,
)
from hwgen.criteria import Seen, observe
from hwgen.data import DataSet, Split
from hwgen.files import write_tree
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe
from hwgen.recipe.load import validate
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import classify, execute
from hwgen.reference.network import IntegerNetwork
from hwgen.rtl.tree import plan_tree
from tests.networks import samples


def recipe_for(network: IntegerNetwork, **firmware: object) -> LoadedRecipe:
    """A valid recipe around a network that was not trained from it."""
    stage = {"layers": [{"dense": 4}], "exit": [{"dense": "classes"}]}
    hls = firmware.pop("hls", {})
    document = {
        "name": "small",
        "data": {"source": "digits"},
        "network": {"stages": [stage] * len(network.stages)},
        "firmware": firmware,
        "hls": hls,
    }
    return LoadedRecipe(validate(document), Path())


def quantile_calibration(
    network: IntegerNetwork,
    raw: IntArray,
    criterion: str = "score",
    abstain: bool = False,
    quantiles: tuple[float, ...] = (0.3, 0.7),
    ensemble: bool = False,
    settings: dict[str, dict[str, Any]] | None = None,
) -> Calibration:
    """One policy per quantile: about that share of the samples leaves at each exit."""
    exits = Exits(
        criterion=criterion,
        settings=settings or {},
        ensemble=ensemble,
        abstain={"rate": 0.1, "criterion": criterion} if abstain else None,
    )
    embeddings = embedding_exits(exits, len(network.stages))
    values = execute(network, raw, embeddings=embeddings)
    labels = classify(values[-1].logits)
    gates = fit_gates(network, exits, values, labels, training=TrainingValues(values, len(raw)))
    seen = observe(gates, values)
    last = len(network.stages) - 1
    policies = []
    for quantile in quantiles:
        raws = []
        for gate, here in zip(gates, seen, strict=True):
            if gate is not None:
                critical = np.sort(gate.critical_raw(here))
                share = 1 - quantile if gate.stricter_up else quantile
                raws.append(int(critical[int(share * (len(critical) - 1))]))
        thresholds = [
            Threshold(True, gate.to_real(value), value, 0)
            for gate, value in zip(gates[:last], raws, strict=False)
            if gate is not None
        ]
        final = gates[last]
        abstention = (
            AbstainThreshold(True, final.to_real(raws[last]), raws[last], 0.0)
            if final is not None and abstain
            else None
        )
        policies.append(Policy(100 * quantile, thresholds, abstention, Measured(0.0, 0.0, 0.0, [])))
    names = [stage.name for stage in network.stages]
    calibration = Calibration("cascade", "joint", len(raw), 0.0, names, gates, policies, 0)
    policies = [_measured(calibration, seen, index) for index in range(len(policies))]
    return replace(calibration, policies=policies)


def _measured(calibration: Calibration, seen: Sequence[Seen], index: int) -> Policy:
    """The policy with its shares of the samples, as calibration writes them."""
    exits = calibration.decide(seen, index).exit
    share = np.bincount(exits, minlength=len(seen)) / len(exits)
    return replace(calibration.policies[index], calibration=Measured(0.0, 0.0, 0.0, share.tolist()))


@dataclass
class Tree:
    """A planned tree and everything it was made from."""

    loaded: LoadedRecipe
    network: IntegerNetwork
    calibration: Calibration
    data: DataSet
    files: dict[str, bytes]

    def write(self, folder: Path) -> None:
        write_tree(folder, self.files)


def make_tree(
    network: IntegerNetwork,
    criterion: str = "score",
    abstain: bool = False,
    count: int = 64,
    ensemble: bool = False,
    settings: dict[str, dict[str, Any]] | None = None,
    **firmware: object,
) -> Tree:
    """Plans the firmware of `network` for random samples."""
    raw = samples(network, count)
    loaded = recipe_for(network, **firmware)
    calibration = quantile_calibration(network, raw, criterion, abstain, ensemble=ensemble, settings=settings)
    split = Split(raw, np.zeros(count, dtype=np.int64))
    data = DataSet(
        source="npz",
        classes=network.classes,
        class_names=None,
        shape=network.source.shape,
        format=network.source.format,
        train=split,
        calibration=split,
        test=split,
        ood=None,
        clipped={},
        warnings=[],
        sha256="0" * 64,
    )
    return Tree(loaded, network, calibration, data, plan_tree(loaded, network, calibration, data)[0])
