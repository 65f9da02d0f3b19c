"""Method `joint`: all exits are trained at once on the weighted sum of their cross entropies."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe.schema import Recipe, Training
from hwgen.reference.layers import Weighted
from hwgen.training.float_phase import Twin, float_network, fold
from hwgen.training.loop import Phase, Progress, Samples, run_phase, steps_per_epoch
from hwgen.training.network import KerasNetwork, Node

FLOAT_SHARE = 2 / 3
"""Share of the epochs before quantisation if batch normalisation is used and the recipe does not say."""
FINE_TUNING = 0.2
"""Learning rate of the quantised phase after a float phase, relative to the recipe's."""
COARSE_BITS = 4
"""Kernels this narrow are changed so much by rounding that they are trained at the full rate again."""


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


def train_joint(
    network: KerasNetwork, data: DataSet, recipe: Recipe, progress: Progress
) -> list[dict[str, Any]]:
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
        raise RecipeError(
            "training.loss_weights", f"lists {len(weights)} entries", f"write {exits}, one per exit"
        )
    samples = Samples((data.train.raw * data.format.lsb).astype(np.float32), data.train.labels)
    rng = np.random.default_rng(recipe.seed)
    before = float_epochs(training, network)
    per_epoch = steps_per_epoch(samples, training.batch)
    history: list[dict[str, Any]] = []

    def run(phase: Phase, done: int) -> None:
        def report(step: int) -> None:
            progress(f"training ({phase.name})", done + step, training.epochs * per_epoch)

        history.extend(run_phase(phase, samples, training, weights, rng, report))

    if before:
        stages = float_network(network)
        run(_float_phase(stages, before, training.learning_rate), 0)
        for twin in _twins(stages):
            fold(twin)
    rate = training.learning_rate * (
        FINE_TUNING if before and narrowest_kernel(network) > COARSE_BITS else 1.0
    )
    run(_quantised_phase(network, training.epochs - before, rate, warmup=not before), before * per_epoch)
    return history


def narrowest_kernel(network: KerasNetwork) -> int:
    """Bits of the narrowest kernel."""
    layers = [layer for stage in network.export().stages for layer in (*stage.backbone, *stage.head)]
    return min(layer.kernel_format.width for layer in layers if isinstance(layer, Weighted))


def _twins(stages: list[tuple[list[Twin], list[Twin]]]) -> list[Twin]:
    return [twin for backbone, head in stages for twin in (*backbone, *head)]


def _float_phase(stages: list[tuple[list[Twin], list[Twin]]], epochs: int, rate: float) -> Phase:
    layers = [
        (
            [layer for twin in backbone for layer in twin.layers],
            [layer for twin in head for layer in twin.layers],
        )
        for backbone, head in stages
    ]
    pairs = [(twin.node, layer) for twin in _twins(stages) for layer in twin.layers]
    return Phase("float", layers, epochs, rate, warmup=True, check=lambda: _check_finite(pairs))


def _quantised_phase(network: KerasNetwork, epochs: int, rate: float, warmup: bool) -> Phase:
    layers = [
        ([node.layer for node in stage.backbone], [node.layer for node in stage.head])
        for stage in network.stages
    ]
    pairs = [(node, node.layer) for node in network.nodes()]
    return Phase("quantised", layers, epochs, rate, warmup, check=lambda: _check_finite(pairs))


def _check_finite(pairs: list[tuple[Node, Any]]) -> None:
    for node, layer in pairs:
        for variable in layer.weights:
            if not np.isfinite(variable.numpy()).all():
                raise NetworkError(
                    node.where, "its weights became NaN or infinite", "lower training.learning_rate"
                )
