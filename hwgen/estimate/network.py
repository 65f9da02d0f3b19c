"""Figures of a design: its layers, what joins them, and the whole with its spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hwgen.estimate.area import joint_counts, layer_counts
from hwgen.estimate.caveats import GIVES_UP, caveats_of, gives_up, unsure_depth, unsure_pixels
from hwgen.estimate.counts import Counts, add, weigh
from hwgen.estimate.design import Design
from hwgen.estimate.figures import NAMES, Figure
from hwgen.estimate.model import Model
from hwgen.latency import rules
from hwgen.latency.interval import chain_interval, layer_interval
from hwgen.latency.layer import LayerShape
from hwgen.latency.stage import beats, own_cycles, padded, parallel_cycles, run_layers


@dataclass(frozen=True)
class Estimate:
    """Of one design or layer.

    Args:
        name: of the layer or design.
        kind: of the layer; "" for a whole design.
        figures: by the names of `figures.NAMES`.
        least_latency: cycles of the fastest sample; None where no rule gives them.
        notes: why its interval is wider than usual.
    """

    name: str
    kind: str
    figures: Mapping[str, Figure]
    least_latency: float | None
    notes: tuple[str, ...] = ()


def counts_of(design: Design) -> Counts:
    """Counts of all layers and of what joins them."""
    parts = [layer_counts(layer, design.io, design.timing) for layer in design.layers]
    if not design.alone:
        parts.append(joint_counts(design.layers, design.io, design.timing))
    counts = add(parts)
    return replace(counts, dsp=0) if design.fabric else counts


Cycles = Callable[[Design], tuple[float, float]]


def _chain_cycles(design: Design) -> tuple[float, float]:
    """Latency and interval of a whole design."""
    fed = beats(design.layers[0].source) - 1 if design.io == "stream" else 0
    latency = run_layers(design.layers, design.io, design.timing, 0, fed)[-1].last
    return latency, chain_interval(design.layers, design.io, design.timing)


def _layer_cycles(design: Design) -> tuple[float, float]:
    """Latency and interval of its only layer: an image that is streamed keeps it busy for the interval."""
    (layer,) = design.layers
    interval = layer_interval(layer, design.io, design.timing)
    if design.io == "parallel":
        return parallel_cycles(layer, design.timing), interval
    return interval if len(layer.source) == 3 else own_cycles(layer, design.timing), interval


def values_of(design: Design, model: Model, cycles: Cycles = _chain_cycles) -> dict[str, float]:
    """The estimates alone, by the names of `figures.NAMES`.

    Args:
        design: the design.
        model: coefficients.
        cycles: latency and interval of a design.
    """
    counts = counts_of(design)
    latency, interval = cycles(design)
    return {
        "latency": latency,
        "interval": interval,
        "lut": weigh(counts.lut, model.lut),
        "ff": weigh(counts.ff, model.ff),
        "dsp": counts.dsp,
        "bram_18k": counts.bram_18k,
    }


def _unshared(design: Design) -> Design:
    layers = tuple(
        replace(layer, settings=replace(layer.settings, reuse_factor=1)) for layer in design.layers
    )
    return replace(design, layers=layers)


def _finished(
    design: Design, whole: Design, model: Model, cycles: Cycles
) -> tuple[dict[str, Figure], tuple[str, ...]]:
    """Figures of a design, or of a layer of a whole one, with all that makes them wider, and why."""
    values, counts, caveats = values_of(design, model, cycles), counts_of(design), caveats_of(design, model)
    figures = {}
    for name in NAMES:
        outside = sum(name in caveat.figures for caveat in caveats) + 2 * model.unseen(name, counts)
        figures[name] = model.figure(name, values[name], design, outside)
    more, figures = unsure_pixels(design, unsure_depth(design, figures))
    notes = (*(caveat.note for caveat in caveats), *more)
    if gives_up(whole):
        notes = (*notes, f"reuse factor above {GIVES_UP}: the tool may ignore it")
        other = values_of(_unshared(design), model, cycles)
        figures = {
            name: Figure(figure.value, min(figure.low, 0.5 * other[name]), max(figure.high, 2 * other[name]))
            for name, figure in figures.items()
        }
    return figures, notes


def _least(design: Design, worst: float) -> float | None:
    """Latency of the fastest sample of a layer with weights in memory; a chain of layers has no rule for it."""
    layer = design.layers[0]
    if len(design.layers) > 1 or layer.products is None or not layer.settings.in_memory:
        return None
    if design.io == "stream" and layer.windowed:
        rows, columns = padded(layer)
        return rows * columns * rules.PIXEL_IDLE[design.timing.family.slow]
    return None if layer.windowed else worst - rules.RESOURCE_LESS


def estimate_design(design: Design, model: Model) -> Estimate:
    """Estimates a whole design.

    Args:
        design: the design.
        model: coefficients and spreads.
    """
    figures, notes = _finished(design, design, model, _chain_cycles)
    return Estimate(design.name, "", figures, _least(design, figures["latency"].value), notes)


def estimate_layer(layer: LayerShape, design: Design, model: Model) -> Estimate:
    """Estimates one layer of a design alone.

    Args:
        layer: the layer.
        design: what it belongs to.
        model: coefficients and spreads.
    """
    alone = replace(design, name=layer.name, layers=(layer,), alone=True)
    figures, notes = _finished(alone, design, model, _layer_cycles)
    return Estimate(layer.name, layer.kind, figures, _least(alone, figures["latency"].value), notes)
