"""What a figure is made of: named counts, of which each has one fitted coefficient.

A rule of this package turns a layer into counts, such as additions or register bits. LUT and FF of a layer, and
of a whole network, are the sum of counts times coefficients, so that published figures of single layers and of
whole networks are fitted together. DSP, BRAM and cycles need no coefficient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Counts:
    """Of one layer, or of several.

    Args:
        lut, ff: count by name of its coefficient.
        dsp, bram_18k: blocks.
    """

    lut: Mapping[str, float] = field(default_factory=dict)
    ff: Mapping[str, float] = field(default_factory=dict)
    dsp: int = 0
    bram_18k: int = 0


def add(parts: Iterable[Counts]) -> Counts:
    """Sum of all."""
    lut: Counter[str] = Counter()
    ff: Counter[str] = Counter()
    dsp = bram = 0
    for part in parts:
        lut.update(part.lut)
        ff.update(part.ff)
        dsp, bram = dsp + part.dsp, bram + part.bram_18k
    return Counts(dict(lut), dict(ff), dsp, bram)


def weigh(counts: Mapping[str, float], coefficients: Mapping[str, float]) -> float:
    """Sum of counts times coefficients; a count without a coefficient is an error of this package."""
    return sum(number * coefficients[name] for name, number in counts.items())
