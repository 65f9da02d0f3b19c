"""What reaches the gate of one exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwgen.fixedpoint import IntArray
from hwgen.reference.executor import StageValues, classify

if TYPE_CHECKING:
    from hwgen.criteria.base import Gate


@dataclass(frozen=True)
class Seen:
    """The values one exit's gate decides from, for n samples.

    Args:
        logits: int64 (n, K), raw values of the exit's logit format.
        embedding: int64 (n, D), raw values of what enters the head's last dense layer; None if not kept.
        carried: int64 (n, K), the sums that travel with the samples from the exits before; None without
            ensembling, zeros at the first exit.
    """

    logits: IntArray
    embedding: IntArray | None = None
    carried: IntArray | None = None

    def __len__(self) -> int:
        return len(self.logits)

    def take(self, rows: IntArray | slice | np.ndarray) -> Seen:
        """The samples of these rows."""
        return Seen(
            self.logits[rows],
            None if self.embedding is None else self.embedding[rows],
            None if self.carried is None else self.carried[rows],
        )

    @classmethod
    def join(cls, parts: Sequence[Seen]) -> Seen:
        """The samples of all parts, which hold the same kinds of values."""
        return cls(
            np.concatenate([part.logits for part in parts]),
            _joined([part.embedding for part in parts]),
            _joined([part.carried for part in parts]),
        )


def _joined(parts: list[IntArray | None]) -> IntArray | None:
    arrays = [part for part in parts if part is not None]
    return np.concatenate(arrays) if arrays else None


def observe(gates: Sequence[Gate | None], values: Sequence[StageValues]) -> list[Seen]:
    """What reaches each gate if every sample reaches every exit.

    A sample that reaches an exit has passed all gates before it, so the sums it carries do not depend on
    thresholds.

    Args:
        gates: one per exit; None where there is none.
        values: what the reference says, one per stage; the embedding must be kept where a gate reads it.
    Returns:
        one Seen per exit.
    """
    found: list[Seen] = []
    sums: IntArray | None = None
    for gate, value in zip(gates, values, strict=True):
        carries = gate is not None and gate.carries
        if carries and sums is None:
            sums = np.zeros_like(value.logits)
        found.append(Seen(value.logits, value.embedding, sums if carries else None))
        if gate is not None and carries:
            sums = gate.carry(found[-1])
    return found


def answers(gates: Sequence[Gate | None], seen: Sequence[Seen]) -> list[IntArray]:
    """The class each exit would give every sample, per exit int64 (n,)."""
    return [
        classify(here.logits) if gate is None else gate.labels(here)
        for gate, here in zip(gates, seen, strict=True)
    ]


def read_embeddings(gates: Sequence[Gate | None]) -> frozenset[int]:
    """Indices of the exits whose gate reads the embedding."""
    return frozenset(index for index, gate in enumerate(gates) if gate is not None and gate.reads_embedding)
