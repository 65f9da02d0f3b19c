"""Cycles between two samples that a chain of layers takes, as hls4ml joins it: pipelined whole, or as dataflow."""

from __future__ import annotations

from collections.abc import Sequence

from hwgen.latency import rules
from hwgen.latency.layer import LayerShape
from hwgen.latency.stage import beats, own_cycles, padded, pixel_interval

STREAM_DEPTH = 3
"""[published] io_stream: a convolution that overlaps with itself is done 3 cycles after its last pixel."""


def _windowed_interval(layer: LayerShape, timing: rules.Timing) -> int:
    rows, columns = padded(layer)
    settings = layer.settings
    overlaps = layer.products is None or rules.overlaps(settings.strategy, settings.reuse_factor, timing)
    return rows * columns * pixel_interval(layer, timing) + (STREAM_DEPTH if overlaps else 0)


def stream_interval(layer: LayerShape, timing: rules.Timing) -> int:
    """io_stream: cycles that one layer is busy with a sample.

    Args:
        layer: the layer.
        timing: clock, part and tool.
    """
    if layer.windowed:
        return _windowed_interval(layer, timing)
    if len(layer.source) == 3:
        return layer.source[0] * layer.source[1] + rules.ACTIVATION_DEPTH
    own, reuse = own_cycles(layer, timing), layer.settings.reuse_factor
    if layer.products is not None and reuse > 1:
        resource = layer.settings.strategy == "resource"
        # [published] Vitis HLS starts the loop of Resource again at once (3 of 3 layers of one design).
        return reuse if resource and timing.backend == "Vitis" else own + 1
    # [published] Vitis HLS does not overlap a vector with the next one.
    return own + 2 if timing.backend == "Vitis" else 1


def _parallel_interval(layer: LayerShape, timing: rules.Timing) -> int:
    if layer.products is None:
        return 1
    reuse, own = layer.settings.reuse_factor, own_cycles(layer, timing)
    if layer.windowed:
        pixels, side = layer.result[0] * layer.result[1], layer.settings.parallel_pixels
        if timing.backend == "Vitis":
            # [published] Vitis HLS starts the loop over pixels again when it has ended, Vivado HLS at once.
            return rules.parallel_windowed(pixels, side, reuse, max(1, own)) + 1
        return -(-pixels // side) * reuse
    if layer.settings.strategy == "resource":
        return reuse if reuse > 1 and not rules.long_loop(reuse, timing) else own + 1
    return rules.latency_interval(reuse, own)


def layer_interval(layer: LayerShape, io: str, timing: rules.Timing) -> int:
    """Cycles between two samples of one layer.

    Args:
        layer: the layer.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
    """
    if layer.kind == "flatten":
        # What follows reads the image beat by beat.
        return beats(layer.source) if io == "stream" else 1
    return stream_interval(layer, timing) if io == "stream" else _parallel_interval(layer, timing)


def contains_depth(layers: Sequence[LayerShape], io: str, timing: rules.Timing) -> bool:
    """Whether the interval of a chain is that of a layer which Vitis HLS starts again only when it has ended.

    Args:
        layers: in order.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
    """
    if timing.backend != "Vitis":
        return False
    slowest = max(layers, key=lambda layer: layer_interval(layer, io, timing))
    if slowest.products is None:
        return False
    if io == "parallel":
        return slowest.windowed
    return not slowest.windowed and len(slowest.source) != 3 and not slowest.settings.in_memory


def chain_interval(layers: Sequence[LayerShape], io: str, timing: rules.Timing) -> int:
    """Cycles between two samples of a chain: the slowest layer's, and one to start it again in io_stream.

    Args:
        layers: in order.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
    """
    slowest = max(layer_interval(layer, io, timing) for layer in layers)
    images = any(layer.windowed for layer in layers)
    return slowest + (io == "stream" and images)
