"""Sections of report.json that come from the integer reference on the test split."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from hwgen.calibration import Policy
from hwgen.data import DataSet
from hwgen.reference.executor import LayerRange
from hwgen.reference.network import IntegerNetwork
from hwgen.report.agreement import disagreement
from hwgen.report.distribution import beats_margin
from hwgen.report.evaluate import BoolArray, Evaluation
from hwgen.report.observed import is_fitted
from hwgen.report.statistics import auroc, mcnemar, paired_drop, wilson
from hwgen.report.uncertainty import calibration_error


def share(right: BoolArray) -> float | None:
    """Mean of a boolean array; None if it is empty."""
    return float(right.mean()) if len(right) else None


def _interval(right: BoolArray) -> list[float] | None:
    found = wilson(int(right.sum()), len(right))
    return list(found) if found else None


def data_section(data: DataSet) -> dict[str, Any]:
    """Sizes, shapes and formats; `clipped` are shares of values that saturated at the input."""
    return {
        "source": data.source,
        "train": len(data.train),
        "calibration": len(data.calibration),
        "test": len(data.test),
        "classes": data.classes,
        "class_names": data.class_names,
        "shape": list(data.shape),
        "input": data.format.to_dict(),
        "clipped": data.clipped,
        "ood": None if data.ood is None else len(data.ood),
        "sha256": data.sha256,
    }


def network_section(network: IntegerNetwork) -> dict[str, Any]:
    """Cost and shape of every stage."""
    return {
        "stages": [
            {
                "name": stage.name,
                "macs": stage.macs,
                "head_macs": stage.head_macs,
                "parameters": stage.parameters,
                "features": {"shape": list(stage.features.shape), **stage.features.format.to_dict()},
                "logits": stage.logits.format.to_dict(),
            }
            for stage in network.stages
        ]
    }


def accuracy_section(evaluation: Evaluation) -> dict[str, Any]:
    """Fractions of all test samples; `intervals` are 95 % (Wilson)."""
    dynamic = evaluation.right_of(evaluation.active)
    return {
        "exits": [share(right) for right in evaluation.right],
        "static": share(evaluation.right[-1]),
        "dynamic": share(dynamic),
        "intervals": {
            "exits": [_interval(right) for right in evaluation.right],
            "static": _interval(evaluation.right[-1]),
            "dynamic": _interval(dynamic),
        },
    }


def _policy(evaluation: Evaluation, index: int, policy: Policy) -> dict[str, Any]:
    decisions = evaluation.decisions[index]
    right = evaluation.right_of(decisions)
    drop, interval = paired_drop(evaluation.right[-1], right)
    return {
        "points": policy.points,
        "dynamic_accuracy": share(right),
        "mac_reduction": 1 - evaluation.mean_macs(decisions) / evaluation.network.static_macs,
        "share": [count / evaluation.samples for count in evaluation.counts(decisions)],
        "measured_drop_points": drop,
        "drop_interval_points": list(interval),
        "risk": share(evaluation.right[-1] & ~right),
        "abstained": share(decisions.abstain),
        "thresholds": [
            {"enabled": entry.enabled, "real": entry.real, "raw": entry.raw, "support": entry.support}
            for entry in policy.thresholds
        ],
        "calibration": {
            "accuracy": policy.calibration.accuracy,
            "drop_points": policy.calibration.drop_points,
            "mac_reduction": policy.calibration.mac_reduction,
            "share": policy.calibration.share,
        },
        "certificate": _certificate(policy),
    }


def _certificate(policy: Policy) -> dict[str, Any] | None:
    """What is proven of a policy; null without `risk_control`."""
    found = policy.certificate
    return None if found is None else asdict(found) | {"shortfall": found.shortfall(policy.points)}


def budget_section(evaluation: Evaluation) -> dict[str, Any]:
    """The active budget, and every policy measured on the test split."""
    calibration = evaluation.calibration
    policies = [_policy(evaluation, index, policy) for index, policy in enumerate(calibration.policies)]
    active = policies[calibration.active]
    right = evaluation.right_of(evaluation.active)
    return {
        "points": active["points"],
        "method": calibration.method,
        "search": calibration.search,
        "measured_drop_points": active["measured_drop_points"],
        "drop_interval_points": active["drop_interval_points"],
        "within_budget": bool(active["measured_drop_points"] <= active["points"]),
        "lost": int((evaluation.right[-1] & ~right).sum()),
        "won": int((~evaluation.right[-1] & right).sum()),
        "mcnemar_p": mcnemar(evaluation.right[-1], right),
        "calibration_samples": calibration.samples,
        "calibration_static_accuracy": calibration.static_accuracy,
        "active": calibration.active,
        "policies": policies,
    }


def exits_section(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One entry per stage; `accuracy` is that of the samples that leave there, null if none does.

    `threshold.real` and `threshold.raw` are null where the exit has no gate or it is disabled.
    """
    calibration, decisions = evaluation.calibration, evaluation.active
    policy = calibration.policies[calibration.active]
    right = evaluation.right_of(decisions)
    samples = np.arange(evaluation.samples)
    entries = []
    for index, stage in enumerate(evaluation.network.stages):
        last = index == evaluation.exits - 1
        setting = policy.abstain if last else policy.thresholds[index]
        gate = calibration.gates[index]
        here = decisions.exit == index
        shown, confidence = evaluation.confidence(index)
        claimed = evaluation.test.probabilities[index][samples, evaluation.answers[index]]
        used = setting if setting is not None and setting.enabled else None
        real, raw = (used.real, used.raw) if used is not None else (None, None)
        differing = None
        if gate is not None and real is not None and raw is not None:
            differing = disagreement(gate, evaluation.seen[index], real, raw)
        entries.append(
            {
                "stage": stage.name,
                "criterion": gate.criterion if gate else None,
                "enabled": used is not None,
                "threshold": {"real": real, "raw": raw},
                "share": share(here),
                "accuracy": share(right[here]),
                "accuracy_all": share(evaluation.right[index]),
                "float_disagreement": differing,
                "against_margin": beats_margin(gate, evaluation.seen[index], evaluation.labels)
                if gate is not None and is_fitted(gate.owner)
                else None,
                "confidence": {
                    "criterion": shown,
                    "auroc": auroc(confidence, evaluation.right[index]),
                    "calibration_error": calibration_error(claimed, evaluation.right[index]),
                },
            }
        )
    return entries


def macs_section(evaluation: Evaluation) -> dict[str, Any]:
    """Multiply-accumulates per sample; `static` is all backbones and the last head only."""
    static, dynamic = evaluation.network.static_macs, evaluation.mean_macs(evaluation.active)
    return {
        "static": static,
        "dynamic_mean": dynamic,
        "reduction": 1 - dynamic / static,
        "per_exit": evaluation.exit_macs,
    }


def abstention_section(evaluation: Evaluation) -> dict[str, Any] | None:
    """What the last exit leaves unanswered; null if the recipe does not ask for it."""
    calibration, decisions = evaluation.calibration, evaluation.active
    policy = calibration.policies[calibration.active]
    if calibration.gates[-1] is None or policy.abstain is None:
        return None
    right = evaluation.right_of(decisions)
    return {
        "rate": share(decisions.abstain),
        "selective_accuracy": share(right[~decisions.abstain]),
        "wrong_among_ignored": share(~right[decisions.abstain]),
        "samples": int(decisions.abstain.sum()),
        "calibration_rate": policy.abstain.share,
        "calibration_risk": policy.abstain.risk,
        "reached": policy.abstain.reached,
        "p_value": policy.abstain.p_value,
    }


def oracle_section(evaluation: Evaluation) -> dict[str, Any]:
    """The best any gate could do with these stages: every sample leaves at the first exit that is right.

    The distances say how much room is left for better gates, not for better stages.
    """
    exits = evaluation.oracle_exit()
    any_right = np.any(np.stack(evaluation.right), axis=0)
    macs = np.array(evaluation.exit_macs, dtype=np.float64)[exits]
    mean = float(macs.mean())
    return {
        "accuracy": share(any_right),
        "macs_mean": mean,
        "mac_reduction": 1 - mean / evaluation.network.static_macs,
        "accuracy_distance_points": 100
        * float(any_right.mean() - evaluation.right_of(evaluation.active).mean()),
        "macs_distance": evaluation.mean_macs(evaluation.active) - mean,
    }


def _range(entry: LayerRange) -> dict[str, Any]:
    fmt = entry.format
    return {
        "stage": entry.stage,
        "layer": entry.layer,
        "type": fmt.cpp(),
        "low": entry.low * fmt.lsb,
        "high": entry.high * fmt.lsb,
        "min": fmt.min_real,
        "max": fmt.max_real,
        "saturated": entry.saturated,
        "fits": fmt.min_raw <= entry.low and entry.high <= fmt.max_raw,
    }


def overflow_section(evaluation: Evaluation) -> dict[str, Any]:
    """Smallest and largest value of every layer against its type; `saturated` are shares of values."""
    ranges = {name: [_range(entry) for entry in entries] for name, entries in evaluation.ranges.items()}
    return {"calibration": ranges["calibration"], "ood": ranges.get("ood")}


def confusion(evaluation: Evaluation) -> dict[str, list[list[int]]]:
    """Counts [true class][given class] of the static and the dynamic network."""
    classes = evaluation.network.classes

    def count(given: np.ndarray) -> list[list[int]]:
        flat = np.bincount(evaluation.labels * classes + given, minlength=classes * classes)
        return [[int(value) for value in row] for row in flat.reshape(classes, classes)]

    return {"static": count(evaluation.answers[-1]), "dynamic": count(evaluation.active.class_)}
