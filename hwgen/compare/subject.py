"""A trained network with what the reference says of every split: computed once, read by all variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hwgen.calibration import TRAINING_SAMPLES, TrainingValues
from hwgen.data import DataSet
from hwgen.fixedpoint import IntArray
from hwgen.reference.executor import StageValues, classify, execute
from hwgen.reference.network import IntegerNetwork

Values = list[StageValues]
Tell = Callable[[str, int, int], None]


@dataclass
class Subject:
    """One network.

    Args:
        method: training method behind it.
        network: the integer network.
        data: the data set.
        trained: gates that training left, or None.
        sha256: hash of the network.
        tell: told about progress.
    """

    method: str
    network: IntegerNetwork
    data: DataSet
    trained: Mapping[str, Any] | None
    sha256: str
    tell: Tell

    def _values(self, what: str, raw: IntArray) -> Values:
        embeddings = [k for k, stage in enumerate(self.network.stages) if stage.embedding is not None]
        self.tell(f"{self.method}: reference, {what}", 0, 1)
        values = execute(self.network, raw, embeddings=embeddings)
        self.tell(f"{self.method}: reference, {what}", 1, 1)
        return values

    @cached_property
    def calibration(self) -> Values:
        """Of the calibration split."""
        return self._values("calibration split", self.data.calibration.raw)

    @cached_property
    def test(self) -> Values:
        """Of the test split."""
        return self._values("test split", self.data.test.raw)

    @cached_property
    def ood(self) -> Values | None:
        """Of the out-of-distribution samples, if there are any."""
        return None if self.data.ood is None else self._values("out-of-distribution", self.data.ood)

    @cached_property
    def training(self) -> TrainingValues:
        """Of training samples, for criteria that are fitted on them."""
        raw = self.data.train.raw
        step = -(-len(raw) // TRAINING_SAMPLES)
        return TrainingValues(self._values("training samples", raw[::step]), len(raw))

    @cached_property
    def accuracy(self) -> list[float]:
        """Per exit, of its own logits on the test split."""
        labels = self.data.test.labels
        return [float((classify(values.logits) == labels).mean()) for values in self.test]
