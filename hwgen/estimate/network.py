"""Figures of a design: its layers, what joins them, and the whole with its spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hwgen.estimate.area import KNOWN, joint_counts, layer_counts
from hwgen.estimate.counts import Counts, add, weigh
from hwgen.estimate.design import Design
from hwgen.estimate.figures import NAMES, Figure
from hwgen.estimate.model import Model
from hwgen.latency import rules
from hwgen.latency.interval import chain_interval, layer_interval
from hwgen.latency.layer import LayerShape
from hwgen.latency.stage import beats, own_cycles, padded, pixel_interval, run_layers

GIVES_UP = 256
"""Largest reuse factor at which a published network of several layers of strategy Latency was built as asked;
at 512 and 1028 the tool took all the multipliers it wanted."""


@dataclass(frozen=True)
class Estimate:
    """Of one design or layer.

    Args:
        name: of the layer or design.
        kind: of the layer; "" for a whole design.
        figures: by the names of `figures.NAMES`.
        least_latency: cycles of the fastest sample.
        notes: why its interval is wider than usual.
    """

    name: str
    kind: str
    figures: Mapping[str, Figure]
    least_latency: float
    notes: tuple[str, ...] = ()


def counts_of(design: Design) -> Counts:
    """Counts of all layers and of what joins them."""
    parts = [layer_counts(layer, design.io, design.timing) for layer in design.layers]
    if not design.alone:
        parts.append(joint_counts(design.layers, design.io, design.timing))
    counts = add(parts)
    return replace(counts, dsp=0) if design.fabric else counts


def values_of(design: Design, model: Model) -> dict[str, float]:
    """The estimates alone, by the names of `figures.NAMES`."""
    fed = beats(design.layers[0].source) - 1 if design.io == "stream" else 0
    counts = counts_of(design)
    return {
        "latency": run_layers(design.layers, design.io, design.timing, 0, fed)[-1].last,
        "interval": chain_interval(design.layers, design.io, design.timing),
        "lut": weigh(counts.lut, model.lut),
        "ff": weigh(counts.ff, model.ff),
        "dsp": counts.dsp,
        "bram_18k": counts.bram_18k,
    }


@dataclass(frozen=True)
class Caveat:
    """One way in which a design lies outside the published points.

    Args:
        note: what is different.
        figures: the figures that it makes less certain.
    """

    note: str
    figures: frozenset[str] = frozenset(NAMES)


TIMED = frozenset({"latency", "ff"})
"""Figures that depend on where registers are put."""


def _outside(design: Design, model: Model) -> tuple[Caveat, ...]:
    notes = list[Caveat]()
    if not design.timing.family.published:
        notes.append(Caveat(f"no published point of family {design.timing.family.name}"))
    unknown = sorted({layer.kind for layer in design.layers if layer.kind not in KNOWN})
    if unknown:
        notes.append(Caveat(f"no rule for {', '.join(unknown)}"))
    low, high = model.provenance["clock_ns"]
    clock = design.timing.clock_ns
    if not low <= clock <= high:
        notes.append(Caveat(f"clock of {clock:g} ns; published ones are of {low:g} to {high:g} ns", TIMED))
    weighted = [layer for layer in design.layers if layer.products is not None]
    named = {layer.settings.named for layer in weighted}
    other = sorted(name for name in named if name.lower() not in ("latency", "resource"))
    if other:
        told = f"strategy {', '.join(other)} is estimated as the nearer of Latency and Resource"
        notes.append(Caveat(told))
    shared = [layer for layer in weighted if layer.settings.strategy == "resource"]
    if design.timing.family.slow and design.io == "parallel" and shared:
        notes.append(Caveat("no published dense layer of strategy Resource on this family"))
    if design.io == "parallel" and design.dataflow and len(weighted) > 1:
        told = "no published LUT or FF of an io_parallel network of several layers as dataflow"
        notes.append(Caveat(told, frozenset({"lut", "ff"})))
    if any(layer.settings.reuse_factor > rules.LONG for layer in shared):
        notes.append(Caveat(f"reuse factor above {rules.LONG}: the tool may not overlap its steps"))
    return tuple(notes)


def _figures(
    values: Mapping[str, float], counts: Counts, design: Design, caveats: tuple[Caveat, ...], model: Model
) -> dict[str, Figure]:
    """Values with their spreads, wider for each caveat."""
    figures = {}
    for name in NAMES:
        outside = sum(name in caveat.figures for caveat in caveats) + 2 * model.unseen(name, counts)
        figures[name] = model.figure(name, values[name], design, outside)
    return figures


def _unsure_pixels(
    design: Design, values: Mapping[str, float], notes: tuple[str, ...], figures: dict[str, Figure]
) -> tuple[tuple[str, ...], dict[str, Figure]]:
    """Wider cycles for convolutions that Vitis HLS streams: two published designs say how long a pixel takes.

    At best as long as with sums of no depth, or the reuse factor asks for; at worst until its sum is through, and a
    cycle more.
    """
    convolutions = [
        layer
        for layer in design.layers
        if layer.kind == "conv"
        and layer.windowed
        and rules.overlaps(layer.settings.strategy, layer.settings.reuse_factor, design.timing)
    ]
    if not convolutions:
        return notes, figures
    cycles = [pixel_interval(layer, design.timing) for layer in convolutions]
    asked = [max(rules.VITIS_PIXEL, layer.settings.reuse_factor) for layer in convolutions]
    best = min(1.0, *(least / pixel for least, pixel in zip(asked, cycles, strict=True)))
    slowest = max(own_cycles(layer, design.timing) + rules.VITIS_PIXEL + 1 for layer in convolutions)
    worst = max(1.0, slowest / min(cycles))
    wider = {
        name: Figure(
            values[name],
            min(figures[name].low, values[name] * best),
            max(figures[name].high, values[name] * worst),
        )
        for name in ("latency", "interval")
    }
    told = "two published designs with convolutions that Vitis HLS streams: 2 or 3 cycles a pixel, not 1"
    return (*notes, told), figures | wider


def gives_up(design: Design) -> bool:
    """Whether the tool may ignore the reuse factor of a design."""
    reuse = [layer.settings.reuse_factor for layer in design.layers if layer.products is not None]
    return not design.dataflow and len(reuse) > 1 and max(reuse, default=1) > GIVES_UP


def _unshared(design: Design) -> Design:
    layers = tuple(
        replace(layer, settings=replace(layer.settings, reuse_factor=1)) for layer in design.layers
    )
    return replace(design, layers=layers)


def estimate_design(design: Design, model: Model) -> Estimate:
    """Estimates a whole design.

    Args:
        design: the design.
        model: coefficients and spreads.
    """
    caveats = _outside(design, model)
    notes = tuple(caveat.note for caveat in caveats)
    values = values_of(design, model)
    figures = _figures(values, counts_of(design), design, caveats, model)
    if design.io == "stream" and design.timing.backend == "Vitis":
        notes, figures = _unsure_pixels(design, values, notes, figures)
    if gives_up(design):
        notes = (*notes, f"reuse factor above {GIVES_UP}: the tool may ignore it")
        other = values_of(_unshared(design), model)
        figures = {
            name: Figure(figure.value, min(figure.low, 0.5 * other[name]), max(figure.high, 2 * other[name]))
            for name, figure in figures.items()
        }
    return Estimate(design.name, "", figures, _least(design, values["latency"]), notes)


def _least(design: Design, worst: float) -> float:
    """Latency of the fastest sample of a single layer; a chain waits for its slowest one all the same."""
    layer = design.layers[0]
    resource = layer.settings.strategy == "resource" and layer.settings.reuse_factor > 1
    if len(design.layers) > 1 or layer.products is None or not resource:
        return worst
    if design.io == "stream" and layer.windowed:
        rows, columns = padded(layer)
        return rows * columns * rules.PIXEL_IDLE[design.timing.family.slow]
    return worst - rules.RESOURCE_LESS


def estimate_layer(layer: LayerShape, design: Design, model: Model) -> Estimate:
    """Estimates one layer of a design alone.

    Args:
        layer: the layer.
        design: what it belongs to.
        model: coefficients and spreads.
    """
    alone = replace(design, name=layer.name, layers=(layer,), alone=True)
    caveats = _outside(alone, model)
    counts = counts_of(alone)
    interval = layer_interval(layer, design.io, design.timing)
    streamed = design.io == "stream" and len(layer.source) == 3
    values = {
        "latency": interval if streamed else own_cycles(layer, design.timing),
        "interval": interval,
        "lut": weigh(counts.lut, model.lut),
        "ff": weigh(counts.ff, model.ff),
        "dsp": counts.dsp,
        "bram_18k": counts.bram_18k,
    }
    figures = _figures(values, counts, alone, caveats, model)
    notes = tuple(caveat.note for caveat in caveats)
    return Estimate(layer.name, layer.kind, figures, _least(alone, values["latency"]), notes)
