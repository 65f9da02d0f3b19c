"""Any samples at every exit: what each exit would say, what the dynamic network does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwgen.calibration import Calibration, Decisions
from hwgen.criteria import Criterion, ExitShape, Gate, Seen, answers, get_criterion
from hwgen.criteria.base import softmax
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.reference.network import IntegerNetwork

SHOWN_CRITERION = "score"
"""Stands in where an exit has no gate, and where exits of different criteria are put on one scale."""


def is_fitted(criterion: Criterion) -> bool:
    """Whether gates of a criterion have parameters that calibration fits."""
    return type(criterion).fit is not Criterion.fit


def readers(network: IntegerNetwork, calibration: Calibration, temperature: float) -> list[Gate]:
    """The gate of every exit, for its float confidence only.

    The last exit may have no gate. It is then read by the criterion of all early exits, if they share one that
    has no fitted parameters, so that confidences of all exits lie on one scale; else by `score`.

    Args:
        network: the integer network.
        calibration: gates and policies.
        temperature: of exits that have no gate.
    """
    names = {gate.criterion for gate in calibration.gates if gate is not None}
    criterion = get_criterion(names.pop() if len(names) == 1 else SHOWN_CRITERION)
    if criterion.reads_embedding or is_fitted(criterion):
        criterion = get_criterion(SHOWN_CRITERION)
    return [
        gate or criterion.gate(ExitShape(stage.logits.format, network.classes, temperature))
        for gate, stage in zip(calibration.gates, network.stages, strict=True)
    ]


@dataclass(frozen=True)
class Observed:
    """Samples as they reach each exit, under the active policy.

    Args:
        calibration: gates and policies.
        readers: one gate per exit, see `readers`.
        seen: what reaches each exit if every sample does.
    """

    calibration: Calibration
    readers: Sequence[Gate]
    seen: Sequence[Seen]

    def __len__(self) -> int:
        return len(self.seen[-1])

    @cached_property
    def answers(self) -> list[IntArray]:
        """Per exit, the class it would give every sample."""
        return answers(self.calibration.gates, self.seen)

    @cached_property
    def decisions(self) -> Decisions:
        """What the dynamic network answers."""
        return self.calibration.decide(self.seen)

    @cached_property
    def shares(self) -> list[float]:
        """Share of the samples that leave at each exit."""
        counts = np.bincount(self.decisions.exit, minlength=len(self.seen))
        return [float(count / len(self)) for count in counts]

    @cached_property
    def probabilities(self) -> list[FloatArray]:
        """Per exit, what it claims for every sample and class, float64 (n, K), at its temperature."""
        return [reader.probabilities(here) for reader, here in zip(self.readers, self.seen, strict=True)]

    @cached_property
    def untempered(self) -> list[FloatArray]:
        """Per exit, the softmax of its logits at temperature 1, float64 (n, K)."""
        return [softmax(real, 1.0) for real in self.logits]

    @cached_property
    def logits(self) -> list[FloatArray]:
        """Per exit, real values float64 (n, K)."""
        return [
            reader.logits.to_real(here.logits) for reader, here in zip(self.readers, self.seen, strict=True)
        ]

    @cached_property
    def confidence(self) -> list[FloatArray]:
        """Per exit, float64 (n,): the confidence of its criterion."""
        return [reader.confidence(here) for reader, here in zip(self.readers, self.seen, strict=True)]

    @property
    def common(self) -> str | None:
        """The criterion, if all exits are read by the same one."""
        names = {reader.criterion for reader in self.readers}
        return names.pop() if len(names) == 1 else None

    @cached_property
    def ranking(self) -> FloatArray:
        """Confidence of the dynamic answers, float64 (n,): that at the exit each sample takes.

        Where exits have different criteria, it is the probability of the class given.
        """
        if self.common is not None:
            return self.taken(self.confidence)
        chosen: FloatArray = self.taken(self.probabilities)[np.arange(len(self)), self.decisions.class_]
        return chosen

    def taken(self, values: Sequence[npt.NDArray[np.float64]]) -> FloatArray:
        """Of values per exit, those at the exit each sample takes."""
        stacked: FloatArray = np.stack(values)[self.decisions.exit, np.arange(len(self))]
        return stacked
