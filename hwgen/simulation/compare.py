"""Counts differences between the firmware and the reference, and names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

KEYS = ("features", "logits", "class", "exit", "abstain")
"""What is compared; the keys of `mismatches` in every result."""
_NAMED_PER_KEY = 50
"""Mismatches written out per block and key; the count is always complete."""


@dataclass
class Comparison:
    """Differences of one block against one judge.

    Args:
        block: what was run: `stage1`, `gate1`, `kernel`.
        against: what it was compared with: `reference` or `qkeras`.
    """

    block: str
    against: str = "reference"
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    named: list[dict[str, Any]] = field(default_factory=list)

    def compare(
        self,
        key: str,
        got: npt.ArrayLike,
        expected: npt.ArrayLike,
        layer: str,
        samples: npt.ArrayLike | None = None,
        note: str = "",
    ) -> int:
        """Compares two integer arrays whose first axis counts samples.

        Args:
            key: one of `KEYS`.
            got: what the block produced; missing or surplus rows all count as different.
            expected: what is right.
            layer: name of the value, for the list of mismatches.
            samples: sample number of each row; default 0, 1, 2, ...
            note: added to each named mismatch, for example the policy.
        Returns:
            number of differing values.
        """
        right, left = np.asarray(expected), np.asarray(got)
        if left.shape[1:] != right.shape[1:]:
            left = left.reshape(-1, *right.shape[1:])
        rows = min(len(left), len(right))
        per_row = int(np.prod(right.shape[1:]))
        different = left[:rows] != right[:rows]
        missing = (max(len(left), len(right)) - rows) * per_row
        count = int(different.sum()) + missing
        self.counts[key] += count
        numbers = np.arange(len(right)) if samples is None else np.asarray(samples)
        for index in np.argwhere(different)[:_NAMED_PER_KEY]:
            position = tuple(int(i) for i in index)
            entry = {
                "block": self.block,
                "against": self.against,
                "what": key,
                "layer": layer,
                "sample": int(numbers[position[0]]),
                "index": list(position[1:]),
                "got": int(left[position]),
                "expected": int(right[position]),
            }
            self.named.append(entry | ({"note": note} if note else {}))
        if missing:
            self.named.append(
                {
                    "block": self.block,
                    "against": self.against,
                    "what": key,
                    "layer": layer,
                    "note": f"{len(left)} rows instead of {len(right)}{f'; {note}' if note else ''}",
                }
            )
        return count

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        return {"block": self.block, "against": self.against, "mismatches": dict(self.counts)}


def add_up(comparisons: list[Comparison]) -> dict[str, int]:
    """Total differences per key."""
    return {key: sum(item.counts[key] for item in comparisons) for key in KEYS}
