"""Gates of all exits: checked against the recipe, fitted, built, and built again from their manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hwgen.calibration.halves import split_halves
from hwgen.calibration.temperature import fit_temperature
from hwgen.criteria import Criterion, ExitShape, FitSample, Gate, Seen, get_criterion
from hwgen.criteria.ensemble import EnsembleGate, integer_weights
from hwgen.criteria.exp_table import ExpGate
from hwgen.errors import RecipeError
from hwgen.fixedpoint import IntArray
from hwgen.recipe.explain import explain
from hwgen.recipe.layers import Strict
from hwgen.recipe.schema import Exits
from hwgen.reference.executor import StageValues
from hwgen.reference.layers import Dense
from hwgen.reference.network import IntegerNetwork, Stage

TRAINING_SAMPLES = 10_000
"""Most training samples that criteria are fitted on; taken evenly."""


@dataclass(frozen=True)
class TrainingValues:
    """What the reference says of training samples.

    Args:
        values: one per stage, of some training samples.
        samples: number of all training samples.
    """

    values: Sequence[StageValues]
    samples: int


def check_exits(exits: Exits, early_exits: int) -> list[str]:
    """The criterion of each early exit, checked; call it before training to fail early.

    Args:
        exits: section of the recipe.
        early_exits: number of stages - 1.
    Raises:
        RecipeError: unknown criterion or option, wrong number of criteria, ensembling with a criterion that
            has no probabilities.
    """
    chosen = exits.criterion if isinstance(exits.criterion, list) else [exits.criterion] * early_exits
    if len(chosen) != early_exits:
        raise RecipeError(
            "exits.criterion",
            f"lists {len(chosen)} entries, but there are {early_exits} early exits",
            "write one per early exit, or one name for all",
        )
    named = exits.criterion if isinstance(exits.criterion, list) else [exits.criterion]
    used = [(name, "exits.criterion") for name in named]
    if exits.abstain is not None:
        used.append((exits.abstain.criterion, "exits.abstain.criterion"))
    for name, where in used:
        criterion = get_criterion(name, where)
        if exits.ensemble and not criterion.ensembles:
            raise RecipeError(
                where, f"{name!r} cannot be ensembled over exits", "use score or laplace, or ensemble: false"
            )
    for name in exits.settings:
        criterion_settings(exits, get_criterion(name, "exits.settings"))
    return list(chosen)


def criterion_settings(exits: Exits, criterion: Criterion) -> Strict:
    """The options of one criterion.

    Raises:
        RecipeError: an option that it does not have, or a value that does not fit.
    """
    given = exits.settings.get(criterion.name, {})
    try:
        return criterion.Settings(**given)
    except ValidationError as error:
        where = f"exits.settings.{criterion.name}"
        raise explain(error.errors(), given, criterion.Settings, where) from error


def chosen_criteria(exits: Exits, stages: int) -> list[Criterion | None]:
    """The criterion of every exit; None at the last one without abstention and without ensembling.

    Raises:
        RecipeError: see `check_exits`.
    """
    names: list[str | None] = [*check_exits(exits, stages - 1)]
    last = exits.abstain.criterion if exits.abstain else None
    if exits.ensemble and last is None:
        last = names[-1] if names else "score"
    return [get_criterion(name) if name else None for name in (*names, last)]


def embedding_exits(exits: Exits, stages: int) -> frozenset[int]:
    """Indices of the exits whose gate reads the embedding."""
    chosen = chosen_criteria(exits, stages)
    return frozenset(k for k, criterion in enumerate(chosen) if criterion and criterion.reads_embedding)


def needs_training(exits: Exits, stages: int) -> bool:
    """Whether a criterion is fitted on training samples too."""
    return any(
        criterion is not None and criterion.reads_training for criterion in chosen_criteria(exits, stages)
    )


def exit_macs(network: IntegerNetwork, gates: Sequence[Gate | None]) -> list[int]:
    """Multiply-accumulates of a sample that leaves at each exit: backbones, heads and gates on the way."""
    totals, spent = [], 0
    for macs, gate in zip(network.exit_macs(), gates, strict=True):
        spent += gate.macs if gate is not None else 0
        totals.append(macs + spent)
    return totals


def _shape(stage: Stage, criterion: Criterion, classes: int, temperature: float) -> ExitShape:
    index = stage.last_dense
    head = stage.head[index] if index is not None else None
    if criterion.reads_embedding and (index is None or index != len(stage.head) - 1):
        raise RecipeError(
            f"{stage.name} exit",
            f"criterion {criterion.name!r} needs a head that ends in a dense layer without activation",
            "end the head with {dense: classes}, or choose another criterion",
        )
    embedding = stage.embedding if criterion.reads_embedding else None
    return ExitShape(
        stage.logits.format, classes, temperature, embedding, head if isinstance(head, Dense) else None
    )


def fit_gates(
    network: IntegerNetwork,
    exits: Exits,
    values: Sequence[StageValues],
    labels: IntArray,
    seed: int = 0,
    training: TrainingValues | None = None,
    trained: Mapping[str, Any] | None = None,
) -> list[Gate | None]:
    """The gate of every exit, its temperature and parameters fitted; None where there is none.

    With `risk_control` only the searching half of the samples is used, so that the proof stays valid.

    Args:
        network: the integer network.
        exits: section of the recipe.
        values: what the reference says of the calibration split, one per stage.
        labels: int64 (n,).
        seed: of the recipe.
        training: values of training samples, where `needs_training` says so.
        trained: gates that training left (`gates.json`), or None.
    Raises:
        RecipeError: see `check_exits`; or logits that a gate cannot read, naming the stage.
    """
    rows = split_halves(labels, seed)[0] if exits.calibration == "risk_control" else slice(None)
    weights = integer_weights(network.exit_macs())
    gates: list[Gate | None] = []
    for index, criterion in enumerate(chosen_criteria(exits, len(network.stages))):
        stage, here = network.stages[index], values[index]
        if criterion is None:
            gates.append(None)
            continue
        try:
            temperature = exits.temperature
            if temperature == "fit":
                temperature = fit_temperature(stage.logits.format.to_real(here.logits[rows]), labels[rows])
            shape = _shape(stage, criterion, network.classes, float(temperature))
            settings = criterion_settings(exits, criterion)
            own = trained["gates"][index] if trained and index < len(trained["gates"]) else None
            sample = FitSample(
                Seen(here.logits, here.embedding).take(rows),
                labels[rows],
                training.values[index].embedding if training else None,
                training.values[index].logits if training else None,
                training.samples if training else 0,
                own,
                seed,
            )
            gate = criterion.gate(shape, settings, criterion.fit(shape, sample, settings))
        except RecipeError as error:
            if error.where.startswith(stage.name):
                raise
            raise type(error)(f"{stage.name} exit: {error.where}", error.problem, error.remedy) from error
        gates.append(_carrying(gate, exits, weights[: index + 1]))
    return gates


def _carrying(gate: Gate, exits: Exits, weights: list[int]) -> Gate:
    """The gate itself, or with ensembling the one that also reads what earlier exits carry."""
    return EnsembleGate(gate, weights) if exits.ensemble and isinstance(gate, ExpGate) else gate


def unfitted_gates(network: IntegerNetwork, exits: Exits) -> list[Gate | None]:
    """The gate of every exit before anything is fitted: of the size that the fitted ones have, deciding nothing.

    Args:
        network: the integer network.
        exits: section of the recipe.
    Raises:
        RecipeError: as `fit_gates`.
    """
    temperature = 1.0 if exits.temperature == "fit" else float(exits.temperature)
    weights = integer_weights(network.exit_macs())
    gates = list[Gate | None]()
    for index, criterion in enumerate(chosen_criteria(exits, len(network.stages))):
        if criterion is None:
            gates.append(None)
            continue
        shape = _shape(network.stages[index], criterion, network.classes, temperature)
        gate = criterion.gate(shape, criterion_settings(exits, criterion))
        gates.append(_carrying(gate, exits, weights[: index + 1]))
    return gates


def gate_from_manifest(manifest: Mapping[str, Any]) -> Gate:
    """Builds a gate again from its manifest.

    Raises:
        RecipeError: a criterion that this version does not know.
    """
    gate = get_criterion(manifest["criterion"], "calibration.json").from_manifest(manifest)
    if "ensemble" in manifest:
        assert isinstance(gate, ExpGate)
        return EnsembleGate(gate, list(manifest["ensemble"]["weights"]))
    return gate
