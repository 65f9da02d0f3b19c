"""Runs of training one after another: each a float phase, folding, and a quantised phase of some layers.

A training method is a list of runs. What a run does not train is computed by the quantised layers as
they are, in both phases, so a head learns on exactly the features it will get.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.data import DataSet
from hwgen.errors import NetworkError, RecipeError
from hwgen.recipe.schema import Recipe, Training
from hwgen.reference.layers import Weighted
from hwgen.training.export import export_layer
from hwgen.training.float_phase import Twin, float_network, fold
from hwgen.training.loop import Phase, Progress, Samples, run_phase, steps_per_epoch
from hwgen.training.network import KerasNetwork, Node
from hwgen.training.steps import Chain, Objective, Part, Parts, gradient_step

FLOAT_SHARE = 2 / 3
"""Share of the epochs before quantisation if batch normalisation is used and the recipe does not say."""
FINE_TUNING = 0.2
"""Learning rate of the quantised phase after a float phase, relative to the recipe's."""
COARSE_BITS = 4
"""Kernels this narrow are changed so much by rounding that they are trained at the full rate again."""


@dataclass(frozen=True)
class Run:
    """One run of training.

    Args:
        name: put before the phases' names; empty if it is the only one.
        trained: names of the layers whose weights may change.
        exits: numbers of the exits whose logits the objective reads, from 0.
        epochs: passes over the samples.
        float_epochs: how many of them before quantisation.
        objective: what is minimised.
    """

    name: str
    trained: Collection[str]
    exits: tuple[int, ...]
    epochs: int
    float_epochs: int
    objective: Objective


class Course:
    """One training of a network: samples, random numbers, history and progress shared by its runs.

    Args:
        network: trained in place.
        data: only `data.train` is used.
        recipe: seed and training.
        progress: told after each step.
        epochs: epochs of all runs together.
    """

    def __init__(
        self, network: KerasNetwork, data: DataSet, recipe: Recipe, progress: Progress, epochs: int
    ) -> None:
        self.network = network
        self.samples = Samples((data.train.raw * data.format.lsb).astype(np.float32), data.train.labels)
        self.training = recipe.training
        self.history: list[dict[str, Any]] = []
        self._rng = np.random.default_rng(recipe.seed)
        self._progress = progress
        self._done = 0
        self._total = epochs * self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        return steps_per_epoch(self.samples, self.training.batch)

    def teach(self, run: Run) -> None:
        """Does one run."""
        rate, before = self.training.learning_rate, run.float_epochs
        if before:
            stages = float_network(self.network, run.trained)
            self.phase(_phase(_label(run, "float"), run, stages, before, rate, warmup=True))
            for backbone, head in stages:
                for twin in (*backbone, *head):
                    fold(twin)
            rate = fine_rate(self.network, run.trained, rate)
        exact = float_network(self.network, ())
        left = run.epochs - before
        self.phase(_phase(_label(run, "quantised"), run, exact, left, rate, warmup=not before))

    def phase(self, phase: Phase) -> None:
        """Does one phase and keeps its records."""

        def report(step: int) -> None:
            self._progress(f"training ({phase.name})", self._done + step, self._total)

        exits = len(self.network.stages)
        self.history += run_phase(phase, exits, self.samples, self.training, self._rng, report)
        self._done += phase.epochs * self.steps_per_epoch


def _label(run: Run, phase: str) -> str:
    return f"{run.name} {phase}".lstrip()


def _phase(
    name: str,
    run: Run,
    stages: list[tuple[list[Twin], list[Twin]]],
    epochs: int,
    rate: float,
    *,
    warmup: bool,
) -> Phase:
    parts = parts_of(stages, run.trained, run.exits)
    step = gradient_step(Chain(parts), run.objective, rate)
    check = finiteness(stages, run.trained)
    return Phase(name, run.exits, epochs, rate, warmup, step, check)


def parts_of(
    stages: list[tuple[list[Twin], list[Twin]]], trained: Collection[str], exits: tuple[int, ...]
) -> Parts:
    """What is computed for some exits, up to the last of them."""

    def part(twins: list[Twin]) -> Part:
        pairs = [(layer, twin.node.name in trained) for twin in twins for layer in twin.layers]
        return Part(tuple(layer for layer, _ in pairs), tuple(flag for _, flag in pairs))

    return [
        (part(backbone), part(head) if number in exits else None)
        for number, (backbone, head) in enumerate(stages[: max(exits) + 1])
    ]


def finiteness(stages: list[tuple[list[Twin], list[Twin]]], trained: Collection[str]) -> Any:
    """A check that refuses weights that are not finite.

    Raises (the check):
        NetworkError: names the layer.
    """
    pairs = [
        (twin.node, layer)
        for backbone, head in stages
        for twin in (*backbone, *head)
        if twin.node.name in trained
        for layer in twin.layers
    ]

    def check() -> None:
        for node, layer in pairs:
            for variable in layer.weights:
                if not np.isfinite(variable.numpy()).all():
                    raise NetworkError(
                        node.where, "its weights became NaN or infinite", "lower training.learning_rate"
                    )

    return check


def nodes_named(network: KerasNetwork, names: Collection[str]) -> list[Node]:
    """The layers of these names, in the order in which data flows."""
    return [node for node in network.nodes() if node.name in names]


def float_epochs(training: Training, network: KerasNetwork, trained: Collection[str]) -> int:
    """How many of `training.epochs` come before quantisation when these layers are trained.

    Raises:
        RecipeError: the recipe leaves no epoch for the quantised network.
    """
    normalised = any(node.batch_norm for node in nodes_named(network, trained))
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


def fine_rate(network: KerasNetwork, trained: Collection[str], rate: float) -> float:
    """Learning rate for weights that have been trained before: lower, unless a kernel is very narrow."""
    return rate * (FINE_TUNING if narrowest_kernel(network, trained) > COARSE_BITS else 1.0)


def narrowest_kernel(network: KerasNetwork, trained: Collection[str]) -> int:
    """Bits of the narrowest kernel among the layers that are trained."""
    nodes = nodes_named(network, trained)
    layers = [layer for node in nodes for layer in export_layer(node.layer, node.name, node.where)]
    return min(layer.kernel_format.width for layer in layers if isinstance(layer, Weighted))
