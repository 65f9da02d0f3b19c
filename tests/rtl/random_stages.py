"""Random stages of all layer kinds, with what breaks converters: dead neurons, constants, odd widths, saturation."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.reference.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Flatten, Layer, MaxPool2D
from hwgen.reference.network import Stage, Tensor, trace_layers


class Maker:
    """Makes layers one after another."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.count = 0

    def pick(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def name(self) -> str:
        self.count += 1
        return f"layer{self.count}"

    def format(self, signed: bool, bits: tuple[int, int] = (2, 6)) -> FixedPoint:
        width = self.pick(*bits)
        return FixedPoint(width, self.pick(-1, width + 1), signed)

    def _raw(self, fmt: FixedPoint, shape: tuple[int, ...]) -> IntArray:
        raw = self.rng.integers(fmt.min_raw, fmt.max_raw + 1, size=shape)
        raw[self.rng.random(shape) < self.rng.choice([0.0, 0.3, 0.7])] = 0
        if self.rng.random() < 0.3:
            raw[..., self.pick(0, shape[-1] - 1)] = 0  # a dead neuron: its sum is its bias
        return raw

    def _weights(
        self, shape: tuple[int, ...], outputs: int
    ) -> tuple[IntArray, FixedPoint, IntArray, FixedPoint]:
        weights, bias = self.format(True), self.format(True, (2, 9))
        return self._raw(weights, shape), weights, self._raw(bias, (outputs,)), bias

    def dense(self, source: Tensor, outputs: int) -> Layer:
        return Dense(self.name(), *self._weights((source.size, outputs), outputs))

    def windowed(self, source: Tensor) -> Layer:
        height, width, channels = source.shape
        padding = str(self.rng.choice(["same", "valid"]))
        kernel = (self.pick(1, min(3, height)), self.pick(1, min(3, width)))
        strides = (self.pick(1, 2), self.pick(1, 2))
        kind = self.pick(0, 2)
        if kind == 0:
            outputs = self.pick(1, 3)
            weights = self._weights((*kernel, channels, outputs), outputs)
            return Conv2D(self.name(), *weights, strides, padding)
        if kind == 1:
            return DepthwiseConv2D(
                self.name(), *self._weights((*kernel, channels, 1), channels), strides, padding
            )
        return MaxPool2D(self.name(), kernel, strides, padding)

    def activation(self, source: FixedPoint) -> Layer:
        relu = self.rng.random() < 0.6
        width = self.pick(1 if relu else 2, 6)
        # Around the input's own range, so that it saturates often and drops bits often.
        top = source.integer - int(source.signed)
        integer = self.pick(top - width, top) + int(not relu)
        return Activation(self.name(), "relu" if relu else "linear", FixedPoint(width, integer, not relu))


def random_stage(seed: int) -> Stage:
    """A stage whose backbone and head use any layer kind on a small input."""
    make = Maker(seed)
    image = make.rng.random() < 0.6
    shape = (make.pick(3, 5), make.pick(3, 5), make.pick(1, 2)) if image else (make.pick(1, 9),)
    source = Tensor(shape, make.format(bool(make.pick(0, 1)), (1, 6)))
    backbone: list[Layer] = []
    tensor = source

    def add(layers: list[Layer], layer: Layer) -> None:
        nonlocal tensor
        layers.append(layer)
        tensor = trace_layers((layer,), tensor)[-1]

    for _ in range(make.pick(1, 2)):
        add(backbone, make.windowed(tensor) if image else make.dense(tensor, make.pick(1, 6)))
        if tensor.format.width > 14 or make.rng.random() < 0.8:
            add(backbone, make.activation(tensor.format))
    head: list[Layer] = []
    if image:
        add(head, Flatten(make.name()))
    if make.rng.random() < 0.3:
        add(head, make.dense(tensor, make.pick(1, 5)))
        add(head, make.activation(tensor.format))
    add(head, make.dense(tensor, make.pick(2, 4)))
    if make.rng.random() < 0.2:
        add(head, make.activation(tensor.format))
    return Stage("stage1", source, tuple(backbone), tuple(head))
