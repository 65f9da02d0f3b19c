"""A policy as the registers of gates and kernel hold it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.calibration import Calibration, Decisions
from hwgen.criteria import Seen, answers

Register = tuple[int, int]
"""(raw threshold, enable bit) of one gate."""


def registers(calibration: Calibration, policy: int) -> list[Register]:
    """Registers of one policy: one entry per gate in the order of the exits.

    Args:
        calibration: the fitted thresholds.
        policy: index into its policies.
    """
    chosen = calibration.policies[policy]
    settings = [*chosen.thresholds, chosen.abstain]
    return [
        (setting.raw, 1) if setting is not None and setting.enabled and setting.raw is not None else (0, 0)
        for setting, gate in zip(settings, calibration.gates, strict=True)
        if gate is not None
    ]


def register_bank(calibration: Calibration) -> list[Register]:
    """Registers of all policies, policy by policy; one disabled slot each if there is no gate."""
    return [
        pair
        for policy in range(len(calibration.policies))
        for pair in registers(calibration, policy) or [(0, 0)]
    ]


def decide_policy(calibration: Calibration, seen: Sequence[Seen], policy: int) -> Decisions:
    """What the kernel must answer under `policy`; one beyond the last never lets a sample leave early."""
    if policy < len(calibration.policies):
        return calibration.decide(seen, policy)
    last = np.full(len(seen[-1]), len(seen) - 1, dtype=np.int64)
    given = answers(calibration.gates[-1:], seen[-1:])[0]
    return Decisions(given, last, np.zeros(len(last), dtype=bool))
