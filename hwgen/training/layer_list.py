"""The recipe's layer list as QKeras layers."""

from __future__ import annotations

from typing import Any

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
from hwgen.training.keras_env import keras_env
from hwgen.training.quantisers import relu_quantiser, signed_quantiser

LayerPair = tuple[Any, bool]
"""A Keras layer, and whether it is trained with batch normalisation."""


class _Maker:
    """Makes Keras layers with the formats of one layer entry, or the network's."""

    def __init__(self, network: Network, classes: int) -> None:
        self._network = network
        self._classes = classes
        self._env = keras_env()

    def make(self, entry: AnyLayer, activated: bool) -> list[LayerPair]:
        if isinstance(entry, PoolLayer):
            return [(self._env.keras.layers.MaxPooling2D(entry.pool, entry.strides or entry.pool), False)]
        if isinstance(entry, FlattenLayer):
            return [(self._env.keras.layers.Flatten(), False)]
        if isinstance(entry, DropoutLayer):
            return [(self._env.keras.layers.Dropout(entry.dropout), False)]
        return self._weighted(entry, activated)

    def _weighted(
        self, entry: ConvLayer | DepthwiseLayer | SeparableLayer | DenseLayer, activated: bool
    ) -> list[LayerPair]:
        weights = entry.weights or self._network.weights
        bias = entry.bias or self._network.default_bias
        relu = entry.activations or self._network.activations
        common = {"bias_quantizer": signed_quantiser(bias)}
        qkeras, kernel = self._env.qkeras, {"kernel_quantizer": signed_quantiser(weights)}
        depthwise = {"depthwise_quantizer": signed_quantiser(weights)}
        after = self._relu(relu) if activated else []
        if isinstance(entry, DenseLayer):
            units = self._classes if entry.dense == "classes" else entry.dense
            return [(qkeras.QDense(units, **kernel, **common), entry.batch_norm), *after]
        window = {"strides": entry.strides, "padding": entry.padding}
        if isinstance(entry, ConvLayer):
            conv = qkeras.QConv2D(entry.conv, entry.kernel, **window, **kernel, **common)
            return [(conv, entry.batch_norm), *after]
        size = entry.depthwise if isinstance(entry, DepthwiseLayer) else entry.kernel
        deep = (qkeras.QDepthwiseConv2D(size, **window, **depthwise, **common), entry.batch_norm)
        if isinstance(entry, DepthwiseLayer):
            return [deep, *after]
        point = qkeras.QConv2D(entry.separable, 1, padding="same", **kernel, **common)
        return [deep, *self._relu(relu), (point, entry.batch_norm), *after]

    def _relu(self, entry: Quantiser) -> list[LayerPair]:
        return [(self._env.qkeras.QActivation(relu_quantiser(entry)), False)]


def _part(maker: _Maker, entries: list[AnyLayer], last_is_logits: bool) -> list[LayerPair]:
    weighted = [
        index
        for index, entry in enumerate(entries)
        if not isinstance(entry, (PoolLayer, FlattenLayer, DropoutLayer))
    ]
    logits = weighted[-1] if weighted and last_is_logits else -1
    layers: list[LayerPair] = []
    for index, entry in enumerate(entries):
        layers += maker.make(entry, activated=index != logits)
    return layers


def layers_of_list(network: Network, classes: int) -> list[tuple[list[LayerPair], list[LayerPair]]]:
    """(backbone, head) per stage, not built yet.

    Every conv and dense of a backbone, and all but the last of a head, gets its quantised ReLU.

    Args:
        network: the recipe's `network`, with `stages`.
        classes: what `dense: classes` stands for.
    """
    maker = _Maker(network, classes)
    return [
        (_part(maker, stage.layers, last_is_logits=False), _part(maker, stage.exit, last_is_logits=True))
        for stage in network.stages or []
    ]
