"""The search problem: what leaving at each exit costs and wins, sample by sample.

A threshold is a *rank*. At each early exit the distinct critical raws of the calibration samples are
ordered from strict to loose; rank r stands for the r-th of them, and lets exactly the samples of rank
<= r leave. Every raw threshold between two neighbours decides the calibration samples alike, so ranks
lose nothing; the critical raw itself is the strictest of its equals and the one that is used. Rank -1
(`DISABLED`) is the exit's enable bit off. A threshold that a sample with all logits equal would pass
says nothing about confidence and has no rank: such samples never leave early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwgen.criteria import Gate, Seen, answers
from hwgen.fixedpoint import IntArray

DISABLED = -1
Ranks = tuple[int, ...]
"""One rank per early exit."""


@dataclass(frozen=True, order=True)
class Outcome:
    """What a policy does on the calibration samples; smaller is better.

    Args:
        macs: multiply-accumulates summed over the samples.
        lost: correct answers of the last exit minus correct answers of the policy.
        ranks: the policy; the stricter one wins among equals, the first exit counting most.
        counts: samples that leave at each exit, the last included.
    """

    macs: int
    lost: int
    ranks: Ranks
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """Everything the searches need.

    Args:
        ranks: per early exit, int64 (n,): rank of each sample; `levels` of the exit if it cannot leave.
        raws: per early exit, int64 (levels,): raw threshold of each rank.
        correct: per exit, the last included, bool (n,).
        exit_macs: per exit, multiply-accumulates of a sample that leaves there; ascending.
        min_support: fewest samples that must leave at an enabled exit.
        gross: False: what is lost is net of what is won by leaving early, the drop. True: every right answer
            of the last exit that is given away counts, so the loss of a sample is 0 or 1.
    """

    ranks: list[IntArray]
    raws: list[IntArray]
    correct: list[np.ndarray]
    exit_macs: list[int]
    min_support: int
    gross: bool = False

    @property
    def samples(self) -> int:
        return len(self.correct[-1])

    @property
    def early_exits(self) -> int:
        return len(self.ranks)

    @property
    def levels(self) -> list[int]:
        """Number of ranks of each early exit."""
        return [len(raws) for raws in self.raws]

    @property
    def never(self) -> Ranks:
        """The policy that lets nothing leave early."""
        return (DISABLED,) * self.early_exits

    def lost_at(self, exit_index: int) -> IntArray:
        """Correct at the last exit minus correct here, int64 (n,), each in -1..1; 0..1 if `gross`."""
        difference = self.correct[-1].astype(np.int64) - self.correct[exit_index].astype(np.int64)
        return np.maximum(difference, 0) if self.gross else difference

    def take(self, rows: IntArray) -> Problem:
        """The problem of some of the samples; thresholds that none of them needs have no rank any more."""
        ranks, raws = [], []
        for values, raw in zip(self.ranks, self.raws, strict=True):
            kept, position = np.unique(values[rows], return_inverse=True)
            ranks.append(position.astype(np.int64))
            raws.append(raw[kept[kept < len(raw)]])
        correct = [right[rows] for right in self.correct]
        return replace(self, ranks=ranks, raws=raws, correct=correct)

    def exit_taken(self, ranks: Ranks) -> IntArray:
        """Index of the exit at which each sample leaves, int64 (n,)."""
        taken = np.full(self.samples, self.early_exits, dtype=np.int64)
        for index in reversed(range(self.early_exits)):
            taken[self.ranks[index] <= ranks[index]] = index
        return taken

    def right(self, ranks: Ranks) -> np.ndarray:
        """Whether a policy's class is right, sample by sample, bool (n,)."""
        return np.stack(self.correct)[self.exit_taken(ranks), np.arange(self.samples)]

    def lost(self, ranks: Ranks) -> IntArray:
        """What a policy loses, sample by sample, int64 (n,), each as in `lost_at`."""
        return self._lost(self.exit_taken(ranks))

    def _lost(self, taken: IntArray) -> IntArray:
        each = np.stack([self.lost_at(index) for index in range(self.early_exits + 1)])
        return each[taken, np.arange(self.samples)]

    def supported(self, ranks: Ranks) -> Ranks:
        """The policy with every exit disabled at which too few samples leave."""
        kept = list(ranks)
        staying = np.ones(self.samples, dtype=bool)
        for index in range(self.early_exits):
            leaving = staying & (self.ranks[index] <= kept[index])
            if leaving.sum() < self.min_support:
                kept[index] = DISABLED
            else:
                staying &= ~leaving
        return tuple(kept)

    def outcome(self, ranks: Ranks) -> Outcome:
        """Evaluates a policy, each threshold tightened to the last sample that leaves by it."""
        taken = self.exit_taken(ranks)
        tight = []
        for index in range(self.early_exits):
            leaving = self.ranks[index][taken == index]
            tight.append(int(leaving.max()) if len(leaving) else DISABLED)
        counts = np.bincount(taken, minlength=self.early_exits + 1).tolist()
        return Outcome(
            macs=sum(count * macs for count, macs in zip(counts, self.exit_macs, strict=True)),
            lost=int(self._lost(taken).sum()),
            ranks=tuple(tight),
            counts=tuple(counts),
        )


def strictness(gate: Gate, raw: IntArray) -> IntArray:
    """Raw thresholds as numbers that grow with strictness; a sample leaves iff its own >= the threshold's."""
    return raw if gate.stricter_up else -raw


def build_problem(
    gates: Sequence[Gate | None],
    seen: Sequence[Seen],
    labels: IntArray,
    exit_macs: Sequence[int],
    min_support: int,
) -> Problem:
    """Ranks the calibration samples at every early exit.

    Args:
        gates: one per exit; only the last one may be None.
        seen: what reaches each gate.
        labels: int64 (n,).
        exit_macs: one per exit.
        min_support: fewest samples that must leave at an enabled exit.
    """
    ranks, raws = [], []
    for gate, here in zip(gates[:-1], seen[:-1], strict=True):
        assert gate is not None
        keys = strictness(gate, gate.critical_raw(here))
        undecided = strictness(gate, np.array(gate.undecided_raw()))
        if here.carried is None:
            # Some criteria read how large the logits are, so equal ones do not all look alike.
            alike = keys[np.ptp(here.logits, axis=1) == 0]
            undecided = np.maximum(undecided, alike.max(initial=undecided))
        distinct = np.unique(keys)[::-1]
        candidates = distinct[distinct > undecided]
        position = np.searchsorted(-distinct, -keys)
        ranks.append(np.minimum(position, len(candidates)))
        raws.append(strictness(gate, candidates))
    correct = [given == labels for given in answers(gates, seen)]
    return Problem(ranks, raws, correct, list(exit_macs), min_support)
