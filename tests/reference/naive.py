"""The integer network as a reader would write it from the definition: loops, Python integers, exact fractions.

It shares no code with `hwgen.reference.executor`.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Flatten, Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork

Sample = Any
"""An object array of Python integers: raw values of one sample."""


def real(raw: int, fmt: FixedPoint) -> Fraction:
    return Fraction(int(raw)) / Fraction(2) ** fmt.fraction


def to_raw(value: Fraction, fmt: FixedPoint) -> int:
    """An exact value of the grid of `fmt` as its raw integer."""
    raw = value * Fraction(2) ** fmt.fraction
    assert raw.denominator == 1, "the value is not on the grid"
    return int(raw)


def padding(size: int, window: int, stride: int, kind: str) -> tuple[int, int]:
    """(outputs, padding before the first value) of one axis, as TensorFlow defines them."""
    if kind == "valid":
        return (size - window) // stride + 1, 0
    outputs = -(-size // stride)
    missing = max((outputs - 1) * stride + window - size, 0)
    return outputs, missing // 2


def pixels(sample: Sample, row: int, column: int) -> Any:
    """All channels of one pixel, or None where it lies in the padding."""
    rows, columns = sample.shape[:2]
    return sample[row, column] if 0 <= row < rows and 0 <= column < columns else None


def convolve(
    layer: Conv2D | DepthwiseConv2D, sample: Sample, source: FixedPoint, target: FixedPoint
) -> Sample:
    height, width = layer.kernel.shape[:2]
    rows, top = padding(sample.shape[0], height, layer.strides[0], layer.padding)
    columns, left = padding(sample.shape[1], width, layer.strides[1], layer.padding)
    deep = isinstance(layer, DepthwiseConv2D)
    outputs = layer.kernel.shape[2] if deep else layer.kernel.shape[3]
    result = np.empty((rows, columns, outputs), dtype=object)
    for row, column, output in itertools.product(range(rows), range(columns), range(outputs)):
        total = real(layer.bias[output], layer.bias_format)
        for i, j in itertools.product(range(height), range(width)):
            pixel = pixels(sample, row * layer.strides[0] + i - top, column * layer.strides[1] + j - left)
            if pixel is None:
                continue
            for channel in [output] if deep else range(len(pixel)):
                weight = layer.kernel[i, j, channel, 0 if deep else output]
                total += real(weight, layer.kernel_format) * real(pixel[channel], source)
        result[row, column, output] = to_raw(total, target)
    return result


def dense(layer: Dense, sample: Sample, source: FixedPoint, target: FixedPoint) -> Sample:
    result = np.empty(layer.kernel.shape[1], dtype=object)
    for output in range(layer.kernel.shape[1]):
        total = real(layer.bias[output], layer.bias_format)
        for index, raw in enumerate(sample):
            total += real(layer.kernel[index, output], layer.kernel_format) * real(raw, source)
        result[output] = to_raw(total, target)
    return result


def max_pool(layer: MaxPool2D, sample: Sample) -> Sample:
    rows, top = padding(sample.shape[0], layer.pool[0], layer.strides[0], layer.padding)
    columns, left = padding(sample.shape[1], layer.pool[1], layer.strides[1], layer.padding)
    result = np.empty((rows, columns, sample.shape[2]), dtype=object)
    for row, column, channel in np.ndindex(result.shape):
        window = [
            pixels(sample, row * layer.strides[0] + i - top, column * layer.strides[1] + j - left)
            for i in range(layer.pool[0])
            for j in range(layer.pool[1])
        ]
        result[row, column, channel] = max(pixel[channel] for pixel in window if pixel is not None)
    return result


def activate(layer: Activation, sample: Sample, source: FixedPoint) -> tuple[Sample, int]:
    """Values, and how many of them saturated."""
    result, saturated = np.empty(sample.shape, dtype=object), 0
    for index in np.ndindex(sample.shape):
        value = real(sample[index], source)
        if layer.function == "relu" and value < 0:
            value = Fraction(0)
        rounded = round(value * Fraction(2) ** layer.target.fraction)  # ties to even
        result[index] = min(max(rounded, layer.target.min_raw), layer.target.max_raw)
        saturated += result[index] != rounded
    return result, saturated


def run_layer(layer: Layer, sample: Sample, source: FixedPoint) -> tuple[Sample, FixedPoint, int]:
    """(output of one sample, its format, saturated values)."""
    target = layer.output_format(source)
    if isinstance(layer, Dense):
        return dense(layer, sample, source, target), target, 0
    if isinstance(layer, (Conv2D, DepthwiseConv2D)):
        return convolve(layer, sample, source, target), target, 0
    if isinstance(layer, MaxPool2D):
        return max_pool(layer, sample), target, 0
    if isinstance(layer, Activation):
        values, saturated = activate(layer, sample, source)
        return values, target, saturated
    assert isinstance(layer, Flatten)
    flat = [sample[index] for index in np.ndindex(sample.shape)]  # the last axis runs fastest
    return np.array(flat, dtype=object), target, 0


def run_layers(layers: tuple[Layer, ...], sample: Sample, source: FixedPoint) -> Sample:
    for layer in layers:
        sample, source, _ = run_layer(layer, sample, source)
    return sample


def run_network(network: IntegerNetwork, raw: Any) -> list[tuple[Any, Any]]:
    """(features, logits) per stage for all samples, as arrays of Python integers."""
    values = []
    samples = [np.asarray(sample).astype(object) for sample in raw]
    for stage in network.stages:
        samples = [run_layers(stage.backbone, sample, stage.source.format) for sample in samples]
        logits = [run_layers(stage.head, sample, stage.features.format) for sample in samples]
        values.append((np.stack(samples), np.stack(logits)))
    return values
