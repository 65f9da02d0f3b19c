"""Small integer networks with random weights, for tests that need no training."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Flatten, Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Stage, Tensor


class Builder:
    """Makes layers with random weights; all formats are given once."""

    def __init__(
        self,
        seed: int,
        weights: FixedPoint | None = None,
        activations: FixedPoint | None = None,
        bias: FixedPoint | None = None,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.weights = weights or FixedPoint(6, 1)
        self.activations = activations or FixedPoint(6, 2, False)
        self.bias = bias or FixedPoint(12, 4)
        self.count = 0

    def _raw(self, fmt: FixedPoint, shape: tuple[int, ...]) -> IntArray:
        return self.rng.integers(fmt.min_raw, fmt.max_raw + 1, size=shape)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def dense(self, inputs: int, outputs: int) -> Dense:
        return Dense(
            self.name("dense"),
            self._raw(self.weights, (inputs, outputs)),
            self.weights,
            self._raw(self.bias, (outputs,)),
            self.bias,
        )

    def conv(
        self, inputs: int, outputs: int, kernel: int = 3, strides: int = 1, padding: str = "same"
    ) -> Conv2D:
        return Conv2D(
            self.name("conv"),
            self._raw(self.weights, (kernel, kernel, inputs, outputs)),
            self.weights,
            self._raw(self.bias, (outputs,)),
            self.bias,
            (strides, strides),
            padding,
        )

    def depthwise(
        self, channels: int, kernel: int = 3, strides: int = 1, padding: str = "same"
    ) -> DepthwiseConv2D:
        return DepthwiseConv2D(
            self.name("depthwise"),
            self._raw(self.weights, (kernel, kernel, channels, 1)),
            self.weights,
            self._raw(self.bias, (channels,)),
            self.bias,
            (strides, strides),
            padding,
        )

    def relu(self) -> Activation:
        return Activation(self.name("relu"), "relu", self.activations)

    def linear(self, target: FixedPoint) -> Activation:
        return Activation(self.name("quantise"), "linear", target)

    def pool(self, size: int = 2) -> MaxPool2D:
        return MaxPool2D(self.name("pool"), (size, size), (size, size))

    def flatten(self) -> Flatten:
        return Flatten(self.name("flatten"))


def assemble(source: Tensor, stages: list[tuple[list[Layer], list[Layer]]]) -> IntegerNetwork:
    """A network from (backbone, head) pairs."""
    built: list[Stage] = []
    for number, (backbone, head) in enumerate(stages, 1):
        start = built[-1].features if built else source
        built.append(Stage(f"stage{number}", start, tuple(backbone), tuple(head)))
    return IntegerNetwork(tuple(built))


def images(seed: int = 0, classes: int = 4) -> IntegerNetwork:
    """Two stages on 6x6 images; both heads and the layer indices line up, shapes and weights differ."""
    make = Builder(seed)
    source = Tensor((6, 6, 1), FixedPoint(8, 0, False))
    return assemble(
        source,
        [
            ([make.conv(1, 3), make.relu(), make.pool()], [make.flatten(), make.dense(27, classes)]),
            ([make.conv(3, 4, padding="valid"), make.relu()], [make.flatten(), make.dense(4, classes)]),
        ],
    )


def tabular(seed: int = 0, stages: int = 3, width: int = 5, classes: int = 3) -> IntegerNetwork:
    """Dense stages of equal shapes with different weights: what a wrong weight loader would mix up."""
    make = Builder(seed)
    source = Tensor((width,), FixedPoint(8, 2, True))
    return assemble(
        source,
        [([make.dense(width, width), make.relu()], [make.dense(width, classes)]) for _ in range(stages)],
    )


def samples(network: IntegerNetwork, count: int, seed: int = 0) -> IntArray:
    """Random raw inputs that use the whole input format, extremes included."""
    fmt = network.source.format
    rng = np.random.default_rng(seed)
    raw = rng.integers(fmt.min_raw, fmt.max_raw + 1, size=(count, *network.source.shape))
    if count >= 2:
        raw[0], raw[1] = fmt.min_raw, fmt.max_raw
    return raw
