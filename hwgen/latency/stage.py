"""Cycles of one stage: layers in io_stream overlap, layers in io_parallel follow one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hwgen.latency import rules
from hwgen.latency.settings import layer_settings
from hwgen.reference.layers import (
    Activation,
    Flatten,
    Layer,
    MaxPool2D,
    Shape,
    Weighted,
    Windowed,
    same_padding,
)
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
    """

    io: str
    backend: str
    clock_ns: float
    hls: dict[str, Any]


def _beats(shape: Shape) -> int:
    """io_stream beats of one sample: one per pixel, a vector in one [hls4ml]."""
    return shape[0] * shape[1] if len(shape) == 3 else 1


def _stream_windowed(
    size: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    shape: Shape,
    out: Shape,
    first: int,
    last: int,
    interval: int,
    depth: int,
) -> tuple[int, int]:
    """First and last output of a line-buffered window.

    Every input pixel, padding included, enters one after another; the first output comes when the
    first window is complete, the last one `depth` after the last pixel that a window needs.
    """
    rows, columns = shape[0], shape[1]
    if padding == "same":
        rows += sum(same_padding(rows, size[0], strides[0]))
        columns += sum(same_padding(columns, size[1], strides[1]))
    pixels = rows * columns
    spacing = max(interval, math.ceil((last - first) / max(pixels - 1, 1)))
    to_first = (size[0] - 1) * columns + size[1] - 1
    needed = ((out[0] - 1) * strides[0] + size[0] - 1) * columns + (out[1] - 1) * strides[1] + size[1] - 1
    end = max(last, first + (pixels - 1) * interval)
    surplus = (pixels - 1 - needed) * interval
    return first + to_first * spacing + depth, max(end - surplus, first + needed * interval) + depth


def _stream_layer(
    layer: Layer, before: Tensor, after: Tensor, first: int, last: int, target: Target
) -> tuple[int, int]:
    if isinstance(layer, Flatten):
        return first, last
    settings = layer_settings(target.hls, layer)
    if isinstance(layer, Windowed):
        depth = rules.weighted_depth(layer, settings, target.backend, target.clock_ns)
        height, width = layer.kernel.shape[:2]
        return _stream_windowed(
            (height, width),
            layer.strides,
            layer.padding,
            before.shape,
            after.shape,
            first,
            last,
            rules.stream_pixel_interval(settings),
            depth,
        )
    if isinstance(layer, Weighted):
        # A dense layer reads its whole input before it starts [hls4ml].
        end = last + rules.weighted_depth(layer, settings, target.backend, target.clock_ns) + 1
        return end, end
    if isinstance(layer, MaxPool2D):
        return _stream_windowed(
            layer.pool,
            layer.strides,
            layer.padding,
            before.shape,
            after.shape,
            first,
            last,
            1,
            rules.POOL_DEPTH,
        )
    return first + 1, last + 1  # activations keep up with one beat per cycle [hls4ml]


def _parallel_layer(layer: Layer, after: Tensor, target: Target) -> int:
    if isinstance(layer, Flatten):
        return 0
    settings = layer_settings(target.hls, layer)
    if isinstance(layer, Windowed):
        return rules.parallel_windowed(layer, after.shape, settings, target.backend, target.clock_ns)
    if isinstance(layer, Weighted):
        return rules.weighted_depth(layer, settings, target.backend, target.clock_ns)
    if isinstance(layer, MaxPool2D):
        return rules.POOL_DEPTH + settings.reuse_factor - 1
    assert isinstance(layer, Activation)
    return 1


def _run(
    layers: tuple[Layer, ...], source: Tensor, first: int, last: int, target: Target
) -> list[LayerCycles]:
    tensors = trace_layers(layers, source)
    entries = []
    for layer, before, after in zip(layers, tensors[:-1], tensors[1:], strict=True):
        if target.io == "stream":
            first, last = _stream_layer(layer, before, after, first, last, target)
        else:
            last += _parallel_layer(layer, after, target)
            first = last
        entries.append(LayerCycles(layer.name, first, last))
    return entries


def stage_cycles(stage: Stage, target: Target) -> tuple[int, list[LayerCycles]]:
    """Cycles of one sample through a stage.

    Args:
        stage: the stage; it starts with its input in RAM (stream) or registers (parallel).
        target: what it is built for.
    Returns:
        (cycles until features and logits are complete, one entry per layer).
    """
    fed = _beats(stage.source.shape) - 1 if target.io == "stream" else 0
    backbone = _run(stage.backbone, stage.source, 0, fed, target)
    head = _run(stage.head, stage.features, backbone[-1].first, backbone[-1].last, target)
    collected = 1 if target.io == "stream" else 0
    return max(backbone[-1].last, head[-1].last) + collected, backbone + head
