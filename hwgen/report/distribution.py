"""Whether a monitor of the whole output distribution tells right from wrong better than the margin.

Dall'Occo, Bertozzi and Favalli (SAMOS 2021) found that it often does not, so every use of `distribution` or
`learned` is held against `margin` and `score` at the same exit, on samples it was not fitted on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hwgen.criteria import ExitShape, Gate, Seen, get_criterion
from hwgen.fixedpoint import FloatArray, IntArray
from hwgen.report.statistics import Z95, BoolArray, auroc

RIVALS = ("margin", "score")


def _placements(of: FloatArray, among: FloatArray) -> FloatArray:
    """Share of `among` below each value, ties counting half."""
    ordered = np.sort(among)
    below, up_to = np.searchsorted(ordered, of, "left"), np.searchsorted(ordered, of, "right")
    share: FloatArray = (below + up_to) / (2 * len(among))
    return share


def auroc_difference(
    scores: FloatArray, others: FloatArray, right: BoolArray
) -> tuple[float, tuple[float, float]] | None:
    """AUROC of `scores` minus that of `others` on the same samples, with its 95 % interval.

    Source of the interval: DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988.

    Args:
        scores, others: float64 (n,), larger means more confident.
        right: bool (n,).
    Returns:
        (difference, (low, high)); None with fewer than two right or two wrong samples.
    """
    if right.sum() < 2 or (~right).sum() < 2:
        return None
    parts = [
        (_placements(values[right], values[~right]), 1 - _placements(values[~right], values[right]))
        for values in (scores, others)
    ]
    rights, wrongs = (own - other for own, other in zip(*parts, strict=True))
    difference = float(rights.mean())
    half = Z95 * float(np.sqrt(rights.var(ddof=1) / len(rights) + wrongs.var(ddof=1) / len(wrongs)))
    return difference, (difference - half, difference + half)


def integer_confidence(gate: Gate, seen: Seen) -> FloatArray:
    """What the gate orders samples by, float64 (n,): its critical raw, larger being more confident."""
    critical: IntArray = gate.critical_raw(seen)
    return (critical if gate.stricter_up else -critical).astype(np.float64)


def beats_margin(gate: Gate, seen: Seen, labels: IntArray) -> dict[str, Any]:
    """The gate against `margin` and `score` at the same exit, all as the integers decide.

    Args:
        gate: of criterion `distribution` or `learned`; any other works too.
        seen: samples that the gate was not fitted on.
        labels: int64 (n,), their classes.
    Returns:
        `auroc` by criterion (None if all answers are right, or all wrong); `difference` and `interval` (95 %),
        of the gate minus margin, or None; `beats_margin`, `worse_than_margin`: whether the interval lies above
        0, or below; `not_fitted`: why the gate has no weights of its own, or None.
    """
    right = gate.labels(seen) == labels
    shape = ExitShape(gate.logits, gate.classes, gate.temperature)
    logits = Seen(seen.logits)
    rivals = {name: integer_confidence(get_criterion(name).gate(shape), logits) for name in RIVALS}
    own = integer_confidence(gate, seen)
    found = auroc_difference(own, rivals["margin"], right)
    low, high = found[1] if found else (0.0, 0.0)
    return {
        "auroc": {gate.criterion: auroc(own, right)}
        | {name: auroc(values, right) for name, values in rivals.items()},
        "difference": found[0] if found else None,
        "interval": [low, high] if found else None,
        "beats_margin": low > 0,
        "worse_than_margin": high < 0,
        "not_fitted": gate.manifest().get("parameters", {}).get("not_fitted"),
    }
