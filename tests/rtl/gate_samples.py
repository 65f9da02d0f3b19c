"""Gates, samples and thresholds for the tests of their RTL."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.criteria.distribution import MonitorSettings
from hwgen.criteria.distribution_mlp import BIAS_LIMIT, LIMIT
from hwgen.criteria.ensemble import EnsembleGate
from hwgen.criteria.exp_table import ExpGate, ExpTable, exp_table
from hwgen.criteria.laplace import LaplaceGate, LaplaceSettings, Variance
from hwgen.criteria.score import ScoreGate
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Dense
from hwgen.reference.network import Tensor
from tests.criteria.test_gate_cpp import every_vector, random_vectors
from tests.gates import example_gate, example_seen, exit_shape, fit_sample, with_extras

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


def network(logits: FixedPoint, classes: int, **options: object) -> Gate:
    """`distribution` with a network of random weights: its first neuron as large as it may be, its second below 0."""
    criterion = get_criterion("distribution")
    settings = criterion.Settings(model="mlp", **options)  # type: ignore[call-arg]
    assert isinstance(settings, MonitorSettings)
    rng = np.random.default_rng(classes)
    inputs = classes if settings.by == "class" else min(settings.ranks, classes)
    hidden = rng.integers(-LIMIT, LIMIT + 1, (inputs, settings.hidden))
    hidden[:, 0] = LIMIT
    hidden[:, 1:2] = -LIMIT
    bias = rng.integers(-BIAS_LIMIT >> 2, (BIAS_LIMIT >> 2) + 1, settings.hidden)
    bias[0] = BIAS_LIMIT
    return criterion.gate(
        ExitShape(logits, classes),
        settings,
        {
            "model": "mlp",
            "by": settings.by,
            "hidden": hidden.tolist(),
            "hidden_bias": bias.tolist(),
            "output": rng.integers(-LIMIT, LIMIT + 1, settings.hidden).tolist(),
            "scale": 10,
            "bias": 0,
        },
    )


def dropout(
    logits: FixedPoint, classes: int, embedding: Tensor, kernel: FixedPoint, **options: object
) -> Gate:
    """`mc_dropout` on a head of random weights."""
    criterion = get_criterion("mc_dropout")
    rng = np.random.default_rng(classes)
    bias = FixedPoint(8, 3)
    head = Dense(
        "head",
        rng.integers(kernel.min_raw, kernel.max_raw + 1, (embedding.size, classes)),
        kernel,
        rng.integers(bias.min_raw, bias.max_raw + 1, classes),
        bias,
    )
    shape = ExitShape(logits, classes, 2.0, embedding, head)
    settings = criterion.Settings(**options)  # type: ignore[arg-type]
    return criterion.gate(shape, settings, criterion.fit(shape, fit_sample(shape), settings))


def laplace(logits: FixedPoint, classes: int, embedding: Tensor, rank: int, norm_shift: int) -> Gate:
    """`laplace` with a random posterior and random factors: variances below 0 and beyond the table among them."""
    rng = np.random.default_rng(rank)
    narrow = min(embedding.format.width, 16)
    # About as much is taken from the norm as it holds.
    shift = max(0, round((np.log2(rank * 73**2) - norm_shift) / 2))
    parameters: dict[str, Any] = {
        "prior_variance": 1.0,
        "rows": rng.integers(-128, 128, (rank, embedding.size)).tolist(),
        "bias": rng.integers(-1 << narrow, 1 << narrow, rank).tolist(),
        "shift": (shift + np.arange(rank) % 2).tolist(),
        "norm_shift": norm_shift,
        "norm_offset": 300,
        "variance_shift": 0,
        "kappa": (1024 - np.arange(200) * 4).tolist(),
    }
    shape = ExitShape(logits, classes, 1.0, embedding)
    seen = with_extras(shape, np.zeros((500, classes), dtype=np.int64), rng)
    assert seen.embedding is not None
    found = Variance(embedding.format, embedding.size, parameters).of(seen.embedding)
    parameters["variance_shift"] = max(0, int(np.quantile(found, 0.9)).bit_length() - 9)
    gate = LaplaceGate(get_criterion("laplace"), shape, LaplaceSettings(), parameters)
    factors = gate.factors(seen)
    assert len(np.unique(factors)) > 10
    assert (found == 0).any() and (factors == gate.kappa[-1]).any()
    return gate


def ensemble(base: Gate, weights: list[int]) -> Gate:
    """That gate after others."""
    assert isinstance(base, ExpGate)
    return EnsembleGate(base, weights)


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
    gates += [by_class(WIDE, 10), few_ranks(FixedPoint(4, 2), 4), small_table_score()]
    odd = (
        ("logit_margin", FixedPoint(9, 4, signed=False), 2, 1.0),
        ("logit_margin", FixedPoint(8, 12), 26, 1.0),
        ("margin", FixedPoint(24, 9), 26, 0.5),
        ("score", FixedPoint(8, -3), 2, 0.05),
        ("energy", FixedPoint(9, 4, signed=False), 5, 1.0),
        ("learned", FixedPoint(4, 3), 4, 20.0),
        ("entropy", FixedPoint(7, 4, signed=False), 17, 2.0),
    )
    gates += [example_gate(name, fmt, k, t) for name, fmt, k, t in odd]
    return gates + embedding_gates() + ensemble_gates() + network_gates()


def embedding_gates() -> list[Gate]:
    """Of the criteria that read it; in one part and in several, signed and not, with low bits that are dropped."""
    long, short = Tensor((20,), FixedPoint(20, 6)), Tensor((9,), FixedPoint(9, 3, signed=False))
    return [
        example_gate("laplace", SMALL, 3),
        example_gate("laplace", WIDE, 10),
        laplace(FixedPoint(6, 3), 5, long, 16, -6),
        laplace(FixedPoint(8, 4, signed=False), 2, short, 1, 2),
        dropout(WIDE, 2, short, FixedPoint(4, 1), passes=2, rate=0.5, z=8),
        dropout(
            FixedPoint(8, 4), 5, Tensor((1,), FixedPoint(7, 3)), FixedPoint(4, 1, signed=False), passes=1
        ),
        dropout(FixedPoint(8, 4), 3, Tensor((4,), FixedPoint(8, 3)), FixedPoint(6, 1), passes=4, rate=0.3),
    ]


def ensemble_gates() -> list[Gate]:
    """First and later exits, on both criteria."""
    return [
        ensemble(example_gate("score", SMALL, 3), [20]),
        ensemble(example_gate("score", WIDE, 10), [10, 255]),
        ensemble(laplace(FixedPoint(6, 3), 5, Tensor((20,), FixedPoint(20, 6)), 16, -6), [3, 1, 7]),
    ]


def network_gates() -> list[Gate]:
    """By rank with none, some and most classes in the last input, and by class."""
    return [
        network(SMALL, 3),
        network(WIDE, 10, ranks=4, hidden=5),
        network(FixedPoint(6, 3), 17, ranks=2, hidden=1),
        network(FixedPoint(6, 3, signed=False), 5, by="class"),
    ]
