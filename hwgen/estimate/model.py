"""The fitted part of the estimator: coefficients of counts, and the spread of every figure by regime.

`fitted.json` beside this file is written by `benchmarks/estimator/fit.py` and holds where it comes from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from hwgen.estimate.counts import Counts
from hwgen.estimate.design import Design
from hwgen.estimate.figures import Figure

FILE = Path(__file__).with_name("fitted.json")
WIDER = 1.5
"""How much wider, in ratios, an interval gets for each way in which a design lies outside the fitted points."""
MUCH = 0.1
"""Share of a figure that may come from coefficients that are priors."""


@dataclass(frozen=True)
class Model:
    """Coefficients and spreads.

    Args:
        lut, ff: LUT or FF per unit of a count.
        seen: names of the counts that the points have; the coefficients of others are priors.
        spread: regime -> figure -> (low, high): real value plus 1 over estimate plus 1, ends of the interval.
        provenance: what it was fitted on.
    """

    lut: Mapping[str, float]
    ff: Mapping[str, float]
    seen: Mapping[str, Sequence[str]]
    spread: Mapping[str, Mapping[str, tuple[float, float]]]
    provenance: Mapping[str, Any]

    def unseen(self, name: str, counts: Counts) -> bool:
        """Whether much of a figure rests on coefficients that no point has a say in."""
        if name not in ("lut", "ff"):
            return False
        weights, found = getattr(self, name), getattr(counts, name)
        parts = {key: number * weights[key] for key, number in found.items()}
        new = sum(part for key, part in parts.items() if key not in self.seen[name])
        return new > MUCH * sum(parts.values())

    def figure(self, name: str, value: float, design: Design, outside: int) -> Figure:
        """A figure with the spread of its regime, in whole cycles or blocks.

        Args:
            name: of the figure.
            value: the estimate.
            design: what it is an estimate of.
            outside: in how many ways the design lies outside the points.
        """
        low, high = self.spread[regime(design)][name]
        widened = WIDER**outside
        below, above = (value + 1) * low / widened - 1, (value + 1) * high * widened - 1
        low, high = max(0.0, min(value, below)), max(value, above)
        return Figure(round(value), round(low), round(high))

    def to_dict(self) -> dict[str, Any]:
        """The content of `fitted.json`."""
        return {
            "provenance": dict(self.provenance),
            "coefficients": {"lut": dict(self.lut), "ff": dict(self.ff)},
            "seen": {figure: list(names) for figure, names in self.seen.items()},
            "spread": {
                key: {name: list(ends) for name, ends in rows.items()} for key, rows in self.spread.items()
            },
        }


def model_of(document: Mapping[str, Any]) -> Model:
    """The model that a document of `Model.to_dict` holds."""
    coefficients = document["coefficients"]
    spread = {
        key: {name: (float(ends[0]), float(ends[1])) for name, ends in rows.items()}
        for key, rows in document["spread"].items()
    }
    return Model(coefficients["lut"], coefficients["ff"], document["seen"], spread, document["provenance"])


@lru_cache(maxsize=1)
def fitted() -> Model:
    """The model as committed."""
    return model_of(json.loads(FILE.read_text()))


IN_MEMORY = ("memory, one layer", "memory, several layers", "memory, streamed")
"""Regimes of designs with weights in memory, whose values make no difference."""
ASSUMED = tuple(f"{kind}, weights assumed" for kind in ("unshared", "shared", "stream"))
"""Regimes of designs whose weights are not known and make a difference."""
REGIMES = (
    *IN_MEMORY,
    "no weights",
    *(each for name in ASSUMED for each in (name.replace("assumed", "known"), name)),
)


def regime(design: Design) -> str:
    """Which spread applies: how products are built, how layers are joined, and whether weights are known."""
    weighted = [layer for layer in design.layers if layer.products is not None]
    if any(layer.settings.in_memory for layer in weighted):
        if design.io == "stream":
            return "memory, streamed"
        return "memory, one layer" if len(weighted) == 1 else "memory, several layers"
    known = "assumed" if design.assumptions else "known"
    if design.io == "stream":
        return f"stream, weights {known}"
    if not weighted:
        return "no weights"
    turns = any(layer.settings.reuse_factor > 1 for layer in weighted)
    return f"{'shared' if turns else 'unshared'}, weights {known}"
