"""Calibration: thresholds for every budget, fitted on the quantised logits of a split held out."""

from hwgen.calibration.calibrate import build_gates, calibrate, check_exits
from hwgen.calibration.curve import Curve, threshold_curve
from hwgen.calibration.result import AbstainThreshold, Calibration, Decisions, Measured, Policy, Threshold

__all__ = [
    "AbstainThreshold",
    "Calibration",
    "Curve",
    "Decisions",
    "Measured",
    "Policy",
    "Threshold",
    "build_gates",
    "calibrate",
    "check_exits",
    "threshold_curve",
]
