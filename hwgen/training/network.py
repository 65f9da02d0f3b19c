"""The Keras side of a multi-exit network: one code path for layer lists and Python networks.

Every layer is checked, built and exported once before training starts, so a network that does
not fit its data or cannot be exact is refused at once.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hwgen.errors import NetworkError
from hwgen.recipe import LoadedRecipe
from hwgen.reference.layers import Layer
from hwgen.reference.network import IntegerNetwork, Stage, Tensor
from hwgen.training.export import check_supported, export_layer
from hwgen.training.layer_list import Entry, layers_of_list
from hwgen.training.python_network import layers_of_python

_SHORT = {
    "QDense": "dense",
    "QConv2D": "conv",
    "QDepthwiseConv2D": "depthwise",
    "QSeparableConv2D": "separable",
    "QActivation": "act",
    "MaxPooling2D": "pool",
    "Flatten": "flatten",
    "Dropout": "dropout",
}


@dataclass(frozen=True)
class Node:
    """One Keras layer of the network.

    Args:
        name: unique; the integer layer has the same name.
        where: how messages call it.
        layer: the built Keras layer.
        batch_norm: trained with batch normalisation before quantisation.
    """

    name: str
    where: str
    layer: Any
    batch_norm: bool

    def weights(self) -> Iterator[tuple[str, Any]]:
        """(name of the weight, Keras variable)."""
        for variable in self.layer.weights:
            yield re.sub(r":\d+$", "", variable.name.rpartition("/")[2]), variable


@dataclass(frozen=True)
class KerasStage:
    """One stage: nodes from its input to the features, and from there to the logits."""

    backbone: tuple[Node, ...]
    head: tuple[Node, ...]


@dataclass(frozen=True)
class KerasNetwork:
    """A built multi-exit network.

    Args:
        source: shape and format of the input.
        stages: in order.
    """

    source: Tensor
    stages: tuple[KerasStage, ...]

    def nodes(self) -> Iterator[Node]:
        """All nodes, stage by stage, backbone first."""
        for stage in self.stages:
            yield from stage.backbone
            yield from stage.head

    def export(self) -> IntegerNetwork:
        """The integer network of the present weights.

        Raises:
            NetworkError: a weight is not finite; names the layer.
        """
        tensor, stages = self.source, []
        for number, stage in enumerate(self.stages, 1):
            parts = [
                tuple(layer for node in nodes for layer in export_layer(node.layer, node.name, node.where))
                for nodes in (stage.backbone, stage.head)
            ]
            stages.append(Stage(f"stage{number}", tensor, *parts))
            tensor = stages[-1].features
        return IntegerNetwork(tuple(stages))


def _check_fit(layer: Any, where: str, shape: tuple[int, ...]) -> None:
    """Keras would build a dense layer on an image, and fails obscurely in the other cases."""
    kind = type(layer).__name__
    if kind == "QDense" and len(shape) != 1:
        raise NetworkError(
            where, f"dense expects a vector, received shape {shape}", "put {flatten} before it"
        )
    windowed = kind.endswith("Conv2D") or kind == "MaxPooling2D"
    if windowed and len(shape) != 3:
        raise NetworkError(
            where,
            f"{_SHORT[kind]} expects height x width x channels, received shape {shape}",
            "use it on images only, before {flatten} and dense layers",
        )
    window = tuple(getattr(layer, "kernel_size", ())) if kind.endswith("Conv2D") else ()
    if window and layer.padding == "valid" and (window[0] > shape[0] or window[1] > shape[1]):
        raise NetworkError(
            where,
            f"a {window[0]}x{window[1]} window does not fit an input of {shape[0]}x{shape[1]}",
            "use padding: same or a smaller kernel",
        )


class _Builder:
    """Names, checks and builds layers in the order in which data flows."""

    def __init__(self, source: Tensor) -> None:
        self._source = source
        self._counts: dict[str, int] = {}

    def part(self, entries: list[Entry], prefix: str, tensor: Tensor) -> tuple[tuple[Node, ...], Tensor]:
        nodes = []
        for layer, batch_norm, label in entries:
            check_supported(layer, label)
            short = _SHORT[type(layer).__name__]
            key = f"{prefix}_{short}"
            self._counts[key] = self._counts.get(key, 0) + 1
            node = Node(f"{key}{self._counts[key]}", label, layer, batch_norm)
            _check_fit(layer, label, tensor.shape)
            try:
                if not layer.built:
                    with warnings.catch_warnings():
                        # QKeras draws the start values of narrow formats a second time, larger.
                        warnings.filterwarnings("ignore", message="The initializer .* is unseeded")
                        layer.build((None, *tensor.shape))
            except (ValueError, TypeError) as error:
                raise NetworkError(label, str(error).splitlines()[0], "correct the layer") from error
            for exact in export_layer(layer, node.name, label):
                tensor = _step(exact, tensor, label)
            nodes.append(node)
        if not any(type(node.layer).__name__ != "Dropout" for node in nodes):
            raise NetworkError(prefix, "holds dropout only", "add a layer")
        return tuple(nodes), tensor


def _step(layer: Layer, tensor: Tensor, where: str) -> Tensor:
    try:
        return Tensor(layer.output_shape(tensor.shape), layer.output_format(tensor.format))
    except NetworkError as error:
        raise NetworkError(where, error.problem, error.remedy) from error


def _check_exits(outputs: list[tuple[int, ...]], classes: int) -> None:
    for number, shape in enumerate(outputs, 1):
        if len(shape) != 1:
            raise NetworkError(
                f"exit{number}",
                f"its logits have shape {shape}, expected a vector",
                "end it with {dense: classes}",
            )
    sizes = [shape[0] for shape in outputs]
    for number, size in enumerate(sizes, 1):
        if size != sizes[0]:
            raise NetworkError(
                f"exit{number}",
                f"has {size} classes, but exit1 has {sizes[0]}",
                "write {dense: classes} in every exit",
            )
    if sizes[0] != classes:
        raise NetworkError(
            "exit1",
            f"has {sizes[0]} classes, but the data has {classes}",
            "write {dense: classes} in every exit",
        )


def build_network(loaded: LoadedRecipe, source: Tensor, classes: int) -> KerasNetwork:
    """Builds the recipe's network with fresh weights.

    Args:
        loaded: the recipe.
        source: shape and format of one input sample.
        classes: number of classes of the data.
    Raises:
        NetworkError: a layer does not fit its input or is not exact, or an exit has other classes.
    """
    network = loaded.recipe.network
    if network.python is not None:
        entries = layers_of_python(loaded, source.shape, classes)
    else:
        entries = layers_of_list(network, classes)
    builder, tensor = _Builder(source), source
    stages, outputs = [], []
    for number, (backbone, head) in enumerate(entries, 1):
        nodes, tensor = builder.part(backbone, f"stage{number}", tensor)
        head_nodes, logits = builder.part(head, f"exit{number}", tensor)
        stages.append(KerasStage(nodes, head_nodes))
        outputs.append(logits.shape)
    _check_exits(outputs, classes)
    return KerasNetwork(source, tuple(stages))
