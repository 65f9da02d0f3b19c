"""Layers of the integer network: what each one holds, its shape, range and cost.

A layer is a frozen record. Weighted layers produce the exact accumulator: no rounding, no
saturation. All rounding and saturation happens in `Activation`. Tensors are channels-last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwgen.errors import NetworkError, RangeError
from hwgen.fixedpoint import MAX_WIDTH, FixedPoint, IntArray, format_for_range

Shape = tuple[int, ...]


def same_padding(size: int, window: int, stride: int) -> tuple[int, int]:
    """Zeros before and after one axis under TensorFlow's `same` rule."""
    out = -(-size // stride)
    total = max((out - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def window_output(size: int, window: int, stride: int, padding: str) -> int:
    """Output length of one axis of a windowed layer."""
    if padding == "same":
        return -(-size // stride)
    return (size - window) // stride + 1


@dataclass(frozen=True)
class Layer:
    """Common part of all layers. `kind` is the name in the file format."""

    name: str
    kind: ClassVar[str] = ""

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for one input sample of `shape`."""
        raise NotImplementedError(self.kind)

    def output_format(self, source: FixedPoint) -> FixedPoint:
        """Format of the output for inputs of `source`."""
        return source

    def macs(self, shape: Shape) -> int:
        """Multiply-accumulates for one sample of input `shape`."""
        return 0


@dataclass(frozen=True)
class Weighted(Layer):
    """A layer with kernel and bias whose output is the exact accumulator.

    Args:
        kernel: raw int64 of `kernel_format`.
        bias: raw int64 of `bias_format`, shape (outputs,).
    """

    kernel: IntArray
    kernel_format: FixedPoint
    bias: IntArray
    bias_format: FixedPoint

    def __post_init__(self) -> None:
        self.kernel_format.check(self.kernel, f"{self.name}.kernel")
        self.bias_format.check(self.bias, f"{self.name}.bias")

    def kernel_matrix(self) -> IntArray:
        """Kernel as int64 (terms of one sum, outputs)."""
        return self.kernel.reshape(-1, self.kernel.shape[-1])

    def accumulator_fraction(self, source: FixedPoint) -> int:
        return max(source.fraction + self.kernel_format.fraction, self.bias_format.fraction)

    def shifts(self, source: FixedPoint) -> tuple[int, int]:
        """Left shifts that align product and bias with the accumulator."""
        fraction = self.accumulator_fraction(source)
        product = source.fraction + self.kernel_format.fraction
        return fraction - product, fraction - self.bias_format.fraction

    def output_format(self, source: FixedPoint) -> FixedPoint:
        """Narrowest format that holds every partial sum in any order, for any input of `source`.

        Raises:
            NetworkError: no format is wide enough.
        """
        matrix = self.kernel_matrix().astype(object)
        positive = np.where(matrix > 0, matrix, 0)
        negative = np.where(matrix < 0, matrix, 0)
        high_input, low_input = source.max_raw, min(source.min_raw, 0)
        up, bias_up = self.shifts(source)
        bias = self.bias.astype(object) * (1 << bias_up)
        high = (positive * high_input + negative * low_input).sum(axis=0) * (1 << up)
        low = (positive * low_input + negative * high_input).sum(axis=0) * (1 << up)
        top = int(max((high + np.maximum(bias, 0)).max(), 0))
        bottom = int(min((low + np.minimum(bias, 0)).min(), 0))
        try:
            return format_for_range(bottom, top, self.accumulator_fraction(source))
        except RangeError as error:
            raise NetworkError(
                f"layer {self.name}",
                f"its sums need more than {MAX_WIDTH} bits",
                "use fewer bits, or formats of weights, bias and input whose points lie closer together",
            ) from error


@dataclass(frozen=True)
class Dense(Weighted):
    """Fully connected layer; kernel (inputs, outputs)."""

    kind: ClassVar[str] = "dense"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1 or shape[0] != self.kernel.shape[0]:
            raise NetworkError(
                f"layer {self.name}",
                f"dense expects a vector of {self.kernel.shape[0]}, received shape {shape}",
                "put {flatten} before it",
            )
        return (self.kernel.shape[1],)

    def macs(self, shape: Shape) -> int:
        return int(self.kernel.size)


@dataclass(frozen=True)
class Windowed(Weighted):
    """Common part of the convolutions. Kernel (height, width, inputs, outputs)."""

    strides: tuple[int, int] = (1, 1)
    padding: str = "same"

    def output_shape(self, shape: Shape) -> Shape:
        height, width = self.kernel.shape[:2]
        if len(shape) != 3:
            raise NetworkError(
                f"layer {self.name}",
                f"{self.kind} expects height x width x channels, received shape {shape}",
                "use it before {flatten} and dense layers",
            )
        channels = self.input_channels
        if shape[2] != channels:
            raise NetworkError(
                f"layer {self.name}", f"kernel has {channels} input channels, received {shape[2]}"
            )
        rows = window_output(shape[0], height, self.strides[0], self.padding)
        columns = window_output(shape[1], width, self.strides[1], self.padding)
        if rows < 1 or columns < 1:
            raise NetworkError(
                f"layer {self.name}",
                f"a {height}x{width} window does not fit an input of {shape[0]}x{shape[1]}",
                "use padding: same or a smaller kernel",
            )
        return (rows, columns, self.output_channels)

    @property
    def input_channels(self) -> int:
        return int(self.kernel.shape[2])

    @property
    def output_channels(self) -> int:
        return int(self.kernel.shape[3])

    def macs(self, shape: Shape) -> int:
        rows, columns, _ = self.output_shape(shape)
        return int(rows * columns * self.kernel.size)


@dataclass(frozen=True)
class Conv2D(Windowed):
    """Convolution; kernel (height, width, inputs, outputs)."""

    kind: ClassVar[str] = "conv2d"


@dataclass(frozen=True)
class DepthwiseConv2D(Windowed):
    """One filter per channel; kernel (height, width, channels, 1)."""

    kind: ClassVar[str] = "depthwise_conv2d"

    @property
    def output_channels(self) -> int:
        return int(self.kernel.shape[2])

    def kernel_matrix(self) -> IntArray:
        return self.kernel[..., 0].reshape(-1, self.kernel.shape[2])


@dataclass(frozen=True)
class MaxPool2D(Layer):
    """Maximum over windows."""

    pool: tuple[int, int]
    strides: tuple[int, int]
    padding: str = "valid"
    kind: ClassVar[str] = "max_pool2d"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise NetworkError(
                f"layer {self.name}",
                f"pool expects height x width x channels, received shape {shape}",
                "use it before {flatten} and dense layers",
            )
        rows = window_output(shape[0], self.pool[0], self.strides[0], self.padding)
        columns = window_output(shape[1], self.pool[1], self.strides[1], self.padding)
        if rows < 1 or columns < 1:
            raise NetworkError(
                f"layer {self.name}",
                f"a {self.pool[0]}x{self.pool[1]} pool does not fit an input of {shape[0]}x{shape[1]}",
                "remove it or use a smaller pool",
            )
        return (rows, columns, shape[2])


@dataclass(frozen=True)
class Flatten(Layer):
    """Height x width x channels to a vector, channels fastest."""

    kind: ClassVar[str] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (int(np.prod(shape)),)


@dataclass(frozen=True)
class Activation(Layer):
    """Rounds half to even and saturates to `target`; `relu` clamps negatives to zero first."""

    function: str
    target: FixedPoint
    kind: ClassVar[str] = "activation"

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def output_format(self, source: FixedPoint) -> FixedPoint:
        return self.target
