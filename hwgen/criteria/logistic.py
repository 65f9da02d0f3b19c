"""Logistic regression in NumPy: from features of a sample to how likely its answer is right.

Newton's method on the log likelihood with a quadratic penalty on the weights. The penalty keeps the optimum
finite where a line separates right from wrong; the same samples always give the same weights.
"""

from __future__ import annotations

import numpy as np

from hwgen.criteria.base import BoolArray
from hwgen.fixedpoint import FloatArray

MIN_SAMPLES = 20
"""Fewer samples than these are not fitted on."""
PENALTY = 0.1
"""Of the squared weights against the sum of the log likelihoods."""
_ROUNDS = 60
_HALVINGS = 20
_ENOUGH = 1e-9


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    share: FloatArray = 0.5 * (1 + np.tanh(0.5 * log_odds))
    return share


def why_not_fitted(features: FloatArray, right: BoolArray) -> str | None:
    """Why no weights can be learned from these samples; None if they can.

    Args:
        features: float64 (n, F).
        right: bool (n,).
    """
    if len(right) < MIN_SAMPLES:
        return f"fewer than {MIN_SAMPLES} samples"
    if right.all() or not right.any():
        return f"all answers are {'right' if right[0] else 'wrong'}"
    if not np.ptp(features, axis=0).any():
        return "the outputs of all samples are alike"
    return None


def _loss(design: FloatArray, right: FloatArray, penalties: FloatArray, weights: FloatArray) -> float:
    log_odds = design @ weights
    likelihood = np.logaddexp(0, log_odds) - right * log_odds
    return float(likelihood.sum() + 0.5 * (penalties * weights**2).sum())


def fit_logistic(
    features: FloatArray, right: BoolArray, penalty: float = PENALTY
) -> tuple[FloatArray, float]:
    """Weights and bias of log odds = features . weights + bias.

    Args:
        features: float64 (n, F).
        right: bool (n,), with at least one true and one false.
        penalty: of the squared weights; the bias is free.
    Returns:
        (weights float64 (F,), bias).
    """
    design = np.column_stack([features, np.ones(len(features))])
    target = right.astype(np.float64)
    penalties = np.full(design.shape[1], penalty)
    penalties[-1] = 1e-9
    found = np.zeros(design.shape[1])
    loss = _loss(design, target, penalties, found)
    for _ in range(_ROUNDS):
        share = sigmoid(design @ found)
        slope = design.T @ (share - target) + penalties * found
        curvature = (design.T * (share * (1 - share))) @ design + np.diag(penalties)
        step = np.linalg.solve(curvature, slope)
        for _ in range(_HALVINGS):
            after = _loss(design, target, penalties, found - step)
            if after <= loss:
                break
            step = step / 2
        else:
            break
        found = found - step
        if loss - after <= _ENOUGH * max(1.0, abs(loss)):
            break
        loss = after
    return found[:-1], float(found[-1])
