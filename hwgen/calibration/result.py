"""The outcome of calibration: gates and policies, as they go to JSON and as they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.calibration.gates import gate_from_manifest
from hwgen.calibration.risk import Certificate
from hwgen.criteria import Gate, Seen, answers
from hwgen.fixedpoint import IntArray


@dataclass(frozen=True)
class Threshold:
    """Setting of one early exit in one policy; `real` and `raw` are None if it is disabled.

    Args:
        support: calibration samples that leave here under this policy.
    """

    enabled: bool
    real: float | None
    raw: int | None
    support: int


@dataclass(frozen=True)
class AbstainThreshold:
    """Setting of the last exit in one policy.

    Args:
        share: of all calibration samples that abstain.
        risk: share of wrong answers among all answered calibration samples; None if none is answered.
        reached: whether `abstain.risk` is kept (with `risk_control`: proven); None with `abstain.rate`.
        p_value: of that proof; None without one.
    """

    enabled: bool
    real: float | None
    raw: int | None
    share: float
    risk: float | None = None
    reached: bool | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class Measured:
    """A policy on the calibration split. Shares and accuracies are fractions.

    Args:
        accuracy: of the class given, abstaining or not.
        drop_points: static minus this accuracy, in percentage points.
        mac_reduction: 1 - mean MACs / static MACs, all heads counted.
        share: per exit, of the samples that leave there.
    """

    accuracy: float
    drop_points: float
    mac_reduction: float
    share: list[float]


@dataclass(frozen=True)
class Policy:
    """One set of thresholds, for one budget in percentage points; a certificate only with `risk_control`."""

    points: float
    thresholds: list[Threshold]
    abstain: AbstainThreshold | None
    calibration: Measured
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Decisions:
    """What the dynamic network answers.

    Args:
        class_: int64 (n,).
        exit: int64 (n,), 0 for the first exit.
        abstain: bool (n,), only at the last exit.
    """

    class_: IntArray
    exit: IntArray
    abstain: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calibration:
    """Gates of all exits and the thresholds of all policies.

    Args:
        method: `cascade` or `risk_control`.
        search: `joint` or `epsilon`.
        samples: size of the calibration split.
        static_accuracy: of the last exit on it.
        stages: name of the stage of each exit.
        gates: one per exit; the last one is None without abstention and without ensembling.
        policies: ascending in `points`.
        active: index of the recipe's policy.
    """

    method: str
    search: str
    samples: int
    static_accuracy: float
    stages: list[str]
    gates: list[Gate | None]
    policies: list[Policy]
    active: int

    def decide(self, seen: Sequence[Seen], policy: int | None = None) -> Decisions:
        """The reference of the dynamic decision.

        Args:
            seen: what reaches each gate, of all samples, the last exit included.
            policy: index into `policies`; default: the active one.
        """
        chosen = self.policies[self.active if policy is None else policy]
        last = len(seen) - 1
        taken = np.full(len(seen[last]), last, dtype=np.int64)
        for index in reversed(range(last)):
            setting, gate = chosen.thresholds[index], self.gates[index]
            if setting.enabled and setting.raw is not None and gate is not None:
                taken[gate.leaves(seen[index], setting.raw)] = index
        given = np.stack(answers(self.gates, seen))
        abstain = np.zeros(len(taken), dtype=bool)
        final = self.gates[last]
        if chosen.abstain is not None and chosen.abstain.raw is not None and final is not None:
            abstain = (taken == last) & ~final.leaves(seen[last], chosen.abstain.raw)
        return Decisions(given[taken, np.arange(len(taken))], taken, abstain)

    def to_dict(self) -> dict[str, Any]:
        """The content of calibration.json."""
        gates = [
            {"stage": stage, "criterion": gate.criterion, "manifest": gate.manifest()} if gate else None
            for stage, gate in zip(self.stages, self.gates, strict=True)
        ]
        return {
            "method": self.method,
            "search": self.search,
            "samples": self.samples,
            "static_accuracy": self.static_accuracy,
            "stages": self.stages,
            "gates": gates,
            "policies": [asdict(policy) for policy in self.policies],
            "active": self.active,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Calibration:
        """Rebuilds a calibration, gates and tables included, from `to_dict`; other keys are ignored."""
        return cls(
            method=document["method"],
            search=document["search"],
            samples=document["samples"],
            static_accuracy=document["static_accuracy"],
            stages=list(document["stages"]),
            gates=[gate_from_manifest(entry["manifest"]) if entry else None for entry in document["gates"]],
            policies=[_policy_from_dict(entry) for entry in document["policies"]],
            active=document["active"],
        )


def _policy_from_dict(entry: Mapping[str, Any]) -> Policy:
    return Policy(
        points=entry["points"],
        thresholds=[Threshold(**setting) for setting in entry["thresholds"]],
        abstain=AbstainThreshold(**entry["abstain"]) if entry["abstain"] else None,
        calibration=Measured(**entry["calibration"]),
        certificate=Certificate.from_dict(entry["certificate"]) if entry.get("certificate") else None,
    )
