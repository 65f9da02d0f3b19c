"""What a monitor of the whole output distribution reads: shares of S, by rank or by class.

By rank, input i is the i-th largest exponential (equal ones in any order: they are equal), and the last input
is the sum of all that remain. By class, input j is that of class j. Either way the inputs add up to S.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from hwgen.criteria.base import Criterion
from hwgen.criteria.exp_table import ExpGate
from hwgen.criteria.parts import ExitShape
from hwgen.criteria.seen import Seen
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.recipe.layers import Strict

By = Literal["rank", "class"]


class MonitorSettings(Strict):
    """Options of `distribution`."""

    by: By = Field("rank", description="Whether weights belong to ranks or to classes.")
    model: Literal["linear", "mlp"] = Field("linear", description="One weight per input, or a small network.")
    hidden: int = Field(8, ge=1, le=64, description="Neurons of the small network.")
    ranks: int = Field(16, ge=2, le=64, description="By rank: inputs; the last holds all further ranks.")


def collapse(ordered: IntArray | FloatArray, inputs: int) -> IntArray | FloatArray:
    """Keeps the first `inputs` - 1 columns and adds up the rest into one more."""
    return np.column_stack([ordered[:, : inputs - 1], ordered[:, inputs - 1 :].sum(axis=1)])


def monitor_inputs(entries: IntArray, by: str, inputs: int) -> IntArray:
    """int64 (n, inputs) of the exponentials, int64 (n, K)."""
    if by == "class":
        return entries
    return np.asarray(collapse(-np.sort(-entries, axis=1), inputs), dtype=np.int64)


class MonitorGate(ExpGate):
    """A gate that weighs the shares of all classes.

    Args:
        by: `rank` or `class`.
        inputs: how many there are.
    """

    stricter_up = True
    signed_real = True

    def __init__(
        self,
        criterion: Criterion,
        shape: ExitShape,
        threshold_bits: int,
        by: str,
        inputs: int,
        settings: Strict,
    ) -> None:
        super().__init__(criterion, shape, threshold_bits)
        self.by = by
        self.inputs = inputs
        self.settings = settings

    def monitored(self, seen: Seen) -> tuple[IntArray, IntArray]:
        """The inputs, int64 (n, inputs), and their sum S, int64 (n,)."""
        entries = self.exponentials(seen)
        return monitor_inputs(entries, self.by, self.inputs), entries.sum(axis=1)

    def shares(self, seen: Seen) -> FloatArray:
        """The inputs of the float definition: probabilities, float64 (n, inputs)."""
        probabilities = self.probabilities(seen)
        if self.by == "class":
            return probabilities
        return np.asarray(collapse(-np.sort(-probabilities, axis=1), self.inputs), dtype=np.float64)

    @property
    def sorters(self) -> int:
        """Comparators that sort: one per class and rank that is kept."""
        return self.classes * (self.inputs - 1) if self.by == "rank" else 0

    @property
    def sort_levels(self) -> int:
        """Levels of the insertions: one per class."""
        return self.classes if self.by == "rank" else 0
