"""Budgets with a proof: learn then test and conformal risk control."""

from hwgen.calibration.risk.bounds import (
    corrected_mean,
    needed_for_mean,
    needed_samples,
    p_value,
)
from hwgen.calibration.risk.certificate import Certificate, Control
from hwgen.calibration.risk.control import Trial, certify, try_path

__all__ = [
    "Certificate",
    "Control",
    "Trial",
    "certify",
    "corrected_mean",
    "needed_for_mean",
    "needed_samples",
    "p_value",
    "try_path",
]
