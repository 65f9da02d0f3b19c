"""Method `joint`: all exits are trained at once on the weighted sum of their cross entropies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe.schema import Recipe, Training
from hwgen.training.float_phase import Twin, float_network, fold
from hwgen.training.loop import Phase, Progress, Samples, run_phase
from hwgen.training.network import KerasNetwork, Node

FLOAT_SHARE = 2 / 3
"""Share of the epochs before quantisation if batch normalisation is used and the recipe does not say."""
FINE_TUNING = 0.2
"""Learning rate of the quantised phase after a float phase, relative to the recipe's."""


def float_epochs(training: Training, network: KerasNetwork) -> int:
    """Epochs before quantisation.

    Raises:
        RecipeError: the recipe leaves no epoch for the quantised network.
    """
    normalised = any(node.batch_norm for node in network.nodes())
    wanted = training.float_epochs
    if wanted is None:
        wanted = int(training.epochs * FLOAT_SHARE) if normalised else 0
    if wanted >= training.epochs:
        raise RecipeError(
            "training.float_epochs",
            f"received {wanted} of {training.epochs} epochs",
            "leave at least one epoch for the quantised network",
        )
    return wanted


def train_joint(network: KerasNetwork, data: DataSet, recipe: Recipe, progress: Progress) -> list[dict[str, Any]]:
    """Trains `network` in place.

    Args:
        network: freshly built.
        data: only `data.train` is used.
        recipe: seed and training.
        progress: told after each step.
    Returns:
        One record per epoch.
    Raises:
        NetworkError: the loss or a weight became NaN or infinite; names the layer.
        RecipeError: the training section does not fit the network.
    """
    training = recipe.training
    exits = len(network.stages)
    weights = training.loss_weights or [1.0] * exits
    if len(weights) != exits:
        raise RecipeError("training.loss_weights", f"lists {len(weights)} entries", f"write {exits}, one per exit")
    samples = Samples((data.train.raw * data.format.lsb).astype(np.float32), data.train.labels)
    rng = np.random.default_rng(recipe.seed)
    before = float_epochs(training, network)
    phases: list[Callable[[], Phase]] = []
    if before:
        phases.append(lambda: _float_phase(network, before, training))
    rate = training.learning_rate * (FINE_TUNING if before else 1.0)
    phases.append(lambda: _quantised_phase(network, training.epochs - before, rate, warmup=not before))
    history: list[dict[str, Any]] = []
    total, done = 0, 0
    per_epoch = max(1, len(samples.labels) // training.batch)
    total = per_epoch * training.epochs
    for make in phases:
        phase = make()
        base = done
        label = f"training ({phase.name})"
        history += run_phase(
            phase, samples, training, weights, rng, lambda step, b=base, t=label: progress(t, b + step, total)
        )
        done += phase.steps(samples, training.batch)
        if phase.name == "float":
            _fold_all(phase)
    return history


class _FloatPhase(Phase):
    """The float phase, with the twins it was made of."""

    twins: list[Twin]


def _float_phase(network: KerasNetwork, epochs: int, training: Training) -> Phase:
    raise NotImplementedError
