"""A gate of every registered criterion, fitted where it has parameters, and samples that reach it."""

from __future__ import annotations

import numpy as np

from hwgen.criteria import ExitShape, FitSample, Gate, Seen, get_criterion
from hwgen.criteria.ensemble import EnsembleGate
from hwgen.criteria.exp_table import FRACTION
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.layers import Dense
from hwgen.reference.network import Tensor

EMBEDDING = FixedPoint(6, 2, signed=False)
SIZE = 7
"""Length of the embeddings."""
FITTED_ON = 200


def exit_shape(name: str, logits: FixedPoint, classes: int, temperature: float = 1.0) -> ExitShape:
    """An exit with those logits; with a head of random weights where the criterion reads its embedding.

    The head's own logits have the format its weights give: what a gate reads as logits is another matter,
    and free to be chosen, as long as the gate does not compute them.
    """
    if not get_criterion(name).reads_embedding:
        return ExitShape(logits, classes, temperature)
    rng = np.random.default_rng(classes)
    weights, bias = FixedPoint(5, 1), FixedPoint(8, 3)
    head = Dense(
        "head",
        rng.integers(weights.min_raw, weights.max_raw + 1, (SIZE, classes)),
        weights,
        rng.integers(bias.min_raw, bias.max_raw + 1, classes),
        bias,
    )
    return ExitShape(logits, classes, temperature, Tensor((SIZE,), EMBEDDING), head)


def fit_sample(shape: ExitShape, seed: int = 0) -> FitSample:
    """Samples whose logits are mostly, but not always, right."""
    rng = np.random.default_rng(seed)
    low, high = shape.logits.min_raw, shape.logits.max_raw
    labels = np.arange(FITTED_ON) % shape.classes
    logits = rng.integers(low, high + 1, (FITTED_ON, shape.classes))
    likely = rng.random(FITTED_ON) < 0.7
    logits[likely, labels[likely]] = high
    seen = with_extras(shape, logits, rng)
    return FitSample(seen, labels, seen.embedding, logits, FITTED_ON, None, seed)


def with_extras(shape: ExitShape, logits: IntArray, rng: np.random.Generator) -> Seen:
    """These logits beside random embeddings, if the exit has any."""
    if shape.embedding is None:
        return Seen(logits)
    fmt = shape.embedding.format
    embedding = rng.integers(fmt.min_raw, fmt.max_raw + 1, (len(logits), shape.embedding.size))
    embedding[::5] = 0
    return Seen(logits, embedding)


def example_gate(name: str, logits: FixedPoint, classes: int, temperature: float = 1.0) -> Gate:
    """A gate of that criterion for logits of that format."""
    criterion = get_criterion(name)
    shape = exit_shape(name, logits, classes, temperature)
    settings = criterion.Settings()
    return criterion.gate(shape, settings, criterion.fit(shape, fit_sample(shape), settings))


def example_seen(gate: Gate, logits: IntArray, seed: int = 0) -> Seen:
    """These logits with what else the gate reads, at random."""
    rng = np.random.default_rng(seed)
    seen = with_extras(gate.shape, logits, rng)
    if not isinstance(gate, EnsembleGate):
        return seen
    largest = sum(gate.weights[:-1]) << FRACTION
    return Seen(seen.logits, seen.embedding, rng.integers(0, largest + 1, logits.shape))
