"""`gates.json`: the learned gates that a training method leaves beside the network.

    {"method": "jei", "statistics": ["p_max", "entropy", "margin", "power_entropy"],
     "gates": [{"weights": [w1, w2, w3, w4], "bias": b}, ...]}

One gate per early exit, in order. A sample leaves where weights . statistics + bias >= 0. The
statistics are those of p = softmax(logits), real logits, temperature 1: p_max the largest entry,
entropy H(p), margin the largest minus the second, power_entropy H(p^2 / sum p^2); entropies in nats.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from hwgen.errors import NetworkError

GATES_NAME = "gates.json"
STATISTICS = ("p_max", "entropy", "margin", "power_entropy")
"""In the order of the weights."""
Gates = dict[str, Any]


def make_gates(method: str, weights: list[list[float]], biases: list[float]) -> Gates:
    """The content of gates.json.

    Args:
        method: the training method.
        weights: one list per early exit, in the order of `STATISTICS`.
        biases: one per early exit.
    """
    gates = [{"weights": list(row), "bias": bias} for row, bias in zip(weights, biases, strict=True)]
    return {"method": method, "statistics": list(STATISTICS), "gates": gates}


def gates_text(gates: Gates) -> str:
    """gates.json as it is written."""
    return json.dumps(gates, indent=1) + "\n"


def read_gates(folder: Path) -> Gates | None:
    """The learned gates of a model folder, or None if its network was trained without.

    Raises:
        NetworkError: the file is there but damaged.
    """
    path = folder / GATES_NAME
    if not path.exists():
        return None
    try:
        gates = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NetworkError(str(path), f"cannot be read ({error})", "run `hwgen train` again") from error
    if not _is_whole(gates):
        wanted = f"{len(STATISTICS)} finite weights and a bias per gate"
        raise NetworkError(str(path), f"does not hold {wanted}", "run `hwgen train` again")
    return dict(gates)


def _is_whole(gates: Any) -> bool:
    if not isinstance(gates, dict) or gates.get("statistics") != list(STATISTICS):
        return False
    entries = gates.get("gates")
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("weights"), list)
        and len(entry["weights"]) == len(STATISTICS)
        and all(_is_number(value) for value in [*entry["weights"], entry.get("bias")])
        for entry in entries
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
