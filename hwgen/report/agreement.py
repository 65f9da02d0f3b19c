"""Where the float decision differs from the integer one, and whether it does so only at the threshold.

The float decision is `Gate.reaches`: float confidence >= the real threshold. A difference is within one table
step if the float decision comes out as the integer one once every logit but the largest is moved by one step of the
table's index, 2^s raw units, or if the integer decision comes out as the float one once the threshold moves by one
unit for each entry of the sum, K raw units. `s` is 0 for gates without a table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.criteria import Gate, Seen
from hwgen.fixedpoint import IntArray


def disagreement(gate: Gate, seen: Seen, real: float, raw: int) -> dict[str, Any]:
    """`exits[].float_disagreement` of report.json.

    Args:
        gate: of the exit.
        seen: what reaches it.
        real, raw: the threshold.
    """
    integer = gate.leaves(seen, raw)
    differs = np.flatnonzero(gate.reaches(seen, real) != integer)
    excused = [
        _excused(gate, seen.take(differs[k : k + 1]), real, raw, bool(integer[differs[k]]))
        for k in range(len(differs))
    ]
    return {
        "samples": len(differs),
        "share": len(differs) / len(seen) if len(seen) else 0.0,
        "within_one_step": all(excused),
    }


def _excused(gate: Gate, seen: Seen, real: float, raw: int, leaves: bool) -> bool:
    """Whether one sample on which the decisions differ lies within one step of the threshold."""
    step = 1 << gate.cpp_params().get("table_shift", 0)
    for shift in (step, -step):
        moved = replace(seen, logits=_others_moved(gate, seen.logits, shift))
        if bool(gate.reaches(moved, real)[0]) == leaves:
            return True
    for shift in (gate.classes, -gate.classes):
        near = int(np.clip(raw + shift, 0, gate.max_raw))
        if bool(gate.leaves(seen, near)[0]) != leaves:
            return True
    return False


def _others_moved(gate: Gate, logits: IntArray, shift: int) -> IntArray:
    """All logits but the largest one moved, kept below it and inside their format."""
    top = logits.max(axis=1, keepdims=True)
    moved = np.clip(logits + shift, gate.logits.min_raw, top)
    first = np.arange(logits.shape[1]) == logits.argmax(axis=1)[:, None]
    return np.where(first, logits, moved)
