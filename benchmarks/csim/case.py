"""The network that is measured, its test set and what the reference says about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration, calibrate
from hwgen.criteria import Gate
from hwgen.data import DataSet, load_data
from hwgen.files import write_tree
from hwgen.firmware import plan_firmware
from hwgen.fixedpoint import IntArray
from hwgen.recipe import LoadedRecipe, load_recipe
from hwgen.reference.executor import StageValues, execute
from hwgen.reference.network import IntegerNetwork, Stage
from hwgen.reference.storage import load_network

ROOT = Path(__file__).resolve().parent.parent.parent
RECIPE = ROOT / "models" / "fashion_mnist.yaml"
IOS = ("stream", "parallel")
Kind = TypeVar("Kind", bound=np.generic)


def cycled(values: npt.NDArray[Kind], count: int) -> npt.NDArray[Kind]:
    """`count` samples: the test set over and over."""
    return values[np.arange(count) % len(values)]


@dataclass(frozen=True)
class Case:
    """A network with everything that its firmware is made from, and the reference on the test set."""

    loaded: LoadedRecipe
    network: IntegerNetwork
    calibration: Calibration
    data: DataSet
    values: list[StageValues]

    def inputs(self, index: int) -> IntArray:
        """What reaches a stage."""
        return self.values[index - 1].features if index else self.data.test.raw

    def is_last(self, index: int) -> bool:
        return index == len(self.network.stages) - 1

    @property
    def gates(self) -> list[Gate | None]:
        """The gate of each exit."""
        return self.calibration.gates

    def with_io(self, io: str) -> Case:
        recipe = self.loaded.recipe
        firmware = recipe.firmware.model_copy(update={"io": io})
        changed = LoadedRecipe(recipe.model_copy(update={"firmware": firmware}), self.loaded.folder)
        return replace(self, loaded=changed)

    def write(self, folder: Path) -> Path:
        """Generates the firmware tree."""
        write_tree(folder, plan_firmware(self.loaded, self.network, self.calibration, self.data))
        return folder


def fashion_mnist() -> Case:
    """The recipe of the repository with its shipped weights; thresholds are fitted as `hwgen calibrate` does."""
    loaded = load_recipe(RECIPE)
    data = load_data(loaded)
    network = load_network(ROOT / "models" / "fashion_mnist")
    fitted = calibrate(
        network, execute(network, data.calibration.raw), data.calibration.labels, loaded.recipe.exits
    )
    return Case(loaded, network, fitted, data, execute(network, data.test.raw))


def without_exits(network: IntegerNetwork) -> Stage:
    """All backbones and the last head as one stage."""
    backbone = tuple(layer for stage in network.stages for layer in stage.backbone)
    return Stage("stage1", network.source, backbone, network.stages[-1].head)
