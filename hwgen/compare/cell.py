"""One variant on one network: thresholds from the calibration split, figures from the test split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hwgen.calibration import Calibration, calibrate, exit_macs, fit_gates
from hwgen.compare.subject import Subject, Values
from hwgen.compare.variants import Variant
from hwgen.criteria import Gate, Seen, observe
from hwgen.fixedpoint import IntArray
from hwgen.latency.kernel import gate_cycles
from hwgen.recipe.schema import Abstain, Exits, Firmware, Recipe
from hwgen.report.agreement import disagreement
from hwgen.report.ideal import fewest_macs
from hwgen.report.observed import Observed, readers
from hwgen.report.outliers import separation
from hwgen.report.uncertainty import measure

IGNORED_SHARE = 0.05
"""Of the samples at the last exit, the least confident ones that an abstaining network would ignore."""


def _policies(fitted: Calibration, subject: Subject, seen: Sequence[Seen]) -> list[dict[str, Any]]:
    labels = subject.data.test.labels
    static = subject.network.static_macs
    macs = np.array(exit_macs(subject.network, fitted.gates), dtype=np.float64)
    never = Observed(fitted, [], seen).answers[-1] == labels
    entries = []
    for index, policy in enumerate(fitted.policies):
        decided = fitted.decide(seen, index)
        right = decided.class_ == labels
        counts = np.bincount(decided.exit, minlength=len(seen))
        entries.append(
            {
                "points": policy.points,
                "measured_drop_points": 100 * float(never.mean() - right.mean()),
                "risk_points": 100 * float((never & ~right).mean()),
                "dynamic_accuracy": float(right.mean()),
                "mac_reduction": 1 - float(macs[decided.exit].mean()) / static,
                "share": [float(count / len(labels)) for count in counts],
                "float_disagreement": _disagreement(fitted, seen, index),
            }
        )
    return entries


def _disagreement(fitted: Calibration, seen: Sequence[Seen], index: int) -> float:
    """Largest share, over the early exits, of samples on which float and integer decision differ."""
    shares = [0.0]
    for gate, here, setting in zip(fitted.gates, seen, fitted.policies[index].thresholds, strict=False):
        if gate is not None and setting.enabled and setting.raw is not None and setting.real is not None:
            shares.append(disagreement(gate, here, setting.real, setting.raw)["share"])
    return max(shares)


def _exits(observed: Observed, labels: IntArray) -> list[dict[str, Any]]:
    entries = []
    for index, stage in enumerate(observed.calibration.stages):
        given = observed.answers[index]
        found = measure(observed.probabilities[index], given, labels, observed.confidence[index])
        entries.append(
            {
                "stage": stage,
                "accuracy": found.accuracy,
                "ece": found.ece,
                "nll": found.nll,
                "brier": found.brier,
                "auroc": found.auroc,
                "aurc": found.aurc,
                "temperature": observed.readers[index].temperature,
            }
        )
    return entries


def _overall(observed: Observed, labels: IntArray) -> dict[str, Any]:
    decided = observed.decisions
    found = measure(observed.taken(observed.probabilities), decided.class_, labels, observed.ranking)
    return {"ece": found.ece, "nll": found.nll, "brier": found.brier, "auroc": found.auroc}


def _ood(inside: Observed, outside: Observed | None) -> dict[str, Any] | None:
    if outside is None:
        return None
    return {
        "exits": [
            separation(inside.confidence[index], outside.confidence[index])
            for index in range(len(inside.seen))
        ],
        "overall": separation(inside.ranking, outside.ranking),
    }


def _ignored(gate: Gate, seen: Seen, labels: IntArray) -> dict[str, float]:
    """Share of wrong answers among the least confident at the last exit (arXiv 2403.01076)."""
    order = np.argsort(gate.confidence(seen), kind="stable")[: max(1, round(IGNORED_SHARE * len(seen)))]
    return {
        "rate": IGNORED_SHARE,
        "wrong_among_ignored": float((gate.labels(seen)[order] != labels[order]).mean()),
    }


def _gate(gate: Gate, classes: int, firmware: Firmware) -> dict[str, Any]:
    cycles = gate_cycles(gate, classes, float(firmware.clock_ns), firmware.gate)
    return {**gate.cost().to_dict(), "macs": gate.macs, "cycles": cycles, "source": "estimate"}


def _gates(subject: Subject, exits: Exits, seed: int) -> list[Gate | None]:
    return fit_gates(
        subject.network,
        exits,
        subject.calibration,
        subject.data.calibration.labels,
        seed,
        subject.training,
        subject.trained,
    )


def measure_cell(variant: Variant, subject: Subject, recipe: Recipe) -> dict[str, Any]:
    """All figures of one variant on one network.

    Args:
        variant: how to decide.
        subject: the network.
        recipe: budgets, calibration method, seed, firmware settings.
    Returns:
        JSON-ready. Accuracies, shares and reductions are fractions; keys with `points` are percentage points.
    """
    exits = variant.exits(recipe.exits)
    labels = subject.data.test.labels
    fitted = calibrate(
        subject.network,
        subject.calibration,
        subject.data.calibration.labels,
        exits,
        recipe.seed,
        subject.training,
        subject.trained,
    )
    # The last exit has no gate without abstention, but is read by the same measure.
    abstaining = exits.model_copy(
        update={"abstain": Abstain(rate=IGNORED_SHARE, criterion=variant.criterion)}
    )
    last = _gates(subject, abstaining, recipe.seed)[-1]
    assert last is not None
    shown = [*readers(subject.network, fitted, last.temperature)[:-1], last]

    def look(values: Values) -> Observed:
        return Observed(fitted, shown, observe([*fitted.gates[:-1], last], values))

    test = look(subject.test)
    right = [given == labels for given in test.answers]
    policies = _policies(fitted, subject, test.seen)
    macs = exit_macs(subject.network, fitted.gates)
    active = policies[fitted.active]
    ideal = fewest_macs(right, macs, active["dynamic_accuracy"])
    return {
        "method": subject.method,
        "criterion": variant.criterion,
        "variant": variant.label,
        "settings": variant.settings,
        "ensemble": variant.ensemble,
        "static_accuracy": float(right[-1].mean()),
        "policies": policies,
        "active": fitted.active,
        "ideal_reduction": 1 - ideal / subject.network.static_macs,
        "exits": _exits(test, labels),
        "overall": _overall(test, labels),
        "ood": _ood(test, None if subject.ood is None else look(subject.ood)),
        "ignored": _ignored(last, test.seen[-1], labels),
        "gates": [
            _gate(gate, subject.network.classes, recipe.firmware) for gate in fitted.gates[:-1] if gate
        ],
    }
