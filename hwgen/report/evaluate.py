"""What the integer reference says about the test split: the ground of every accuracy in the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration, Decisions
from hwgen.criteria import Gate, get_criterion
from hwgen.data import DataSet
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.reference.executor import LayerRange, classify, execute, layer_ranges
from hwgen.reference.network import IntegerNetwork

BoolArray = npt.NDArray[np.bool_]
SHOWN_CRITERION = "score"
"""Confidence shown for an exit that has no gate."""


@dataclass(frozen=True)
class Evaluation:
    """A network with its thresholds on the test split.

    Args:
        network: the integer network.
        calibration: gates and policies.
        labels: int64 (n,) of the test split.
        logits: per exit int64 (n, classes), raw, of the test split.
        calibration_labels: int64 (m,) of the calibration split.
        calibration_logits: per exit int64 (m, classes), raw, of the calibration split.
        ranges: split name -> overflow audit on it.
    """

    network: IntegerNetwork
    calibration: Calibration
    labels: IntArray
    logits: list[IntArray]
    calibration_labels: IntArray
    calibration_logits: list[IntArray]
    ranges: dict[str, list[LayerRange]]

    @property
    def samples(self) -> int:
        """Size of the test split."""
        return len(self.labels)

    @property
    def exits(self) -> int:
        """Number of exits, the last included."""
        return len(self.logits)

    @property
    def active(self) -> Decisions:
        """Decisions of the active policy."""
        return self.decisions[self.calibration.active]

    @cached_property
    def decisions(self) -> list[Decisions]:
        """What the dynamic network answers, per policy."""
        return [
            self.calibration.decide(self.logits, index) for index in range(len(self.calibration.policies))
        ]

    @cached_property
    def answers(self) -> list[IntArray]:
        """Per exit, the class it would give every sample."""
        return [classify(values) for values in self.logits]

    @cached_property
    def right(self) -> list[BoolArray]:
        """Per exit, whether that class is right."""
        return [values == self.labels for values in self.answers]

    def right_of(self, decisions: Decisions) -> BoolArray:
        """Whether each answer is right, abstaining or not."""
        return np.asarray(decisions.class_ == self.labels)

    def counts(self, decisions: Decisions) -> list[int]:
        """Samples that leave at each exit."""
        return [int(count) for count in np.bincount(decisions.exit, minlength=self.exits)]

    def mean_macs(self, decisions: Decisions) -> float:
        """Multiply-accumulates per sample, all heads on the way counted."""
        macs = np.array(self.network.exit_macs(), dtype=np.float64)
        return float(macs[decisions.exit].mean())

    def confidence(self, index: int) -> tuple[str, FloatArray]:
        """(name of the criterion, float confidence of every sample) of one exit."""
        gate: Gate | None = self.calibration.gates[index]
        name = gate.criterion if gate is not None else SHOWN_CRITERION
        temperature = gate.temperature if gate is not None else 1.0
        real = self.network.stages[index].logits.format.to_real(self.logits[index])
        return name, get_criterion(name).confidence(real, temperature)

    def oracle_exit(self) -> IntArray:
        """The first exit that is right; the first of all where none is."""
        return np.argmax(np.stack(self.right), axis=0).astype(np.int64)


def evaluate(network: IntegerNetwork, calibration: Calibration, data: DataSet) -> Evaluation:
    """Runs the reference on the test and calibration splits, and audits the ranges of all layers."""
    ranges = {"calibration": layer_ranges(network, data.calibration.raw)}
    if data.ood is not None:
        ranges["ood"] = layer_ranges(network, data.ood)
    return Evaluation(
        network,
        calibration,
        data.test.labels,
        [values.logits for values in execute(network, data.test.raw)],
        data.calibration.labels,
        [values.logits for values in execute(network, data.calibration.raw)],
        ranges,
    )
