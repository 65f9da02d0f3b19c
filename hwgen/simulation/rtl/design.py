"""The pipeline of a firmware tree, and the static network it is measured against, as designs for the bench."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.calibration import Calibration, Measured, Policy
from hwgen.errors import UsageError
from hwgen.files import MANIFEST, write_tree
from hwgen.recipe.schema import Firmware
from hwgen.reference.network import IntegerNetwork, static_network
from hwgen.rtl.pipeline import SOURCE_LIST, plan_pipeline
from hwgen.rtl.tree import FOLDER, da4ml_cores
from hwgen.simulation.rtl.bench import Design

STATIC = "static"
"""Name of the network without early exits: all backbone segments and the last head in one stage."""


@dataclass(frozen=True)
class TreePipeline:
    """What lies in pipeline/ of a tree.

    Args:
        folder: the pipeline's.
        facts: what the manifest says of it.
        design: for the bench.
    """

    folder: Path
    facts: dict[str, Any]
    design: Design


def _listed(folder: Path) -> tuple[Path, ...]:
    lines = (folder / SOURCE_LIST).read_text().splitlines()
    return tuple(folder / line for line in lines if line.strip())


def read_tree(tree: Path) -> TreePipeline:
    """The pipeline of a firmware tree as it lies.

    Raises:
        UsageError: the tree has none; says why.
    """
    try:
        facts = json.loads((tree / MANIFEST).read_text())["pipeline"] or {}
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(str(tree), "has no readable manifest", "run `hwgen generate --force`") from error
    folder = tree / FOLDER
    if "top" not in facts or not (folder / SOURCE_LIST).is_file():
        reason = facts.get("reason", "it was not generated")
        raise UsageError(
            str(folder), f"is not there: {reason}", "choose another criterion or firmware.rtl, then generate"
        )
    return TreePipeline(folder, facts, Design(_listed(folder), len(facts["stages"]), facts["tag_bits"]))


def write_static(network: IntegerNetwork, firmware: Firmware, folder: Path) -> Design:
    """The static network as a pipeline of one stage without a gate, by the same way as the gated one.

    Args:
        network: the gated network.
        firmware: the recipe's.
        folder: where its RTL is written.
    Raises:
        RecipeError: it is too large for da4ml.
    """
    alone = static_network(network)
    measured = Measured(0.0, 0.0, 0.0, [1.0])
    calibration = Calibration(
        "cascade", "joint", 0, 0.0, ["stage1"], [None], [Policy(0.0, [], None, measured)], 0
    )
    cores = da4ml_cores(alone, frozenset(), STATIC, "0" * 64)
    plan = plan_pipeline(alone, calibration, firmware, cores, STATIC, "0" * 64)
    write_tree(folder, plan.files)
    return Design(_listed(folder), 1, firmware.tag_bits)


def beats_of(facts: dict[str, Any]) -> int:
    """Beats of a sample at the entrance."""
    return int(facts["stages"][0]["in_beats"])


def expected_answers(decisions: list[Any]) -> list[np.ndarray]:
    """Per policy int64 (n, 3): class, exit from 1, abstain."""
    return [
        np.stack([decided.class_, decided.exit + 1, decided.abstain.astype(np.int64)], axis=1)
        for decided in decisions
    ]
