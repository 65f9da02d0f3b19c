"""What corrupted test images do to the network: accuracy, abstention and work at five severities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hwgen.data import DataSet
from hwgen.data.corruptions import SEVERITIES, corrupt
from hwgen.fixedpoint import IntArray
from hwgen.recipe.schema import Evaluation as Options
from hwgen.report.observed import Observed
from hwgen.report.uncertainty import calibration_error

Look = Callable[[IntArray], Observed]


def evenly(samples: int, wanted: int) -> IntArray:
    """At most `wanted` row numbers of 0..samples-1 at equal distances, int64, ascending."""
    count = min(samples, wanted)
    return np.arange(count, dtype=np.int64) * samples // count


def figures(observed: Observed, labels: IntArray, macs: Sequence[int], static_macs: int) -> dict[str, Any]:
    """Figures of one set of images; those of no sample are None.

    The saved ratio is the share of wrong ones among the ignored answers (Singhal and Srinivasan 2024, arXiv
    2403.01076). With one class per sample the micro-F1 of the accepted answers is their accuracy.

    Args:
        observed: the images at every exit.
        labels: int64 (n,).
        macs: per exit, of a sample that leaves there.
        static_macs: of the static network.
    """
    decisions = observed.decisions
    right = decisions.class_ == labels
    ignored = decisions.abstain
    chosen = observed.taken([values.max(axis=1) for values in observed.probabilities])
    mean = float(np.array(macs, dtype=np.float64)[decisions.exit].mean())
    return {
        "static_accuracy": float((observed.answers[-1] == labels).mean()),
        "dynamic_accuracy": float(right.mean()),
        "ignored": float(ignored.mean()),
        "saved_ratio": float((~right[ignored]).mean()) if ignored.any() else None,
        "micro_f1": float(right[~ignored].mean()) if not ignored.all() else None,
        "mac_reduction": 1 - mean / static_macs,
        "ece": calibration_error(chosen, right),
    }


def corruption_section(
    options: Options, data: DataSet, seed: int, look: Look, macs: Sequence[int], static_macs: int
) -> dict[str, Any] | None:
    """`corruptions` of report.json; None if the recipe asks for none.

    Args:
        options: section `evaluation` of the recipe.
        data: the data set; images.
        seed: of the recipe.
        look: runs the reference on raw inputs.
        macs, static_macs: see `figures`.
    """
    names = options.corruption_names
    if not names:
        return None
    rows = evenly(len(data.test), options.samples)
    raw, labels = data.test.raw[rows], data.test.labels[rows]
    low, high = (reduce(data.train.raw, axis=(0, 1, 2)) for reduce in (np.min, np.max))

    def measured(images: IntArray) -> dict[str, Any]:
        return figures(look(images), labels, macs, static_macs)

    return {
        "samples": len(rows),
        "test": len(data.test),
        "clean": measured(raw),
        "rows": [
            {
                "corruption": name,
                "severity": severity,
                **measured(corrupt(raw, data.format, low, high, name, severity, seed)),
            }
            for name in names
            for severity in range(1, SEVERITIES + 1)
        ],
    }
