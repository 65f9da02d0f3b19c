"""`uncertainty` of report.json: what each exit claims of its answers, and what the dynamic network does."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.report.observed import SHOWN_CRITERION, Observed
from hwgen.report.uncertainty import BINS, Measures, measure, reliability, risks

COVERAGES = [number / 20 for number in range(1, 21)]
"""Where the risk-coverage curve is written down."""
_BESIDE = ("ece", "nll", "brier", "auroc", "aurc")


def _curve(ranking: FloatArray, given: IntArray, labels: IntArray) -> dict[str, list[float]]:
    curve = risks(ranking, given == labels)
    # 1e-9: a coverage of 0.15 of 20 samples is 3 of them, although 0.15 * 20 is a little more in binary.
    places = [max(math.ceil(coverage * len(curve) - 1e-9), 1) - 1 for coverage in COVERAGES]
    return {"coverage": COVERAGES, "risk": [float(curve[place]) for place in places]}


def _entry(
    probabilities: FloatArray, untempered: FloatArray, ranking: FloatArray, given: IntArray, labels: IntArray
) -> dict[str, Any]:
    claimed = probabilities[np.arange(len(given)), given]
    plain: Measures = measure(untempered, given, labels)
    return {
        **asdict(measure(probabilities, given, labels, ranking)),
        "untempered": {name: getattr(plain, name) for name in _BESIDE},
        "reliability": [asdict(row) for row in reliability(claimed, given == labels)],
        "risk_coverage": _curve(ranking, given, labels),
    }


def uncertainty_section(test: Observed, labels: IntArray) -> dict[str, Any]:
    """Measures per exit, of all test samples, and overall, of the dynamic answers.

    AUROC and the risk-coverage curve rank by the exit's own criterion; ECE, NLL, Brier and reliability are those
    of its probabilities. `untempered` is the softmax at temperature 1, ranked by its largest probability. A sample
    on which the last exit abstains counts by the class given.

    Args:
        test: the test split at every exit, at least one sample.
        labels: int64 (n,).
    """
    exits = [
        {
            "stage": stage,
            "criterion": reader.criterion,
            "temperature": reader.temperature,
            **_entry(test.probabilities[k], test.untempered[k], test.confidence[k], test.answers[k], labels),
        }
        for k, (stage, reader) in enumerate(zip(test.calibration.stages, test.readers, strict=True))
    ]
    overall = {
        "criterion": test.common or SHOWN_CRITERION,
        **_entry(
            test.taken(test.probabilities),
            test.taken(test.untempered),
            test.ranking,
            test.decisions.class_,
            labels,
        ),
    }
    return {"bins": BINS, "exits": exits, "overall": overall}
