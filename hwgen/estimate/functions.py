"""Area of layers without weights: activations, softmax, batch normalisation."""

from __future__ import annotations

import math

from hwgen.estimate.counts import Counts
from hwgen.latency import rules
from hwgen.latency.layer import LayerShape

ROUNDED_BITS = 16
"""Outputs narrower than hls4ml's default type are rounded and saturated, which costs more than the comparison."""


def _units(layer: LayerShape, io: str) -> int:
    """Elements that are worked on side by side: all in io_parallel, one beat in io_stream."""
    return layer.source[-1] if io == "stream" else math.prod(layer.source)


def activation(layer: LayerShape, io: str, timing: rules.Timing) -> Counts:
    """ReLU and its relatives compare; functions with a table take half a block RAM per element."""
    units = _units(layer, io)
    if layer.function in rules.TABLE_FUNCTIONS:
        return Counts({"table": units}, {"table": units}, bram_18k=-(-units // 2))
    if layer.function in ("", "linear") and layer.output_bits >= layer.input_bits:
        return Counts()
    narrow = layer.output_bits < layer.input_bits
    if layer.function == "scaled_relu":
        # A slope that is no power of two: a product per element.
        return Counts({"normalise": float(units)}, {"normalise": float(units)}, dsp=units)
    name = "leaky_bits" if layer.function == "leaky_relu" else "relu_bits"
    lut = {"round": float(units)} if narrow else {name: float(units * layer.output_bits)}
    # Where the clock leaves no time for it, the answer is put into registers.
    late = rules.activation_cycles(layer.function, timing)
    return Counts(lut, {"activation": float(units * late)} if late else {})


def softmax(layer: LayerShape, io: str, timing: rules.Timing) -> Counts:
    """hls4ml's softmax: a product per class, tables of exponents read by two classes each, one of inverses.

    In io_stream the products share multipliers as the reuse factor says.
    """
    classes = layer.source[-1]
    tables = -(-classes // 2) + 1
    blocks = tables
    if timing.backend == "Vitis" and timing.family.slow:
        blocks = classes
    elif timing.backend == "Vitis" and io == "parallel":
        blocks = 2 * tables  # three of three designs, each of 5 classes
    products = -(-classes // layer.settings.reuse_factor) if io == "stream" else classes
    ff = "softmax_slow" if timing.family.slow else "softmax"
    return Counts({"softmax": classes}, {ff: classes}, dsp=products, bram_18k=blocks)


def normalise(layer: LayerShape, io: str) -> Counts:
    """A product per channel."""
    units = _units(layer, io)
    shared = -(-math.prod(layer.source) // layer.settings.reuse_factor)
    return Counts({"normalise": units}, {"normalise": units}, dsp=min(units, shared))
