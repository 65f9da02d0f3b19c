"""Area of sums whose weights are constants in logic: strategy Latency, and Resource with reuse factor 1.

LUT: an adder per weight other than zero, whatever its width; another one per different weight of two signed digits,
and what a multiplication leaves outside its DSP, both as wide as the input. Multiplications that take turns need
multiplexers, of which a longer turn makes cheaper ones.
FF: where the sums overlap with themselves, registers per level; where multiplications take turns, one for every
product that waits for the last one.
"""

from __future__ import annotations

import math

from hwgen.estimate.counts import Counts
from hwgen.latency import rules
from hwgen.latency.layer import LayerShape
from hwgen.latency.products import dsp_per_product, takes_dsp

WIDTH = 16
"""Widths are counted in those of hls4ml's default type, so that coefficients are LUTs of one adder."""
LEVELS = 7
"""7 series: sums of more levels were not seen to take more registers per weight."""
FAN = 10
"""Doublings of the reuse factor after which a multiplexer costs nothing more than its states."""


def constant_sums(layer: LayerShape, timing: rules.Timing) -> Counts:
    """Counts of one set of sums; a convolution has one, which works on a window at a time.

    Args:
        layer: with products.
        timing: clock, part and tool.
    """
    products, reuse = layer.products, layer.settings.reuse_factor
    assert products is not None
    width, weight = layer.input_bits, layer.weight_bits
    dsp = rules.latency_multipliers(products, width, weight, reuse, timing)
    multiplied = takes_dsp(width, weight, timing.logic_bits)
    # A sum of one term is no sum.
    additions = products.nonzero if products.terms > 1 else 0
    lut = {
        "add": additions,
        "shift_add": products.distinct[1] * width / WIDTH,
        "multiply": products.distinct[2] * width / WIDTH,
    }
    if not multiplied:
        lut["fabric_multiply"] = products.distinct[2] * width * weight / WIDTH
    waiting = products.multiplications(width, weight, timing.logic_bits) - rules.multiplier_limit(
        products, reuse
    )
    if waiting > 0:
        lut["take_turns"] = waiting * max(0.0, 1 - math.log2(reuse) / FAN)
    return Counts(
        lut, _registers(layer, waiting > 0, additions, timing), dsp * dsp_per_product(width, weight)
    )


def _registers(layer: LayerShape, turns: bool, additions: int, timing: rules.Timing) -> dict[str, float]:
    products, reuse = layer.products, layer.settings.reuse_factor
    assert products is not None
    wide = takes_dsp(layer.input_bits, layer.weight_bits, timing.logic_bits)
    multiplied = products.distinct[2] > 0 and wide
    depth = rules.sum_depth(products, multiplied, timing)
    if timing.family.slow:
        return {
            "held": additions,
            "levels": additions * min(depth, LEVELS) / reuse,
        }
    counts = {"crossed": float(additions * min(depth, 1))}
    if turns:
        counts["waiting"] = additions * (1 - reuse**-0.5)
    return counts
