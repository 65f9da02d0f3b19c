"""Gates, samples and thresholds for the tests of their RTL."""

from __future__ import annotations

import numpy as np

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.criteria.distribution import MonitorSettings
from hwgen.criteria.exp_table import ExpTable, exp_table
from hwgen.criteria.score import ScoreGate
from hwgen.fixedpoint import FixedPoint
from tests.criteria.test_gate_cpp import every_vector, random_vectors
from tests.gates import example_gate, example_seen, exit_shape, fit_sample

SMALL = FixedPoint(5, 3)
WIDE = FixedPoint(16, 9)
"""As wide as a usual head's, and coarse enough for short tables: those take most of a build."""


class SmallTableScore(ScoreGate):
    """`score` with a table of 64 entries of 8 bits, to be compared with others' counts."""

    fraction = 7

    def _build_table(self) -> ExpTable:
        table = exp_table(self.logits, self.temperature, "up", self.fraction)
        shift = 0
        while -(-table.entries >> shift) > 64:
            shift += 1
        values = table.values[:: 1 << shift]
        return ExpTable(table.shift + shift, np.append(values, 1) if values[-1] > 1 else values)


def small_table_score() -> ScoreGate:
    """Ten classes of 16 bits."""
    return SmallTableScore(get_criterion("score"), ExitShape(FixedPoint(16, 6), 10, 1.6))


def by_class(logits: FixedPoint, classes: int) -> Gate:
    """`distribution` with weights by class."""
    criterion = get_criterion("distribution")
    shape = exit_shape("distribution", logits, classes)
    settings = criterion.Settings(by="class")
    assert isinstance(settings, MonitorSettings)
    return criterion.gate(shape, settings, criterion.fit(shape, fit_sample(shape), settings))


def few_ranks(logits: FixedPoint, classes: int) -> Gate:
    """`distribution` with fewer ranks than classes."""
    criterion = get_criterion("distribution")
    shape = exit_shape("distribution", logits, classes)
    settings = criterion.Settings(ranks=3)
    return criterion.gate(shape, settings, criterion.fit(shape, fit_sample(shape), settings))


def samples(gate: Gate, count: int = 12_000) -> Seen:
    """Every vector there is, if there are not too many, else random ones with ties and saturated logits."""
    span = gate.logits.width * gate.classes
    vectors = every_vector(gate.logits, gate.classes) if span <= 16 else random_vectors(gate, count, 1)
    return example_seen(gate, vectors)


def thresholds(gate: Gate, seen: Seen, seed: int = 0) -> np.ndarray:
    """One raw threshold per sample: at, one below and one above its own critical one, others', both ends."""
    rng = np.random.default_rng(seed)
    critical = gate.critical_raw(seen)
    raws = critical + rng.integers(-1, 2, len(seen))
    fifth = len(seen) // 5
    raws[:fifth] = rng.permutation(critical)[:fifth]
    raws[fifth : fifth + 50] = 0
    raws[fifth + 50 : fifth + 100] = gate.max_raw
    order = rng.permutation(len(seen))
    clipped: np.ndarray = np.clip(raws, 0, gate.max_raw)
    clipped[order[:20]] = gate.never_raw
    return clipped


def leaves(gate: Gate, seen: Seen, raws: np.ndarray) -> np.ndarray:
    """`Gate.leaves` with a threshold of its own for every sample, bool (n,)."""
    found = np.zeros(len(seen), dtype=bool)
    for raw in np.unique(raws):
        rows = np.flatnonzero(raws == raw)
        found[rows] = gate.leaves(seen.take(rows), int(raw))
    return found


def agreement_gates() -> list[Gate]:
    """One gate of every criterion with RTL, of every vector and of a usual head; and odd ones."""
    names = ("logit_margin", "score", "margin", "entropy", "energy", "distribution", "learned")
    gates = [example_gate(name, fmt, k) for name in names for fmt, k in ((SMALL, 3), (WIDE, 10))]
    gates += [by_class(WIDE, 10), few_ranks(SMALL, 3), small_table_score()]
    odd = (
        ("logit_margin", FixedPoint(9, 4, signed=False), 2, 1.0),
        ("logit_margin", FixedPoint(8, 12), 26, 1.0),
        ("margin", FixedPoint(24, 9), 26, 0.5),
        ("score", FixedPoint(8, -3), 2, 0.05),
        ("energy", FixedPoint(9, 4, signed=False), 5, 1.0),
        ("learned", FixedPoint(4, 3), 4, 20.0),
        ("entropy", FixedPoint(7, 4, signed=False), 17, 2.0),
    )
    return gates + [example_gate(name, fmt, k, t) for name, fmt, k, t in odd]
