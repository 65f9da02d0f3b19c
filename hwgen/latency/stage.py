"""Cycles of one stage: layers in io_stream overlap, layers in io_parallel follow one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwgen.latency import rules
from hwgen.latency.layer import LayerShape, describe
from hwgen.reference.layers import Layer, Shape, same_padding
from hwgen.reference.network import Stage, Tensor, trace_layers


@dataclass(frozen=True)
class LayerCycles:
    """When one layer is at work on a sample.

    Args:
        layer: name of the layer.
        first: cycle of its first output, counted from the start of the stage.
        last: cycle of its last output.
    """

    layer: str
    first: int
    last: int


@dataclass(frozen=True)
class Target:
    """What the firmware is built for.

    Args:
        io: `stream` or `parallel`.
        backend: `Vitis` or `Vivado`.
        clock_ns: clock period.
        hls: the recipe's `hls`.
        part: the recipe's `firmware.part`.
    """

    io: str
    backend: str
    clock_ns: float
    hls: dict[str, Any]
    part: str

    @property
    def timing(self) -> rules.Timing:
        return rules.Timing(self.backend, self.clock_ns, self.part)


def beats(shape: Shape) -> int:
    """io_stream beats of one sample: one per pixel, a vector in one [hls4ml]."""
    return shape[0] * shape[1] if len(shape) == 3 else 1


def padded(layer: LayerShape) -> tuple[int, int]:
    """Rows and columns that enter a windowed layer, padding included."""
    rows, columns = layer.source[0], layer.source[1]
    if layer.padding == "same":
        rows += sum(same_padding(rows, layer.window[0], layer.strides[0]))
        columns += sum(same_padding(columns, layer.window[1], layer.strides[1]))
    return rows, columns


def own_cycles(layer: LayerShape, timing: rules.Timing) -> int:
    """Cycles of a layer, or of one window of it, from inputs that are all there to its outputs."""
    settings = layer.settings
    if layer.products is not None:
        return rules.weighted_cycles(
            layer.products,
            layer.input_bits,
            layer.weight_bits,
            settings.strategy,
            settings.reuse_factor,
            timing,
        )
    if layer.kind == "activation":
        return rules.activation_cycles(layer.function, timing)
    if layer.kind == "softmax":
        return rules.softmax_cycles(layer.source[-1], timing)
    if layer.kind == "pool":
        return settings.reuse_factor - 1
    return 0


def pixel_interval(layer: LayerShape, timing: rules.Timing) -> int:
    """io_stream: cycles per pixel that enters a windowed layer."""
    if layer.products is None:
        return rules.POOL_PIXEL[timing.family.slow]
    settings, cycles = layer.settings, own_cycles(layer, timing)
    return rules.stream_pixel_interval(
        settings.strategy, settings.reuse_factor, cycles, timing, depthwise=layer.kind == "depthwise"
    )


def _stream_windowed(layer: LayerShape, first: int, last: int, timing: rules.Timing) -> tuple[int, int]:
    """First and last output of a line-buffered window.

    Every input pixel, padding included, enters one after another; the first output comes when the
    first window is complete, the last one a little after the last pixel that a window needs.
    """
    interval = pixel_interval(layer, timing)
    depth = max(1, own_cycles(layer, timing)) if layer.products is not None else rules.POOL_DEPTH
    rows, columns = padded(layer)
    pixels = rows * columns
    spacing = max(interval, math.ceil((last - first) / max(pixels - 1, 1)))
    to_first = (layer.window[0] - 1) * columns + layer.window[1] - 1
    out, strides = layer.result, layer.strides
    down = (out[0] - 1) * strides[0] + layer.window[0] - 1
    across = (out[1] - 1) * strides[1] + layer.window[1] - 1
    needed = down * columns + across
    end = max(last, first + (pixels - 1) * interval)
    surplus = (pixels - 1 - needed) * interval
    return first + to_first * spacing + depth, max(end - surplus, first + needed * interval) + depth


def _stream_layer(layer: LayerShape, first: int, last: int, timing: rules.Timing) -> tuple[int, int]:
    if layer.kind == "flatten":
        return first, last
    if layer.windowed:
        return _stream_windowed(layer, first, last, timing)
    if layer.products is not None:
        # A dense layer reads its whole input before it starts [hls4ml].
        end = last + own_cycles(layer, timing) + 1
        return end, end
    own = own_cycles(layer, timing)
    return first + 1 + own, last + 1 + own  # activations keep up with one beat per cycle [hls4ml]


def parallel_cycles(layer: LayerShape, timing: rules.Timing) -> int:
    """io_parallel: cycles of a layer on a sample, all its windows included.

    Args:
        layer: the layer.
        timing: clock, part and tool.
    """
    if layer.products is not None and layer.windowed:
        pixels = layer.result[0] * layer.result[1]
        reuse, depth = layer.settings.reuse_factor, max(1, own_cycles(layer, timing))
        return rules.parallel_windowed(pixels, layer.settings.parallel_pixels, reuse, depth)
    return own_cycles(layer, timing)


def run_layers(
    layers: Sequence[LayerShape], io: str, timing: rules.Timing, first: int, last: int, calls: int = 0
) -> list[LayerCycles]:
    """When each of a chain of layers is at work.

    Args:
        layers: in order.
        io: `stream` or `parallel`.
        timing: clock, part and tool.
        first, last: cycles of the first and the last beat that enters.
        calls: io_parallel: layers in front of them.
    """
    entries = []
    for layer in layers:
        if io == "stream":
            first, last = _stream_layer(layer, first, last, timing)
        else:
            last += parallel_cycles(layer, timing)
            if layer.kind != "flatten":
                last += rules.call_cycles(calls + 1, timing) - rules.call_cycles(calls, timing)
                calls += 1
            first = last
        entries.append(LayerCycles(layer.name, first, last))
    return entries


def describe_layers(layers: Sequence[Layer], source: Tensor, hls: dict[str, Any]) -> list[LayerShape]:
    """Descriptions of a chain of layers that starts from `source`."""
    tensors = trace_layers(tuple(layers), source)
    return [
        describe(layer, before, after, hls)
        for layer, before, after in zip(layers, tensors[:-1], tensors[1:], strict=True)
    ]


def describe_stage(stage: Stage, hls: dict[str, Any]) -> list[LayerShape]:
    """Descriptions of all layers of a stage, those of the head behind those of the backbone."""
    return [
        *describe_layers(stage.backbone, stage.source, hls),
        *describe_layers(stage.head, stage.features, hls),
    ]


def stage_cycles(stage: Stage, target: Target) -> tuple[int, list[LayerCycles]]:
    """Cycles of one sample through a stage.

    Args:
        stage: the stage; it starts with its input in RAM (stream) or registers (parallel).
        target: what it is built for.
    Returns:
        (cycles until features and logits are complete, at least 1; one entry per layer).
    """
    fed = beats(stage.source.shape) - 1 if target.io == "stream" else 0
    layers = describe_layers(stage.backbone, stage.source, target.hls)
    backbone = run_layers(layers, target.io, target.timing, 0, fed)
    behind = describe_layers(stage.head, stage.features, target.hls)
    calls = sum(layer.kind != "flatten" for layer in layers)
    head = run_layers(behind, target.io, target.timing, backbone[-1].first, backbone[-1].last, calls)
    collected = 1 if target.io == "stream" else 0
    return max(1, backbone[-1].last, head[-1].last) + collected, backbone + head
