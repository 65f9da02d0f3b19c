"""The recipe's layer list as QKeras layers."""

from __future__ import annotations

from typing import Any, NamedTuple

from hwgen.recipe.layers import (
    LAYERS,
    AnyLayer,
    ConvLayer,
    DenseLayer,
    DepthwiseLayer,
    DropoutLayer,
    FlattenLayer,
    PoolLayer,
    SeparableLayer,
)
from hwgen.recipe.schema import Network
from hwgen.training.keras_env import keras_env
from hwgen.training.quantisers import relu_quantiser, signed_quantiser


class Entry(NamedTuple):
    """An unbuilt Keras layer.

    Args:
        layer: the layer.
        batch_norm: whether it is trained with batch normalisation.
        where: how messages call it.
    """

    layer: Any
    batch_norm: bool
    where: str


StageEntries = tuple[list[Entry], list[Entry]]
"""Backbone and head of one stage."""


class _Maker:
    """Makes Keras layers with the formats of one layer entry, or the network's."""

    def __init__(self, network: Network, classes: int) -> None:
        self._network = network
        self._classes = classes
        self._env = keras_env()

    def make(self, entry: AnyLayer, activated: bool, where: str) -> list[Entry]:
        layers = self._env.keras.layers
        if isinstance(entry, PoolLayer):
            return [Entry(layers.MaxPooling2D(entry.pool, entry.strides or entry.pool), False, where)]
        if isinstance(entry, FlattenLayer):
            return [Entry(layers.Flatten(), False, where)]
        if isinstance(entry, DropoutLayer):
            return [Entry(layers.Dropout(entry.dropout), False, where)]
        return self._weighted(entry, activated, where)

    def _weighted(
        self, entry: ConvLayer | DepthwiseLayer | SeparableLayer | DenseLayer, activated: bool, where: str
    ) -> list[Entry]:
        qkeras, norm = self._env.qkeras, entry.batch_norm
        weights = signed_quantiser(entry.weights or self._network.weights)
        bias = {"bias_quantizer": signed_quantiser(entry.bias or self._network.default_bias)}
        kernel, depth = {"kernel_quantizer": weights, **bias}, {"depthwise_quantizer": weights, **bias}
        format_after = entry.activations or self._network.activations

        def relu() -> Entry:
            return Entry(qkeras.QActivation(relu_quantiser(format_after)), False, where)

        after = [relu()] if activated else []
        if isinstance(entry, DenseLayer):
            units = self._classes if entry.dense == "classes" else entry.dense
            return [Entry(qkeras.QDense(units, **kernel), norm, where), *after]
        window = {"strides": entry.strides, "padding": entry.padding}
        if isinstance(entry, ConvLayer):
            return [Entry(qkeras.QConv2D(entry.conv, entry.kernel, **window, **kernel), norm, where), *after]
        size = entry.depthwise if isinstance(entry, DepthwiseLayer) else entry.kernel
        deep = Entry(qkeras.QDepthwiseConv2D(size, **window, **depth), norm, where)
        if isinstance(entry, DepthwiseLayer):
            return [deep, *after]
        point = Entry(qkeras.QConv2D(entry.separable, 1, padding="same", **kernel), norm, where)
        return [deep, relu(), point, *after]


def _part(maker: _Maker, entries: list[AnyLayer], last_is_logits: bool, key: str) -> list[Entry]:
    light = (PoolLayer, FlattenLayer, DropoutLayer)
    weighted = [index for index, entry in enumerate(entries) if not isinstance(entry, light)]
    logits = weighted[-1] if weighted and last_is_logits else -1
    made: list[Entry] = []
    for index, entry in enumerate(entries):
        kind = next(name for name, model in LAYERS.items() if isinstance(entry, model))
        made += maker.make(entry, activated=index != logits, where=f"{key}.{index} ({kind})")
    return made


def layers_of_list(network: Network, classes: int) -> list[StageEntries]:
    """(backbone, head) per stage, not built yet.

    Every conv and dense of a backbone, and all but the last of a head, gets its quantised ReLU.

    Args:
        network: the recipe's `network`, with `stages`.
        classes: what `dense: classes` stands for.
    """
    maker = _Maker(network, classes)
    return [
        (
            _part(maker, stage.layers, False, f"network.stages.{index}.layers"),
            _part(maker, stage.exit, True, f"network.stages.{index}.exit"),
        )
        for index, stage in enumerate(network.stages or [])
    ]
