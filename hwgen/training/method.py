"""What a training method is: a function that trains a network in place and says how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hwgen.data import DataSet
from hwgen.recipe.schema import Recipe
from hwgen.training.freezing import Trainable
from hwgen.training.gates_file import Gates
from hwgen.training.loop import Progress
from hwgen.training.network import KerasNetwork


@dataclass(frozen=True)
class Result:
    """What a method leaves besides the network.

    Args:
        history: one record per epoch.
        gates: learned gates, or None.
    """

    history: list[dict[str, Any]]
    gates: Gates | None = None


Method = Callable[[KerasNetwork, Trainable, DataSet, Recipe, Progress], Result]
