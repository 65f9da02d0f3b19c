"""How well confidences tell samples of no class from test samples.

AUROC: share of (test, out-of-distribution) pairs in which the test sample is the more confident, ties counting
half. FPR at 95 % TPR (Liang, Li and Srikant 2018, arXiv 1706.02690): share of out-of-distribution samples at least
as confident as the threshold that 95 % of the test samples reach. Beside each exit's own criterion stand three float
measures of the same logits z at its temperature T: the largest softmax probability (Hendrycks and Gimpel 2017, arXiv
1610.02136), the largest minus the second largest, and the energy T * ln sum_j exp(z_j / T) (Liu et al. 2020, arXiv
2010.03759).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hwgen.criteria.base import softmax
from hwgen.fixedpoint import FloatArray
from hwgen.report.observed import Observed
from hwgen.report.statistics import auroc

TRUE_POSITIVES = 0.95
"""Share of the test samples that the threshold of FPR lets through."""


def false_positives(inside: FloatArray, outside: FloatArray) -> float:
    """FPR at 95 % TPR.

    Args:
        inside: float64 (n,), n >= 1, confidence of test samples.
        outside: float64 (m,), m >= 1, confidence of out-of-distribution samples.
    """
    ordered = np.sort(inside)[::-1]
    threshold = ordered[math.ceil(TRUE_POSITIVES * len(ordered)) - 1]
    return float((outside >= threshold).mean())


def separation(inside: FloatArray, outside: FloatArray) -> dict[str, float | None]:
    """{"auroc", "fpr95"} of one confidence; arguments as for `false_positives`."""
    scores = np.concatenate([inside, outside])
    is_inside = np.arange(len(scores)) < len(inside)
    return {"auroc": auroc(scores, is_inside), "fpr95": false_positives(inside, outside)}


def float_measures(logits: FloatArray, temperature: float) -> dict[str, FloatArray]:
    """`score`, `margin` and `energy` of logits, float64 (n,) each.

    Args:
        logits: float64 (n, K), real values.
        temperature: T.
    """
    ordered = np.sort(softmax(logits, temperature), axis=1)
    scaled = logits / temperature
    top = scaled.max(axis=1)
    return {
        "score": ordered[:, -1],
        "margin": ordered[:, -1] - ordered[:, -2],
        "energy": temperature * (top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))),
    }


def _measures(observed: Observed) -> list[Mapping[str, FloatArray]]:
    return [
        float_measures(real, reader.temperature)
        for real, reader in zip(observed.logits, observed.readers, strict=True)
    ]


def ood_section(test: Observed, ood: Observed | None, source: str | None) -> dict[str, Any] | None:
    """`ood` of report.json; None without out-of-distribution samples.

    Args:
        test: the test split.
        ood: the out-of-distribution samples.
        source: where they are from.
    """
    if ood is None:
        return None
    inside, outside = _measures(test), _measures(ood)
    exits = [
        {
            "stage": stage,
            "criterion": reader.criterion,
            "own": separation(test.confidence[index], ood.confidence[index]),
            **{name: separation(inside[index][name], outside[index][name]) for name in inside[index]},
        }
        for index, (stage, reader) in enumerate(zip(test.calibration.stages, test.readers, strict=True))
    ]
    overall = {
        "criterion": test.common,
        "own": separation(test.ranking, ood.ranking),
        **{
            name: separation(
                test.taken([values[name] for values in inside]),
                ood.taken([values[name] for values in outside]),
            )
            for name in inside[0]
        },
    }
    return {
        "source": source,
        "samples": len(ood),
        "exits": exits,
        "overall": overall,
        "share": ood.shares,
        "test_share": test.shares,
        "abstained": float(ood.decisions.abstain.mean()),
        "test_abstained": float(test.decisions.abstain.mean()),
    }
