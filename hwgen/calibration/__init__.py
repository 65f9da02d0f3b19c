"""Calibration: thresholds for every budget, fitted on the quantised logits of a split held out."""

from hwgen.calibration.calibrate import calibrate
from hwgen.calibration.curve import Curve, threshold_curve
from hwgen.calibration.gates import (
    TRAINING_SAMPLES,
    TrainingValues,
    check_exits,
    embedding_exits,
    exit_macs,
    fit_gates,
    gate_from_manifest,
    needs_training,
    unfitted_gates,
)
from hwgen.calibration.result import AbstainThreshold, Calibration, Decisions, Measured, Policy, Threshold

__all__ = [
    "TRAINING_SAMPLES",
    "AbstainThreshold",
    "Calibration",
    "Curve",
    "Decisions",
    "Measured",
    "Policy",
    "Threshold",
    "TrainingValues",
    "calibrate",
    "check_exits",
    "embedding_exits",
    "exit_macs",
    "fit_gates",
    "gate_from_manifest",
    "needs_training",
    "threshold_curve",
    "unfitted_gates",
]
