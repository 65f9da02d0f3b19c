"""Energy per sample: the dynamic part from multiply-accumulates, with coefficients that say where they come from.

A multiply-accumulate costs what a multiplier and an adder of its widths cost on silicon at 45 nm and 0.9 V, times
what an FPGA takes more than standard cells. Neither is scaled to the part's node, and what moves data, clocks and
memories is not counted apart: the interval is wide, and a figure is fit to compare designs of one family, not to
size a supply. The static part depends on the part, its temperature and its voltage; no public source gives it for
single parts, so it is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hwgen.estimate.figures import Figure, total
from hwgen.latency.layer import LayerShape
from hwgen.latency.parts import Family
from hwgen.latency.stage import describe_layers
from hwgen.reference.layers import Layer, Weighted
from hwgen.reference.network import IntegerNetwork, Tensor, trace_layers

MULTIPLY_PJ, MULTIPLY_BITS = 3.1, 32
ADD_PJ, ADD_BITS = 0.1, 32
SILICON = (
    "M. Horowitz, Computing's energy problem, ISSCC 2014: 3.1 pJ for a 32-bit integer multiplication, 0.1 pJ for a "
    "32-bit addition, at 45 nm and 0.9 V; the first scaled with the product of the widths, the second with the width"
)
FPGA = Figure(14, 5, 28)
OVERHEAD = (
    "I. Kuon and J. Rose, Measuring the gap between FPGAs and ASICs, IEEE TCAD 26 (2), 2007: dynamic power about 14 "
    "times that of standard cells, less with hard blocks; here 5 to 28"
)
STATIC_REASON = (
    "no public source gives the static power of single parts; take it from the vendor's power estimator"
)
FITTING = ("7 series", "UltraScale", "UltraScale+")
"""Families whose DSPs and LUTs are taken to be of the kind that `FPGA` is about; the overhead was measured on an older
part of another vendor."""
_ADDED_BITS = 8
"""A sum is about so much wider than its products."""


def mac_pj(layer: LayerShape) -> float:
    """Energy of one multiply-accumulate of a layer on silicon, pJ."""
    product = layer.input_bits * layer.weight_bits
    added = layer.input_bits + layer.weight_bits + _ADDED_BITS
    return MULTIPLY_PJ * product / MULTIPLY_BITS**2 + ADD_PJ * added / ADD_BITS


def _part(layers: Sequence[Layer], source: Tensor) -> Figure:
    shapes = describe_layers(layers, source, {})
    tensors = trace_layers(tuple(layers), source)
    picojoules = sum(
        layer.macs(before.shape) * mac_pj(shape)
        for layer, shape, before in zip(layers, shapes, tensors[:-1], strict=True)
        if isinstance(layer, Weighted)
    )
    return FPGA.scaled(picojoules / 1000)


def energy(network: IntegerNetwork, shares: Sequence[float] | None, family: Family) -> dict[str, Any]:
    """Energy per sample in nJ.

    Args:
        network: the integer network.
        shares: of the samples that leave at each exit; None if unknown.
        family: of the part.
    Returns:
        `dynamic`: `per_exit`, `mean` (None without shares), `worst` (nobody leaves) as figures, `static_network`
        (all backbones and the last head alone), its `sources`; None with a `reason` for a family without
        coefficients. `static`: None, with a `reason`.
    """
    static = {"static": None, "static_reason": STATIC_REASON}
    if family.name not in FITTING:
        reason = f"no coefficient for family {family.name}"
        return {"unit": "nJ", "dynamic": None, "dynamic_reason": reason, **static}
    backbones = [_part(stage.backbone, stage.source) for stage in network.stages]
    heads = [_part(stage.head, stage.features) for stage in network.stages]
    per_exit = [total([*backbones[: index + 1], *heads[: index + 1]]) for index in range(len(heads))]
    mean = None
    if shares is not None:
        mean = total(figure.scaled(share) for figure, share in zip(per_exit, shares, strict=True)).to_dict()
    dynamic = {
        "per_exit": [figure.to_dict() for figure in per_exit],
        "mean": mean,
        "worst": per_exit[-1].to_dict(),
        "static_network": total([*backbones, heads[-1]]).to_dict(),
        "counted": "multiply-accumulates of stages and heads; no gates, buffers, clocks or memories",
        "sources": [SILICON, OVERHEAD],
    }
    return {"unit": "nJ", "dynamic": dynamic, **static}
