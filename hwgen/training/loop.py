"""The training loop of every phase: shuffled batches, a schedule, checks for NaN, one record per epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.errors import NetworkError
from hwgen.recipe.schema import Training
from hwgen.training.augment import augment

Progress = Callable[[str, int, int], None]
"""Told what is trained, how many steps are done, and how many there are in all."""
FloatValues = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Step = Callable[[FloatValues, Labels, float], tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]]
"""One training step: (values, labels, learning rate) -> (mean loss, hits), one entry per exit of the phase."""


@dataclass(frozen=True)
class Samples:
    """Training samples.

    Args:
        values: float32 (n, *shape), real values on the input grid.
        labels: int64 (n,).
    """

    values: FloatValues
    labels: Labels


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Phase:
    """One phase of training.

    Args:
        name: of the phase, as in the history.
        exits: numbers of the exits that take part, counted from 0.
        epochs: number of passes over the samples.
        learning_rate: its largest value.
        warmup: whether the first epoch rises from a tenth of it.
        step: trains on one batch.
        check: raises an error that names the layer whose weights are not finite.
        extra: what else is recorded, asked once after each epoch.
    """

    name: str
    exits: tuple[int, ...]
    epochs: int
    learning_rate: float
    warmup: bool
    step: Step
    check: Callable[[], None]
    extra: Callable[[], dict[str, Any]] = _nothing


def steps_per_epoch(samples: Samples, batch: int) -> int:
    """Whole batches in the samples; at least one."""
    return max(1, len(samples.labels) // batch)


def learning_rate(phase: Phase, schedule: str, step: int, per_epoch: int) -> float:
    """Learning rate of one step: a linear rise in the first epoch, then constant or a half cosine to zero."""
    rise = per_epoch if phase.warmup and phase.epochs > 1 else 0
    if step < rise:
        return phase.learning_rate * (0.1 + 0.9 * step / rise)
    if schedule == "constant":
        return phase.learning_rate
    share = (step - rise) / max(1, phase.epochs * per_epoch - rise)
    return phase.learning_rate * 0.5 * (1.0 + math.cos(math.pi * share))


def _batches(
    samples: Samples, training: Training, rng: np.random.Generator
) -> Iterator[tuple[FloatValues, Labels]]:
    """One epoch in a fresh order; what does not fill a batch waits for another epoch's order."""
    order = rng.permutation(len(samples.labels))
    values, labels = samples.values[order], samples.labels[order]
    if values.ndim == 4:
        values = augment(values, training.augment, rng)
    for index in range(steps_per_epoch(samples, training.batch)):
        part = slice(index * training.batch, (index + 1) * training.batch)
        yield values[part], labels[part]


def run_phase(
    phase: Phase,
    exits: int,
    samples: Samples,
    training: Training,
    rng: np.random.Generator,
    progress: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Trains one phase.

    Args:
        phase: what to train.
        exits: how many exits the network has.
        samples: what to train on.
        training: batch, schedule, augmentation.
        rng: order of the samples and augmentation.
        progress: told the number of steps done in this phase.
    Returns:
        One record per epoch: phase, epoch, loss and training accuracy per exit, None where an exit takes
        no part, and what the phase adds.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite.
    """
    per_epoch = steps_per_epoch(samples, training.batch)
    history, step = [], 0
    for epoch in range(phase.epochs):
        losses, hits, seen = np.zeros(len(phase.exits)), np.zeros(len(phase.exits)), 0
        for values, labels in _batches(samples, training, rng):
            rate = learning_rate(phase, training.schedule, step, per_epoch)
            loss, hit = phase.step(values, labels, rate)
            losses, hits, seen = losses + loss, hits + hit, seen + len(labels)
            step += 1
            if not np.isfinite(losses).all():
                phase.check()
                raise NetworkError(
                    f"exit{phase.exits[int(np.argmin(np.isfinite(losses)))] + 1}",
                    f"its loss is not finite in epoch {epoch + 1} ({phase.name})",
                    "lower training.learning_rate",
                )
            progress(step)
        phase.check()
        history.append(
            {
                "phase": phase.name,
                "epoch": epoch + 1,
                "loss": _per_exit(phase.exits, losses / per_epoch, exits),
                "accuracy": _per_exit(phase.exits, hits / seen, exits),
                **phase.extra(),
            }
        )
    return history


def _per_exit(present: tuple[int, ...], values: npt.NDArray[np.float64], exits: int) -> list[float | None]:
    of = dict(zip(present, values, strict=True))
    return [round(float(of[number]), 6) if number in of else None for number in range(exits)]
