"""The layers of a model folder that hwgen wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.errors import NetworkError
from hwgen.reference.layers import Conv2D, DepthwiseConv2D, Layer, Weighted
from hwgen.reference.storage import load_network
from hwgen.training.start_layers import KEY, StartLayer, Window
from hwgen.training.storage import WEIGHTS_NAME, read_weights


@dataclass(frozen=True)
class StartNetwork:
    """A trained network to start from.

    Args:
        backbone: layers with weights of all segments, in order.
        heads: (number of backbone layers before it, its layers) of every exit, in order.
    """

    backbone: tuple[StartLayer, ...]
    heads: tuple[tuple[int, tuple[StartLayer, ...]], ...]


def read_folder(folder: Path) -> StartNetwork:
    """Reads network.json, which knows the order, and weights.npz, which holds the weights before rounding.

    Raises:
        NetworkError: a file is missing or damaged, or the two do not belong together.
    """
    weights: dict[str, dict[str, np.ndarray]] = {}
    for key, array in read_weights(folder).items():
        layer, _, name = key.rpartition("/")
        weights.setdefault(layer, {})[name] = array
    backbone: list[StartLayer] = []
    heads = []
    for stage in load_network(folder).stages:
        backbone += _layers(stage.backbone, weights, folder)
        heads.append((len(backbone), tuple(_layers(stage.head, weights, folder))))
    return StartNetwork(tuple(backbone), tuple(heads))


def _layers(
    layers: tuple[Layer, ...], weights: dict[str, dict[str, np.ndarray]], folder: Path
) -> list[StartLayer]:
    found: dict[str, StartLayer] = {}
    for layer in layers:
        if not isinstance(layer, Weighted):
            continue
        # the two halves of a separable convolution are one layer of QKeras
        names = [layer.name, layer.name.removesuffix("_depth"), layer.name.removesuffix("_point")]
        name = next((name for name in names if name in weights), None)
        if name is None:
            raise NetworkError(
                f"{KEY}: {folder.name}/{WEIGHTS_NAME}",
                f"has no weights of {layer.name}",
                "name a model folder as `hwgen train` wrote it",
            )
        if name not in found:
            found[name] = StartLayer(name, weights[name], _window(layer))
    return list(found.values())


def _window(layer: Layer) -> Window | None:
    if isinstance(layer, Conv2D | DepthwiseConv2D):
        return tuple(layer.strides), layer.padding
    return None
