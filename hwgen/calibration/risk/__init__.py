"""Budgets with a proof: learn then test and conformal risk control."""

from hwgen.calibration.risk.bounds import (
    corrected_mean,
    needed_for_mean,
    needed_samples,
    p_value,
)
from hwgen.calibration.risk.certificate import Certificate, Control
from hwgen.calibration.risk.control import Trials, certify, eligible, try_paths

__all__ = [
    "Certificate",
    "Control",
    "Trials",
    "certify",
    "corrected_mean",
    "eligible",
    "needed_for_mean",
    "needed_samples",
    "p_value",
    "try_paths",
]
