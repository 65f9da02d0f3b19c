"""A figure with its spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEVEL = 0.8
"""Share of cases that an interval is made to hold."""
NAMES = ("latency", "interval", "lut", "ff", "dsp", "bram_18k")
"""Figures of a design that published reports give: cycles, and blocks of the part."""
AREA = NAMES[2:]
"""Blocks of the part, the elements of an area."""

CSYNTH_FIGURES = "csynth figures; synthesis and routing change LUT and FF"
YOSYS_FIGURES = "what Yosys counts before placement, or an estimate of it"
OF = f"stages and layers: {CSYNTH_FIGURES}; blocks: {YOSYS_FIGURES}"
"""What figures of area are, by the blocks that they are of."""


@dataclass(frozen=True)
class Figure:
    """An estimate and the ends between which the real value is expected.

    Of stages and layers the interval is fitted to hold it in about `LEVEL` of the cases. Others say beside them what
    theirs is: an assumed factor (gates, controller), the span of a coefficient (energy), or none at all.

    Args:
        value: the estimate.
        low, high: ends of the interval, low <= value <= high.
    """

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """For JSON: whole numbers from 100 on, else three digits."""
        return {name: _short(getattr(self, name)) for name in ("value", "low", "high")}

    def scaled(self, factor: float) -> Figure:
        """The figure in another unit."""
        return Figure(self.value * factor, self.low * factor, self.high * factor)


def exactly(value: float) -> Figure:
    """A figure without a spread."""
    return Figure(value, value, value)


def total(parts: Iterable[Figure]) -> Figure:
    """Sum of figures that err together: ends are added, which is wider than for independent ones."""
    found = list(parts)
    return Figure(
        sum(part.value for part in found), sum(part.low for part in found), sum(part.high for part in found)
    )


def _short(value: float) -> float:
    rounded = float(f"{value:.3g}") if abs(value) < 100 else round(value)
    return int(rounded) if rounded == int(rounded) else rounded
