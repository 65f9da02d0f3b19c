"""The ways in which one layer can be built: strategy and reuse factor, with the cycles and area of each.

Reuse factors are those that hls4ml builds as asked: with strategy Resource the ones its kernels can take, with
strategy Latency the divisors of the number of products. What another choice beats in everything is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwgen.estimate.area import layer_counts
from hwgen.estimate.counts import Counts, weigh
from hwgen.estimate.model import Model
from hwgen.fixedpoint import FloatArray
from hwgen.latency.interval import layer_interval
from hwgen.latency.layer import LayerShape
from hwgen.latency.rules import Timing
from hwgen.latency.settings import Settings, divisors, is_valid_reuse_factor, kind_of_strategy

STRATEGIES = ("Latency", "Resource")
"""Tried where the recipe names none; with a reuse factor of 1 both are the same."""


@dataclass(frozen=True)
class Choice:
    """One way to build a layer.

    Args:
        interval: cycles between two samples.
        area: by `AREA`, estimates.
        settings: strategy and reuse factor.
    """

    interval: int
    area: tuple[float, ...]
    settings: Settings


def area_of(counts: Counts, model: Model) -> FloatArray:
    """Counts as an area, float64 (4,)."""
    lut, ff = weigh(counts.lut, model.lut), weigh(counts.ff, model.ff)
    return np.array([lut, ff, counts.dsp, counts.bram_18k], dtype=np.float64)


def _reuse_factors(layer: LayerShape, io: str, named: str) -> Iterable[int]:
    """Reuse factors of one strategy that hls4ml has working code for (docs/recipe.md)."""
    products = layer.products
    assert products is not None
    every = divisors(products.terms * products.outputs)
    if kind_of_strategy(named) == "latency":
        return every
    if layer.kind == "depthwise" and io == "parallel":
        return []
    most = products.terms if layer.kind == "conv" and io == "parallel" else every[-1]
    least = 1 if named.lower() == "resource" else 2
    return [
        reuse
        for reuse in every
        if least <= reuse <= most and is_valid_reuse_factor(products.terms, products.outputs, reuse)
    ]


def _beats(better: Choice, worse: Choice) -> bool:
    return better.interval <= worse.interval and all(
        here <= there for here, there in zip(better.area, worse.area, strict=True)
    )


def undominated(found: Iterable[Choice]) -> tuple[Choice, ...]:
    """Choices that no other one equals or beats in interval and every block; of equal ones the first."""
    kept: list[Choice] = []
    for choice in sorted(found, key=lambda each: (each.interval, *each.area)):
        # Whatever beats it comes before it in this order.
        if not any(_beats(other, choice) for other in kept):
            kept.append(choice)
    return tuple(kept)


def layer_choices(
    layer: LayerShape, io: str, timing: Timing, strategies: Sequence[str], model: Model
) -> tuple[Choice, ...]:
    """All choices of a layer worth a look; one for a layer without weights.

    Args:
        layer: the layer.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
        strategies: names of those to try.
        model: coefficients.
    """
    if layer.products is None:
        settings = [layer.settings]
    else:
        settings = [
            replace(layer.settings, strategy=kind_of_strategy(named), named=named, reuse_factor=reuse)
            for named in strategies
            for reuse in _reuse_factors(layer, io, named)
        ]
    shapes = [replace(layer, settings=each) for each in settings]
    return undominated(
        Choice(
            layer_interval(shape, io, timing),
            tuple(area_of(layer_counts(shape, io, timing), model).tolist()),
            shape.settings,
        )
        for shape in shapes
    )
