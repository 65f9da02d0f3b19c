"""Where a design lies outside the published points, or a rule is known to fail: what makes its intervals wider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwgen.estimate.area import KNOWN
from hwgen.estimate.design import Design
from hwgen.estimate.figures import NAMES, Figure
from hwgen.estimate.model import Model
from hwgen.latency import rules
from hwgen.latency.interval import contains_depth
from hwgen.latency.stage import own_cycles, pixel_interval

GIVES_UP = 256
"""Largest reuse factor at which a published network of several layers of strategy Latency was built as asked;
at 512 and 1028 the tool took all the multipliers it wanted."""


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


def caveats_of(design: Design, model: Model) -> tuple[Caveat, ...]:
    """All ways in which a design lies outside the points.

    Args:
        design: a whole one, or a layer alone.
        model: with the clocks that it was fitted on.
    """
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
        told = f"reuse factor above {rules.LONG}: the tool may not overlap its steps"
        if design.timing.backend == "Vitis":
            told += ", which Vivado HLS does not; of Vitis HLS none was published"
        notes.append(Caveat(told))
    return tuple(notes)


def _wider(figure: Figure, below: float, above: float) -> Figure:
    """A figure whose interval reaches at least so far, as ratios of its value."""
    return Figure(figure.value, min(figure.low, figure.value * below), max(figure.high, figure.value * above))


def unsure_depth(design: Design, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The interval, where it holds the depth of a layer no surer than the latency, which is made of the same depth.

    Args:
        design: a whole one, or a layer alone.
        figures: of it.
    """
    latency = figures["latency"]
    slowest = contains_depth(design.layers, design.io, design.timing)
    if not slowest or not latency.value:
        return dict(figures)
    below, above = latency.low / latency.value, latency.high / latency.value
    return {**figures, "interval": _wider(figures["interval"], below, above)}


def unsure_pixels(design: Design, figures: Mapping[str, Figure]) -> tuple[tuple[str, ...], dict[str, Figure]]:
    """Wider cycles for convolutions that Vitis HLS streams: two published designs say how long a pixel takes.

    At best as long as with sums of no depth, or the reuse factor asks for; at worst until its sum is through, and a
    cycle more.

    Args:
        design: a whole one, or a layer alone.
        figures: of it.
    Returns:
        (a note if there is such a convolution, the figures).
    """
    convolutions = [
        layer
        for layer in design.layers
        if layer.kind == "conv"
        and layer.windowed
        and rules.overlaps(layer.settings.strategy, layer.settings.reuse_factor, design.timing)
    ]
    if design.io != "stream" or design.timing.backend != "Vitis" or not convolutions:
        return (), dict(figures)
    cycles = [pixel_interval(layer, design.timing) for layer in convolutions]
    asked = [max(rules.VITIS_PIXEL, layer.settings.reuse_factor) for layer in convolutions]
    best = min(1.0, *(least / pixel for least, pixel in zip(asked, cycles, strict=True)))
    slowest = max(own_cycles(layer, design.timing) + rules.VITIS_PIXEL + 1 for layer in convolutions)
    worst = max(1.0, slowest / min(cycles))
    told = "two published designs with convolutions that Vitis HLS streams: 2 or 3 cycles a pixel, not 1"
    wider = {name: _wider(figures[name], best, worst) for name in ("latency", "interval")}
    return (told,), {**figures, **wider}


def gives_up(design: Design) -> bool:
    """Whether the tool may ignore the reuse factor of a design, which is pipelined as a whole."""
    reuse = [layer.settings.reuse_factor for layer in design.layers if layer.products is not None]
    return not design.dataflow and len(reuse) > 1 and max(reuse, default=1) > GIVES_UP
