"""What a calibration by risk control proves, as it goes to JSON and into the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ControlName = Literal["probability", "mean"]


@dataclass(frozen=True)
class Control:
    """How far one kind of control gets.

    Args:
        passed: policies of the path that it certifies; 0 leaves only "never leave early".
        lost: samples of the certify half that its policy loses.
        value: of its policy: the p-value, or the corrected mean of the monotone loss; None if it never
            leaves early, which needs no proof.
        mac_reduction: of its policy, on the whole calibration split.
        tried: length of the path; never leaving early is not counted.
        stopped_at: samples lost by the first policy that is not certified (`mean`: counted monotonely);
            None if the path ended first.
        needed: fewest loss-free samples that certify this budget; None if no number does (budget 0).
    """

    passed: int
    lost: int
    value: float | None
    mac_reduction: float
    tried: int
    stopped_at: int | None
    needed: int | None


@dataclass(frozen=True)
class Certificate:
    """The proof behind one policy.

    Args:
        control: which of the two sets the thresholds.
        delta: the risk exceeds `bound` with probability at most this (control `probability`).
        searched: samples of the search half.
        certified: samples of the certify half.
        bound: certified risk, a fraction: the budget, or 0 if the policy never leaves early.
        probability: learn then test with Hoeffding-Bentkus p-values.
        mean: conformal risk control.
    """

    control: ControlName
    delta: float
    searched: int
    certified: int
    bound: float
    probability: Control
    mean: Control

    @property
    def chosen(self) -> Control:
        """The control that sets the thresholds."""
        return self.probability if self.control == "probability" else self.mean

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Certificate:
        """Rebuilds a certificate from its JSON form; other keys are ignored."""
        given = {name: entry[name] for name in cls.__dataclass_fields__}
        return cls(
            **{**given, "probability": Control(**entry["probability"]), "mean": Control(**entry["mean"])}
        )

    def shortfall(self, points: float) -> str | None:
        """Why the policy never leaves early, one line; None if something was certified.

        Args:
            points: the policy's budget in percentage points.
        """
        control = self.chosen
        if control.passed:
            return None
        if control.needed is None:
            return f"a budget of {points:g} points is never certified: losses cannot be ruled out by samples"
        if self.certified < control.needed:
            return (
                f"a budget of {points:g} points needs at least {control.needed} loss-free samples to be "
                f"certified, the certify half of the calibration split has {self.certified}"
            )
        if control.stopped_at is None:
            return f"no policy within {points:g} points saves any multiply-accumulates"
        return (
            f"a budget of {points:g} points is not certified: the strictest policy tried loses "
            f"{control.stopped_at} of {self.certified} samples"
        )
