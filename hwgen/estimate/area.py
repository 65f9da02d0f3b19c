"""The counts of a layer and of what joins layers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwgen.estimate.constant_sums import constant_sums
from hwgen.estimate.counts import Counts, add
from hwgen.estimate.functions import activation, normalise, softmax
from hwgen.estimate.shared_sums import shared_sums
from hwgen.estimate.windows import fifo, pooling, window
from hwgen.latency import rules
from hwgen.latency.layer import LayerShape
from hwgen.latency.stage import padded, run_layers

KNOWN = ("dense", "conv", "depthwise", "pool", "activation", "softmax", "normalise", "flatten")
"""Kinds that have a rule."""


def layer_counts(layer: LayerShape, io: str, timing: rules.Timing) -> Counts:
    """Counts of one layer alone; none for a kind without a rule.

    Args:
        layer: the layer.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
    """
    if layer.products is not None:
        sums = shared_sums(layer) if layer.settings.in_memory else constant_sums(layer, timing)
        if io != "stream":
            return sums
        if layer.windowed:
            return add([sums, window(layer)])
        # A dense layer holds its input while it takes its weights from memory.
        held = math.prod(layer.source) * layer.input_bits if layer.settings.in_memory else 0
        return add([sums, Counts({}, {"shared_input_bits": float(held)})])
    if layer.kind == "pool":
        return pooling(layer, io)
    if layer.kind == "activation":
        return activation(layer, io, timing)
    if layer.kind == "softmax":
        return softmax(layer, io, timing)
    if layer.kind == "normalise":
        return normalise(layer, io)
    return Counts()


def _fifos(layer: LayerShape, number: int) -> list[tuple[int, int, int]]:
    """Depth, channels and width of the FIFOs in front of a layer: its input, and its padded input."""
    found = []
    channels, bits = layer.source[-1], layer.input_bits
    if number and layer.kind != "flatten":
        found.append((math.prod(layer.source[:-1]), channels, bits))
    if layer.windowed and padded(layer) != layer.source[:2]:
        # hls4ml pads in a layer of its own.
        found.append((math.prod(padded(layer)), channels, bits))
    return found


def joint_counts(layers: Sequence[LayerShape], io: str, timing: rules.Timing) -> Counts:
    """What a design has besides its layers: registers at the input and between layers, or FIFOs.

    Args:
        layers: all layers, in order.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
    """
    if io == "stream":
        return add(
            fifo(*sizes, timing.backend)
            for number, layer in enumerate(layers)
            for sizes in _fifos(layer, number)
        )
    first = layers[0]
    if run_layers(layers, io, timing, 0, 0)[-1].last == 0:
        # All is done within a cycle: inputs are held, with two bits of control (exact, 28 published designs).
        return Counts({}, {"input_bits": math.prod(first.source) * first.input_bits + 2.0})
    between = sum(math.prod(layer.result) * layer.output_bits for layer in layers[:-1])
    return Counts({}, {"between_bits": float(between)})
