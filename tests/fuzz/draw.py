"""Draws a small multi-exit network from a seed: layers, formats, input, exits, io type.

Equal seeds give equal networks as long as `GENERATOR` stays; raise it with every change of what is drawn.
The criteria are drawn last, from those that are registered.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace

from hwgen.criteria import get_criterion, names
from hwgen.fixedpoint import FixedPoint
from hwgen.reference.layers import Shape, window_output
from hwgen.reference.network import Tensor

GENERATOR = 1


@dataclass(frozen=True)
class Format:
    """A number format as recipes write it: `integer` does not count the sign."""

    bits: int
    integer: int


@dataclass(frozen=True)
class Block:
    """One drawn layer; what a kind does not have keeps its default.

    Args:
        activation: (`relu` or `linear`, format) of what follows the layer.
    """

    kind: str
    units: int = 0
    kernel: tuple[int, int] = (1, 1)
    strides: tuple[int, int] = (1, 1)
    padding: str = "valid"
    weights: Format = Format(6, 1)
    bias: Format | None = None
    activation: tuple[str, Format] | None = None


@dataclass
class Case:
    """Everything that is drawn before the weights.

    Args:
        python: written as a Python network, which may hold more than a layer list.
        source: shape and format of the input; `signed` and the rest as in a recipe.
        stages: (backbone, head) pairs.
        criteria: one per early exit.
        abstain: criterion of the last exit, or None.
    """

    seed: int
    python: bool
    shape: Shape
    input: Format
    signed: bool
    classes: int
    io: str
    backend: str
    stages: list[tuple[list[Block], list[Block]]] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    abstain: str | None = None

    @property
    def source(self) -> Tensor:
        return Tensor(self.shape, FixedPoint.from_recipe(self.input.bits, self.input.integer, self.signed))


class _Drawer:
    """Keeps the shape and the rough size of the values while layers are drawn."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"hwgen-{GENERATOR}-{seed}")
        self.case = self._start(seed)
        self.shape = self.case.shape
        self.top = float(self.case.input.integer)  # log2 of the largest values to expect

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _start(self, seed: int) -> Case:
        rng = self.rng
        signed = self.chance(0.4)
        bits = rng.randint(1, 12)
        integer = rng.randint(-20, 20) if self.chance(0.03) else rng.randint(-2, 4)
        if self.chance(0.65):
            shape: Shape = (rng.randint(2, 7), rng.randint(2, 7), rng.randint(1, 3))
        else:
            shape = (rng.randint(1, 16),)
        return Case(
            seed,
            python=self.chance(0.4),
            shape=shape,
            input=Format(bits, max(-16, min(integer, 16))),
            signed=signed,
            classes=rng.randint(2, 12),
            io=rng.choice(("stream", "parallel")),
            backend="Vivado" if self.chance(0.2) else "Vitis",
        )

    def _weights(self) -> Format:
        bits = self.rng.randint(13, 16) if self.chance(0.04) else self.rng.randint(2, 12)
        return Format(bits, self.rng.randint(-8, 8) if self.chance(0.05) else self.rng.randint(-2, 3))

    def _bias(self) -> Format | None:
        if self.case.python and self.chance(0.25):
            return None
        return Format(self.rng.randint(2, 14), self.rng.randint(-3, 5))

    def _activation(self) -> tuple[str, Format] | None:
        if self.case.python and self.chance(0.15):
            return None
        bits = self.rng.randint(13, 16) if self.chance(0.04) else self.rng.randint(2, 12)
        integer = (
            self.rng.randint(-6, 10) if self.chance(0.08) else round(self.top + self.rng.uniform(-2.5, 1))
        )
        integer = max(-16, min(integer, 16))
        self.top = min(self.top, float(integer))
        function = "linear" if self.case.python and self.chance(0.4) else "relu"
        return function, Format(bits, integer)

    def _grow(self, weights: Format, terms: int) -> None:
        self.top += weights.integer + 0.5 * math.log2(max(terms, 1)) - 0.5

    def _pair(self, largest: int, side: int) -> tuple[int, int]:
        first = self.rng.randint(1, largest)
        other = self.rng.randint(1, largest) if self.case.python and self.chance(0.3) else first
        return min(first, side), min(other, side)

    def _window(self, kind: str) -> Block:
        """A convolution that fits the shape."""
        padding = self.rng.choice(("same", "valid"))
        kernel = self._pair(3, 3)
        if padding == "valid":
            small = min(self.shape[:2])
            kernel = (min(kernel[0], small), min(kernel[1], small))
        stride = self._pair(2, 2)
        strides = stride if kind == "conv" else (stride[0], stride[0])
        if not self.case.python:
            kernel = (kernel[0], kernel[0])
        weights, channels = self._weights(), self.shape[2]
        units = channels if kind == "depthwise" else self.rng.randint(1, 6)
        self._grow(weights, kernel[0] * kernel[1] * (channels if kind == "conv" else 1))
        if kind == "separable":
            self._grow(weights, channels)
        rows = window_output(self.shape[0], kernel[0], strides[0], padding)
        columns = window_output(self.shape[1], kernel[1], strides[1], padding)
        self.shape = (rows, columns, units)
        return Block(kind, units, kernel, strides, padding, weights, self._bias(), self._activation())

    def _pool(self) -> Block:
        largest = min(3, *self.shape[:2])
        size = self._pair(largest, largest)
        if not self.case.python:
            size = (size[0], size[0])
        strides = size if self.chance(0.95) else (self.rng.randint(1, 3),) * 2
        rows = window_output(self.shape[0], size[0], strides[0], "valid")
        columns = window_output(self.shape[1], size[1], strides[1], "valid")
        self.shape = (rows, columns, self.shape[2])
        return Block("pool", kernel=size, strides=strides)

    def _flatten(self) -> Block:
        self.shape = (math.prod(self.shape),)
        return Block("flatten")

    def _dense(self, units: int) -> Block:
        weights = self._weights()
        self._grow(weights, self.shape[0])
        self.shape = (units,)
        return Block("dense", units, weights=weights, bias=self._bias(), activation=self._activation())

    def _layer(self) -> list[Block]:
        if len(self.shape) == 1:
            dense = [self._dense(self.rng.randint(1, 8))]
            return [*dense, Block("dropout")] if self.chance(0.04) else dense
        kind = self.rng.choices(("conv", "depthwise", "separable", "pool", "flatten"), (45, 20, 12, 15, 8))[0]
        if kind == "pool":
            return [self._pool()]
        if kind == "flatten":
            return [self._flatten(), self._dense(self.rng.randint(1, 8))]
        return [self._window(kind)]

    def _rounded(self, layer: Block) -> Block:
        """The layer as the one that gives the logits: exact sums, or rounded in a Python network."""
        return layer if self.case.python and self.chance(0.3) else replace(layer, activation=None)

    def _convolved(self) -> list[Block]:
        """Logits of a convolution whose one window covers the features."""
        weights, kernel = self._weights(), (self.shape[0], self.shape[1])
        self._grow(weights, math.prod(self.shape))
        block = Block(
            "conv", self.case.classes, kernel, (1, 1), "valid", weights, self._bias(), self._activation()
        )
        return [self._rounded(block), Block("flatten")]

    def _head(self) -> list[Block]:
        """From the features to the logits; the backbone goes on from the features again."""
        shape, top = self.shape, self.top
        blocks: list[Block] = []
        if (
            len(shape) == 3
            and max(shape[:2]) <= 3
            and (self.case.python or shape[0] == shape[1])
            and self.chance(0.2)
        ):
            blocks = self._convolved()
            self.shape, self.top = shape, top
            return blocks
        if len(self.shape) == 3:
            if self.chance(0.25):
                blocks.append(self._window(self.rng.choice(("conv", "depthwise"))))
            if self.chance(0.2):
                blocks.append(self._pool())
            blocks.append(self._flatten())
        if self.chance(0.2):
            blocks.append(self._dense(self.rng.randint(1, 8)))
        blocks.append(self._rounded(self._dense(self.case.classes)))
        self.shape, self.top = shape, top
        return blocks

    def _criterion(self, head: list[Block]) -> str:
        """Any that can read the head: some want a dense layer at its end, without activation."""
        dense = head[-1].kind == "dense" and head[-1].activation is None
        return self.rng.choice([name for name in names() if dense or not get_criterion(name).reads_embedding])

    def draw(self) -> Case:
        case = self.case
        for _ in range(self.rng.choices((1, 2, 3), (25, 55, 20))[0]):
            backbone: list[Block] = []
            for _ in range(self.rng.choices((1, 2, 3), (50, 35, 15))[0]):
                backbone += self._layer()
            if len(self.shape) == 3 and self.chance(0.06):
                backbone.append(self._flatten())
            case.stages.append((backbone, self._head()))
        heads = [head for _, head in case.stages]
        case.criteria = [self._criterion(head) for head in heads[:-1]]
        case.abstain = self._criterion(heads[-1]) if self.chance(0.4) else None
        return case


def draw(seed: int) -> Case:
    """The case of a seed."""
    return _Drawer(seed).draw()
