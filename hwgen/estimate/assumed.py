"""The integer network that a recipe describes, before it is trained: the same layers, with weights drawn by lot.

Shapes, formats and names are those that training gives; the weights are spread as `assumed_products` states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from hwgen.errors import UsageError
from hwgen.fixedpoint import FixedPoint, IntArray
from hwgen.latency.products import ASSUMED_RANGE, assumed_limit
from hwgen.recipe.layers import (
    AnyLayer,
    ConvLayer,
    DenseLayer,
    DepthwiseLayer,
    DropoutLayer,
    FlattenLayer,
    PoolLayer,
    Quantiser,
    SeparableLayer,
)
from hwgen.recipe.schema import Network
from hwgen.reference.layers import Activation, Conv2D, Dense, DepthwiseConv2D, Flatten, Layer, MaxPool2D
from hwgen.reference.network import IntegerNetwork, Stage, Tensor, trace_layers

ASSUMPTION = f"drawn evenly from {ASSUMED_RANGE}, not trained"


class _Drawer:
    """Draws the layers of one stage or head."""

    def __init__(self, network: Network, classes: int, prefix: str, generator: np.random.Generator) -> None:
        self.network, self.classes, self.prefix, self.generator = network, classes, prefix, generator
        self.numbers: Counter[str] = Counter()

    def name(self, short: str) -> str:
        self.numbers[short] += 1
        return f"{self.prefix}_{short}{self.numbers[short]}"

    def kernel(
        self, entry: Quantiser | None, shape: tuple[int, ...], sums: int
    ) -> tuple[IntArray, FixedPoint]:
        given = entry or self.network.weights
        fmt = FixedPoint.from_recipe(given.bits, given.integer, signed=True)
        limit = assumed_limit(sums)
        drawn = self.generator.uniform(-limit, limit, shape) / fmt.lsb
        return np.clip(np.rint(drawn), fmt.min_raw, fmt.max_raw).astype(np.int64), fmt

    def bias(self, entry: Quantiser | None, outputs: int) -> tuple[IntArray, FixedPoint]:
        given = entry or self.network.default_bias
        return np.zeros(outputs, np.int64), FixedPoint.from_recipe(given.bits, given.integer, signed=True)

    def relu(self, entry: Quantiser | None) -> Layer:
        given = entry or self.network.activations
        target = FixedPoint.from_recipe(given.bits, given.integer, signed=False)
        return Activation(self.name("act"), "relu", target)

    def window(
        self, entry: ConvLayer | DepthwiseLayer | SeparableLayer, size: int, inputs: int, filters: int | None
    ) -> Layer:
        """A convolution; depthwise without `filters`."""
        strides, padding = (entry.strides, entry.strides), entry.padding
        shape = (size, size, inputs, filters or 1)
        sums = size * size * (inputs + (filters or inputs))
        if filters is None:
            sums = 2 * size * size
        kernel, fmt = self.kernel(entry.weights, shape, sums)
        bias, bias_format = self.bias(entry.bias, filters or inputs)
        kind = Conv2D if filters else DepthwiseConv2D
        name = self.name("conv" if filters else "depthwise")
        return kind(name, kernel, fmt, bias, bias_format, strides, padding)

    def layers(self, entry: AnyLayer, shape: tuple[int, ...], activated: bool) -> list[Layer]:
        """Layers of one entry of the list on an input of `shape`."""
        if isinstance(entry, DropoutLayer):
            return []
        if isinstance(entry, FlattenLayer):
            return [Flatten(self.name("flatten"))]
        if isinstance(entry, PoolLayer):
            step = entry.strides or entry.pool
            return [MaxPool2D(self.name("pool"), (entry.pool, entry.pool), (step, step))]
        if isinstance(entry, DenseLayer):
            units = self.classes if entry.dense == "classes" else int(entry.dense)
            kernel, fmt = self.kernel(entry.weights, (shape[-1], units), shape[-1] + units)
            found: list[Layer] = [Dense(self.name("dense"), kernel, fmt, *self.bias(entry.bias, units))]
        elif isinstance(entry, ConvLayer):
            found = [self.window(entry, entry.kernel, shape[-1], entry.conv)]
        elif isinstance(entry, DepthwiseLayer):
            found = [self.window(entry, entry.depthwise, shape[-1], None)]
        else:
            point = ConvLayer(conv=entry.separable, kernel=1, weights=entry.weights, bias=entry.bias)
            found = [
                self.window(entry, entry.kernel, shape[-1], None),
                self.relu(entry.activations),
                self.window(point, 1, shape[-1], entry.separable),
            ]
        return [*found, self.relu(entry.activations)] if activated else found

    def part(self, entries: Sequence[AnyLayer], source: Tensor, logits: bool) -> tuple[Layer, ...]:
        light = (PoolLayer, FlattenLayer, DropoutLayer)
        weighted = [index for index, entry in enumerate(entries) if not isinstance(entry, light)]
        last = weighted[-1] if weighted and logits else -1
        found: list[Layer] = []
        for index, entry in enumerate(entries):
            shape = trace_layers(tuple(found), source)[-1].shape
            found += self.layers(entry, shape, activated=index != last)
        return tuple(found)


def assumed_network(network: Network, source: Tensor, classes: int, seed: int) -> IntegerNetwork:
    """The network of a recipe with weights drawn by lot, the same for the same seed.

    Args:
        network: the recipe's `network`.
        source: shape and format of the input.
        classes: of the data.
        seed: of the weights.
    Raises:
        UsageError: the network is a Python function, which only training can call.
        NetworkError: layers that do not fit together.
    """
    if network.stages is None:
        raise UsageError(
            "network.python", "has no layers that could be read before training", "hwgen train RECIPE first"
        )
    generator = np.random.default_rng(seed)
    stages, tensor = [], source
    for number, entry in enumerate(network.stages, 1):
        backbone = _Drawer(network, classes, f"stage{number}", generator).part(entry.layers, tensor, False)
        features = trace_layers(backbone, tensor)[-1]
        head = _Drawer(network, classes, f"exit{number}", generator).part(entry.exit, features, True)
        stages.append(Stage(f"stage{number}", tensor, backbone, head))
        tensor = features
    return IntegerNetwork(tuple(stages))
