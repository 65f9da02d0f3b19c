"""Where the float decision differs from the integer one, and whether it does so only at the threshold.

The float decision is `Gate.reaches`: the float confidence against the real threshold. A sample lies within one table
step of the threshold if the float decision comes out as the integer one once the threshold moves by

    the sum over the classes of how far the float confidence moves if that logit alone moves by 2^s raw units,

2^s being one step of the table's index (s = 0 without a table); for a gate that reads the embedding too, by E[0] /
E[1] - 1, the relative size of one step, times the larger of 1 and the confidence. Or if the integer decision comes out
as the float one once the raw threshold moves by K, one unit for each entry of a sum over K classes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.criteria import Gate, Seen
from hwgen.fixedpoint import FloatArray


def disagreement(gate: Gate, seen: Seen, real: float, raw: int) -> dict[str, Any]:
    """`exits[].float_disagreement` of report.json.

    Args:
        gate: of the exit.
        seen: what reaches it.
        real, raw: the threshold.
    Returns:
        {"samples", "share", "within_one_step"}.
    """
    integer = gate.leaves(seen, raw)
    rows = np.flatnonzero(gate.reaches(seen, real) != integer)
    differing = seen.take(rows)
    steps = one_step(gate, differing) if len(rows) else np.zeros(0)
    near = [
        _near(gate, seen.take(rows[k : k + 1]), real, raw, float(steps[k]), bool(integer[row]))
        for k, row in enumerate(rows)
    ]
    return {
        "samples": len(rows),
        "share": len(rows) / len(seen) if len(seen) else 0.0,
        "within_one_step": all(near),
    }


def one_step(gate: Gate, seen: Seen) -> FloatArray:
    """How far the float confidence may be off by one step of the table, float64 (n,)."""
    here = gate.confidence(seen)
    table = gate.tables().get("exp_table")
    if gate.reads_embedding and table is not None and len(table.values) > 1:
        relative = float(table.values[0] / table.values[1]) - 1
        return np.asarray(relative * np.maximum(1.0, np.abs(here)))
    step = 1 << gate.cpp_params().get("table_shift", 0)
    total = np.zeros(len(seen))
    for number in range(gate.classes):
        moves = []
        for shift in (step, -step):
            logits = seen.logits.copy()
            logits[:, number] = np.clip(logits[:, number] + shift, gate.logits.min_raw, gate.logits.max_raw)
            moves.append(np.abs(gate.confidence(replace(seen, logits=logits)) - here))
        total += np.maximum(*moves)
    return total


def _near(gate: Gate, seen: Seen, real: float, raw: int, step: float, leaves: bool) -> bool:
    """Whether one sample on which the decisions differ lies within one step of the threshold."""
    if any(bool(gate.reaches(seen, real + shift)[0]) == leaves for shift in (step, -step)):
        return True
    moved = (int(np.clip(raw + shift, 0, gate.max_raw)) for shift in (gate.classes, -gate.classes))
    return any(bool(gate.leaves(seen, near)[0]) != leaves for near in moved)
