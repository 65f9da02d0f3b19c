"""Layers of the integer network on symbolic values: the twin of `hwgen.reference.executor.run_layer`."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import (
    Activation,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Layer,
    MaxPool2D,
    Weighted,
    Windowed,
    same_padding,
)
from hwgen.rtl.stages.activation import activate
from hwgen.rtl.stages.symbols import Value, linear

Values = npt.NDArray[np.object_]
"""Symbolic raw values of one sample, in the shape of its tensor."""


def _taps(size: int, window: int, stride: int, padding: str, position: int) -> list[tuple[int, int]]:
    """(index in the window, index in the axis) of the taps of one output that lie on the input."""
    before = same_padding(size, window, stride)[0] if padding == "same" else 0
    first = position * stride - before
    return [(tap, first + tap) for tap in range(window) if 0 <= first + tap < size]


def _windows(
    shape: tuple[int, ...], output: tuple[int, ...], window: tuple[int, int], layer: Any
) -> list[list[tuple[int, int, int, int]]]:
    """Per output position, row by row: (window row, window column, row, column) of its taps."""
    return [
        [
            (i, j, row, column)
            for i, row in _taps(shape[0], window[0], layer.strides[0], layer.padding, r)
            for j, column in _taps(shape[1], window[1], layer.strides[1], layer.padding, c)
        ]
        for r in range(output[0])
        for c in range(output[1])
    ]


def _weighted(layer: Weighted, values: Values, source: FixedPoint) -> Values:
    up, bias_up = layer.shifts(source)
    kernel, bias = layer.kernel << up, [int(number) << bias_up for number in layer.bias]
    if isinstance(layer, Dense):
        return _array(linear(list(values), kernel, bias), (kernel.shape[1],))
    assert isinstance(layer, Windowed)
    output = layer.output_shape(values.shape)
    rows: list[Value] = []
    for taps in _windows(values.shape, output, layer.kernel.shape[:2], layer):
        if isinstance(layer, DepthwiseConv2D):
            for channel in range(values.shape[2]):
                column = np.array([[kernel[i, j, channel, 0]] for i, j, _, _ in taps])
                rows += linear([values[r, c, channel] for _, _, r, c in taps], column, [bias[channel]])
        else:
            matrix = np.concatenate([kernel[i, j] for i, j, _, _ in taps])
            rows += linear([value for _, _, r, c in taps for value in values[r, c]], matrix, bias)
    return _array(rows, output)


def _pool(layer: MaxPool2D, values: Values) -> Values:
    output = layer.output_shape(values.shape)
    # Padding is the smallest value of the format: it never wins against what lies on the input.
    rows = [
        reduce(lambda best, other: best.max_of(other), [values[r, c, channel] for _, _, r, c in taps])
        for taps in _windows(values.shape, output, layer.pool, layer)
        for channel in range(values.shape[2])
    ]
    return _array(rows, output)


def _array(values: list[Value], shape: tuple[int, ...]) -> Values:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def unroll(layers: tuple[Layer, ...], values: Values, source: FixedPoint) -> Values:
    """Output of `layers`.

    Args:
        layers: in order.
        values: raw values of `source`, in the shape of the first layer's input.
        source: their format.
    """
    for layer in layers:
        if isinstance(layer, Weighted):
            values = _weighted(layer, values, source)
        elif isinstance(layer, Activation):
            values = _array([activate(layer, value, source) for value in values.ravel()], values.shape)
        elif isinstance(layer, MaxPool2D):
            values = _pool(layer, values)
        elif isinstance(layer, Flatten):
            values = values.reshape(-1)
        else:
            raise NotImplementedError(layer.kind)
        source = layer.output_format(source)
    return values
