"""A policy as the registers of gates and kernel hold it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwgen.calibration import Calibration, Decisions
from hwgen.fixedpoint import IntArray
from hwgen.reference.executor import classify

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


def decide_policy(calibration: Calibration, logits: Sequence[IntArray], policy: int) -> Decisions:
    """What the kernel must answer under `policy`; one beyond the last never lets a sample leave early."""
    if policy < len(calibration.policies):
        return calibration.decide(logits, policy)
    last = np.full(len(logits[-1]), len(logits) - 1, dtype=np.int64)
    return Decisions(classify(logits[-1]), last, np.zeros(len(last), dtype=bool))
