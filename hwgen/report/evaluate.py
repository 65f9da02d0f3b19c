"""What the integer reference says about the test split: the ground of every accuracy in the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration, Decisions, exit_macs
from hwgen.calibration.temperature import fit_temperature
from hwgen.criteria import Gate, Seen, answers, observe, read_embeddings
from hwgen.data import DataSet
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.reference.executor import LayerRange, execute, layer_ranges
from hwgen.reference.network import IntegerNetwork
from hwgen.report.observed import Observed, readers

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Evaluation:
    """A network with its thresholds on the test split.

    Args:
        network: the integer network.
        calibration: gates and policies.
        labels: int64 (n,) of the test split.
        seen: what reaches each gate, of the test split.
        calibration_labels: int64 (m,) of the calibration split.
        calibration_seen: what reaches each gate, of the calibration split.
        ranges: split name -> overflow audit on it.
        readers: one gate per exit for its float confidence, see `observed.readers`.
        ood_seen: what reaches each gate, of out-of-distribution samples, or None.
    """

    network: IntegerNetwork
    calibration: Calibration
    labels: IntArray
    seen: list[Seen]
    calibration_labels: IntArray
    calibration_seen: list[Seen]
    ranges: dict[str, list[LayerRange]]
    readers: list[Gate]
    ood_seen: list[Seen] | None

    @property
    def samples(self) -> int:
        """Size of the test split."""
        return len(self.labels)

    @property
    def exits(self) -> int:
        """Number of exits, the last included."""
        return len(self.seen)

    @property
    def active(self) -> Decisions:
        """Decisions of the active policy."""
        return self.decisions[self.calibration.active]

    @cached_property
    def decisions(self) -> list[Decisions]:
        """What the dynamic network answers, per policy."""
        return [self.calibration.decide(self.seen, index) for index in range(len(self.calibration.policies))]

    @cached_property
    def answers(self) -> list[IntArray]:
        """Per exit, the class it would give every sample."""
        return answers(self.calibration.gates, self.seen)

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

    @cached_property
    def exit_macs(self) -> list[int]:
        """Multiply-accumulates of a sample that leaves at each exit; heads and gates on the way counted."""
        return exit_macs(self.network, self.calibration.gates)

    def mean_macs(self, decisions: Decisions) -> float:
        """Multiply-accumulates per sample, all heads on the way counted."""
        macs = np.array(self.exit_macs, dtype=np.float64)
        return float(macs[decisions.exit].mean())

    @cached_property
    def test(self) -> Observed:
        """The test split at every exit, under the active policy."""
        return Observed(self.calibration, self.readers, self.seen)

    @cached_property
    def ood(self) -> Observed | None:
        """The out-of-distribution samples likewise, if there are any."""
        return None if self.ood_seen is None else Observed(self.calibration, self.readers, self.ood_seen)

    def look(self, raw: IntArray) -> Observed:
        """Any other samples likewise, int64 (n, *shape) of the input format."""
        return Observed(self.calibration, self.readers, _seen(self.network, self.calibration, raw))

    def confidence(self, index: int) -> tuple[str, FloatArray]:
        """(name of the criterion, float confidence of every sample) of one exit."""
        return self.readers[index].criterion, self.test.confidence[index]

    def oracle_exit(self) -> IntArray:
        """The first exit that is right; the first of all where none is."""
        return np.argmax(np.stack(self.right), axis=0).astype(np.int64)


def _seen(network: IntegerNetwork, calibration: Calibration, raw: IntArray) -> list[Seen]:
    reading = read_embeddings(calibration.gates)
    return observe(calibration.gates, execute(network, raw, embeddings=reading))


def evaluate(
    network: IntegerNetwork, calibration: Calibration, data: DataSet, temperature: float | str = 1.0
) -> Evaluation:
    """Runs the reference on all splits but the training samples, and audits the ranges of all layers.

    Args:
        network: the integer network.
        calibration: gates and policies.
        data: the data set.
        temperature: `exits.temperature` of the recipe; it is that of the last exit if that has no gate.
    """
    ranges = {"calibration": layer_ranges(network, data.calibration.raw)}
    if data.ood is not None:
        ranges["ood"] = layer_ranges(network, data.ood)
    fitted_on = _seen(network, calibration, data.calibration.raw)
    if not isinstance(temperature, float):
        logits = network.stages[-1].logits.format.to_real(fitted_on[-1].logits)
        temperature = fit_temperature(logits, data.calibration.labels)
    return Evaluation(
        network,
        calibration,
        data.test.labels,
        _seen(network, calibration, data.test.raw),
        data.calibration.labels,
        fitted_on,
        ranges,
        readers(network, calibration, temperature),
        None if data.ood is None else _seen(network, calibration, data.ood),
    )
