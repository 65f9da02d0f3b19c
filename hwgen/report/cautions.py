"""Warnings of a report: what a reader should know before believing or using its figures."""

from __future__ import annotations

from typing import Any

from hwgen.criteria.base import TEMPERATURES
from hwgen.data import DataSet

SATURATED_WARNING = 0.05
"""Share of saturated values of a layer above which the reader is warned."""
CALIBRATION_ERROR_WARNING = 0.1
"""Expected calibration error of an exit above which the reader is warned."""
DISAGREEMENT_WARNING = 0.001
"""Share of test samples with unlike float and integer decisions above which the reader is warned, from two on."""
FEW_TEST_SAMPLES = 200
"""Test splits smaller than this get a warning."""


def cautions(report: dict[str, Any], data: DataSet) -> list[str]:
    """One line each, in order of importance."""
    return [
        *_verification(report["verification"]["csim"]),
        *_budget(report["budget"], report["data"]["test"]),
        *_exits(report),
        *_abstention(report["abstention"], report["budget"]["method"]),
        *_uncertainty(report["uncertainty"]),
        *_agreement(report["exits"], report["data"]["test"]),
        *_margin(report["exits"]),
        *data.warnings,
        *_overflow(report["overflow"]),
        *[f"latency: {note}" for note in report["latency"]["notes"]],
    ]


def _verification(csim: dict[str, Any]) -> list[str]:
    lines = []
    if csim["edited_files"]:
        names = ", ".join(csim["edited_files"][:5])
        more = f" and {len(csim['edited_files']) - 5} more" if len(csim["edited_files"]) > 5 else ""
        lines.append(
            f"firmware: edited since it was generated: {names}{more}; the edited files were simulated"
        )
    if not (csim["qkeras"] and csim["qkeras"]["samples"]):
        reason = (csim["qkeras"] or {}).get("reason", "it was not asked")
        lines.append(f"verification: QKeras was not compared with the reference ({reason})")
    return lines


def _budget(budget: dict[str, Any], samples: int) -> list[str]:
    lines = []
    if not budget["within_budget"]:
        low, high = budget["drop_interval_points"]
        lines.append(
            f"budget: the drop measured on the test split, {budget['measured_drop_points']:.2f} points, exceeds the "
            f"budget of {budget['points']:g} (95 % interval {low:.2f} to {high:.2f} on {samples} samples)"
        )
    over = [
        f"{policy['points']:g}"
        for index, policy in enumerate(budget["policies"])
        if index != budget["active"] and policy["measured_drop_points"] > policy["points"]
    ]
    if over:
        lines.append(
            f"budget: the policies for {', '.join(over)} points exceed their budgets on the test split"
        )
    if samples < FEW_TEST_SAMPLES:
        lines.append(
            f"data: the test split holds {samples} samples; differences below {100 / samples:.1g} points "
            "cannot show"
        )
    return lines


def _exits(report: dict[str, Any]) -> list[str]:
    lines = []
    early = report["exits"][:-1]
    closed = [entry["stage"] for entry in early if not entry["enabled"]]
    if not early:
        lines.append("network: one stage has no early exit: static and dynamic are the same")
    elif len(closed) == len(early):
        certificate = report["budget"]["policies"][report["budget"]["active"]]["certificate"]
        reason = certificate["shortfall"] if certificate else None
        lines.append(
            f"exits: risk control lets nothing leave early: {reason}"
            if reason
            else "exits: no early exit is enabled under the active policy; raise exits.budget"
        )
    elif closed:
        lines.append(
            f"exits: no sample may leave at {', '.join(closed)} under the active policy; heads cost MACs there in vain"
        )
    if report["macs"]["reduction"] < 0:
        lines.append(
            "macs: the dynamic network costs more than the static one: the heads outweigh what exits save"
        )
    return lines


def _abstention(abstention: dict[str, Any] | None, method: str) -> list[str]:
    if abstention is None or abstention["reached"] is not False:
        return []
    proof = "proven" if method == "risk_control" else "kept"
    risk = abstention["calibration_risk"]
    left = "" if risk is None else f"; {risk:.2%} of the answers to the calibration split are wrong"
    return [f"abstain: exits.abstain.risk is not {proof}{left}; allow a larger risk or a smaller budget"]


def _uncertainty(uncertainty: dict[str, Any]) -> list[str]:
    names = [f"exit {number}" for number in range(1, len(uncertainty["exits"]) + 1)]
    lines = []
    large = [
        (name, entry)
        for name, entry in zip(names, uncertainty["exits"], strict=True)
        if entry["ece"] > CALIBRATION_ERROR_WARNING
    ]
    if large:
        plain = all(entry["temperature"] == 1 for _, entry in large)
        lines.append(
            "uncertainty: the probabilities of "
            + ", ".join(f"{name} ({entry['ece']:.2f})" for name, entry in large)
            + " miss the share of right answers by so much on average (calibration error); "
            + ("set exits.temperature: fit" if plain else "give more calibration data")
        )
    lines += [
        f"uncertainty: the temperature of {name} lies at its bound, {entry['temperature']:g}: its logits are too "
        f"{'small' if entry['temperature'] == TEMPERATURES[0] else 'large'} for what they know, or all calibration "
        f"samples are {'right' if entry['temperature'] == TEMPERATURES[0] else 'guesses'}"
        for name, entry in zip(names, uncertainty["exits"], strict=True)
        if entry["temperature"] in TEMPERATURES
    ]
    return lines


def _agreement(exits: list[dict[str, Any]], samples: int) -> list[str]:
    lines = []
    for number, entry in enumerate(exits, 1):
        found = entry["float_disagreement"]
        if found and (
            found["samples"] > max(1, DISAGREEMENT_WARNING * samples) or not found["within_one_step"]
        ):
            away = "" if found["within_one_step"] else ", some of them not at the threshold"
            lines.append(
                f"exits: the gate of exit {number} decides {found['samples']} test samples "
                f"({found['share']:.2%}) otherwise than its float definition would{away}"
            )
    return lines


def _margin(exits: list[dict[str, Any]]) -> list[str]:
    lines = []
    for number, entry in enumerate(exits, 1):
        found = entry["against_margin"]
        if not entry["enabled"] or found is None or found["beats_margin"]:
            continue
        if found["not_fitted"]:
            lines.append(
                f"exits: {entry['criterion']} of exit {number} could not be fitted: {found['not_fitted']}"
            )
        elif found["interval"] is not None:
            low, high = found["interval"]
            verdict = "is worse than margin" if found["worse_than_margin"] else "is not shown to beat margin"
            lines.append(
                f"exits: {entry['criterion']} of exit {number} {verdict} at telling right from wrong answers (AUROC "
                f"difference {low:+.4f} to {high:+.4f}, 95 % interval on the test split)"
            )
    return lines


def _overflow(overflow: dict[str, Any]) -> list[str]:
    return [
        f"{row['layer']}: {row['saturated']:.0%} of its values saturate on {split} data; "
        "raise the integer bits of its activations"
        for split, rows in overflow.items()
        for row in rows or []
        if row["saturated"] > SATURATED_WARNING
    ]
