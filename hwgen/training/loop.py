"""The training loop of both phases: shuffled batches, Adam, a schedule, checks for NaN."""

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
from hwgen.training.keras_env import keras_env

Progress = Callable[[str, int, int], None]
"""Told what is trained, how many steps are done, and how many there are in all."""


@dataclass(frozen=True)
class Samples:
    """Training samples.

    Args:
        values: float32 (n, *shape), real values on the input grid.
        labels: int64 (n,).
    """

    values: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Phase:
    """One phase of training.

    Args:
        name: `float` or `quantised`.
        stages: (backbone layers, head layers) per stage.
        epochs: number of passes over the samples.
        learning_rate: its largest value.
        warmup: whether the first epoch rises from a tenth of it.
        check: raises an error that names the layer whose weights are not finite.
    """

    name: str
    stages: list[tuple[list[Any], list[Any]]]
    epochs: int
    learning_rate: float
    warmup: bool
    check: Callable[[], None]

    def steps(self, samples: Samples, batch: int) -> int:
        return self.epochs * steps_per_epoch(samples, batch)


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
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]]:
    """One epoch in a fresh order; what does not fill a batch waits for another epoch's order."""
    order = rng.permutation(len(samples.labels))
    values, labels = samples.values[order], samples.labels[order]
    if values.ndim == 4:
        values = augment(values, training.augment, rng)
    for index in range(steps_per_epoch(samples, training.batch)):
        part = slice(index * training.batch, (index + 1) * training.batch)
        yield values[part], labels[part]


def _step_function(phase: Phase, loss_weights: list[float], optimizer: Any) -> Any:
    """The compiled training step: (values, labels) -> (loss per exit, hits per exit)."""
    env = keras_env()
    tf, keras = env.tf, env.keras
    parts = [(keras.Sequential(backbone), keras.Sequential(head)) for backbone, head in phase.stages]
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def step(values: Any, labels: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            features, losses, hits, extra = values, [], [], []
            for backbone, head in parts:
                features = backbone(features, training=True)
                logits = head(features, training=True)
                losses.append(entropy(labels, logits))
                hits.append(tf.reduce_sum(tf.cast(tf.argmax(logits, axis=1) == labels, tf.int64)))
                extra += [*backbone.losses, *head.losses]
            total = tf.add_n(
                [weight * loss for weight, loss in zip(loss_weights, losses, strict=True)] + extra
            )
        variables = [variable for pair in parts for part in pair for variable in part.trainable_variables]
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return tf.stack(losses), tf.stack(hits)

    return tf.function(step)


def run_phase(
    phase: Phase,
    samples: Samples,
    training: Training,
    loss_weights: list[float],
    rng: np.random.Generator,
    progress: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Trains one phase.

    Args:
        phase: what to train.
        samples: what to train on.
        training: batch, schedule, augmentation.
        loss_weights: one per exit.
        rng: order of the samples and augmentation.
        progress: told the number of steps done in this phase.
    Returns:
        One record per epoch: phase, epoch, loss and training accuracy per exit.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite.
    """
    env = keras_env()
    optimizer = env.keras.optimizers.Adam(phase.learning_rate)
    step_function = _step_function(phase, loss_weights, optimizer)
    per_epoch = steps_per_epoch(samples, training.batch)
    history, step = [], 0
    for epoch in range(phase.epochs):
        losses, hits, seen = np.zeros(len(loss_weights)), np.zeros(len(loss_weights)), 0
        for values, labels in _batches(samples, training, rng):
            optimizer.learning_rate.assign(learning_rate(phase, training.schedule, step, per_epoch))
            loss, hit = step_function(env.tf.constant(values), env.tf.constant(labels))
            losses, hits, seen = losses + loss.numpy(), hits + hit.numpy(), seen + len(labels)
            step += 1
            if not np.isfinite(losses).all():
                phase.check()
                raise NetworkError(
                    f"exit{int(np.argmin(np.isfinite(losses))) + 1}",
                    f"its loss is not finite in epoch {epoch + 1} ({phase.name})",
                    "lower training.learning_rate",
                )
            progress(step)
        phase.check()
        history.append(
            {
                "phase": phase.name,
                "epoch": epoch + 1,
                "loss": [round(float(value) / per_epoch, 6) for value in losses],
                "accuracy": [round(float(value) / seen, 6) for value in hits],
            }
        )
    return history
